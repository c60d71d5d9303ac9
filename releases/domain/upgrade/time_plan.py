"""The support gained by an upgrade, for each stop of the route."""

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
class SupportGain(Generic[Cycle]):
    """A stop with its end of support and the months of support gained.

    `months` are whole months after the end of the present cycle, or after the day of the plan if
    that has ended; 0 if it is no later, None if one of the two ends has no date.
    """

    cycle: Cycle
    end: MilestoneValue
    months: int | None


def time_plan(way: Sequence[Cycle], on: date) -> list[SupportGain[Cycle]]:
    """Return the support gained by each stop; the first item of `way` is the present cycle.

    Stops whose support is over on `on` are left out.
    """
    present, *stops = way
    return [
        SupportGain(
            stop,
            stop.lifecycle.supported_until,
            months_bought(present.lifecycle, stop.lifecycle, on),
        )
        for stop in stops
        if not is_over(stop.lifecycle, on)
    ]


def months_bought(present: Lifecycle, target: Lifecycle, on: date) -> int | None:
    """Return the whole months by which the support of `target` outlasts that of `present`.

    If the support of `present` is over on `on`, they count from `on`. None if an end has no date.
    """
    start = on if is_over(present, on) else _day_after(present.supported_until)
    end = _day_after(target.supported_until)
    if start is None or end is None:
        return None
    return max(0, months_between(start, end)) if start < end else 0


def is_over(life: Lifecycle, on: date) -> bool:
    """Return True if the support that everybody gets has ended."""
    return status_on(life, on).ended


def _day_after(end: MilestoneValue) -> date | None:
    """Return the first day without support, or None if no date is known."""
    if not isinstance(end, PartialDate) or end.date == date.max:
        return None
    return end.date + timedelta(days=1)
