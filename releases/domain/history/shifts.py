"""Bulk changes of cycles: a common end of support, and planned dates shifted by months."""

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

MAX_MONTHS = 120
"""Maximum number of months that planned dates are shifted by, in either direction."""


def ended_on(life: Lifecycle, day: PartialDate) -> Lifecycle:
    """Return a lifecycle whose ordinary support (`eol`) ends on `day`."""
    return replace(life, eol=day)


def shifted(life: Lifecycle, months: int, on: date) -> Lifecycle:
    """Return a lifecycle whose dates after `on` are shifted by a number of months.

    A negative number shifts them back. The precision of a date stays the same, and so does a
    milestone without a date.

    Raises:
        ValueError: The shifted date is outside the calendar. The message is a sentence.
    """
    moved: dict[str, MilestoneValue] = {}
    for name in MILESTONES:
        value = moved[name] = getattr(life, name)
        if isinstance(value, PartialDate) and value.date > on:
            moved[name] = PartialDate(plus_months(value.date, months), value.precision)
    return replace(Lifecycle.of(moved), extended=life.extended)


def plus_months(day: date, months: int) -> date:
    """Return the same day in the month that is `months` later (earlier if negative).

    The last day of a month becomes the last day of the other one, as ends of support mean it: 30
    Apr -> 31 May. A day that the other month lacks becomes its last day.

    Raises:
        ValueError: The date is outside the calendar. The message is a sentence.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"The calendar does not reach {months} months from {PartialDate(day)}.")
    end = last_day(date(year, month + 1, 1), Precision.MONTH)
    is_last = day == last_day(day, Precision.MONTH)
    return end if is_last else end.replace(day=min(day.day, end.day))
