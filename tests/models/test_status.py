"""The status rules in SQL and in the domain are the same, for every cycle on every relevant day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product as combinations_of

import pytest
from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When

from releases.domain.lifecycle import status as lifecycle
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import SOON_DAYS, Lifecycle, Status
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.models.status import (
    TERMS,
    active,
    ends_soon,
    for_everybody,
    maintained,
    next_end,
    status_on,
    supported_until,
)
from releases.selectors import cycles_in_view
from tests.factories import make_cycle, make_product, new_cycle
from tests.lifecycles import make_lifecycle

Answer = tuple[str, date | None, bool, date | None]

ENDS = ("eoas", "eol", "eoes")


def in_sql(cycles: QuerySet[ReleaseCycle], on: date) -> dict[int, Answer]:
    """Return status, next end, nearness and end of support by primary key, from SQL.

    Conditions for active support and for support of all users are compared with the status.
    """
    rows = (
        cycles.order_by()
        .annotate(status=status_on(on), next_end=next_end(on))
        .annotate(soon=Case(When(ends_soon(on), then=Value(True)), default=Value(False)))
        .annotate(active=Case(When(active(on), then=Value(True)), default=Value(False)))
        .annotate(every=Case(When(for_everybody(on), then=Value(True)), default=Value(False)))
        .annotate(until=supported_until())
    )
    found = list(rows.values_list("pk", "status", "next_end", "soon", "until", "active", "every"))
    for _, status, *_, is_active, every in found:
        assert (status == Status.ACTIVE) == bool(is_active)
        if status in (Status.EXTENDED, Status.FREE_EXTENDED):
            assert (status == Status.FREE_EXTENDED) == bool(every)
    return {key: (status, end, bool(soon), until) for key, status, end, soon, until, *_ in found}


def fill(product: Product, names: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a cycle for each row of texts whose milestones are in a possible order."""
    values = [dict(zip(names, texts, strict=True)) for texts in rows]
    ReleaseCycle.objects.bulk_create(
        new_cycle(product, str(number), position=number, **given)
        for number, given in enumerate(values)
        if not lifecycle.order_errors(make_lifecycle(**given))
    )


def in_python(life: Lifecycle, on: date) -> Answer:
    """Return the same from the domain."""
    end = lifecycle.next_end(life, on)
    return (
        lifecycle.status_on(life, on).value,
        end.date if isinstance(end, PartialDate) else None,
        lifecycle.ends_soon(life, on),
        life.supported_until.date if isinstance(life.supported_until, PartialDate) else None,
    )


def dates_of(life: Lifecycle, *names: str) -> Iterable[date]:
    values = (getattr(life, name) for name in names)
    return (value.date for value in values if isinstance(value, PartialDate))


def near_days(life: Lifecycle) -> Iterable[date]:
    """Return the days on which an end becomes near."""
    for end in dates_of(life, *ENDS):
        yield end - timedelta(days=SOON_DAYS)
        for release in dates_of(life, "release"):
            yield end - (end - release) // 3


def around(days: Iterable[date]) -> set[date]:
    """Return the days with the day before and after each."""
    return {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}


def status(on: str, **milestones: str) -> str:
    """Return the status of the only cycle in SQL, after a comparison with the domain."""
    cycle = make_cycle(make_product(), **milestones)
    answer = in_sql(ReleaseCycle.objects.all(), date.fromisoformat(on))[cycle.pk]
    assert answer == in_python(cycle.lifecycle, date.fromisoformat(on))
    return answer[0]


