"""Sentences about dates: the distance to a day, and the status of a cycle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, Precision, last_day
from releases.domain.lifecycle.status import (
    Lifecycle,
    Status,
    next_end,
    status_on,
    support_ended_on,
)

PHASE_WORDS = {
    Status.ACTIVE: "Active support",
    Status.SECURITY: "Security fixes only",
}
_DAYS_IN_WORDS = 60
_MONTHS_IN_WORDS = 24
_NOT_IN_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def one_line(text: str) -> str:
    """Return a text without line breaks and without characters that XML or iCalendar forbid."""
    return " ".join(_NOT_IN_TEXT.sub(" ", text).split())


def lower_first(text: str) -> str:
    """Return a text with its first letter in lower case, except before an abbreviation: `LTS`."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def distance(day: date, on: date) -> str:
    """Return the distance from `on` to `day`: `today`, `in 3 days`, `5 months ago`.

    The units are days below 60 days, months below 24 months, then years and months; rounded down.
    """
    if day == on:
        return "today"
    early, late = sorted((day, on))
    text = _length(early, late)
    return f"in {text}" if day > on else f"{text} ago"


def when(value: MilestoneValue, on: date) -> str:
    """Return the distance from `on` to a milestone; empty if it has no date.

    Within the period of an imprecise date it is `this month`, `this quarter` or `this year`.
    """
    if not isinstance(value, PartialDate):
        return ""
    if value.imprecise and value.first_day <= on <= value.date:
        return f"this {value.precision.value}"
    return distance(value.date, on)


def status_sentence(life: Lifecycle, on: date) -> str:
    """Return the status as a sentence: `Security fixes only, 525 days left, until 30 Apr 2028`."""
    status = status_on(life, on)
    if status is Status.PLANNED:
        if isinstance(life.release, PartialDate):
            return f"Planned for {life.release}"
        return "Planned, no date announced"
    if status is Status.END_OF_LIFE:
        ended = support_ended_on(life, on)
        return f"End of life since {ended}" if ended else "End of life, date not known"
    if status is Status.EXTENDED:
        return f"{support_ended(life, on)}. {what_continues(life)}"
    words = life.extended.title if status is Status.FREE_EXTENDED else PHASE_WORDS[status]
    return f"{words}, {_left(next_end(life, on), on)}"


def support_ended(life: Lifecycle, on: date, name: str = "") -> str:
    """Return the end of ordinary support as a sentence: `Security support ended on 30 Apr 2025`.

    `name` is the name of the cycle if the sentence is to contain it.
    """
    kind = kind_of_support(life) + (f" of {name}" if name else "")
    ended = support_ended_on(life, on)
    if ended is None or ended != life.support_end:
        return f"{kind} has ended, since when is not known"
    return f"{kind} ended {in_or_on(ended)}"


def unless(life: Lifecycle) -> str:
    """Return the advice while only extended support that is not free continues.

    For example `Upgrade, unless you have commercial support`.
    """
    return f"Upgrade, unless you have {life.extended.name}"


def what_continues(life: Lifecycle) -> str:
    """Return the support that continues after `support_end`, as a sentence.

    For example `Commercial support continues; no end announced`.
    """
    if isinstance(life.eoes, PartialDate):
        return f"{life.extended.continues} until {life.eoes}"
    return f"{life.extended.continues}; no end announced"


def kind_of_support(life: Lifecycle) -> str:
    """Return the kind of support that ends at `Lifecycle.support_end`."""
    return "Security support" if life.eol is not None else "Support"


def in_or_on(day: PartialDate) -> str:
    """Return a date with its preposition: `on 30 Apr 2025`, `in Apr 2025`."""
    return f"in {day}" if day.imprecise else f"on {day}"


def long_date(day: PartialDate) -> str:
    """Return a date in a sentence, with the full name of a month: `April 2027`."""
    return f"{day.date:%B %Y}" if day.precision is Precision.MONTH else str(day)


def status_words(life: Lifecycle, on: date) -> str:
    """Return the status as a short phrase: `security until 30 Apr 2028`."""
    status = status_on(life, on)
    if status in (Status.PLANNED, Status.END_OF_LIFE):
        return lower_first(status_sentence(life, on).partition(",")[0])
    if status is Status.EXTENDED:
        return lower_first(support_ended(life, on).partition(",")[0])
    end = next_end(life, on)
    words = life.extended.name if status is Status.FREE_EXTENDED else status.value
    return f"{words} until {end}" if isinstance(end, PartialDate) else words


def shift(old: PartialDate, new: PartialDate) -> str:
    """Return the distance of a moved date: `12 months later`, `9 days earlier`.

    Two ends of months are whole months apart, whatever the lengths of the months.
    """
    early, late = sorted((old.date, new.date))
    if all(day == last_day(day, Precision.MONTH) for day in (early, late)):
        text = _months(months_between(early.replace(day=1), late.replace(day=1)))
    else:
        text = _length(early, late)
    return f"{text} {'later' if new.date > old.date else 'earlier'}"


def _left(end: MilestoneValue, on: date) -> str:
    if not isinstance(end, PartialDate):
        return "no end announced"
    if end.imprecise:
        return f"until {end}"
    days = (end.date - on).days
    left = {0: "last day", 1: "1 day left"}.get(days, f"{days} days left")
    return f"{left}, until {end}"


def months_between(early: date, late: date) -> int:
    """Return the whole months from a day to a later one."""
    return (late.year - early.year) * 12 + late.month - early.month - (late.day < early.day)


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence: `a, b and c`."""
    *others, last = parts or [""]
    return f"{', '.join(others)} and {last}" if others else last


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 day`, `2 days`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _length(early: date, late: date) -> str:
    days = (late - early).days
    if days < _DAYS_IN_WORDS:
        return count(days, "day")
    return _months(months_between(early, late))


def _months(months: int) -> str:
    if months < _MONTHS_IN_WORDS:
        return count(months, "month")
    years, rest = divmod(months, 12)
    return f"{count(years, 'year')} and {count(rest, 'month')}" if rest else count(years, "year")
