"""Changes that many cycles get at once: the day of an end, plans that move by some months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneValue,
    PartialDate,
    Precision,
    last_day,
)
from releases.domain.lifecycle.status import Lifecycle

MOST_MONTHS = 120
"""Plans do not move by more than ten years at once."""


def ended_on(life: Lifecycle, day: PartialDate) -> Lifecycle:
    """The life of a cycle of which ordinary support ended on a day."""
    return replace(life, eol=day)


def shifted(life: Lifecycle, months: int, on: date) -> Lifecycle:
    """The life of a cycle whose dates that come after `on` move by so many months, back if they
    are less than none. A date stays as exact as it is; what is only known as a fact stays.

    Raises `ValueError` with a sentence where the calendar has no such date.
    """
    moved: dict[str, MilestoneValue] = {}
    for name in MILESTONES:
        value = moved[name] = getattr(life, name)
        if isinstance(value, PartialDate) and value.date > on:
            moved[name] = PartialDate(plus_months(value.date, months), value.precision)
    return replace(Lifecycle.of(moved), extended=life.extended)


def plus_months(day: date, months: int) -> date:
    """The same day of another month; the last day of a month stays the last one, as ends of
    support mean it: 30 Apr -> 31 May.

    Raises `ValueError` with a sentence where the calendar has no such date.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"The calendar does not reach {months} months from {PartialDate(day)}.")
    end = last_day(date(year, month + 1, 1), Precision.MONTH)
    is_last = day == last_day(day, Precision.MONTH)
    return end if is_last else end.replace(day=min(day.day, end.day))