# The rows of the table in docs/architecture.md: the day before, the day, the day after.
TABLE = [
    ({"release": "2027-04-01"}, "2027-03-31", Status.PLANNED),
    ({"release": "2027-04-01"}, "2027-04-01", Status.ACTIVE),
    ({"release": "2027-04"}, "2027-04-29", Status.PLANNED),
    ({"release": "2027-04"}, "2027-04-30", Status.ACTIVE),
    ({"release": "no"}, "2027-04-30", Status.PLANNED),
    ({"eol": "2028-04-30"}, "2028-04-30", Status.ACTIVE),
    ({"eol": "2028-04-30"}, "2028-05-01", Status.END_OF_LIFE),
    ({"eoas": "2027-12-31", "eol": "2028-04-30"}, "2027-12-31", Status.ACTIVE),
    ({"eoas": "2027-12-31", "eol": "2028-04-30"}, "2028-01-01", Status.SECURITY),
    ({"eoas": "2027-12-31", "eol": "2028-04-30"}, "2028-04-30", Status.SECURITY),
    ({"eoas": "2027-12-31", "eol": "2028-04-30"}, "2028-05-01", Status.END_OF_LIFE),
    ({"eoas": "yes", "eol": "2028-04-30"}, "2028-04-30", Status.SECURITY),
    ({"eoas": "yes", "eol": "2028-04-30"}, "2028-05-01", Status.END_OF_LIFE),
    ({"eoas": "no", "eol": "2028-04-30"}, "2028-04-30", Status.ACTIVE),
    ({"eoas": "no", "eol": "2028-04-30"}, "2028-05-01", Status.END_OF_LIFE),
    ({"eol": "2028-04-30", "eoes": "2030-04-30"}, "2028-04-30", Status.ACTIVE),
    ({"eol": "2028-04-30", "eoes": "2030-04-30"}, "2028-05-01", Status.EXTENDED),
    ({"eol": "2028-04-30", "eoes": "2030-04-30"}, "2030-04-30", Status.EXTENDED),
    ({"eol": "2028-04-30", "eoes": "2030-04-30"}, "2030-05-01", Status.END_OF_LIFE),
    ({"eol": "2028-04-30", "eoes": "no"}, "2199-01-01", Status.EXTENDED),
    ({"eol": "2028-04-30", "eoes": "yes"}, "2028-05-01", Status.END_OF_LIFE),
    ({"eol": "no"}, "2199-01-01", Status.ACTIVE),
    ({"eol": "no", "eoas": "2027-12-31"}, "2028-01-01", Status.SECURITY),
    ({"eol": "no", "eoas": "yes"}, "2028-01-01", Status.SECURITY),
    ({"eol": "yes"}, "2028-01-01", Status.END_OF_LIFE),
    ({"eol": "yes", "eoes": "2030-04-30"}, "2028-01-01", Status.EXTENDED),
    ({"eol": "yes", "eoas": "yes", "eoes": "yes"}, "2028-01-01", Status.END_OF_LIFE),
    ({}, "2028-01-01", Status.ACTIVE),
    ({"discontinued": "2020-01-01", "eol": "2028-04-30"}, "2028-04-30", Status.ACTIVE),
    ({"discontinued": "yes"}, "2028-01-01", Status.ACTIVE),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("milestones", "on", "expected"), TABLE)
def test_status_of_each_case(milestones: dict[str, str], on: str, expected: Status) -> None:
    assert status(on, **milestones) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("terms", [ExtendedTerms.FREE, ExtendedTerms.CONTRACT])
def test_sql_and_domain_agree_on_every_combination(terms: ExtendedTerms) -> None:
    """Each milestone is unknown, a fact, or a date of each kind.

    All days around boundaries are compared.
    """
    product = make_product(extended_terms=terms.value)
    releases = ("", "yes", "no", "2026-03-01", "2026-03", "2026-09-01", "0001-01-01")
    eoas = ("", "yes", "no", "2026-10-31", "2026-Q4")
    eol = ("", "yes", "no", "2027-01-31", "2026-11", "2026-Q4")
    eoes = ("", "yes", "no", "2027-06-30", "2026-11")
    fill(product, ("release", *ENDS), combinations_of(releases, eoas, eol, eoes))
    cycles = list(ReleaseCycle.objects.select_related("product"))
    days = around(
        day
        for life in {cycle.lifecycle for cycle in cycles}
        for day in (*dates_of(life, "release", *ENDS), *near_days(life))
        if day.year > 2000
    )
    for on in sorted(days):
        found = in_sql(ReleaseCycle.objects.all(), on)
        assert found == {cycle.pk: in_python(cycle.lifecycle, on) for cycle in cycles}, on


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("life", "on", "soon"),
    [
        ({"release": "2020-01-01", "eol": "2027-03-21"}, "2026-11-20", False),
        ({"release": "2020-01-01", "eol": "2027-03-21"}, "2026-11-21", True),
        ({"release": "2020-01-01", "eol": "2027-03-21"}, "2027-03-21", True),
        ({"release": "2020-01-01", "eol": "2027-03-21"}, "2027-03-22", False),
        ({"release": "2026-01-01", "eol": "2026-03-02"}, "2026-02-09", False),
        ({"release": "2026-01-01", "eol": "2026-03-02"}, "2026-02-10", True),
        ({"eol": "2027-03-21"}, "2026-11-21", True),
        ({"release": "2020-01-01", "eol": "no"}, "2026-11-21", False),
        ({"release": "2020-01-01", "eol": "9999-12-31"}, "2026-11-21", False),
    ],
)
def test_end_is_near_120_days_before_it(life: dict[str, str], on: str, soon: bool) -> None:
    """For a short life it is a third of it. The last day is included."""
    cycle = make_cycle(make_product(), **life)
    day = date.fromisoformat(on)
    assert in_sql(ReleaseCycle.objects.all(), day)[cycle.pk][2] is soon
    assert lifecycle.ends_soon(make_lifecycle(**life), day) is soon


