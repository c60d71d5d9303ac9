"""Changes that many cycles get at once."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.shifts import MOST_MONTHS, ended_on, plus_months, shifted
from releases.domain.lifecycle.milestones import PartialDate, parse_milestone
from releases.domain.lifecycle.status import Lifecycle
from tests.domain.strategies import days, lives

months = st.integers(-MOST_MONTHS, MOST_MONTHS)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2028-01-15", 1, "2028-02-15"),
        ("2028-11-15", 2, "2029-01-15"),
        ("2028-01-15", -1, "2027-12-15"),
        ("2028-01-30", 1, "2028-02-29"),
        ("2028-04-30", 1, "2028-05-31"),
        ("2028-02-29", 12, "2029-02-28"),
    ],
)
def test_months_later(day: str, count: int, expected: str) -> None:
    """The same day, or the last one of a shorter month; a last day stays a last day."""
    assert plus_months(date.fromisoformat(day), count) == date.fromisoformat(expected)


def test_the_calendar_has_ends() -> None:
    with pytest.raises(ValueError, match="does not reach 1 months from 31 Dec 9999"):
        plus_months(date.max, 1)


@given(days, months, months)
def test_later_days_stay_later(day: date, count: int, more: int) -> None:
    """Months keep the order of days but for days at the end of months, which may become one."""
    other = plus_months(day, max(1, more)) if more > 0 else day
    assert plus_months(day, count) <= plus_months(other, count)


@given(lives, months, days)
def test_only_what_is_to_come_moves(life: Lifecycle, count: int, on: date) -> None:
    """What is past, and what is only known as a fact, stays; a date stays as exact as it was."""
    after = shifted(life, count, on)
    for field in fields(Lifecycle):
        old, new = getattr(life, field.name), getattr(after, field.name)
        if isinstance(old, PartialDate) and old.date > on:
            assert new == PartialDate(plus_months(old.date, count), old.precision)
        else:
            assert new == old


def test_an_end() -> None:
    """Only the end of ordinary support is set."""
    life = Lifecycle(eoas=True, eol=False, eoes=None)
    day = parse_milestone("2026-11")
    assert isinstance(day, PartialDate)
    assert ended_on(life, day) == replace(life, eol=day)
