"""Events: the dated milestones of cycles in order of date, for calendars and feeds.

An event has an id that says which milestone of which cycle it is, and nothing of its date: so it
stays the same event when the date moves. `domain.history.changes` has its earlier dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Generic, TypeVar
from uuid import UUID, uuid5

from releases.domain.lifecycle.milestones import ENDS, MILESTONES, SUPPORT_ENDS, PartialDate
from releases.domain.lifecycle.order import HasLifecycle
from releases.domain.lifecycle.status import SOON_DAYS, Lifecycle, next_end

ALARM_DAYS: Final = 90
"""Nobody is told of an end earlier than this many days before it."""

_NAMESPACE: Final = UUID("5f0c9c52-3f0e-4d0b-9d3c-6a2f1f6f7d11")
"""Of the ids of all events. Any other value would make each of them a new event."""

Cycle = TypeVar("Cycle", bound=HasLifecycle)


@dataclass(frozen=True, slots=True)
class Event(Generic[Cycle]):
    """A milestone of a cycle that has a date. An imprecise one is on the last day of its period."""

    cycle: Cycle
    milestone: str
    day: PartialDate


def events_of(
    cycles: Iterable[Cycle], milestones: Collection[str] = MILESTONES
) -> list[Event[Cycle]]:
    """The dated milestones of some cycles in order of date; on one day in the order of cycles."""
    events = [
        Event(cycle, name, day)
        for cycle in cycles
        for life in (cycle.lifecycle,)
        for name in MILESTONES
        if name in milestones and isinstance(day := getattr(life, name), PartialDate)
    ]
    return sorted(events, key=lambda event: event.day.date)


def nearest(events: Sequence[Event[Cycle]], on: date, most: int) -> list[Event[Cycle]]:
    """Of events in order of date the `most` that are nearest to `on`, still in that order."""
    if len(events) <= most:
        return list(events)
    chosen = sorted(events, key=lambda event: abs((event.day.date - on).days))[:most]
    return sorted(chosen, key=lambda event: event.day.date)


def stable_id(*names: str) -> UUID:
    """The id of what has these names, such as product, cycle and milestone; the same on every
    installation, for ever."""
    return uuid5(_NAMESPACE, "/".join(names))  # names hold no slash


def alarm_days(life: Lifecycle, milestone: str) -> int:
    """So many days before an end people are told of it: a quarter of the phase that it ends, 90
    at most. 0 for what is no end, has no date, or is too near to what was before it."""
    end = getattr(life, milestone)
    if milestone not in ENDS or not isinstance(end, PartialDate):
        return 0
    start = _phase_start(life, milestone, end.date)
    quarter = (end.date - start).days // 4 if start else ALARM_DAYS
    return min(ALARM_DAYS, quarter, (end.date - date.min).days)


def next_dated_end(life: Lifecycle, on: date) -> tuple[str, PartialDate] | None:
    """The dated end of the phase that a cycle is in, with the name of its milestone. Of several on
    that day it is the last, with which everything else is over."""
    end = next_end(life, on)
    if not isinstance(end, PartialDate):
        return None
    name = next(name for name in reversed(SUPPORT_ENDS) if getattr(life, name) == end)
    return name, end


def soon_from(life: Lifecycle, end: PartialDate) -> date:
    """The first day on which `end`, if it is the next one, is soon (`lifecycle.ends_soon`)."""
    days = min(SOON_DAYS, (end.date - date.min).days)
    if isinstance(life.release, PartialDate):
        days = max(0, min(days, (end.date - life.release.date).days // 3))
    return end.date - timedelta(days=days)


def _phase_start(life: Lifecycle, milestone: str, end: date) -> date | None:
    """The last milestone with a date before an end: its release, or the end of another phase."""
    before = SUPPORT_ENDS.index(milestone) if milestone in SUPPORT_ENDS else 0
    names = ("release", *SUPPORT_ENDS[:before])
    days = [day.date for name in names if isinstance(day := getattr(life, name), PartialDate)]
    return max((day for day in days if day <= end), default=None)
