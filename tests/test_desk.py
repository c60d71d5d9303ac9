"""The lists of the admin index."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from pytest_django import DjangoAssertNumQueries
from simple_history.utils import bulk_create_with_history

from releases.models import Product, ReleaseCycle, Source
from releases.models.history import set_change_reason
from releases.models.revision import bump_revision
from releases.selectors.desk import (
    LINES,
    NEED_LINES,
    CycleNeed,
    Lines,
    ProductNeed,
    SourceAge,
    cycles_in_need,
    desk,
    last_edits,
    products_in_need,
    waiting_drafts,
)
from releases.services.imports.store import FROM_FILE
from tests.conftest import ON
from tests.factories import make_cycle, make_note, make_product, make_release

pytestmark = pytest.mark.django_db


RELEASED: dict[str, Any] = {"release_date": date(2026, 1, 1), "release_precision": "day"}


def cycles(need: CycleNeed, on: date = ON) -> list[str]:
    return [cycle.name for cycle in cycles_in_need(ReleaseCycle.objects.all(), need, on)]


def products(need: ProductNeed) -> list[str]:
    return [product.name for product in products_in_need(Product.objects.all(), need, ON)]


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        ({"release": "2026-11-21"}, True),
        ({"release": "2026-11-22"}, False),
        ({"release": "2026-11"}, False),  # its last day is in the future
        ({"release": "2026-10"}, True),
        ({"release": "2027", "eol": "2029"}, False),
        ({"release": "no"}, False),
        ({"eoas": "2026-11-20"}, True),
        ({"eol": "2026-11-21"}, False),  # its last day counts as supported
    ],
)
def test_unconfirmed_date_that_has_passed(milestones: dict[str, str], expected: bool) -> None:
    """Confirmed dates need no attention."""
    product = make_product()
    make_cycle(product, "6.2", unconfirmed=True, **milestones)
    make_cycle(product, "6.1", **milestones)
    assert cycles(CycleNeed.CONFIRMATION) == (["6.2"] if expected else [])


def test_cycles_that_end_next() -> None:
    """The current phase ends between today and 90 days from now; drafts are included."""
    product = make_product(draft=True)
    for days in (91, 90, 0, -1):
        make_cycle(product, str(days), eol=(ON + timedelta(days=days)).isoformat())
    make_cycle(product, "active", eoas="2026-12-01", eol="2030")
    make_cycle(product, "over", eoas="2026-10-01", eol="2030")
    assert cycles(CycleNeed.ENDING) == ["0", "active", "90"]


def test_supported_cycles_without_an_announced_end() -> None:
    """Oldest first, if other cycles have ended; rolling releases and devices are excluded."""
    product = make_product()
    make_cycle(product, "3", release="2026", eol="no")
    make_cycle(product, "2", release="2025", eol="no")
    make_cycle(product, "1", release="2024", eol="2025")
    make_cycle(product, "planned", release="no", eol="no")
    make_cycle(make_product("arch"), "rolling", eol="no")
    phone = make_product("phone", category="device")
    make_cycle(phone, "17", eol="no")
    make_cycle(phone, "7", eol="2024")
    assert cycles(CycleNeed.UNKNOWN_END, date(2027, 1, 1)) == ["2", "3"]


def test_products_that_were_not_checked_recently() -> None:
    """The last check is more than 180 days ago, or there was none, which comes first."""
    for name, days in (("recent", 180), ("old", 181), ("older", 900)):
        make_product(name, checked_on=ON - timedelta(days=days))
    make_product("never")
    assert products(ProductNeed.CHECK) == ["never", "older", "old"]


def test_products_with_local_edits() -> None:
    """Products with a source that were edited by people; imports and syncs do not count."""
    person = get_user_model()._default_manager.create_user("ann")
    for name, source, reason, user in (
        ("imported", Source.FILE, f"{FROM_FILE}imported.md", None),
        ("synced", Source.UPSTREAM, "sync with https://example.org", None),
        ("uploaded", Source.FILE, f"{FROM_FILE}uploaded.md", person),
        ("edited", Source.FILE, "a typing mistake", person),
        ("by-script", Source.BUNDLED, None, None),
        ("own", Source.HERE, None, person),
    ):
        product = Product(name=name, label=name, source=source)
        setattr(product, "_history_user", user)  # noqa: B010 - read by django-simple-history
        (set_change_reason(product, reason) if reason else product).save()
    assert products(ProductNeed.COMPARISON) == ["by-script", "edited"]
    cycle = ReleaseCycle(product=Product.objects.get(name="imported"), name="1")
    set_change_reason(cycle, f"{FROM_FILE}imported.md").save()
    assert "imported" not in products(ProductNeed.COMPARISON)
    make_release(cycle, "1.1")
    assert "imported" in products(ProductNeed.COMPARISON)


def test_last_edits() -> None:
    """The latest changes of products, cycles, releases and notes by people, newest first."""
    product = make_product()
    for number in range(9):
        make_cycle(product, str(number))
    make_release(product.cycles.all()[0], "1.1")
    make_note(product)
    set_change_reason(product, f"{FROM_FILE}django.md").save()
    product.cycles.all()[3].delete()
    found = last_edits()
    assert [each.more for each in found] == [0] * LINES
    heads = [each.head for each in found[:4]]
    assert [(type(row).__name__, row.history_type) for row in heads] == [
        ("HistoricalReleaseCycle", "-"),
        ("HistoricalUpgradeNote", "+"),
        ("HistoricalRelease", "+"),
        ("HistoricalReleaseCycle", "+"),
    ]


def test_edits_of_one_change_are_together() -> None:
    """A product names the change."""
    with bump_revision():
        product = make_product()
        make_cycle(product, "5.2")
        make_cycle(product, "6.0")
    make_cycle(product, "6.1")
    found = [(type(each.head).__name__, each.more) for each in last_edits()]
    assert found == [("HistoricalReleaseCycle", 0), ("HistoricalProduct", 2)]


def test_drafts_wait_until_their_day() -> None:
    """Requested ones come first, and those with a day last."""
    product = make_product("a")
    make_product("b", draft=True)
    make_product("c", draft=True, publish_on=ON)
    make_cycle(product, "1", draft=True, publish_on=ON + timedelta(1))
    make_cycle(product, "2", draft=True)
    make_cycle(product, "3")
    make_cycle(product, "4", draft=True, requested_on=ON)
    assert [each.name for each in waiting_drafts(ON)] == ["4", "B", "2", "1"]
    assert desk(ON).drafts.total == 4
    assert products(ProductNeed.DRAFT) == ["b"]
    assert cycles(CycleNeed.DRAFT) == ["4", "1", "2"]


def test_sources_have_their_newest_check() -> None:
    make_product("a", source=Source.FILE, checked_on=ON)
    make_product("b", source=Source.FILE, checked_on=ON - timedelta(9))
    make_product("c")
    assert desk(ON).sources == [
        SourceAge("file", 2, ON),
        SourceAge("here", 1, None),
    ]


@pytest.mark.parametrize("count", [1, 500])
def test_desk_query_count_is_constant(
    django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """One query per list, one for totals, four for the last edits, one for drafts and for sources.

    Each list shows its first rows and counts all of them.
    """
    products = [Product(name=f"p{number}", label="P") for number in range(count)]
    bulk_create_with_history(products, Product)
    bulk_create_with_history(
        [
            ReleaseCycle(product=product, name=name, position=0, **values)
            for product in Product.objects.all()
            for name, values in (
                ("2", {"unconfirmed": True, "eol_flag": False, **RELEASED}),
                ("1", {"eol_date": date(2026, 12, 1), "eol_precision": "day"}),
            )
        ],
        ReleaseCycle,
    )
    with django_assert_num_queries(11):
        found = desk(ON)
        for edit in found.edits:
            assert str(edit.head.history_user)
    lists: list[Lines[ReleaseCycle] | Lines[Product]]
    lists = [found.waiting, found.ending, found.unknown, found.unchecked]
    assert [each.total for each in lists] == [count] * 4
    shown = [NEED_LINES, LINES, NEED_LINES, NEED_LINES]
    assert [len(each.rows) for each in lists] == [min(count, most) for most in shown]
