"""Recommended cycles of a product, from dates alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.order import HasLifecycle
from releases.domain.lifecycle.status import Status, end_reached, is_lts, status_on

NOT_INSTALLED: Final = frozenset({"device", "standard"})
"""Categories of products that are not installed; only their newest cycle is shown."""


_BEST_FIRST: Final = (Status.ACTIVE, Status.SECURITY, Status.FREE_EXTENDED)
"""The phases of support that everybody gets, best first."""


Cycle = TypeVar("Cycle", bound=HasLifecycle)


@dataclass(frozen=True, slots=True)
class Advice(Generic[Cycle]):
    """The recommended cycles of a product; each may be None.

    `newest` is the newest cycle in the best available phase. `long_term` is the LTS cycle that is
    supported longest, if that is later than the support of `newest`. `planned` is the next planned
    cycle.
    """

    newest: Cycle | None
    long_term: Cycle | None
    planned: Cycle | None


def advise(cycles: Sequence[Cycle], on: date) -> Advice[Cycle]:
    """Return the recommended cycles on `on` from the cycles in product order, newest first."""
    by_status: dict[Status, list[Cycle]] = {status: [] for status in Status}
    for cycle in cycles:
        by_status[status_on(cycle.lifecycle, on)].append(cycle)
    best = next(
        (by_status[s] for s in _BEST_FIRST if by_status[s]),
        [],
    )
    newest = best[0] if best else None
    long_term = latest_lts(cycles, on)
    if newest is not None and long_term is not None and _last_day(long_term) <= _last_day(newest):
        long_term = None
    planned = min(by_status[Status.PLANNED], key=_first_day, default=None)
    return Advice(newest, long_term, planned)


def latest_lts(cycles: Sequence[Cycle], on: date) -> Cycle | None:
    """Return the LTS cycle with ordinary support that is supported longest, or None."""
    ordinary = (Status.ACTIVE, Status.SECURITY)
    lts = [
        cycle
        for cycle in cycles
        if is_lts(cycle.lifecycle, on) and status_on(cycle.lifecycle, on) in ordinary
    ]
    return max(lts, key=_last_day, default=None)


def _last_day(cycle: HasLifecycle) -> date:
    """Return the last day of support; `date.max` if no end is announced."""
    end = cycle.lifecycle.supported_until
    if isinstance(end, PartialDate):
        return end.date
    return date.min if end_reached(end, date.max) else date.max


def _first_day(cycle: HasLifecycle) -> date:
    release = cycle.lifecycle.release
    return release.date if isinstance(release, PartialDate) else date.max
