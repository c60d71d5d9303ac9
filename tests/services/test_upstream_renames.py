"""A product renamed by its source stays the same product in imports, syncs and uploads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from releases.models import Alias, Product, ReleaseCycle, Source
from releases.services.imports import import_products as importer
from releases.services.imports.import_run import Outcome, Result
from releases.services.renames import keep_product_name
from releases.services.sync.sync_products import sync_products
from releases.services.uploads import import_upload, preview, store_upload
from tests.api_v1_server import Catalogue, Json, Server, make_api_cycle, make_api_product, serve
from tests.conftest import ON
from tests.factories import make_product
from tests.product_files import cycle, import_files, product_text, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on")]

END = date(2028, 4, 30)


def aliases() -> dict[str, str]:
    return dict(Alias.objects.values_list("name", "product__name"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A product that was imported from a file, with a second product beside it."""
    import_files(write(tmp_path / "other.md", permalink="/other", title="Other"))
    file = write(tmp_path / "acme.md", cycle("1.0"))
    import_files(file)
    return file


# ---- files


@pytest.mark.parametrize("same_file", [True, False])
def test_renamed_file_is_the_same_product(old: Path, client: Client, same_file: bool) -> None:
    """Either the permalink changes alone or the file name with it."""
    key = Product.objects.get(name="acme").pk
    new = old if same_file else old.with_name("zeta.md")
    old.unlink()
    write(new, cycle("1.0", eol=END), permalink="/zeta", alternate_urls=["/acme"])
    outcome = next(each for each in import_files(old.parent) if each.product == "zeta")
    assert (outcome.result, outcome.former_name) == (Result.UPDATED, "acme")
    assert outcome.changes[0] == "renamed from acme"
    assert "eol of 1.0" in outcome.changes
    assert Product.objects.get(name="zeta").pk == key
    assert aliases() == {"acme": "zeta"}
    assert client.get("/acme/1.0/")["Location"] == "/zeta/1.0/"
    again = next(each for each in import_files(old.parent) if each.product == "zeta")
    assert again.result == Result.UNCHANGED
    later = write(new, cycle("1.0"), permalink="/zeta", alternate_urls=["/acme"], title="Z")
    assert import_files(later)[0].changes == ["label", "eol of 1.0"]


def test_outcome_reports_a_rename(old: Path) -> None:
    write(old, cycle("1.0"), permalink="/zeta", alternate_urls=["/acme"])
    for options in ({"dry_run": True}, {}):
        out = StringIO()
        call_command("import_products", str(old), stdout=out, **options)
        assert "zeta: updated (renamed from acme, aliases)" in out.getvalue()


def test_dry_run_renames_nothing(old: Path) -> None:
    write(old, cycle("1.0"), permalink="/zeta", alternate_urls=["/acme"])
    assert import_files(old, dry_run=True)[0].former_name == "acme"
    assert Product.objects.filter(name="acme").exists()
    assert not aliases()


def test_new_name_may_have_been_an_alias(old: Path) -> None:
    """Name and alias are swapped."""
    import_files(write(old, cycle("1.0"), alternate_urls=["/zeta"]))
    import_files(write(old, cycle("1.0"), permalink="/zeta", alternate_urls=["/acme"]))
    assert aliases() == {"acme": "zeta"}
    import_files(write(old, cycle("1.0"), alternate_urls=["/zeta"]))
    assert aliases() == {"zeta": "acme"}


def test_name_set_here_stays_when_the_source_renames(old: Path) -> None:
    product = Product.objects.get(name="acme")
    product.name = "ours"
    product.save()
    keep_product_name(product, "acme")
    new = write(old, cycle("1.0", eol=END), permalink="/zeta", alternate_urls=["/acme"])
    for _ in range(2):
        outcome = import_files(new)[0]
        assert (outcome.product, outcome.former_name) == ("ours", "")
    assert not Product.objects.filter(name__in=["acme", "zeta"]).exists()
    assert outcome.result == Result.UNCHANGED


def test_alias_of_a_product_that_the_source_still_has_renames_nothing(old: Path) -> None:
    """The former acme is zeta and stays so when another product uses the name acme."""
    import_files(write(old, cycle("1.0"), permalink="/zeta", alternate_urls=["/acme"]))
    import_files(write(old, cycle("1.0"), permalink="/zeta"))
    new = write(old.with_name("beta.md"), permalink="/beta", alternate_urls=["/acme"])
    (outcome,) = (each for each in import_files(old.parent) if each.place == str(new))
    assert outcome.former_name == ""
    assert Product.objects.filter(name="zeta").exists()


def test_chain_of_renames_leads_to_the_newest_name(old: Path) -> None:
    """The last file may list any of the former names."""
    import_files(write(old, cycle("1.0"), permalink="/beta", alternate_urls=["/acme"]))
    import_files(write(old, cycle("1.0"), permalink="/zeta", alternate_urls=["/beta"]))
    assert aliases()["beta"] == "zeta"
    assert Product.objects.count() == 2


def test_locally_edited_aliases_stay(old: Path) -> None:
    product = Product.objects.get(name="acme")
    Alias.objects.create(product=product, name="ours")
    import_files(write(old, cycle("1.0"), permalink="/zeta", alternate_urls=["/acme"]))
    assert aliases() == {"ours": "zeta", "acme": "zeta"}


