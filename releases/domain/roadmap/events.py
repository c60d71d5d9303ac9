"""Events: the dated milestones of cycles in date order, for agendas, calendars and feeds.

The id of an event names the cycle and the milestone but not the date, so the event stays the same
if the date moves. `domain.history.changes` provides its earlier dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Generic, TypeVar
from uuid import UUID, uuid5

from releases.domain.lifecycle.milestones import ENDS, MILESTONES, SUPPORT_ENDS, PartialDate
from releases.domain.lifecycle.order import HasLifecycle
from releases.domain.lifecycle.status import SOON_DAYS, Lifecycle, Status, next_end, status_on

ALARM_DAYS: Final = 90
"""Maximum number of days between the reminder of an end and the end."""

_NAMESPACE: Final = UUID("5f0c9c52-3f0e-4d0b-9d3c-6a2f1f6f7d11")
"""The namespace of the ids of events. Changing it would turn every event into a new one."""

AGENDA_MILESTONES: Final = ("release", *SUPPORT_ENDS)
"""The milestones that an agenda can have."""

Cycle = TypeVar("Cycle", bound=HasLifecycle)


class EventKind(StrEnum):
    """The kinds of events of an agenda; the values of the filter of `/calendar/`."""

    SUPPORT = "support"
    """Ordinary or extended support ends."""
    BUGS = "bugs"
    """Bug fixes end, and security fixes go on."""
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Event(Generic[Cycle]):
    """A dated milestone of a cycle; an imprecise one is on the last day of its period."""

    cycle: Cycle
    milestone: str
    day: PartialDate

    @property
    def after(self) -> Status:
        """The status of the cycle on the day after the event."""
        return status_on(self.cycle.lifecycle, _next_day(self.day.date))


def events_of(
    cycles: Iterable[Cycle], milestones: Collection[str] = MILESTONES
) -> list[Event[Cycle]]:
    """Return the dated milestones of cycles in date order; ties are in the order of `cycles`."""
    events = [
        Event(cycle, name, day)
        for cycle in cycles
        for life in (cycle.lifecycle,)
        for name in MILESTONES
        if name in milestones and isinstance(day := getattr(life, name), PartialDate)
    ]
    return sorted(events, key=lambda event: event.day.date)


def agenda_events(
    cycles: Iterable[Cycle],
    kinds: Collection[EventKind],
    first: date = date.min,
    last: date = date.max,
) -> list[Event[Cycle]]:
    """Return the events of some kinds from `first` to `last`, both inclusive, in date order.

    The page, the calendar and the feed of an agenda have the events that this returns.
    """
    events = [
        Event(cycle, name, day)
        for cycle in cycles
        for life in (cycle.lifecycle,)
        for name in AGENDA_MILESTONES
        if isinstance(day := getattr(life, name), PartialDate)
        and first <= day.date <= last
        and event_kind(life, name) in kinds
    ]
    return sorted(events, key=lambda event: event.day.date)


def event_kind(life: Lifecycle, milestone: str) -> EventKind | None:
    """Return the kind of a dated milestone in an agenda, or None if no agenda has it.

    An agenda has the ends that change the status of the cycle. If several ends fall on one day, it
    has the last one, which ends all the support that they are about.
    """
    if milestone == "release":
        return EventKind.RELEASE
    day = getattr(life, milestone).date
    if milestone != _last_end(life, day):
        return None
    after = status_on(life, _next_day(day))
    if after is status_on(life, day):
        return None
    return EventKind.BUGS if after is Status.SECURITY else EventKind.SUPPORT


def nearest(events: Sequence[Event[Cycle]], on: date, max_count: int) -> list[Event[Cycle]]:
    """Return the `max_count` events that are nearest to `on`, in date order like `events`."""
    if len(events) <= max_count:
        return list(events)
    chosen = sorted(events, key=lambda event: abs((event.day.date - on).days))[:max_count]
    return sorted(chosen, key=lambda event: event.day.date)


def stable_id(*names: str) -> UUID:
    """Return the id of an object with these names, such as product, cycle and milestone.

    It is the same on every installation and never changes.
    """
    return uuid5(_NAMESPACE, "/".join(names))  # names hold no slash


def alarm_days(life: Lifecycle, milestone: str) -> int:
    """Return the number of days before an end on which to remind users of it.

    It is a quarter of the phase that ends, at most `ALARM_DAYS`. 0 means no reminder: the milestone
    is no end, has no date, or follows the previous one too closely.
    """
    end = getattr(life, milestone)
    if milestone not in ENDS or not isinstance(end, PartialDate):
        return 0
    start = _phase_start(life, milestone, end.date)
    quarter = (end.date - start).days // 4 if start else ALARM_DAYS
    return min(ALARM_DAYS, quarter, (end.date - date.min).days)


def next_dated_end(life: Lifecycle, on: date) -> tuple[str, PartialDate] | None:
    """Return the dated end of the current phase with the name of its milestone, or None.

    If several milestones fall on that day, it is the last one, which ends all support.
    """
    end = next_end(life, on)
    if not isinstance(end, PartialDate):
        return None
    name = next(name for name in reversed(SUPPORT_ENDS) if getattr(life, name) == end)
    return name, end


def _last_end(life: Lifecycle, day: date) -> str:
    """Return the last end of support that falls on a day; empty if there is none."""
    for name in reversed(SUPPORT_ENDS):
        end = getattr(life, name)
        if isinstance(end, PartialDate) and end.date == day:
            return name
    return ""


def _next_day(day: date) -> date:
    """Return the day after a day; the calendar has none after its last one."""
    return day if day == date.max else day + timedelta(days=1)


def soon_from(life: Lifecycle, end: PartialDate) -> date:
    """Return the first day on which `end` counts as soon, if it is the next end.

    `lifecycle.status.ends_soon` has the rule.
    """
    days = min(SOON_DAYS, (end.date - date.min).days)
    if isinstance(life.release, PartialDate):
        days = max(0, min(days, (end.date - life.release.date).days // 3))
    return end.date - timedelta(days=days)


def _phase_start(life: Lifecycle, milestone: str, end: date) -> date | None:
    """Return the last date before an end: the release or the end of another phase."""
    before = SUPPORT_ENDS.index(milestone) if milestone in SUPPORT_ENDS else 0
    names = ("release", *SUPPORT_ENDS[:before])
    days = [day.date for name in names if isinstance(day := getattr(life, name), PartialDate)]
    return max((day for day in days if day <= end), default=None)
