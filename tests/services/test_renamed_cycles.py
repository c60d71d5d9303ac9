"""A cycle renamed here still matches the former name that its source uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from releases.domain.lifecycle.milestones import format_milestone
from releases.models import CycleAlias, Product, ReleaseCycle
from releases.models.history import one_change
from releases.models.revision import bump_revision
from releases.selectors.history.records import Subject, changes, moments
from releases.services.editing.accept import local_edits
from releases.services.export_products import export_products
from releases.services.history.plan import RevertPlan, plan_revert
from releases.services.history.write import carry_out
from releases.services.imports.import_run import Outcome, Result
from releases.services.renames import Place, keep_cycle_name
from releases.services.sync.sync_products import sync_products
from tests.api_v1_server import Catalogue, Json, Server, make_api_cycle, make_api_product, serve
from tests.conftest import ON
from tests.product_files import cycle, import_files, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on")]

END = date(2028, 4, 30)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return tmp_path / "acme.md"


def rename(old: str, new: str) -> None:
    """Rename a cycle as the admin does."""
    with one_change(), bump_revision():
        row = ReleaseCycle.objects.get(name=old)
        row.name = new
        row.save()
        keep_cycle_name(row, Place(row.product_id, old))


def lives() -> dict[str, tuple[str, bool]]:
    rows = ReleaseCycle.objects.order_by("position")
    return {row.name: (format_milestone(row.eol), row.missing_in_source) for row in rows}


def test_renamed_cycle_follows_its_file(acme: Path) -> None:
    import_files(write(acme, cycle("2.0"), cycle("1.x")))
    rename("1.x", "1")
    outcome = import_files(write(acme, cycle("2.0"), cycle("1.x", eol=END)))[0]
    assert (outcome.changes, outcome.local_edits) == (["eol of 1"], ["name of 1"])
    assert lives() == {"2.0": ("", False), "1": ("2028-04-30", False)}
    assert local_edits(Product.objects.get()) == []
    again = import_files(write(acme, cycle("2.0"), cycle("1.x", eol=END), title="A"))[0]
    assert again.changes == ["label"]


def test_edit_of_a_renamed_cycle_stays(acme: Path) -> None:
    import_files(write(acme, cycle("1.x", eol=END)))
    rename("1.x", "1")
    ReleaseCycle.objects.update(codename="Ours")
    outcome = import_files(write(acme, cycle("1.x", eol=END, codename="Theirs")))[0]
    assert outcome.local_edits == ["codename of 1", "name of 1"]
    assert [each.name for each in local_edits(Product.objects.get())] == ["codename of 1"]


def test_renamed_cycle_that_the_source_loses_is_flagged(acme: Path) -> None:
    import_files(write(acme, cycle("2.0"), cycle("1.x")))
    rename("1.x", "1")
    outcome = import_files(write(acme, cycle("2.0")))[0]
    assert outcome.changes == ["1 gone from the source"]
    assert import_files(write(acme, cycle("2.0"), cycle("1.x")))[0].changes == [
        "1 back in the source"
    ]


def test_current_name_wins_over_former_name(acme: Path) -> None:
    """If the source has cycles of both names, they are two cycles."""
    import_files(write(acme, cycle("1.x")))
    rename("1.x", "1")
    import_files(write(acme, cycle("1.x"), cycle("1", eol=END)))
    assert lives()["1"] == ("2028-04-30", False)


def test_cycle_whose_former_name_was_removed_counts_as_deleted(acme: Path) -> None:
    import_files(write(acme, cycle("1.x")))
    rename("1.x", "1")
    CycleAlias.objects.all().delete()
    assert import_files(write(acme, cycle("1.x", eol=END)))[0].local_edits == ["deletion of 1.x"]


# ---- former names in files


def former() -> dict[str, str]:
    return dict(CycleAlias.objects.order_by("name").values_list("name", "cycle__name"))


def test_former_names_are_imported_for_new_and_known_cycles(acme: Path) -> None:
    """Former names that the file no longer has are removed."""
    import_files(write(acme, cycle("2"), cycle("1", formerNames=["1.x", "one"])))
    assert former() == {"1.x": "1", "one": "1"}
    outcome = import_files(
        write(acme, cycle("2", formerNames=["2.x"]), cycle("1", formerNames=["one"]))
    )[0]
    assert outcome.changes == ["former_names of 2", "former_names of 1"]
    assert former() == {"2.x": "2", "one": "1"}


def test_file_without_former_names_removes_none(acme: Path) -> None:
    import_files(write(acme, cycle("1", formerNames=["1.x"])))
    import_files(write(acme, cycle("1", eol=END)))
    assert former() == {"1.x": "1"}


def test_cycle_that_its_source_renamed_is_the_same_cycle(acme: Path) -> None:
    import_files(write(acme, cycle("1.x")))
    key = ReleaseCycle.objects.get().pk
    file = write(acme, cycle("1", eol=END, formerNames=["1.x"]))
    assert import_files(file)[0].changes == ["eol of 1", "1 renamed from 1.x"]
    assert (ReleaseCycle.objects.get().pk, lives()) == (key, {"1": ("2028-04-30", False)})
    assert former() == {"1.x": "1"}
    assert import_files(write(acme, cycle("1", formerNames=["1.x"]), title="A"))[0].changes == [
        "label",
        "eol of 1",
    ]


def test_exported_former_names_can_be_imported(acme: Path, tmp_path: Path) -> None:
    import_files(write(acme, cycle("2"), cycle("1.x", unknownKey="kept")))
    rename("1.x", "1")
    out = tmp_path / "out"
    list(export_products(out, on=ON))
    text = (out / "acme.md").read_text()
    assert "formerNames" in text
    assert "unknownKey: kept" in text
    Product.objects.all().delete()
    Product.history.all().delete()
    import_files(out / "acme.md")
    assert former() == {"1.x": "1"}


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([1.5], "Expected the former name of a cycle, found the number 1.5."),
        (["a/b"], "A cycle's name stands in addresses and cannot hold /"),
    ],
)
def test_invalid_former_name_is_rejected(acme: Path, names: list[object], problem: str) -> None:
    (found,) = import_files(write(acme, cycle("1", formerNames=names)))[0].problems
    assert (found.path, found.message) == ("releases[0].formerNames[0]", problem)


def test_restored_product_has_its_former_names(acme: Path) -> None:
    """The next import changes nothing."""
    import_files(write(acme, cycle("1", formerNames=["1.x"])))
    Product.objects.all().delete()
    subject = Subject(Product, Product.history.latest().id)

    def plan() -> RevertPlan:
        return plan_revert(subject, changes(subject, [moments(subject)[0]])[0])

    carry_out(plan, plan().digest, "back")
    assert former() == {"1.x": "1"}
    assert import_files(write(acme, cycle("1", formerNames=["one"])))[0].local_edits == []
    assert former() == {"one": "1"}


# ---- another installation


@pytest.fixture
def remote() -> Catalogue:
    return Catalogue()


@pytest.fixture
def server(remote: Catalogue) -> Iterator[Server]:
    with serve(remote) as server:
        yield server


@pytest.fixture
def sync(remote: Catalogue, server: Server) -> Callable[..., list[Outcome]]:
    def run_it(*products: Json) -> list[Outcome]:
        remote.products = list(products)
        return list(sync_products(server.address, on=ON).outcomes)

    return run_it


def test_renamed_cycle_follows_a_sync(sync: Callable[..., list[Outcome]]) -> None:
    sync(make_api_product(make_api_cycle("1.x")))
    rename("1.x", "1")
    (outcome,) = sync(make_api_product(make_api_cycle("1.x", isEol=False, eolFrom="2028-04-30")))
    assert (outcome.result, outcome.changes) == (Result.UPDATED, ["eol of 1"])
    assert outcome.local_edits == ["name of 1"]
    assert lives() == {"1": ("2028-04-30", False)}
