"""The time in which several cycles are supported at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Lifecycle, Period, Phase, periods
from releases.domain.roadmap.timeline import Window


@dataclass(frozen=True, slots=True)
class Overlap:
    """A period from `start` (inclusive) to `end` (exclusive).

    `start` is None if it is not known; `end` is None if no end is announced.
    """

    start: date | None
    end: date | None


def overlap(lives: Iterable[Lifecycle]) -> Overlap | None:
    """Return the period in which all cycles are supported, or None if there is none.

    Active support and security fixes count; extended support counts if it is free.
    """
    starts: list[date] = []
    ends: list[date] = []
    for life in lives:
        ordinary = _ordinary(life)
        if not ordinary:
            return None
        if ordinary[0].start is not None:
            # An imprecise start is reached on the last day of its period.
            released = life.release
            starts.append(released.date if isinstance(released, PartialDate) else ordinary[0].start)
        if ordinary[-1].end is not None:
            ends.append(ordinary[-1].end)
    start, end = max(starts, default=None), min(ends, default=None)
    if start is not None and end is not None and start >= end:
        return None
    return Overlap(start, end)


def shade(found: Overlap | None, window: Window) -> tuple[float, float] | None:
    """Return the position and width of an overlap as fractions of a window, or None."""
    if found is None:
        return None
    start = max(found.start or window.start, window.start)
    end = min(found.end or window.end, window.end)
    if start >= end:
        return None
    x = window.fraction(start)
    return x, window.fraction(end) - x


def overlap_sentence(found: Overlap | None, lives: Mapping[str, Lifecycle], on: date) -> str:
    """Return an overlap of two or more cycles as a sentence as of `on`.

    For example `Both are supported until 30 Apr 2028, when security fixes for Django 5.2 end.`

    Args:
        found: The overlap of the cycles.
        lives: The lifecycles of the cycles by their titles.
        on: The date of the page.
    """
    all_of = "Both" if len(lives) == 2 else "All"
    if found is None:
        return "They are never all supported at the same time."
    last = PartialDate(found.end - timedelta(days=1)) if found.end else None
    if last and on > last.date:
        return f"{all_of} were supported until {last}."
    begins = f" from {PartialDate(found.start)}" if found.start and on < found.start else ""
    if last is None:
        return f"{all_of} are supported{begins}. No end is announced."
    return f"{all_of} are supported{begins} until {last}{_reason(found, lives)}."


def _reason(found: Overlap, lives: Mapping[str, Lifecycle]) -> str:
    """Return the support that ends first, with its verb: `, when support for Python 3.12 ends`."""
    for title, life in lives.items():
        ordinary = _ordinary(life)
        if ordinary and ordinary[-1].end == found.end:
            if ordinary[-1].phase is Phase.SECURITY:
                return f", when security fixes for {title} end"
            return f", when support for {title} ends"
    return ""


def _ordinary(life: Lifecycle) -> list[Period]:
    """Return the periods in which everybody gets support."""
    free = life.extended.free
    return [each for each in periods(life) if free or each.phase is not Phase.EXTENDED]
