"""Uploads: a preview writes nothing, and an import writes exactly the previewed changes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from releases.domain.lifecycle.milestones import parse_milestone
from releases.formats.errors import FormatError
from releases.models import Product, ReleaseCycle, Revision, Source, Upload
from releases.services.imports.import_products import BUNDLED, import_products, product_files
from releases.services.imports.import_run import Result
from releases.services.imports.merge import LatestValue, Sides
from releases.services.imports.values import SourceValues, values_here
from releases.services.uploads import (
    Preview,
    PreviewChangedError,
    import_upload,
    preview,
    skip,
    store_upload,
)
from tests.conftest import CATALOGUE, ON
from tests.product_files import cycle, product_text

EARLY, END, LATER = date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)


def acme(*cycles: dict[str, Any], **keys: Any) -> dict[str, str]:
    return {"acme.md": product_text(*(cycles or (cycle("1.0", eol=END),)), **keys)}


def upload_of(texts: dict[str, str]) -> Upload:
    users = get_user_model()._default_manager
    user, _ = users.get_or_create(username="manager")
    return store_upload(user, texts)


def upload_and_import(texts: dict[str, str], *taken: str, drafts: bool = False) -> None:
    """Upload files and import them all, with the values in `taken` accepted from the file."""
    upload, shown = upload_of(texts), preview(texts, on=ON)
    values = dict.fromkeys(texts, taken)
    import_upload(upload, list(texts), values, seen=shown.digest, on=ON, drafts=drafts)


def tables() -> dict[str, list[Any]]:
    """Return all rows of the database except those that store the upload."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("releases").get_models()
        if model is not Upload
    }


def eol(name: str = "1.0") -> str:
    return str(ReleaseCycle.objects.get(name=name).eol)


@pytest.mark.django_db
def test_new_product_is_previewed_then_created() -> None:
    """The preview lists all values. The product then follows a file."""
    before = tables()
    shown = preview(acme(), on=ON)
    assert tables() == before
    (outcome,) = shown.importable
    assert outcome.result is Result.CREATED
    assert outcome.effect.changes["label"] == Sides("label", "", None, "Acme")
    assert outcome.effect.changes["cycle 1.0"].there["eol"] == "2027-01-01"
    upload_and_import(acme())
    product = Product.objects.get()
    assert (product.source, product.source_address, product.draft) == ("file", "acme.md", False)
    assert preview(acme(), on=ON).unchanged == 1


@pytest.mark.django_db
def test_preview_of_a_change_has_both_values() -> None:
    upload_and_import(acme())
    (outcome,) = preview(acme(cycle("1.0", eol=LATER), cycle("0.9")), on=ON).importable
    changes = outcome.effect.changes
    assert outcome.changes == list(changes)
    assert changes["eol of 1.0"] == Sides("eol", "1.0", "2027-01-01", "2028-01-01")
    assert changes["cycle 0.9"].here is None


@pytest.mark.django_db
def test_cycle_missing_in_the_file_is_flagged_and_stays() -> None:
    """The preview reports it."""
    upload_and_import(acme(cycle("1.0"), cycle("0.9")))
    (outcome,) = preview(acme(cycle("1.0")), on=ON).importable
    gone = {"0.9 gone from the source": Sides("missing_in_source", "0.9", False, True)}
    assert outcome.effect.changes == gone


def edit(name: str = "1.0", **milestones: str) -> None:
    row = ReleaseCycle.objects.get(name=name)
    for field, text in milestones.items():
        setattr(row, field, parse_milestone(text))
    row.save()


@pytest.mark.django_db
def test_local_edit_stays_unless_the_source_is_accepted() -> None:
    """The test keeps two local edits and gives up one."""
    upload_and_import(acme())
    edit(eol="2027-06")
    Product.objects.update(label="ACME")
    changed = acme(cycle("1.0", eol=LATER), title="Acme!")
    (outcome,) = preview(changed, on=ON).importable
    assert outcome.effect.local_edits == {
        "label": Sides("label", "", "ACME", "Acme!"),
        "eol of 1.0": Sides("eol", "1.0", "2027-06", "2028-01-01"),
    }
    upload_and_import(changed, "eol of 1.0")
    assert (eol(), Product.objects.get().label) == ("1 Jan 2028", "ACME")
    history: Any = ReleaseCycle.history
    assert history.first().history_change_reason == "import of acme.md"