@pytest.mark.parametrize("first", ["a", "z"])
def test_product_that_the_source_still_has_was_not_renamed(old: Path, first: str) -> None:
    """The order of the files does not matter, nor does importing one of them alone."""
    new = write(old.with_name(f"{first}.md"), permalink="/zeta", alternate_urls=["/acme"])
    for files in ([old.parent], [new]):
        (failed,) = (each for each in import_files(*files) if each.result is Result.FAILED)
        assert failed.place == str(new)
        assert str(failed.problems[0]).endswith("There is a product “acme”.")
    assert Product.objects.filter(name="acme").exists()


def test_two_products_cannot_be_renamed_to_one(old: Path) -> None:
    """The file is ambiguous."""
    old.with_name("other.md").unlink()
    outcome = import_files(write(old, permalink="/zeta", alternate_urls=["/acme", "/other"]))[0]
    assert [each.message for each in outcome.problems] == [
        "There is a product “acme”.",
        "There is a product “other”.",
    ]


def test_product_created_here_is_not_renamed(old: Path) -> None:
    make_product("ours")
    outcome = import_files(
        write(old.with_name("z.md"), permalink="/zeta", alternate_urls=["/ours"])
    )[0]
    assert outcome.problems[0].message == "There is a product “ours”."
    assert Product.objects.filter(name="ours").exists()


def test_new_product_takes_a_name_that_was_given_up_here(tmp_path: Path) -> None:
    """A product that was created and renamed here leaves its old name to the file."""
    product = make_product("acme", label="Ours")
    product.name = "ours"
    product.save()
    keep_product_name(product, "acme")
    outcome = import_files(write(tmp_path / "acme.md"))[0]
    assert outcome.result == Result.CREATED
    assert str(outcome.warnings[-1]).endswith("The address led to Ours until now.")
    assert aliases() == {}


def test_deployment_renames_only_bundled_products(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundled"
    bundle.mkdir()
    monkeypatch.setattr(importer, "BUNDLED", bundle)
    import_files(write(bundle / "acme.md"))
    Product.objects.update(source=Source.FILE)
    file = write(bundle / "acme.md", permalink="/zeta", alternate_urls=["/acme"])
    outcome = import_files(file)[0]
    assert (outcome.result, outcome.note) == (
        Result.LEFT,
        "it follows another source than the bundled catalogue",
    )
    Product.objects.update(source=Source.BUNDLED)
    assert import_files(file)[0].former_name == "acme"


# ---- uploads


def test_preview_of_an_upload_reports_a_rename(old: Path, admin_client: Client) -> None:
    """The rename is written by the import."""
    texts = {"zeta.md": product_text(cycle("1.0"), permalink="/zeta", alternate_urls=["/acme"])}
    user = get_user_model()._default_manager.get(username="admin")
    upload = store_upload(user, texts)
    page = admin_client.get(reverse("admin:releases_upload_change", args=[upload.pk]))
    html = page.content.decode()
    assert "The source has renamed it: it was acme until now." in html
    assert "Address" in html
    assert Product.objects.filter(name="acme").exists()
    shown = preview(texts, on=ON)
    (outcome,) = import_upload(upload, ["zeta.md"], {}, seen=shown.digest, on=ON)
    assert outcome.former_name == "acme"
    assert aliases() == {"acme": "zeta"}


# ---- another installation


@pytest.fixture
def remote() -> Catalogue:
    return Catalogue()


@pytest.fixture
def server(remote: Catalogue) -> Iterator[Server]:
    with serve(remote) as server:
        yield server


Sync = Callable[..., list[Outcome]]


@pytest.fixture
def sync(remote: Catalogue, server: Server) -> Sync:
    def run_it(*products: Json, **options: Any) -> list[Outcome]:
        remote.products = list(products)
        return list(sync_products(server.address, on=ON, **options).outcomes)

    return run_it


def renamed() -> Json:
    return make_api_product(make_api_cycle("1.0"), name="zeta", aliases=["acme"])


@pytest.mark.parametrize("only", [(), ("zeta",)])
def test_sync_renames_a_product(sync: Sync, only: tuple[str, ...]) -> None:
    """A sync of all products and a sync of one product behave alike."""
    sync(make_api_product(make_api_cycle("1.0")))
    key = Product.objects.get().pk
    outcome = sync(renamed(), only=only)[0]
    assert (outcome.result, outcome.former_name) == (Result.UPDATED, "acme")
    product = Product.objects.get()
    assert (product.pk, product.name, product.missing_in_source) == (key, "zeta", False)
    assert aliases() == {"acme": "zeta"}
    assert ReleaseCycle.objects.get().product == product
    assert [each.result for each in sync(renamed())] == [Result.UNCHANGED]


def test_dry_run_of_a_sync_loses_no_product(sync: Sync) -> None:
    sync(make_api_product(make_api_cycle("1.0")))
    (outcome,) = sync(renamed(), dry_run=True)
    assert outcome.former_name == "acme"
    assert Product.objects.get().name == "acme"


@pytest.mark.parametrize("only", [(), ("zeta",)])
def test_sync_leaves_both_where_the_source_has_both(sync: Sync, only: tuple[str, ...]) -> None:
    acme = make_api_product(make_api_cycle("1.0"))
    sync(acme)
    outcome = sync(renamed(), acme, only=only)[0]
    assert (outcome.result, outcome.former_name) == (Result.LEFT, "")
    assert "There is a product “acme”." in outcome.note


def test_product_of_a_file_is_renamed_by_a_sync_and_follows_both(sync: Sync, old: Path) -> None:
    """The file keeps its older name."""
    outcome = sync(renamed())[0]
    assert outcome.former_name == "acme"
    outcome = import_files(write(old, cycle("1.0", eol=END)))[0]
    assert (outcome.product, outcome.local_edits) == ("zeta", ["address"])
    assert outcome.changes == ["eol of 1.0"]
