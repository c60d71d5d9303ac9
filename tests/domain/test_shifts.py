"""Changes of dates in bulk."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.shifts import MAX_MONTHS, ended_on, plus_months, shifted
from releases.domain.lifecycle.milestones import PartialDate, parse_milestone
from releases.domain.lifecycle.status import Lifecycle
from tests.domain.strategies import days, lives

months = st.integers(-MAX_MONTHS, MAX_MONTHS)


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
def test_shift_keeps_the_day_of_the_month(day: str, count: int, expected: str) -> None:
    """Shorter months use their last day, and a last day stays a last day."""
    assert plus_months(date.fromisoformat(day), count) == date.fromisoformat(expected)


def test_shift_beyond_the_calendar_is_rejected() -> None:
    with pytest.raises(ValueError, match="does not reach 1 months from 31 Dec 9999"):
        plus_months(date.max, 1)


@given(days, months, months)
def test_shift_keeps_the_order_of_days(day: date, count: int, more: int) -> None:
    """Days at the end of months may become equal."""
    other = plus_months(day, max(1, more)) if more > 0 else day
    assert plus_months(day, count) <= plus_months(other, count)


@given(lives, months, days)
def test_only_future_dates_move(life: Lifecycle, count: int, on: date) -> None:
    """Past dates and facts stay, and dates keep their precision."""
    after = shifted(life, count, on)
    for field in fields(Lifecycle):
        old, new = getattr(life, field.name), getattr(after, field.name)
        if isinstance(old, PartialDate) and old.date > on:
            assert new == PartialDate(plus_months(old.date, count), old.precision)
        else:
            assert new == old


def test_bulk_end_sets_only_the_end_of_security_support() -> None:
    life = Lifecycle(eoas=True, eol=False, eoes=None)
    day = parse_milestone("2026-11")
    assert isinstance(day, PartialDate)
    assert ended_on(life, day) == replace(life, eol=day)
