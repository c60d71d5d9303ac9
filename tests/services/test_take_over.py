"""Values that were edited here, and taking the source's side of them."""

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
    """A product of a file."""
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


def take(*wanted: str) -> int:
    seen = digest_of(local_edits(product()))
    return accept("acme", wanted, seen=seen, reason="as they say")


def synced(**said: Any) -> None:
    """Another installation has said this of the product."""
    imported = Product.objects.get().imported or {}
    base = {"product": {}, "cycles": {}, "order": []} | said
    Product.objects.update(imported=imported | {"synced": base})


def test_nothing_differs_of_what_was_only_imported(acme: Path) -> None:
    assert keys() == []


def test_nothing_differs_of_what_was_made_here() -> None:
    make_cycle(make_product("acme"))
    assert keys() == []


def test_each_edit_differs_with_both_sides(
    acme: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """A value, a relation, a cycle that was deleted, the order."""
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


def test_what_a_file_does_not_speak_of_does_not_differ(acme: Path) -> None:
    """A patch release added here, a place among the featured products, a cycle of one's own."""
    make_release(ReleaseCycle.objects.get(name="2"), "2.1")
    Product.objects.update(featured=1)
    make_cycle(Product.objects.get(), "3", position=-1)
    assert keys() == []


def test_values_are_taken_over_one_by_one(acme: Path) -> None:
    """With the reason in the history; the other ones stay, and an import changes nothing."""
    edit("2", eol="2029")
    edit("1", eol="2029")
    assert take("file:eol of 1") == 1
    assert keys() == ["file:eol of 2"]
    history: Any = ReleaseCycle.history
    assert history.first().history_change_reason == "as they say"
    assert import_files(acme)[0].result.value == "unchanged"


def test_all_kinds_of_values(acme: Path) -> None:
    """Deleted cycles come back in their place, tags are set, the order is the source's."""
    Product.objects.get().tags.clear()
    ReleaseCycle.objects.get(name="2").delete()
    assert take(*keys()) == 2
    assert keys() == []
    assert [(each.name, str(each.eol)) for each in product().cycles.all()] == [
        ("2", "1 Jan 2028"),
        ("1", "1 Jan 2027"),
    ]
    ReleaseCycle.objects.filter(name="1").update(position=-5)
    assert keys() == ["file:order of cycles"]
    take("file:order of cycles")
    assert [each.name for each in product().cycles.all()] == ["2", "1"]


def test_a_cycle_comes_back_as_a_draft_of_who_may_not_publish(acme: Path) -> None:
    ReleaseCycle.objects.get(name="1").delete()
    seen = digest_of(local_edits(product()))
    accept("acme", ["file:deletion of 1"], seen=seen, reason="", drafts=True)
    assert ReleaseCycle.objects.get(name="1").draft


def test_dates_have_to_fit(acme: Path) -> None:
    """One of two dates alone would be in the wrong order; nothing is written then."""
    edit("2", eoas="2025-06", eol="2026-06")
    before = list(ReleaseCycle.objects.values())
    with pytest.raises(FormatError, match=r"eoas of 2: It cannot be taken over\. The end of sec"):
        take("file:eoas of 2")
    assert list(ReleaseCycle.objects.values()) == before
    assert take("file:eoas of 2", "file:eol of 2") == 2
    assert keys() == []


def test_what_was_not_seen_is_not_written(acme: Path) -> None:
    edit("2", eol="2029")
    seen = digest_of(local_edits(product()))
    edit("2", eol="2030")
    with pytest.raises(LocalEditsChangedError):
        accept("acme", ["file:eol of 2"], seen=seen, reason="")
    assert str(ReleaseCycle.objects.get(name="2").eol) == "2030"


def test_what_the_database_refuses(acme: Path) -> None:
    """Another product has the alias by now: a sentence, and nothing is written."""
    write(acme, cycle("2", eol=LATER), alternate_urls=["/acme-os"])
    import_files(acme)
    Alias.objects.all().delete()
    make_product("other", aliases=["acme-os"])
    whole = Product.objects.get(name="acme")
    seen = digest_of(local_edits(whole))
    with pytest.raises(FormatError, match="The database refused it"):
        accept("acme", ["file:aliases"], seen=seen, reason="")
    assert Alias.objects.get().product.name == "other"


def test_two_sources_that_differ(acme: Path) -> None:
    """What either said is no edit; of an edit both sides are offered, and one is chosen."""
    says = {"cycles": {"2": {"eol": "2028-06-30"}}, "order": ["2"]}
    edit("2", eol="2028-06-30")
    synced(**says)
    assert keys() == []
    edit("2", eol="2029")
    assert keys() == ["file:eol of 2", "sync:eol of 2"]
    with pytest.raises(FormatError, match="choose one of them"):
        take(*keys())
    take("sync:eol of 2")
    assert str(ReleaseCycle.objects.get(name="2").eol) == "30 Jun 2028"
    assert keys() == []


def test_two_sources_that_agree(acme: Path) -> None:
    """They are one side."""
    synced(cycles={"2": {"eol": "2028-01-01"}}, order=["2"])
    edit("2", eol="2029")
    assert keys() == ["file:eol of 2"]


def test_an_order_that_one_of_the_sources_has(acme: Path) -> None:
    """It is no edit either."""
    ReleaseCycle.objects.filter(name="1").update(position=-5)
    synced(cycles={"2": {}, "1": {}}, order=["1", "2"])
    assert keys() == []


def test_the_cost_does_not_grow(tmp_path: Path) -> None:
    """Many values are taken over in as many queries as few."""

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

    assert cost(12) == cost(3) <= 25
