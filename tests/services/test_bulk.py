"""Bulk changes: the plan, and the guarantee that exactly the reviewed plan is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

import pytest
from django.db import DatabaseError
from pytest_django import DjangoAssertNumQueries

from releases.domain.history.shifts import ended_on, shifted
from releases.domain.lifecycle.milestones import PartialDate, format_milestone
from releases.models import Product, ReleaseCycle, Revision, Tag
from releases.services.editing.bulk import BulkEffect, PlanChangedError, change_cycles, change_tags
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

ENDED = partial(ended_on, day=PartialDate(ON))


def three_cycles() -> list[ReleaseCycle]:
    """Three cycles: one can end today, one would end before its release, one ended today."""
    product = make_product()
    return [
        make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30"),
        make_cycle(product, "6.2", release="2027-04", eol="2030-04"),
        make_cycle(product, "4.2", release="2023-04-03", eol=ON.isoformat()),
    ]


def keys(rows: Iterable[ReleaseCycle | Product]) -> list[int]:
    return [row.pk for row in rows]


def describe(effect: BulkEffect[ReleaseCycle] | BulkEffect[Product]) -> str:
    changes = (f"{each.what}: {each.before} -> {each.after}" for each in effect.changes)
    return " ".join(filter(None, (effect.title, ", ".join(changes), effect.problem, *effect.kept)))


def ends() -> dict[str, str]:
    return {cycle.name: format_milestone(cycle.eol) for cycle in ReleaseCycle.objects.all()}


def test_plan_writes_nothing() -> None:
    """The plan lists for each row the old and new values, or why the row is skipped."""
    cycles = three_cycles()
    before = ends()
    plan = change_cycles(keys(cycles), ENDED)
    assert [describe(effect) for effect in plan.effects] == [
        "Django 5.2 eol: 2028-04-30 -> 2026-11-21",
        "Django 6.2 The end of security support (21 Nov 2026) is before the release (Apr 2027).",
        "Django 4.2",
    ]
    assert ends() == before


def test_reviewed_plan_is_written() -> None:
    """Skipped rows stay unchanged. Only changed rows record the reason in the history."""
    cycles = three_cycles()
    plan = change_cycles(keys(cycles), ENDED)
    change_cycles(keys(cycles), ENDED, reason="they said so", seen=plan.digest)
    assert ends() == {"5.2": "2026-11-21", "6.2": "2030-04", "4.2": "2026-11-21"}
    reasons = [cycle.history.first().history_change_reason for cycle in cycles]
    assert reasons == ["they said so", None, None]
    assert [cycle.history.count() for cycle in cycles] == [2, 1, 1]


def test_outdated_plan_is_rejected() -> None:
    """After a concurrent edit, the rejection carries the new plan."""
    cycles = three_cycles()
    seen = change_cycles(keys(cycles), ENDED).digest
    ReleaseCycle.objects.filter(name="5.2").update(eol_date=date(2029, 4, 30))
    with pytest.raises(PlanChangedError) as changed:
        change_cycles(keys(cycles), ENDED, seen=seen)
    assert describe(changed.value.plan.effects[0]) == "Django 5.2 eol: 2029-04-30 -> 2026-11-21"
    assert ends()["5.2"] == "2029-04-30"


def test_shift_by_months_moves_future_dates() -> None:
    """Imprecise dates move only by whole periods; the plan says which stay, and why."""
    cycle = make_cycle(
        make_product(), "6.2", release="2026-04", eoas="2027-04-15", eol="2030-Q2", eoes="2032"
    )
    edit = partial(shifted, months=2, on=ON)
    plan = change_cycles([cycle.pk], edit)
    change_cycles([cycle.pk], edit, seen=plan.digest)
    assert describe(plan.effects[0]) == (
        "Django 6.2 eoas: 2027-04-15 -> 2027-06-15"
        " The end of security support (Q2 2030) stays: it can move by whole quarters only."
        " The end of extended support (2032) stays: it can move by whole years only."
    )
    cycle.refresh_from_db()
    assert [format_milestone(each) for each in (cycle.release, cycle.eoas, cycle.eol)] == [
        *("2026-04", "2027-06-15", "2030-Q2")
    ]


@pytest.mark.parametrize(
    ("months", "problem"),
    [
        (-13, "The end of security support (1 Nov 2025) is before the end of active support"),
        (1, "The calendar does not reach 1 months from 31 Dec 9999."),
    ],
)
def test_dates_that_cannot_move_stay(months: int, problem: str) -> None:
    """Past dates block the dates that depend on them, and no date leaves the calendar."""
    eol = "2026-12-01" if months < 0 else "9999-12-31"
    cycle = make_cycle(make_product(), eoas="2026-05-01", eol=eol)
    plan = change_cycles([cycle.pk], partial(shifted, months=months, on=ON))
    assert problem in plan.effects[0].problem
    assert not plan.changing


def tags_of(products: Iterable[Product]) -> list[list[str]]:
    return [sorted(product.tags.values_list("name", flat=True)) for product in products]


def test_tags_are_added_and_removed() -> None:
    """The history of each product records the tags of that moment."""
    products = [make_product("a", tags=["linux"]), make_product("b", tags=["linux", "lts"])]
    linux, lts = Tag.objects.order_by("name")
    plan = change_tags(keys(products), add=[lts])
    assert [describe(effect) for effect in plan.effects] == ["A tags: linux -> linux lts", "B"]
    change_tags(keys(products), add=[lts], reason="both have it", seen=plan.digest)
    assert tags_of(products) == [["linux", "lts"], ["linux", "lts"]]
    less = change_tags(keys(products), remove=[linux])
    change_tags(keys(products), remove=[linux], seen=less.digest)
    assert tags_of(products) == [["lts"], ["lts"]]
    newest, before = products[0].history.all()[:2]
    assert [each.tag.name for each in newest.tags.all()] == ["lts"]
    assert sorted(each.tag.name for each in before.tags.all()) == ["linux", "lts"]
    assert before.history_change_reason == "both have it"
    assert products[1].history.first().prev_record.tags.count() == 2


def test_write_bumps_the_revision_and_plan_does_not() -> None:
    product = make_product(tags=["linux"])
    before = Revision.objects.get().token
    plan = change_tags([product.pk], remove=list(Tag.objects.all()))
    assert Revision.objects.get().token == before
    change_tags([product.pk], remove=list(Tag.objects.all()), seen=plan.digest)
    assert Revision.objects.get().token != before


def test_failed_history_write_rolls_back_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    cycles = three_cycles()
    before = ends()
    plan = change_cycles(keys(cycles), ENDED)

    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr("simple_history.manager.HistoryManager.bulk_history_create", broken)
    with pytest.raises(DatabaseError):
        change_cycles(keys(cycles), ENDED, seen=plan.digest)
    assert ends() == before


@pytest.mark.parametrize("count", [2, 14])
def test_query_count_does_not_depend_on_the_number_of_rows(
    django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """SQLite limits the values of one statement to about fourteen rows of history."""
    products = [make_product(f"p{number}", tags=["linux"]) for number in range(count)]
    cycles = [make_cycle(product, release="2025", eol="2028") for product in products]
    with django_assert_num_queries(1):
        ending = change_cycles(keys(cycles), ENDED)
    # The transaction, the revision, the cycles, their update, their history, the end.
    with django_assert_num_queries(6):
        change_cycles(keys(cycles), ENDED, seen=ending.digest)
    tags = list(Tag.objects.all())
    # The products, their tags.
    with django_assert_num_queries(2):
        untagging = change_tags(keys(products), remove=tags)
    # The transaction, the revision, the products, their tags, the removed tags, their
    # history, the remaining tags, the end.
    with django_assert_num_queries(8):
        change_tags(keys(products), remove=tags, seen=untagging.digest)
