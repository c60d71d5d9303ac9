"""Agendas: their parameters, their days, and the events that they hold."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.roadmap.agenda import AgendaList, AgendaQuery, days_from
from releases.domain.roadmap.events import EventKind, agenda_events
from tests.lifecycles import named_cycle

ON = date(2026, 11, 21)
CYCLE = named_cycle("1", release="2026-11-21", eoas="2026-11-20", eol="2026-11-22", eoes="2028")


def parse(query: str) -> AgendaQuery:
    return AgendaQuery.parse(parse_qs(query, keep_blank_values=True), ON)


def test_days_of_the_lists() -> None:
    """Coming dates begin today, past ones end today; a month of the query replaces the other."""
    upcoming, ended = parse(""), parse("list=ended")
    assert (upcoming.first, upcoming.last) == (ON, ON + timedelta(days=180))
    assert (ended.first, ended.last) == (ON - timedelta(days=90), ON)
    assert parse("to=2028-06").last == date(2028, 6, 30)
    assert parse("list=ended&from=2026-01").first == date(2026, 1, 1)
    assert parse("to=2028-06&list=ended").last == ON


def test_a_date_is_in_one_of_the_lists() -> None:
    """A release is past on its day, an end on the day after it."""
    for day in (date(2026, 11, 20) + timedelta(days=each) for each in range(4)):
        for event in agenda_events([CYCLE], tuple(EventKind)):
            lists = [
                which
                for which in AgendaList
                if (query := parse(f"list={which}&on={day}")).holds(event)
                and event_kind_of(event.milestone) in query.offered_kinds
            ]
            assert len(lists) == 1
            past = day >= event.day.date if event.milestone == "release" else day > event.day.date
            assert (lists[0] is not AgendaList.UPCOMING) == past


def event_kind_of(milestone: str) -> EventKind:
    return {"release": EventKind.RELEASE, "eoas": EventKind.BUGS}.get(milestone, EventKind.SUPPORT)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", "support bugs release"),
        ("kind=release&kind=support", "support release"),
        ("list=ended", "support bugs"),
        ("list=ended&kind=release", "support bugs"),
        ("list=released&kind=bugs&kind=release", "release"),
    ],
)
def test_kinds_are_those_of_the_list(query: str, kinds: str) -> None:
    assert list(parse(query).kinds) == kinds.split()


def test_bad_values_are_reported() -> None:
    found = parse("list=next&kind=moved&on=x")
    assert found.which is AgendaList.UPCOMING
    assert [each.name for each in found.problems] == ["on", "kind", "list"]
    assert "expected one of upcoming, ended, released." in found.problems[-1].message


def test_addresses() -> None:
    """All kinds are the default; another list has the filters, but not the kinds and days."""
    found = parse("q=dj&kind=support&to=2028-06&product=django&page=2")
    assert found.url() == "?product=django&kind=support&q=dj&to=2028-06"
    assert found.url(AgendaList.ENDED) == "?list=ended&product=django&q=dj"
    assert found.url(page=3).endswith("&page=3")
    assert parse("kind=support&kind=bugs&kind=release").url() == "?"
    assert parse("kind=support&kind=bugs&list=ended").url() == "?list=ended"


def test_subscription_has_the_filters_and_the_kinds_on_all_days() -> None:
    found = parse("q=dj&to=2028-06&category=os&tag=web&page=2&on=2027-01-01")
    view = "?kind=support&kind=bugs&kind=release&category=os&tag=web&q=dj&on=2027-01-01"
    assert found.subscription().url() == view
    assert parse("list=released").subscription().url() == "?kind=release"


@pytest.mark.parametrize(
    ("query", "months", "day"),
    [
        ("", 12, date(2027, 11, 30)),
        ("on=2026-12-31", 2, date(2027, 2, 28)),
        ("list=ended", 12, date(2025, 11, 1)),
        ("list=released&on=2026-01-15", 1, date(2025, 12, 1)),
    ],
)
def test_months_away(query: str, months: int, day: date) -> None:
    assert parse(query).months_away(months) == day


@given(st.dates(), st.integers(-400_000, 400_000))
def test_days_from_stays_within_the_calendar(day: date, days: int) -> None:
    found = days_from(day, days)
    assert found in (date.min, date.max) or (found - day).days == days
