"""Dates as people write them: ISO 8601 as in files, and the forms that pages print.

Numbers with the year last are refused, as half of the readers take `03/04/2026` for 3 April and
the others for 4 March. The message shows each reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from releases.domain.lifecycle.milestones import (
    EXPECTED,
    MilestoneValue,
    PartialDate,
    month_name,
    parse_milestone,
)

EXPECTED_DAY: Final = "a day such as 2028-04-30 or 30 Apr 2028"
_PRINTED: Final = re.compile(
    r"(?:(?:(?P<day>\d{1,2})\s+)?(?P<month>[a-z]{3,9})\.?|q(?P<quarter>[1-4]))\s+(?P<year>\d{4})"
)
_NUMBERS: Final = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")
# fmt: off
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)
# fmt: on


def read_milestone(text: str) -> MilestoneValue:
    """Return the milestone that a person wrote.

    Accepts what `parse_milestone` accepts, and `30 Apr 2028`, `Apr 2028` and `Q3 2028`.

    Raises:
        ValueError: The text is nothing of it, or an ambiguous date. The message is a sentence.
    """
    return _read(text, EXPECTED)


def read_day(text: str) -> date:
    """Return the day that a person wrote, as `2028-04-30` or `30 Apr 2028`.

    Raises:
        ValueError: The text is no day of the calendar, or ambiguous. The message is a sentence.
    """
    value = _read(text, EXPECTED_DAY)
    if isinstance(value, PartialDate) and not value.imprecise:
        return value.date
    raise ValueError(f"“{text.strip()[:40]}” is not {EXPECTED_DAY}.")


def _read(text: str, expected: str) -> MilestoneValue:
    word = " ".join(text.lower().split())
    if found := _NUMBERS.fullmatch(word):
        raise ValueError(_readings_text(text.strip(), *map(int, found.groups())))
    return parse_milestone(_iso(word) or text, expected)


def _iso(word: str) -> str:
    """Return a date that pages print in the form of ISO 8601, or an empty text."""
    found = _PRINTED.fullmatch(word)
    if found is None:
        return ""
    if found["quarter"]:
        return f"{found['year']}-Q{found['quarter']}"
    month = next((at for at, name in enumerate(_MONTHS, 1) if name.startswith(found["month"])), 0)
    if not month:
        return ""
    return f"{found['year']}-{month:02}" + (f"-{found['day']}" if found["day"] else "")


def _readings_text(text: str, first: int, second: int, year: int) -> str:
    """Return why numbers with the year last are refused, with each day that they may mean."""
    days = list(dict.fromkeys(_readings(first, second, year)))
    if not days:
        return f"“{text}” is not a day of the calendar."
    meanings = " or ".join(f"{day.day} {month_name(day)} {day.year}" for day in days)
    forms = " or ".join(day.isoformat() for day in days)
    return f"“{text}” may mean {meanings}. Write {forms}."


def _readings(first: int, second: int, year: int) -> Iterator[date]:
    for day, month in ((first, second), (second, first)):
        try:
            yield date(year, month, day)
        except ValueError:
            continue
