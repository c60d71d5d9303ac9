"""What is read of the history is what was public: of dates, and of when something changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.domain.changes import moves
from releases.domain.lifecycle import MILESTONES
from releases.domain.query import RoadmapQuery
from releases.models import CustomField, Product, ReleaseCycle
from tests.conftest import ON
from tests.factories import make_custom_field, make_cycle, make_product

pytestmark = pytest.mark.django_db

WRITTEN = datetime(2026, 1, 10, 8, 30, tzinfo=UTC)


# ---- moved dates: what the database finds is what the rule of the domain says


def random_history(chance: Random, rows: Any, count: int) -> None:
    """So many rows of history for each row: drafts, dates, deletions and returns, at moments some
    of which are the same."""
    past = rows.model.history.model
    for row in rows.all():
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        kept = {name: value for name, value in values.items() if hasattr(past, name)}
        for at in sorted(chance.choices(range(40), k=count)):
            if rows.model is ReleaseCycle:
                for name in ("eoas_date", "eol_date"):
                    kept[name] = chance.choice((None, *(date(2030, 1, day) for day in (1, 2))))
                    kept[name.replace("date", "precision")] = "day" if kept[name] else ""
            draft = chance.random() < 0.15
            past.objects.create(
                **kept
                | {
                    "draft": draft,
                    "publish_on": (draft and chance.choice((None, day(at + 2)))) or None,
                },
                history_date=WRITTEN + timedelta(days=at),
                history_type=chance.choices("~-+", (12, 1, 1))[0],
            )
        row._history_date = WRITTEN + timedelta(days=50)
        row.save()


def day(number: int) -> date:
    return (WRITTEN + timedelta(days=number)).date()


@pytest.mark.parametrize("seed", range(6))
def test_moved_dates_are_the_moves_of_the_public_history(seed: int) -> None:
    """Of some products that were drafts and of some that were not, in order, each once."""
    chance = Random(seed)
    for name in ("one", "two", "three"):
        for number in range(3):
            make_cycle(
                make_product(name) if not number else Product.objects.get(name=name), str(number)
            )
    Product.history.all().delete()
    ReleaseCycle.history.all().delete()
    random_history(chance, Product.objects.filter(name="one"), 3)
    random_history(chance, ReleaseCycle.objects, 9)
    cycles = list(ReleaseCycle.objects.public())
    history = selectors.changes_of(cycles)
    expected = {
        (move.at, cycle.pk, milestone, move.old, move.new)
        for cycle in cycles
        for milestone in MILESTONES
        for move in moves(history[cycle.pk][milestone])
    }
    found = selectors.moved_dates(RoadmapQuery.parse({}, ON)).moved
    told = [
        (each.at, each.cycle.pk, milestone, move.old, move.new)
        for each in found
        for milestone, move in each.moves.items()
    ]
    assert len(told) == len(set(told)) > 10
    assert set(told) == expected
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    of_one = selectors.moved_dates(RoadmapQuery.parse({"product": ["one"]}, ON)).moved
    assert {each.at for each in of_one} <= {each.at for each in found}
    assert len(of_one) == sum(each.cycle.product.name == "one" for each in found)


# ---- when something changed


@pytest.fixture
def django() -> Product:
    product = make_product("django")
    make_cycle(product, "5.2", eol="2028")
    make_cycle(product, "5.1", eol="2027")
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=WRITTEN)
    return product


def write(row: Any, days: int, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row._history_date = WRITTEN + timedelta(days=days)
    row.save()


def changed(client: Client) -> list[datetime | date | None]:
    """When the product changed: in the API, on its page, on the map of the site for it and for its
    cycle."""
    product = Product.objects.get()
    entries = selectors.MapEntries()[slice(0, 9)]
    at = {entry.cycle: entry.changed_at for entry in entries}
    fresh = selectors.freshness(product, ON).changed_on
    return [selectors.changed_at(product), fresh, at[""], at.get("5.2")]


def on_day(days: int) -> list[datetime | date]:
    at = WRITTEN + timedelta(days=days)
    return [at, at.date(), at, at]


def test_an_edit_is_a_change(client: Client, django: Product) -> None:
    assert changed(client) == on_day(0)
    write(django.cycles.get(name="5.2"), 1, latest="5.2.1")
    assert changed(client) == on_day(1)
    write(django, 2, label="Web")
    assert changed(client)[0] == WRITTEN + timedelta(days=2)
    make_custom_field(django, "owner")
    CustomField.history.update(history_date=WRITTEN + timedelta(days=3))
    assert changed(client)[0] == WRITTEN + timedelta(days=3)


def test_an_edit_of_a_draft_is_none(client: Client, django: Product) -> None:
    """Not before it is published: then that is the change."""
    draft = make_cycle(django, "6.0", draft=True)
    write(draft, 1, latest="6.0a1")
    ReleaseCycle.history.filter(name="6.0", history_type="+").update(history_date=WRITTEN)
    assert changed(client) == on_day(0)
    write(draft, 5, draft=False)
    assert changed(client)[:3] == on_day(5)[:3]
    assert changed(client)[3] == WRITTEN


def test_a_deleted_draft_is_none(client: Client, django: Product) -> None:
    """But that a cycle of which everybody knew is gone is a change."""
    for name, draft, expected in (("6.0", True, 0), ("5.1", False, 2)):
        cycle = django.cycles.filter(name=name).first() or ReleaseCycle(product=django, name=name)
        if draft:
            write(cycle, 1, draft=True)
        cycle._history_date = WRITTEN + timedelta(days=2)  # type: ignore[attr-defined]
        cycle.delete()
        assert changed(client)[:3] == on_day(expected)[:3]


def test_a_draft_changes_when_its_day_begins(client: Client, django: Product) -> None:
    """The day on which it is published, and no day on which it would have been."""
    cycle = django.cycles.get(name="5.2")
    write(cycle, 1, draft=True, publish_on=date(2026, 2, 1))
    begins = datetime(2026, 2, 1, tzinfo=UTC)
    assert changed(client) == [begins, begins.date(), begins, begins]
    write(cycle, 30, latest="5.2.1")
    assert changed(client) == on_day(30)
    ReleaseCycle.history.filter(latest="5.2.1").delete()
    write(cycle, 2, draft=False, publish_on=None)
    assert changed(client) == on_day(2)
    write(django.cycles.get(name="5.1"), 3, draft=True, publish_on=ON + timedelta(days=1))
    assert changed(client) == on_day(2)


def test_what_they_cost(django: Product, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """One query each, and two for the map."""
    with django_assert_num_queries(1):
        selectors.changed_at(django)
    with django_assert_num_queries(1):
        selectors.freshness(django, ON)
    entries = selectors.MapEntries()
    assert len(entries) == 3
    with django_assert_num_queries(2):
        assert len(entries[slice(0, 3)]) == 3
