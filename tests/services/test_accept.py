"""Local edits, and accepting the values of the source in their place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import parse_milestone
from releases.formats.errors import FormatError
from releases.models import Alias, Product, ReleaseCycle
from releases.services.editing.accept import LocalEditsChangedError, accept, digest_of, local_edits
from releases.services.imports.values import WHOLE
from tests.factories import make_cycle, make_product, make_release
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db

END, LATER = date(2027, 1, 1), date(2028, 1, 1)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """A product that was imported from a file."""
    path = tmp_path / "acme.md"
    write(path, cycle("2", eoas=END, eol=LATER), cycle("1", eol=END), tags="a b")
    import_files(path)
    return path


def product() -> Product:
    return Product.objects.prefetch_related(*WHOLE).get()


def keys() -> list[str]:
    return [each.key for each in local_edits(product())]


def edit(name: str, **milestones: str) -> None:
    row = ReleaseCycle.objects.get(name=name)
    for field, text in milestones.items():
        setattr(row, field, parse_milestone(text))
    row.save()


def accept_values(*wanted: str) -> int:
    seen = digest_of(local_edits(product()))
    return accept("acme", wanted, seen=seen, reason="as they say")


def store_synced_values(**values: Any) -> None:
    """Store values as those of the last sync."""
    imported = Product.objects.get().imported or {}
    base = {"product": {}, "cycles": {}, "order": []} | values
    Product.objects.update(imported=imported | {"synced": base})


def test_imported_product_has_no_local_edits(acme: Path) -> None:
    assert keys() == []


def test_product_created_here_has_no_local_edits() -> None:
    make_cycle(make_product("acme"))
    assert keys() == []


def test_local_edit_has_both_values(
    acme: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Fields, relations, deleted cycles and the order are compared."""
    edit("2", eol="2029")
    ReleaseCycle.objects.get(name="1").delete()
    Product.objects.get().tags.clear()
    whole = product()
    with django_assert_num_queries(0):
        kept = local_edits(whole)
    assert {each.name: (each.sides.here, each.sides.there) for each in kept[:2]} == {
        "tags": ([], ["a", "b"]),
        "eol of 2": ("2029", "2028-01-01"),
    }
    assert kept[2].name == "deletion of 1"
    assert kept[2].sides.there["eol"] == "2027-01-01"


def test_values_without_a_key_in_the_file_are_no_edits(acme: Path) -> None:
    """Releases and cycles added here, and the featured position, are such values."""
    make_release(ReleaseCycle.objects.get(name="2"), "2.1")
    Product.objects.update(featured=1)
    make_cycle(Product.objects.get(), "3", position=-1)
    assert keys() == []


def test_values_are_accepted_one_by_one(acme: Path) -> None:
    """The history records the reason. Other edits stay, and an import changes nothing."""
    edit("2", eol="2029")
    edit("1", eol="2029")
    assert accept_values("file:eol of 1") == 1
    assert keys() == ["file:eol of 2"]
    history: Any = ReleaseCycle.history
    assert history.first().history_change_reason == "as they say"
    assert import_files(acme)[0].result.value == "unchanged"


def test_every_kind_of_value_can_be_accepted(acme: Path) -> None:
    """Deleted cycles return to their position, and tags and order are those of the source."""
    Product.objects.get().tags.clear()
    ReleaseCycle.objects.get(name="2").delete()
    assert accept_values(*keys()) == 2
    assert keys() == []
    assert [(each.name, str(each.eol)) for each in product().cycles.all()] == [
        ("2", "1 Jan 2028"),
        ("1", "1 Jan 2027"),
    ]
    ReleaseCycle.objects.filter(name="1").update(position=-5)
    assert keys() == ["file:order of cycles"]
    accept_values("file:order of cycles")
    assert [each.name for each in product().cycles.all()] == ["2", "1"]


def test_cycle_is_restored_as_a_draft_without_publish_permission(acme: Path) -> None:
    ReleaseCycle.objects.get(name="1").delete()
    seen = digest_of(local_edits(product()))
    accept("acme", ["file:deletion of 1"], seen=seen, reason="", drafts=True)
    assert ReleaseCycle.objects.get(name="1").draft


def test_accepted_date_out_of_order_is_rejected(acme: Path) -> None:
    """Nothing is written."""
    edit("2", eoas="2025-06", eol="2026-06")
    before = list(ReleaseCycle.objects.values())
    with pytest.raises(FormatError, match=r"eoas of 2: It cannot be accepted\. The end of sec"):
        accept_values("file:eoas of 2")
    assert list(ReleaseCycle.objects.values()) == before
    assert accept_values("file:eoas of 2", "file:eol of 2") == 2
    assert keys() == []


def test_outdated_selection_is_rejected(acme: Path) -> None:
    edit("2", eol="2029")
    seen = digest_of(local_edits(product()))
    edit("2", eol="2030")
    with pytest.raises(LocalEditsChangedError):
        accept("acme", ["file:eol of 2"], seen=seen, reason="")
    assert str(ReleaseCycle.objects.get(name="2").eol) == "2030"


def test_conflicting_alias_is_rejected(acme: Path) -> None:
    """Another product has the alias by then. The error is a sentence, and nothing is written."""
    write(acme, cycle("2", eol=LATER), alternate_urls=["/acme-os"])
    import_files(acme)
    Alias.objects.all().delete()
    make_product("other", aliases=["acme-os"])
    whole = Product.objects.get(name="acme")
    seen = digest_of(local_edits(whole))
    with pytest.raises(FormatError, match="The database refused it"):
        accept("acme", ["file:aliases"], seen=seen, reason="")
    assert Alias.objects.get().product.name == "other"


def test_differing_sources_are_both_offered(acme: Path) -> None:
    """The value of either source is not an edit. One of them is chosen for an edit."""
    says = {"cycles": {"2": {"eol": "2028-06-30"}}, "order": ["2"]}
    edit("2", eol="2028-06-30")
    store_synced_values(**says)
    assert keys() == []
    edit("2", eol="2029")
    assert keys() == ["file:eol of 2", "sync:eol of 2"]
    with pytest.raises(FormatError, match="choose one of them"):
        accept_values(*keys())
    accept_values("sync:eol of 2")
    assert str(ReleaseCycle.objects.get(name="2").eol) == "30 Jun 2028"
    assert keys() == []


def test_equal_sources_are_offered_once(acme: Path) -> None:
    store_synced_values(cycles={"2": {"eol": "2028-01-01"}}, order=["2"])
    edit("2", eol="2029")
    assert keys() == ["file:eol of 2"]


def test_order_of_either_source_is_no_edit(acme: Path) -> None:
    ReleaseCycle.objects.filter(name="1").update(position=-5)
    store_synced_values(cycles={"2": {}, "1": {}}, order=["1", "2"])
    assert keys() == []


def test_query_count_does_not_depend_on_the_number_of_values(tmp_path: Path) -> None:
    def cost(cycles: int) -> int:
        Product.objects.all().delete()
        names = [str(number) for number in range(cycles)]
        import_files(
            write(
                tmp_path / f"p{cycles}.md",
                *(cycle(n, eol=END) for n in names),
                permalink=f"/p{cycles}",
            )
        )
        ReleaseCycle.objects.update(eol_date=LATER)
        whole = product()
        kept = local_edits(whole)
        assert len(kept) == cycles
        wanted = [each.key for each in kept]
        with CaptureQueriesContext(connection) as queries:
            accept(whole.name, wanted, seen=digest_of(kept), reason="")
        return len(queries)

    assert cost(12) == cost(3) <= 27