@pytest.mark.django_db
def test_ends_soon_works_as_a_filter() -> None:
    """It needs the annotation of the next end."""
    django, on = make_product(), date(2026, 11, 21)
    make_cycle(django, "6.0", release="2025-12-03", eol="2027-01-01")
    make_cycle(django, "6.1", release="2026-08-05", eol="2027-12-31")
    make_cycle(django, "7.0", release="2026-12-05", eol="2027-01-01")
    found = ReleaseCycle.objects.annotate(next_end=next_end(on)).filter(ends_soon(on))
    assert [cycle.name for cycle in found] == ["6.0"]


@pytest.mark.django_db
def test_maintained_is_the_same_in_sql() -> None:
    """Each end is unknown, a fact or a date, alone and with another one."""
    product, on = make_product(), date(2026, 11, 21)
    texts = ("", "yes", "no", "2026-11-20", "2026-11-21")
    ends = ("eoas", "eol", "eoes", "discontinued")
    fill(product, ends, combinations_of(texts, repeat=len(ends)))
    found = {cycle.pk for cycle in ReleaseCycle.objects.filter(maintained(on))}
    cycles = ReleaseCycle.objects.all()
    assert found == {each.pk for each in cycles if lifecycle.is_maintained(each.lifecycle, on)}
    assert 0 < len(found) < len(cycles)


