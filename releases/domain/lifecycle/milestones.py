"""Milestone values: when something in the life of a cycle happens, and with which precision.

A value is a `PartialDate`, `True` or `False` when only the fact is known, or `None` when the
milestone does not apply. One text form (`parse_milestone`, `format_milestone`) serves the admin's
form field, the merge base of the importer and every message.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the day, month, quarter or year.

    `date` is the last day of the period, whichever day of it was given: an end counts in full, a
    start is reached when it certainly is.
    """

    date: dt.date
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        object.__setattr__(self, "date", last_day(self.date, self.precision))

    @property
    def first_day(self) -> dt.date:
        """The first day of the period (the date itself where it is known to the day)."""
        return first_day(self.date, self.precision)

    @property
    def imprecise(self) -> bool:
        return self.precision is not Precision.DAY

    def __str__(self) -> str:
        """For people: `30 Apr 2028`, `Apr 2028`, `Q2 2028` or `2028`."""
        day = self.date
        match self.precision:
            case Precision.DAY:
                return f"{day.day} {month_name(day)} {day.year}"
            case Precision.MONTH:
                return f"{month_name(day)} {day.year}"
            case Precision.QUARTER:
                return f"Q{(day.month + 2) // 3} {day.year}"
            case Precision.YEAR:
                return str(day.year)


MilestoneValue = PartialDate | bool | None

EXPECTED = "a date such as 2028-04-30, 2028-04, 2028-Q2 or 2028, yes, no, or nothing"
YES = frozenset({"yes", "true", "y"})
NO = frozenset({"no", "false", "n"})

_TEXT = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?|[qQ](?P<quarter>[1-4])))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month_name(day: date) -> str:
    """The three letters of the month, in English whatever the locale is."""
    return _MONTHS[day.month - 1]


def first_day(day: date, precision: Precision) -> date:
    """The first day of the month, quarter or year in which `day` lies, or `day` itself."""
    match precision:
        case Precision.DAY:
            return day
        case Precision.MONTH:
            return day.replace(day=1)
        case Precision.QUARTER:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case Precision.YEAR:
            return date(day.year, 1, 1)


def last_day(day: date, precision: Precision) -> date:
    """The last day of the month, quarter or year in which `day` lies, or `day` itself."""
    match precision:
        case Precision.DAY:
            return day
        case Precision.MONTH:
            month = day.month
        case Precision.QUARTER:
            month = (day.month - 1) // 3 * 3 + 3
        case Precision.YEAR:
            month = 12
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def parse_milestone(text: str) -> MilestoneValue:
    """What a person typed as a milestone.

    Takes the forms that `EXPECTED` names, surrounding space and capitals aside. Raises
    `ValueError` with a sentence for anything else, a day that no calendar has included.
    """
    word = text.strip().lower()
    if not word:
        return None
    if word in YES:
        return True
    if word in NO:
        return False
    found = _TEXT.fullmatch(word)
    if found is None:
        raise ValueError(f"“{text.strip()[:40]}” is not {EXPECTED}.")
    year, quarter, month, day = (
        int(found[name]) if found[name] else None for name in ("year", "quarter", "month", "day")
    )
    try:
        if day is not None:
            return PartialDate(date(year or 0, month or 0, day))
        if month is not None:
            return PartialDate(date(year or 0, month, 1), Precision.MONTH)
        if quarter is not None:
            return PartialDate(date(year or 0, quarter * 3, 1), Precision.QUARTER)
        return PartialDate(date(year or 0, 1, 1), Precision.YEAR)
    except ValueError:
        raise ValueError(f"“{text.strip()}” is not a day of the calendar.") from None


def format_milestone(value: MilestoneValue) -> str:
    """The text that `parse_milestone` reads back as the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    day = value.date
    match value.precision:
        case Precision.DAY:
            return day.isoformat()
        case Precision.MONTH:
            return f"{day.year:04}-{day.month:02}"
        case Precision.QUARTER:
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
        case Precision.YEAR:
            return f"{day.year:04}"
