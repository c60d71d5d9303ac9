"""Changes of dates in bulk."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.shifts import (
    MAX_MONTHS,
    ended_on,
    plus_months,
    shifted,
    with_milestone,
)
from releases.domain.lifecycle.milestones import (
    PartialDate,
    Precision,
    format_milestone,
    parse_milestone,
)
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


STEPS = {Precision.DAY: 1, Precision.MONTH: 1, Precision.QUARTER: 3, Precision.YEAR: 12}


@given(lives, months, days)
def test_only_future_dates_move_and_only_if_the_result_is_exact(
    life: Lifecycle, count: int, on: date
) -> None:
    """Past dates and facts stay, and dates keep their precision."""
    after = shifted(life, count, on).lifecycle
    for field in fields(Lifecycle):
        old, new = getattr(life, field.name), getattr(after, field.name)
        future = isinstance(old, PartialDate) and old.date > on
        if future and count % STEPS[old.precision] == 0:
            assert new == PartialDate(plus_months(old.date, count), old.precision)
        else:
            assert new == old


@pytest.mark.parametrize(
    ("end", "count", "expected"),
    [
        ("2028", 2, "2028"),
        ("2028", 12, "2029"),
        ("2028", -24, "2026"),
        ("2028-Q2", 2, "2028-Q2"),
        ("2028-Q2", 3, "2028-Q3"),
        ("2028-Q2", -9, "2027-Q3"),
        ("2028-04", 2, "2028-06"),
        ("2028-04-30", 2, "2028-06-30"),
    ],
)
def test_imprecise_date_moves_by_whole_periods(end: str, count: int, expected: str) -> None:
    """A date that stays has a reason."""
    after = shifted(Lifecycle(eol=parse_milestone(end)), count, date(2026, 11, 21))
    assert format_milestone(after.lifecycle.eol) == expected
    assert bool(after.kept) is (end == expected)


def test_reason_of_a_date_that_stays_names_its_precision() -> None:
    life = Lifecycle(eoas=parse_milestone("2027-Q2"), eol=parse_milestone("2028"))
    assert shifted(life, 1, date(2026, 11, 21)).kept == (
        "The end of active support (Q2 2027) stays: it can move by whole quarters only.",
        "The end of security support (2028) stays: it can move by whole years only.",
    )


def end_of(text: str) -> PartialDate:
    day = parse_milestone(text)
    assert isinstance(day, PartialDate)
    return day


def test_bulk_end_sets_only_the_end_of_security_support() -> None:
    life = Lifecycle(eoas=True, eol=False, eoes=None)
    day = end_of("2026-11")
    for active in (False, True):
        assert ended_on(life, day, active=active).lifecycle == replace(life, eol=day)


@pytest.mark.parametrize(
    ("eoas", "expected"),
    [("2027-04-30", "2026-11-21"), ("2026-04-30", "2026-04-30"), ("2026-Q4", "2026-Q4")],
)
def test_bulk_end_of_active_support_that_would_end_later(eoas: str, expected: str) -> None:
    """An imprecise end that may be before the day stays."""
    life = Lifecycle(eoas=parse_milestone(eoas), eol=parse_milestone("2028"))
    after = ended_on(life, end_of("2026-11-21"), active=True).lifecycle
    assert format_milestone(after.eoas) == expected
    assert ended_on(life, end_of("2026-11-21")).lifecycle.eoas == life.eoas


def test_one_milestone_is_set() -> None:
    life = Lifecycle(eoas=True, eol=False)
    assert with_milestone(life, "eoes", False).lifecycle == replace(life, eoes=False)