@pytest.mark.django_db
def test_lts_is_the_same_in_sql() -> None:
    """It is unknown, a fact, or a date with the days around it."""
    product, on = make_product(), date(2026, 11, 21)
    for text in ("", "yes", "no", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11", "2026"):
        make_cycle(product, f"of {text}", lts=text)
    cycles = ReleaseCycle.objects.all()
    found = {cycle.pk for cycle in cycles.lts(on)}
    assert found == {each.pk for each in cycles if lifecycle.is_lts(each.lifecycle, on)}
    assert len(found) == 3
    later = {cycle.pk for cycle in cycles.lts()}
    assert later == {each.pk for each in cycles if lifecycle.is_lts(each.lifecycle, date.max)}
    assert len(later) == 6


@pytest.mark.django_db
@pytest.mark.parametrize("terms", [ExtendedTerms.FREE, ExtendedTerms.CONTRACT])
def test_querysets_find_the_same_cycles_as_the_domain(terms: ExtendedTerms) -> None:
    """The methods also work on history records."""
    releases, dates = ("no", "2026-03-01", "2027-03"), ("", "no", "2026-11-30", "2027-Q1")
    product = make_product(extended_terms=terms.value)
    for number, texts in enumerate(combinations_of(releases, dates, dates, dates)):
        given = dict(zip(("release", *ENDS), texts, strict=True))
        if not lifecycle.order_errors(make_lifecycle(**given)):
            make_cycle(product, str(number), **given)
    cycles = list(ReleaseCycle.objects.all().with_product())
    terms_then = Product.objects.filter(pk=OuterRef("product_id")).values("extended_terms")
    of_history = Subquery(terms_then)
    for on in map(date.fromisoformat, ("2026-02-01", "2026-11-30", "2026-12-01", "2027-04-01")):
        last = on + timedelta(days=90)
        status = {cycle.pk: lifecycle.status_on(cycle.lifecycle, on) for cycle in cycles}
        soon = {cycle.pk for cycle in cycles if lifecycle.ends_soon(cycle.lifecycle, on)}
        ends = {cycle.pk: lifecycle.next_end(cycle.lifecycle, on) for cycle in cycles}
        near = {k for k, end in ends.items() if isinstance(end, PartialDate) and end.date <= last}
        for rows, terms_of in (
            (ReleaseCycle.objects.all(), TERMS),
            (ReleaseCycle.history.all(), of_history),
        ):
            found = {
                name: set(each.values_list("id", flat=True))
                for name, each in {
                    "active()": rows.active(on),
                    "planned()": rows.planned(on),
                    "released": rows.released(on),
                    "soon": rows.ends_soon(on, terms_of),
                    "near": rows.ends_by(last, on),
                    **{str(each): rows.in_status([each], on, terms_of) for each in Status},
                }.items()
            }
            assert found["active()"] == found[Status.ACTIVE]
            assert found["planned()"] == found[Status.PLANNED] == status.keys() - found["released"]
            assert (found["soon"], found["near"]) == (soon, near)
            for each in Status:
                assert found[each] == {pk for pk, value in status.items() if value is each}
        security = {cycle.pk for cycle in ReleaseCycle.objects.all().security(on)}
        assert security == {pk for pk, value in status.items() if value is Status.SECURITY}


@pytest.mark.catalogue
@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("terms", [ExtendedTerms.NOT_RECORDED, ExtendedTerms.FREE])
def test_sql_and_domain_agree_on_the_catalogue(terms: ExtendedTerms) -> None:
    """All cycles of the 60 products are compared around every boundary.

    Extended support is free or not.
    """
    Product.objects.update(extended_terms=terms.value)
    cycles_of: dict[date, dict[int, Lifecycle]] = defaultdict(dict)
    for cycle in ReleaseCycle.objects.select_related("product"):
        life = cycle.lifecycle
        for on in around(dates_of(life, "release", *ENDS)):
            cycles_of[on][cycle.pk] = life
    assert len(cycles_of) > 3000
    for on, lives in cycles_of.items():  # a query for each day, of the cycles that it matters to
        found = in_sql(ReleaseCycle.objects.filter(pk__in=lives), on)
        assert found == {key: in_python(life, on) for key, life in lives.items()}, on


@pytest.mark.django_db
@pytest.mark.parametrize(
    "params",
    [
        *({"status": [status.value]} for status in Status),
        {"lts": ["1"]},
        {"ends": ["soon"]},
        {"lts": ["1"], "ends": ["soon"], "status": ["active", "security"]},
        {},
    ],
    ids=str,
)
def test_sql_and_domain_agree_on_the_cycles_of_a_view(params: dict[str, list[str]]) -> None:
    """`cycles_in_view` and `RoadmapQuery.matches`."""
    on = date(2026, 11, 21)
    days = [str(on + timedelta(days=each)) for each in (-366, -365, -1, 0, 30, 121)]
    ends = ["", "yes", "no", *days]
    starts = ["", "yes", "no", days[0], days[-1]]
    for terms in (ExtendedTerms.FREE, ExtendedTerms.CONTRACT):
        product = make_product(terms.value, extended_terms=terms.value)
        fill(product, ("release", "eol", "eoes"), combinations_of(starts, ends, ends))
    product = make_product("other")
    fill(product, ("lts", "eoas", "eol"), combinations_of(starts, ends, ends))
    product = make_product("old")
    fill(product, ("eol", "discontinued"), combinations_of(ends, ends))
    query = RoadmapQuery.parse(params, on)
    found = {cycle.pk for cycle in cycles_in_view(query)}
    every = ReleaseCycle.objects.select_related("product")
    assert found == {cycle.pk for cycle in every if query.matches(cycle.lifecycle)}
    assert 0 < len(found) < len(every)
