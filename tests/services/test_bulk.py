"""One change to many rows: the plan, and that what is written is what was seen."""

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
    """One that can end today, one that would end before its release, one that did end today."""
    product = make_product()
    return [
        make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30"),
        make_cycle(product, "6.2", release="2027-04", eol="2030-04"),
        make_cycle(product, "4.2", release="2023-04-03", eol=ON.isoformat()),
    ]


def keys(rows: Iterable[ReleaseCycle | Product]) -> list[int]:
    return [row.pk for row in rows]


def said(effect: BulkEffect[ReleaseCycle] | BulkEffect[Product]) -> str:
    changes = (f"{each.what}: {each.before} -> {each.after}" for each in effect.changes)
    return f"{effect.title} {', '.join(changes)}{effect.problem}".strip()


def ends() -> dict[str, str]:
    return {cycle.name: format_milestone(cycle.eol) for cycle in ReleaseCycle.objects.all()}


def test_a_plan_writes_nothing() -> None:
    """It names for each row what changes from what to what, or why it is left as it is."""
    cycles = three_cycles()
    before = ends()
    plan = change_cycles(keys(cycles), ENDED)
    assert [said(effect) for effect in plan.effects] == [
        "Django 5.2 eol: 2028-04-30 -> 2026-11-21",
        "Django 6.2 The end of security support (21 Nov 2026) is before the release (Apr 2027).",
        "Django 4.2",
    ]
    assert ends() == before


def test_what_was_seen_is_written() -> None:
    """The others are left as they are; the history has the reason, of what changed only."""
    cycles = three_cycles()
    plan = change_cycles(keys(cycles), ENDED)
    change_cycles(keys(cycles), ENDED, reason="they said so", seen=plan.digest)
    assert ends() == {"5.2": "2026-11-21", "6.2": "2030-04", "4.2": "2026-11-21"}
    reasons = [cycle.history.first().history_change_reason for cycle in cycles]
    assert reasons == ["they said so", None, None]
    assert [cycle.history.count() for cycle in cycles] == [2, 1, 1]


def test_what_was_not_seen_is_not_written() -> None:
    """Somebody changed a row meanwhile: the new plan comes with the refusal."""
    cycles = three_cycles()
    seen = change_cycles(keys(cycles), ENDED).digest
    ReleaseCycle.objects.filter(name="5.2").update(eol_date=date(2029, 4, 30))
    with pytest.raises(PlanChangedError) as changed:
        change_cycles(keys(cycles), ENDED, seen=seen)
    assert said(changed.value.plan.effects[0]) == "Django 5.2 eol: 2029-04-30 -> 2026-11-21"
    assert ends()["5.2"] == "2029-04-30"


def test_plans_move_by_months() -> None:
    """Only dates to come; imprecise ones keep their precision, and a year may not have moved."""
    cycle = make_cycle(
        make_product(), "6.2", release="2026-04", eoas="2027-04-15", eol="2030-Q2", eoes="2032"
    )
    edit = partial(shifted, months=2, on=ON)
    plan = change_cycles([cycle.pk], edit)
    change_cycles([cycle.pk], edit, seen=plan.digest)
    assert said(plan.effects[0]) == (
        "Django 6.2 eoas: 2027-04-15 -> 2027-06-15, eol: 2030-Q2 -> 2030-Q3, eoes: 2032 -> 2033"
    )
    cycle.refresh_from_db()
    assert [format_milestone(each) for each in (cycle.release, cycle.eoas, cycle.eol)] == [
        *("2026-04", "2027-06-15", "2030-Q3")
    ]


@pytest.mark.parametrize(
    ("months", "problem"),
    [
        (-13, "The end of security support (1 Nov 2025) is before the end of active support"),
        (1, "The calendar does not reach 1 months from 31 Dec 9999."),
    ],
)
def test_what_cannot_move_stays(months: int, problem: str) -> None:
    """Dates of the past hold those that follow them; the calendar has an end."""
    eol = "2026-12-01" if months < 0 else "9999-12-31"
    cycle = make_cycle(make_product(), eoas="2026-05-01", eol=eol)
    plan = change_cycles([cycle.pk], partial(shifted, months=months, on=ON))
    assert problem in plan.effects[0].problem
    assert not plan.changing


def tags_of(products: Iterable[Product]) -> list[list[str]]:
    return [sorted(product.tags.values_list("name", flat=True)) for product in products]


def test_tags() -> None:
    """Are added where they are missing, and taken where they are; each product's history has its
    tags as they were then."""
    products = [make_product("a", tags=["linux"]), make_product("b", tags=["linux", "lts"])]
    linux, lts = Tag.objects.order_by("name")
    plan = change_tags(keys(products), add=[lts])
    assert [said(effect) for effect in plan.effects] == ["A tags: linux -> linux lts", "B"]
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


def test_a_write_moves_the_revision_and_a_plan_does_not() -> None:
    """Pages that were rendered before are not shown after it."""
    product = make_product(tags=["linux"])
    before = Revision.objects.get().token
    plan = change_tags([product.pk], remove=list(Tag.objects.all()))
    assert Revision.objects.get().token == before
    change_tags([product.pk], remove=list(Tag.objects.all()), seen=plan.digest)
    assert Revision.objects.get().token != before


def test_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the history cannot be written, no row is."""
    cycles = three_cycles()
    before = ends()
    plan = change_cycles(keys(cycles), ENDED)

    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr("simple_history.manager.HistoryManager.bulk_history_create", broken)
    with pytest.raises(DatabaseError):
        change_cycles(keys(cycles), ENDED, seen=plan.digest)
    assert ends() == before


@pytest.mark.parametrize("count", [2, 20])
def test_the_cost_does_not_grow(
    django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """The queries are the same for two rows and for twenty (SQLite takes no more values at once
    than twenty-odd rows of history have)."""
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
    # The transaction, the revision, the products, their tags, what is taken from them, their
    # history, the tags that are left, the end.
    with django_assert_num_queries(8):
        change_tags(keys(products), remove=tags, seen=untagging.digest)
