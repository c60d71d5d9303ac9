"""The time in which several cycles are supported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Lifecycle, Phase, periods
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
        free = life.extended.free
        ordinary = [each for each in periods(life) if free or each.phase is not Phase.EXTENDED]
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


def overlap_sentence(found: Overlap | None, on: date) -> str:
    """Return an overlap as a sentence as of `on`: `All supported until 30 Apr 2028`."""
    if found is None:
        return "Never all supported at the same time"
    last = str(PartialDate(found.end - timedelta(days=1))) if found.end else ""
    first = str(PartialDate(found.start)) if found.start else ""
    if found.start and on < found.start:
        return f"All supported from {first}" + (f" until {last}" if last else ", no end announced")
    if found.end and on >= found.end:
        return f"All were supported until {last}"
    return f"All supported until {last}" if last else "All supported, no end announced"
