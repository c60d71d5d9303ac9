"""Reads of the history return only what was public: changes of dates and times of change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.domain.history.changes import ChangeKind
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import CustomField, Product, ReleaseCycle
from tests.conftest import ON
from tests.factories import make_custom_field, make_cycle, make_product

pytestmark = pytest.mark.django_db

WRITTEN = datetime(2026, 1, 10, 8, 30, tzinfo=UTC)


# ---- recent changes: SQL and the rule of the domain agree


def random_history(chance: Random, rows: Any, count: int) -> None:
    """Write `count` random history records per row: drafts, dates, deletions and restorations.

    Some records have the same time.
    """
    past = rows.model.history.model
    deletions = int(rows.model is ReleaseCycle)  # a deleted product takes its cycles with it
    for row in rows.all():
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        kept = {name: value for name, value in values.items() if hasattr(past, name)}
        for number, at in enumerate(sorted(chance.choices(range(40), k=count))):
            if rows.model is ReleaseCycle:
                for name in ("release", "eol"):
                    value = chance.choice((None, False, True, *(date(2030, 1, d) for d in (1, 2))))
                    is_date = isinstance(value, date)
                    kept[f"{name}_date"] = value if is_date else None
                    kept[f"{name}_flag"] = None if is_date else value
                    kept[f"{name}_precision"] = "day" if is_date else ""
                kept["product_id"] = chance.choice((row.product_id,) * 8 + (row.product_id + 99,))
            draft = chance.random() < 0.15
            history_type = chance.choices("~-+", (12, deletions, 1 if number else 50))[0]
            past.objects.create(
                **kept
                | {
                    "draft": draft,
                    "publish_on": (draft and chance.choice((None, day(at + 2)))) or None,
                },
                # A deletion is later than the record written on the same day.
                history_date=WRITTEN + timedelta(days=at, hours=12 * (history_type == "-")),
                history_type=history_type,
            )
        row._history_date = WRITTEN + timedelta(days=50)
        row.save()


def day(number: int) -> date:
    return (WRITTEN + timedelta(days=number)).date()


@pytest.mark.parametrize("kinds", [(), *((kind,) for kind in ChangeKind)])
@pytest.mark.parametrize("seed", range(6))
def test_recent_changes_equal_the_public_history(seed: int, kinds: tuple[ChangeKind, ...]) -> None:
    """Each change occurs once and in order, for products that were drafts and others."""
    chance = Random(seed)
    for name in ("one", "two", "three"):
        product = make_product(name)
        for number in range(3):
            make_cycle(product, str(number))
    Product.history.all().delete()
    ReleaseCycle.history.all().delete()
    random_history(chance, Product.objects.filter(name="one"), 3)
    random_history(chance, Product.objects.filter(name="two"), 1)
    Product.history.filter(name="two").update(draft=False, history_date=WRITTEN)
    random_history(chance, ReleaseCycle.objects, 9)
    cycles = list(ReleaseCycle.objects.public())
    expected = [
        (cycle.pk, change)
        for cycle in cycles
        for change in selectors.public_histories(cycles)[cycle.pk].changes
        if not kinds or change.kind in kinds
    ]
    query = RoadmapQuery(ON, ON, kinds=kinds)
    found = selectors.recent_changes(query).cycles
    told = [(each.cycle.pk, change) for each in found for change in each.changes]
    assert len(told) == len(set(told)) >= (not kinds) * 10
    assert set(told) == set(expected)
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    of_one = selectors.recent_changes(replace(query, products=("one",))).cycles
    assert of_one == [each for each in found if each.cycle.product.name == "one"]


# ---- time of the last change


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
    """Return the change time in the API, on the page, and in the site map for product and cycle."""
    product = Product.objects.get()
    entries = selectors.MapEntries()[slice(0, 9)]
    at = {entry.cycle: entry.changed_at for entry in entries}
    fresh = selectors.freshness(product, ON).changed_on
    return [selectors.changed_at(product), fresh, at[""], at.get("5.2")]


def on_day(days: int) -> list[datetime | date]:
    at = WRITTEN + timedelta(days=days)
    return [at, at.date(), at, at]


def test_edit_changes_the_time(client: Client, django: Product) -> None:
    assert changed(client) == on_day(0)
    write(django.cycles.get(name="5.2"), 1, latest="5.2.1")
    assert changed(client) == on_day(1)
    write(django, 2, label="Web")
    assert changed(client)[0] == WRITTEN + timedelta(days=2)
    make_custom_field(django, "owner")
    CustomField.history.update(history_date=WRITTEN + timedelta(days=3))
    assert changed(client)[0] == WRITTEN + timedelta(days=3)


def test_edit_of_a_draft_is_no_change(client: Client, django: Product) -> None:
    """The change is its publication."""
    draft = make_cycle(django, "6.0", draft=True)
    write(draft, 1, latest="6.0a1")
    ReleaseCycle.history.filter(name="6.0", history_type="+").update(history_date=WRITTEN)
    assert changed(client) == on_day(0)
    write(draft, 5, draft=False)
    assert changed(client)[:3] == on_day(5)[:3]
    assert changed(client)[3] == WRITTEN


def test_deletion_of_a_draft_is_no_change(client: Client, django: Product) -> None:
    """The deletion of a public cycle is one."""
    for name, draft, expected in (("6.0", True, 0), ("5.1", False, 2)):
        cycle = django.cycles.filter(name=name).first() or ReleaseCycle(product=django, name=name)
        if draft:
            write(cycle, 1, draft=True)
        cycle._history_date = WRITTEN + timedelta(days=2)  # type: ignore[attr-defined]
        cycle.delete()
        assert changed(client)[:3] == on_day(expected)[:3]


def test_scheduled_draft_changes_when_its_day_begins(client: Client, django: Product) -> None:
    """A day on which it would have been published is no change."""
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


def test_query_counts(django: Product, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """One query each, and two for the site map; the product is loaded with its cycles."""
    django = selectors.product_page("django")
    with django_assert_num_queries(1):
        selectors.changed_at(django)
    with django_assert_num_queries(1):
        selectors.freshness(django, ON)
    entries = selectors.MapEntries()
    assert len(entries) == 3
    with django_assert_num_queries(2):
        assert len(entries[slice(0, 3)]) == 3