@pytest.mark.django_db
def test_deleted_cycle_can_be_restored() -> None:
    upload_and_import(acme(cycle("1.0"), cycle("0.9")))
    ReleaseCycle.objects.get(name="0.9").delete()
    changed = acme(cycle("1.0", eol=END), cycle("0.9"))
    assert list(preview(changed, on=ON).importable[0].effect.local_edits) == ["deletion of 0.9"]
    upload_and_import(changed, "deletion of 0.9")
    assert ReleaseCycle.objects.filter(name="0.9").exists()


@pytest.mark.django_db
def test_order_of_the_source_can_be_accepted() -> None:
    upload_and_import(acme(cycle("2"), cycle("1")))
    ReleaseCycle.objects.filter(name="1").update(position=-5)
    changed = acme(cycle("3"), cycle("2"), cycle("1"))
    assert "order of cycles" in preview(changed, on=ON).importable[0].effect.local_edits
    upload_and_import(changed, "order of cycles")
    assert [each.name for each in ReleaseCycle.objects.all()] == ["3", "2", "1"]


@pytest.mark.django_db
def test_accepted_date_out_of_order_is_rejected() -> None:
    """Nothing is written, and the error names the reason."""
    upload_and_import(acme(cycle("1.0", eoas=EARLY, eol=END)))
    edit(eoas="2025-03", eol="2025-06")
    changed = acme(cycle("1.0", eoas=END, eol=LATER))
    before = tables()
    with pytest.raises(FormatError) as error:
        upload_and_import(changed, "eoas of 1.0")
    assert str(error.value.problems[0]) == (
        "acme.md: eoas of 1.0: It cannot be accepted. The end of security support (Jun 2025) is"
        " before the end of active support (1 Jan 2027)."
    )
    assert tables() == before
    upload_and_import(changed, "eoas of 1.0", "eol of 1.0")
    assert eol() == "1 Jan 2028"


@pytest.mark.django_db
def test_date_held_by_the_order_moves_only_if_accepted() -> None:
    """Only the end was edited here; the end of active support could follow once the end does."""
    upload_and_import(acme(cycle("1.0", eoas=EARLY, eol=END)))
    edit(eol="2026-06")
    changed = acme(cycle("1.0", eoas=date(2026, 9, 1), eol=LATER))
    kept = preview(changed, on=ON).importable[0].effect.local_edits
    assert set(kept) == {"eoas of 1.0", "eol of 1.0"}
    assert "is before" in kept["eoas of 1.0"].note
    upload_and_import(changed, "eol of 1.0")
    assert eol() == "1 Jan 2028"
    assert str(ReleaseCycle.objects.get().eoas) == "1 Jan 2026"


@pytest.mark.django_db
def test_outdated_preview_is_rejected() -> None:
    upload_and_import(acme())
    changed = acme(cycle("1.0", eol=LATER))
    upload, seen = upload_of(changed), preview(changed, on=ON).digest
    edit(eol="2030")
    before = tables()
    with pytest.raises(PreviewChangedError):
        import_upload(upload, ["acme.md"], {}, seen=seen, on=ON)
    assert tables() == before
    assert Upload.objects.filter(pk=upload.pk).exists()


@pytest.mark.django_db
def test_preview_stays_valid_when_other_products_change() -> None:
    upload_and_import(acme())
    changed = acme(cycle("1.0", eol=LATER))
    upload, seen = upload_of(changed), preview(changed, on=ON).digest
    Product.objects.create(name="other", label="Other")
    import_upload(upload, ["acme.md"], {}, seen=seen, on=ON)
    assert eol() == "1 Jan 2028"


@pytest.mark.django_db
def test_only_selected_products_are_imported() -> None:
    """The rest of the upload is discarded."""
    texts = {f"{name}.md": product_text(permalink=f"/{name}") for name in "abc"}
    upload = upload_of(texts)
    import_upload(upload, ["b.md"], {}, seen=preview(texts, on=ON).digest, on=ON)
    assert [product.name for product in Product.objects.all()] == ["b"]
    assert not Upload.objects.exists()


