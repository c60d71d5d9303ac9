"""Events: their order, ids, alarms, and the times at which they are announced."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.milestones import ENDS, MILESTONES, PartialDate
from releases.domain.lifecycle.status import Lifecycle, Status, ends_soon, next_end, status_on
from releases.domain.roadmap.events import (
    AGENDA_MILESTONES,
    ALARM_DAYS,
    EventKind,
    agenda_events,
    alarm_days,
    event_kind,
    events_of,
    nearest,
    next_dated_end,
    soon_from,
    stable_id,
)
from tests.domain.strategies import any_milestones, days, few, lives
from tests.lifecycles import NamedCycle, make_lifecycle, named_cycle

any_lives = st.builds(Lifecycle, **dict.fromkeys(MILESTONES, any_milestones))
DJANGO = named_cycle("5.2", release="2025-04-02", lts="yes", eoas="2025-12-03", eol="2028-04")
OLDER = named_cycle("5.1", release="2024-08-07", eoas="2025-04-02", eol="2025-12-03")


def test_events_are_the_dated_milestones_in_order() -> None:
    """Events of one day are in the order of their cycles."""
    found = [
        (event.cycle.name, event.milestone, str(event.day)) for event in events_of([DJANGO, OLDER])
    ]
    assert found == [
        ("5.1", "release", "7 Aug 2024"),
        ("5.2", "release", "2 Apr 2025"),
        ("5.1", "eoas", "2 Apr 2025"),
        ("5.2", "eoas", "3 Dec 2025"),
        ("5.1", "eol", "3 Dec 2025"),
        ("5.2", "eol", "Apr 2028"),
    ]


def test_events_of_selected_milestones() -> None:
    assert [event.milestone for event in events_of([DJANGO], ["eol", "lts"])] == ["eol"]


@given(st.lists(any_lives, max_size=4), st.dates(), st.integers(1, 30))
def test_every_date_is_an_event_once(lifes: list[Lifecycle], on: date, most: int) -> None:
    """They are in order of date, and so are the events nearest to a day."""
    cycles = [NamedCycle(str(number), each) for number, each in enumerate(lifes)]
    events = events_of(cycles)
    dated = sum(
        isinstance(getattr(each, name), PartialDate) for each in lifes for name in MILESTONES
    )
    assert len(events) == len({(each.cycle.name, each.milestone) for each in events}) == dated
    every = [event.day.date for event in events]
    assert every == sorted(every)
    chosen = nearest(events, on, most)
    assert len(chosen) == min(most, len(events))
    assert [event for event in events if event in chosen] == chosen
    left_out = [abs(event.day.date - on) for event in events if event not in chosen]
    assert all(abs(event.day.date - on) <= min(left_out) for event in chosen if left_out)


def kinds_of(**milestones: str) -> dict[str, str]:
    """Return the kinds of the dated milestones of a cycle in an agenda."""
    life = make_lifecycle(**milestones)
    dated = [name for name in AGENDA_MILESTONES if isinstance(getattr(life, name), PartialDate)]
    return {name: kind.value for name in dated if (kind := event_kind(life, name))}


@pytest.mark.parametrize(
    ("milestones", "kinds"),
    [
        (
            {"release": "2025", "eoas": "2026", "eol": "2027", "eoes": "2029"},
            {"release": "release", "eoas": "bugs", "eol": "support", "eoes": "support"},
        ),
        # The only end is the end of all support.
        ({"release": "2025", "eoas": "2026"}, {"release": "release", "eoas": "support"}),
        ({"release": "2025", "eoes": "2026"}, {"release": "release", "eoes": "support"}),
        # Of several ends on one day there is the last one.
        (
            {"release": "2025", "eoas": "2026-06-30", "eol": "2026-06", "eoes": "2026-06-30"},
            {"release": "release", "eoes": "support"},
        ),
        # Bug fixes end, and no end of security fixes is announced.
        ({"release": "2025", "eoas": "2026", "eol": "no"}, {"release": "release", "eoas": "bugs"}),
        # Support is over, since when is not known: the date before it changes nothing.
        ({"release": "2025", "eoas": "2026", "eol": "yes"}, {"release": "release"}),
        # Nothing ends before a release that is not announced.
        ({"release": "no", "eol": "2027"}, {}),
        ({"eol": "9999-12-31"}, {}),
    ],
)
def test_agenda_has_releases_and_the_ends_that_change_the_status(
    milestones: dict[str, str], kinds: dict[str, str]
) -> None:
    assert kinds_of(**milestones) == kinds


@given(st.lists(any_lives, max_size=4), st.sets(st.sampled_from(EventKind)), st.dates(), st.dates())
def test_agenda_events_are_a_part_of_all_events(
    lifes: list[Lifecycle], kinds: set[EventKind], first: date, last: date
) -> None:
    """They have one of the kinds, are within the days, and are in the order of dates."""
    cycles = [NamedCycle(str(number), each) for number, each in enumerate(lifes)]
    found = agenda_events(cycles, kinds, first, last)
    assert found == [
        event
        for event in events_of(cycles, AGENDA_MILESTONES)
        if first <= event.day.date <= last
        and event_kind(event.cycle.lifecycle, event.milestone) in kinds
    ]


@given(any_lives)
def test_a_cycle_has_one_end_a_day_in_an_agenda(each: Lifecycle) -> None:
    ends = agenda_events([NamedCycle("1", each)], [EventKind.SUPPORT, EventKind.BUGS])
    days = [event.day.date for event in ends]
    assert len(days) == len(set(days))
    assert all(event.after is not status_on(each, event.day.date) for event in ends)


def test_ids_never_change() -> None:
    """Calendars and feed readers store these exact values."""
    assert str(stable_id("django", "5.2", "eol")) == "e60408b1-6008-5b5f-81cb-5f7c50451cc9"


@given(
    st.lists(st.text("ab.-", min_size=1), min_size=1),
    st.lists(st.text("ab.-", min_size=1), min_size=1),
)
def test_ids_depend_only_on_names(first: list[str], second: list[str]) -> None:
    assert (stable_id(*first) == stable_id(*second)) == (first == second)


@pytest.mark.parametrize(
    ("milestones", "milestone", "days_before"),
    [
        ({"release": "2025-01-01", "eol": "2028-01-01"}, "eol", 90),
        ({"release": "2025-01-01", "eol": "2025-04-11"}, "eol", 25),
        ({"release": "2025-01-01", "eoas": "2025-04-11", "eol": "2025-05-01"}, "eol", 5),
        ({"release": "2025-01-01", "eoas": "2025-04-11", "eol": "2025-05-01"}, "eoas", 25),
        ({"release": "2025-01-01", "eol": "2026-01-01", "eoes": "2026-02-10"}, "eoes", 10),
        (
            {"release": "2025-01-01", "eol": "2025-04-01", "discontinued": "2025-04-11"},
            "discontinued",
            25,
        ),
        ({"eol": "2028-01-01"}, "eol", 90),
        ({"release": "2025-01-01", "eol": "2025-01-03"}, "eol", 0),
        ({"release": "2025-01-01", "eol": "2028-01-01"}, "release", 0),
        ({"release": "2025-01-01", "eol": "no"}, "eol", 0),
    ],
)
def test_alarm_is_a_quarter_of_the_phase_up_to_90_days_before_an_end(
    milestones: dict[str, str], milestone: str, days_before: int
) -> None:
    assert alarm_days(make_lifecycle(**milestones), milestone) == days_before


@given(any_lives, st.sampled_from(list(MILESTONES)))
def test_alarm_is_within_the_calendar(each: Lifecycle, milestone: str) -> None:
    """The dates may be in the wrong order."""
    before = alarm_days(each, milestone)
    assert 0 <= before <= ALARM_DAYS
    if before:
        assert milestone in ENDS
        assert getattr(each, milestone).date - timedelta(days=before) >= date.min


@given(lives, days)
def test_next_end_has_the_kind_of_its_date(each: Lifecycle, on: date) -> None:
    found = next_dated_end(each, on)
    end = next_end(each, on)
    assert (found is not None) == isinstance(end, PartialDate)
    if found:
        assert getattr(each, found[0]) == found[1] == end


@given(lives, days)
def test_soon_from_is_the_first_day_on_which_an_end_is_near(each: Lifecycle, on: date) -> None:
    """Paid extended support never ends soon."""
    found = next_dated_end(each, on)
    if found:
        counts = status_on(each, on) is not Status.EXTENDED
        assert ends_soon(each, on) == (counts and on >= soon_from(each, found[1]))


@few
@given(any_lives, st.dates())
def test_soon_from_is_a_day(each: Lifecycle, on: date) -> None:
    found = next_dated_end(each, on)
    if found:
        assert soon_from(each, found[1]) <= found[1].date
