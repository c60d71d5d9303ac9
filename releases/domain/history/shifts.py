"""Bulk changes of cycles: a common milestone or end of support, planned dates shifted by months."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

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


_MONTHS: Final = {
    Precision.DAY: (1, ""),
    Precision.MONTH: (1, ""),
    Precision.QUARTER: (3, "quarters"),
    Precision.YEAR: (12, "years"),
}
"""The months of the smallest exact shift of a date, by its precision, and the word for it."""


@dataclass(frozen=True, slots=True)
class EditedLifecycle:
    """A lifecycle after a bulk change.

    `kept` has a sentence for each value that the change had to leave as it was.
    """

    lifecycle: Lifecycle
    kept: tuple[str, ...] = ()


def with_milestone(life: Lifecycle, name: str, value: MilestoneValue) -> EditedLifecycle:
    """Return a lifecycle with another value of one milestone."""
    values = {each: getattr(life, each) for each in MILESTONES} | {name: value}
    return EditedLifecycle(replace(Lifecycle.of(values), extended=life.extended))


def ended_on(life: Lifecycle, day: PartialDate, *, active: bool = False) -> EditedLifecycle:
    """Return a lifecycle whose ordinary support (`eol`) ends on `day`.

    Args:
        life: The lifecycle before.
        day: The last day of ordinary support.
        active: End active support on the same day if it would end after it.
    """
    later = isinstance(life.eoas, PartialDate) and life.eoas.first_day > day.date
    return EditedLifecycle(replace(life, eol=day, eoas=day if active and later else life.eoas))


def shifted(life: Lifecycle, months: int, on: date) -> EditedLifecycle:
    """Return a lifecycle whose dates after `on` are shifted by a number of months.

    A negative number shifts them back. Precisions and milestones without a date stay the same, and
    so does a date that would become inexact: a quarter is shifted by whole quarters only, and a
    year by whole years.

    Raises:
        ValueError: The shifted date is outside the calendar. The message is a sentence.
    """
    moved: dict[str, MilestoneValue] = {}
    kept: list[str] = []
    for name, spec in MILESTONES.items():
        value = moved[name] = getattr(life, name)
        if not isinstance(value, PartialDate) or value.date <= on:
            continue
        step, word = _MONTHS[value.precision]
        if months % step:
            kept.append(f"The {spec.noun} ({value}) stays: it can move by whole {word} only.")
        else:
            moved[name] = PartialDate(plus_months(value.date, months), value.precision)
    return EditedLifecycle(replace(Lifecycle.of(moved), extended=life.extended), tuple(kept))


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