@pytest.mark.django_db
def test_new_products_and_cycles_can_start_as_drafts() -> None:
    """Public rows stay public."""
    upload_and_import(acme(), drafts=True)
    assert Product.objects.get().draft
    Product.objects.update(draft=False)
    upload_and_import(acme(cycle("2.0"), cycle("1.0", eol=LATER)), drafts=True)
    drafts = {each.name: each.draft for each in ReleaseCycle.objects.all()}
    assert (Product.objects.get().draft, drafts) == (False, {"2.0": True, "1.0": False})


@pytest.mark.django_db
def test_products_that_cannot_be_imported_are_reported() -> None:
    """Products created or deleted here and invalid files do not block the others."""
    Product.objects.create(name="here", label="Here")
    upload_and_import(acme())
    Product.objects.get(name="acme").delete()
    texts = acme() | {
        "here.md": product_text(permalink="/here"),
        "bad.md": "no front matter",
        "good.md": product_text(permalink="/good"),
    }
    before = tables()
    shown = preview(texts, on=ON)
    assert {each.place: each.result for each in shown.outcomes} == {
        "acme.md": Result.LEFT,
        "bad.md": Result.FAILED,
        "good.md": Result.CREATED,
        "here.md": Result.LEFT,
    }
    assert tables() == before
    # Selecting them does not import them either.
    import_upload(upload_of(texts), list(texts), {}, seen=shown.digest, on=ON)
    assert {product.name for product in Product.objects.all()} == {"good", "here"}


@pytest.mark.django_db
def test_uploaded_bundled_product_follows_the_file() -> None:
    """The preview reports that the bundled catalogue no longer updates it."""
    list(import_products([BUNDLED / "django.md"], on=ON))
    text = (BUNDLED / "django.md").read_text() + "\nMore.\n"
    shown = preview({"django.md": text}, on=ON)
    assert shown.moving == {"django"}
    upload_and_import({"django.md": text})
    assert Product.objects.get().source == Source.FILE
    (again,) = import_products([BUNDLED / "django.md"], on=ON)
    assert again.result is Result.LEFT


