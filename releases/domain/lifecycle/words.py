"""Sentences about dates: the distance to a day, and the status of a cycle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from releases.domain.lifecycle.extended_support import ExtendedTerms, plain_label
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneValue,
    PartialDate,
    Precision,
    last_day,
)
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
_SUPPORT_WORDS: Final = ("support", "updates", "maintenance", "fixes")
"""The last words of a label that names a kind of support."""
_END_OF: Final = re.compile(r"end of |\(.*?\)", re.IGNORECASE)
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
    """Return the status as a sentence: `Security fixes only, 17 months left, until 30 Apr 2028`."""
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


def support_sentences(life: Lifecycle, on: date) -> str:
    """Return the support of a cycle in sentences: what runs and until when, then what has ended.

    For example `Security fixes until 30 Apr 2028, in 17 months. Bug fixes ended 3 Dec 2025.`
    """
    return " ".join(_support(life, on))


def support_sentence(life: Lifecycle, on: date) -> str:
    """Return the first of `support_sentences`: the support that runs and its end."""
    return _support(life, on)[0]


def _support(life: Lifecycle, on: date) -> list[str]:
    match status_on(life, on):
        case Status.PLANNED:
            sentences = _planned_sentences(life, on)
        case Status.ACTIVE:
            sentences = [*_active_sentences(life, on), *_free_extended(life)]
        case Status.SECURITY:
            running = _until("Security fixes", life.support_end, on)
            sentences = [running, *_free_extended(life), _ended("Bug fixes", life.eoas)]
        case Status.FREE_EXTENDED:
            running = _until(life.extended.title, life.eoes, on)
            sentences = [running, _ended(kind_of_support(life), life.support_end)]
        case Status.EXTENDED:
            sentences = [support_ended(life, on), what_continues(life)]
        case Status.END_OF_LIFE:
            sentences = _ended_sentences(life, on)
    return [f"{sentence}." for sentence in sentences]


def support_summary(life: Lifecycle, on: date) -> str:
    """Return the support of a cycle as a short phrase for titles: `supported until 30 Apr 2028`."""
    if not status_on(life, on).supported:
        return status_words(life, on)
    end = life.supported_until
    if isinstance(end, PartialDate):
        return f"supported until {end}"
    return "supported" if end is None else "supported, no end announced"


def outlook(life: Lifecycle, on: date) -> str:
    """Return the support that a planned or supported cycle will get, as a phrase.

    For example `Bug fixes until 30 Apr 2027, security fixes until 31 Dec 2027`, `Security fixes
    until 30 Apr 2028, in 17 months` or `Expected Apr 2027, supported until Apr 2030`.
    """
    status, end = status_on(life, on), life.supported_until
    if status is Status.PLANNED:
        dated = isinstance(life.release, PartialDate)
        expected = f"Expected {life.release}" if dated else "Not announced"
        return f"{expected}, supported until {end}" if isinstance(end, PartialDate) else expected
    end = life.eoes if status is Status.FREE_EXTENDED else life.support_end
    if status is Status.ACTIVE and isinstance(life.eoas, PartialDate) and life.eoas != end:
        then = f"until {end}" if isinstance(end, PartialDate) else "without an announced end"
        return f"Bug fixes until {life.eoas}, security fixes {then}"
    words = {Status.SECURITY: "Security fixes", Status.FREE_EXTENDED: life.extended.title}
    return _until(words.get(status, "Supported"), end, on)


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


def what_ends(life: Lifecycle, milestone: str, label: str = "") -> str:
    """Return the support that ends at a milestone: `Bug fixes`, `Security fixes`, `Paid support`.

    If the cycle has one phase of ordinary support, it has the product's own name: `Public support`.

    Args:
        life: The lifecycle.
        milestone: An end of support.
        label: The product's own label of the milestone's column; empty for the usual one.
    """
    if milestone == "eoes" and life.support_end is not life.eoes:
        if life.extended.free:
            return life.extended.title
        return "Paid support" if life.extended.terms is ExtendedTerms.PAID else "Extended support"
    if life.eoas is not None and life.eol is not None:
        return "Bug fixes" if milestone == "eoas" else "Security fixes"
    column = MILESTONES[milestone].column
    return _support_name(label or (column.label if column else ""), life.extended.product)


def what_follows(life: Lifecycle, on: date) -> str:
    """Return the support that a cycle has on a day, and its end: `Security fixes until 3 Dec 2027`.

    It is empty if the cycle has active support, or none.
    """
    match status_on(life, on):
        case Status.SECURITY:
            words = "Security fixes"
        case Status.FREE_EXTENDED:
            words = life.extended.title
        case Status.EXTENDED:
            words = "Paid" if life.extended.terms is ExtendedTerms.PAID else "Extended support"
        case _:
            return ""
    end = next_end(life, on)
    if isinstance(end, PartialDate):
        return f"{words} until {end}"
    words = "Paid support" if words == "Paid" else words
    return f"{words} {'go on' if words.endswith('s') else 'goes on'}, no end announced"


def _support_name(label: str, product: str) -> str:
    """Return the label of a column as the name of a kind of support: `Service pack support`.

    A label that names none, such as `Supported`, gives `Support`.
    """
    words = _END_OF.sub("", plain_label(label, product)).split()
    if not words or words[-1].lower() not in _SUPPORT_WORDS:
        return "Support"
    return " ".join(words[:1] + [word if word.isupper() else word.lower() for word in words[1:]])


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


def time_left(last: date, on: date) -> str:
    """Return the time from `on` to a last day: `12 days left`, `17 months left`; empty on the day.

    The units are those of `distance`.
    """
    return f"{_length(on, last)} left" if last > on else ""


def _left(end: MilestoneValue, on: date) -> str:
    if not isinstance(end, PartialDate):
        return "no end announced"
    if end.imprecise:
        return f"until {end}"
    return f"{time_left(end.date, on) or 'last day'}, until {end}"


def _planned_sentences(life: Lifecycle, on: date) -> list[str]:
    if not isinstance(life.release, PartialDate):
        return ["Planned; no release date is announced"]
    planned = f"Planned for {life.release}, {when(life.release, on)}"
    end = life.support_end
    if not isinstance(end, PartialDate):
        return [planned]
    two_phases = isinstance(life.eoas, PartialDate) and life.eoas != end
    return [planned, f"{'Security fixes' if two_phases else 'Supported'} until {end}"]


def _active_sentences(life: Lifecycle, on: date) -> list[str]:
    end, later = next_end(life, on), life.support_end
    if end == later:
        free = bool(_free_extended(life))
        return [_until(kind_of_support(life) if free else "Supported", end, on)]
    until = f"until {later}" if isinstance(later, PartialDate) else "continue; no end is announced"
    return [_until("Bug fixes", end, on), f"Security fixes {until}"]


def _free_extended(life: Lifecycle) -> list[str]:
    """Return the extended support that everybody gets after ordinary support, as a sentence."""
    end = life.supported_until
    if end == life.support_end:
        return []
    until = f"until {end}" if isinstance(end, PartialDate) else "after it; no end is announced"
    return [f"{life.extended.title} {until}"]


def _ended_sentences(life: Lifecycle, on: date) -> list[str]:
    end = life.supported_until
    first = _ended("Support", end)
    if isinstance(end, PartialDate):
        first += f", {when(end, on)}"
    return [first] if life.eoes in (None, end) else [first, _ended(life.extended.title, life.eoes)]


def _until(words: str, end: MilestoneValue, on: date) -> str:
    if isinstance(end, PartialDate):
        return f"{words} until {end}, {when(end, on)}"
    return f"{words}; no end is {'recorded' if end is None else 'announced'}"


def _ended(words: str, end: MilestoneValue) -> str:
    if isinstance(end, PartialDate):
        return f"{words} ended {'in ' if end.imprecise else ''}{end}"
    return f"{words} ended; the date is not known"


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
