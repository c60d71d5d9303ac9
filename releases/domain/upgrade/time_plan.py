"""What an upgrade buys: for how much longer each stop of the way is supported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate
from releases.domain.lifecycle.order import HasLifecycle
from releases.domain.lifecycle.status import Lifecycle, status_on
from releases.domain.lifecycle.words import months_between

Cycle = TypeVar("Cycle", bound=HasLifecycle)


@dataclass(frozen=True, slots=True)
class Bought(Generic[Cycle]):
    """A stop that is supported, or will be: until when, and how many whole months that is after
    the end of what runs now, or after the day of the plan, if that is over. 0 where it is no
    later; None where one of the two ends has no date."""

    cycle: Cycle
    end: MilestoneValue
    months: int | None


def time_plan(way: Sequence[Cycle], on: date) -> list[Bought[Cycle]]:
    """What each stop of a way buys, from its first cycle (what runs now) to the last. Stops whose
    support is over on `on` buy nothing and are left out."""
    present, *stops = way
    return [
        Bought(
            stop,
            stop.lifecycle.supported_until,
            months_bought(present.lifecycle, stop.lifecycle, on),
        )
        for stop in stops
        if not is_over(stop.lifecycle, on)
    ]


def months_bought(present: Lifecycle, target: Lifecycle, on: date) -> int | None:
    """Whole months by which the support of `target` outlasts that of `present`, or `on`
    if that is over already; None where one of the two has no date."""
    start = on if is_over(present, on) else _day_after(present.supported_until)
    end = _day_after(target.supported_until)
    if start is None or end is None:
        return None
    return max(0, months_between(start, end)) if start < end else 0


def is_over(life: Lifecycle, on: date) -> bool:
    """True if the support of a cycle that everybody gets has ended."""
    return status_on(life, on).ended


def _day_after(end: MilestoneValue) -> date | None:
    """The first day without support; None where no date is known."""
    if not isinstance(end, PartialDate) or end.date == date.max:
        return None
    return end.date + timedelta(days=1)