@pytest.mark.django_db
def test_large_upload_is_previewed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unchanged files do not count.

    A previewed part is discarded once it is imported or skipped.
    """
    monkeypatch.setattr("releases.services.uploads.MAX_FILES", 2)
    texts = {f"{name}.md": product_text(permalink=f"/{name}") for name in "abcdefg"}
    upload_and_import({"a.md": texts["a.md"]})
    upload = upload_of(texts)
    shown = preview(texts, on=ON)
    assert [each.place for each in shown.outcomes] == ["b.md", "c.md"]
    assert (shown.unchanged, shown.later) == (1, 4)
    import_upload(upload, ["b.md", "c.md", "f.md"], {}, seen=shown.digest, on=ON)
    assert list(Upload.objects.get(pk=upload.pk).files) == ["d.md", "e.md", "f.md", "g.md"]
    skip(upload, on=ON)
    skip(upload, on=ON)
    assert not Upload.objects.filter(files__has_key="g.md").exists()
    assert {product.name for product in Product.objects.all()} == set("abc")


@pytest.mark.django_db
def test_unchanged_files_cost_no_queries() -> None:
    """An upload with 400 more of them takes the same queries."""

    def cost(texts: dict[str, str]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert preview(texts, on=ON).unchanged == len(texts)
        return len(queries)

    texts = {f"a{number}.md": product_text(permalink=f"/a{number}") for number in range(40)}
    upload_and_import(texts)
    one = dict([next(iter(texts.items()))])
    assert cost(texts) == cost(one) <= 15


@pytest.mark.django_db
def test_next_upload_deletes_old_uploads() -> None:
    """The user of the old upload does not matter."""
    old, young = upload_of(acme()), upload_of(acme())
    now = timezone.now()
    Upload.objects.filter(pk=old.pk).update(uploaded_at=now - timedelta(hours=25))
    Upload.objects.filter(pk=young.pk).update(uploaded_at=now - timedelta(hours=23))
    upload_of(acme())
    assert set(Upload.objects.values_list("pk", flat=True)) >= {young.pk}
    assert not Upload.objects.filter(pk=old.pk).exists()


# ---- the catalogue, changed at random


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def changed(text: str, dice: random.Random) -> str:
    """Return a product file with random changes of dates, title, and cycles."""
    head, *cycles = re.split(r"(?m)^(?=\s*-\s+releaseCycle:)", text)
    *cycles, last = cycles
    tail = last[last.index("\n---") :]
    cycles.append(last.removesuffix(tail) + "\n")
    if dice.random() < 0.3 and len(cycles) > 1:
        cycles.pop(dice.randrange(len(cycles)))
    if dice.random() < 0.3:
        dice.shuffle(cycles)
    if dice.random() < 0.3:
        head = re.sub(r"(?m)^title: .*$", "title: Another", head)
    body = "".join(cycles)
    body = re.sub(
        r"\b(\d{4})(-\d\d-\d\d)",
        lambda m: f"{int(m[1]) + dice.choice((0, 0, 0, 0, 1, 3))}{m[2]}",
        body,
    ).replace("-02-29", "-02-28")
    return head + body.rstrip("\n") + tail


def edit_at_random(product: Product, dice: random.Random) -> None:
    """Edit the product at random as an editor does."""
    rows = list(product.cycles.all())
    for row in dice.sample(rows, min(3, len(rows))):
        row.eol = parse_milestone(dice.choice(("", "yes", "no", "2031", "2032-Q2")))
        row.eoas = row.eoes = None
        row.codename = dice.choice(("", "Edited"))
        row.save()
    if dice.random() < 0.5:
        dice.choice(rows).delete()
    if dice.random() < 0.3:
        dice.choice(rows).position = dice.randrange(-5, 50)
    product.label = dice.choice((product.label, "Edited"))
    product.save()


def current_values(name: str) -> SourceValues:
    return values_here(Product.objects.get(name=name))


def current_value(now: SourceValues, sides: Sides) -> Any:
    """Return the current value that the two sides are about."""
    if sides.field == "cycle":
        return now.cycles.get(sides.cycle)
    if sides.field == "order":
        return list(now.cycles)
    if sides.field == "latest":
        values = now.cycles[sides.cycle]
        return LatestValue(values["latest"], values["latest_date"])
    return (now.cycles[sides.cycle] if sides.cycle else now.product)[sides.field]


def state(chosen: list[Path]) -> list[Any]:
    """Return row counts, the revision, and the values of the chosen products."""
    models = apps.get_app_config("releases").get_models()
    rows = [model._default_manager.count() for model in models if model is not Upload]
    products = Product.objects.filter(file_name__in=[path.stem for path in chosen])
    return [rows, Revision.objects.get().token, [values_here(each) for each in products]]


def holds(found: Any, wanted: Any) -> bool:
    """Return True if the value equals the wanted one, or is a cycle that contains it."""
    return bool(found == (found | wanted if isinstance(wanted, dict) and found else wanted))


def written(shown: Preview, taken: dict[str, list[str]]) -> None:
    """Assert that the catalogue has the previewed changes and the accepted values."""
    for outcome in shown.importable:
        now, given_up = current_values(outcome.product), taken[outcome.place]
        for name, sides in outcome.effect.changes.items():
            if name not in given_up and sides.field not in ("order", "missing_in_source"):
                assert holds(current_value(now, sides), sides.there), name
        for name, sides in outcome.effect.local_edits.items():
            if sides.field != "order":
                assert holds(
                    current_value(now, sides), sides.there if name in given_up else sides.here
                )


@pytest.mark.catalogue
@pytest.mark.usefixtures("catalogue")
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 1_000_000))
def test_import_writes_exactly_the_preview(seed: int) -> None:
    """The test uploads files of the catalogue that were changed and edited here at random."""
    dice = random.Random(seed)
    paths = product_files([CATALOGUE / "products"])
    chosen = dice.sample(paths, dice.randint(1, 3))
    with rolled_back():
        texts = {path.name: changed(path.read_text(), dice) for path in chosen}
        for path in chosen:
            product = Product.objects.get(file_name=path.stem)
            edit_at_random(product, dice)
        before = state(chosen)
        shown = preview(texts, on=ON)
        assert state(chosen) == before
        taken = {
            each.place: [name for name in each.effect.local_edits if dice.random() < 0.4]
            for each in shown.importable
        }
        try:
            import_upload(upload_of(texts), list(texts), taken, seen=shown.digest, on=ON)
        except FormatError:  # dates that do not fit what stays
            assert state(chosen) == before
        else:
            written(shown, taken)
