"""The stops of an upgrade: the cycles that it passes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Generic, TypeVar

from releases.domain.lifecycle.order import HasName, in_order
from releases.domain.lifecycle.status import Status, is_lts, status_on
from releases.domain.lifecycle.versions import version_key

Cycle = TypeVar("Cycle", bound=HasName)
AnyCycle = TypeVar("AnyCycle")


class Every(StrEnum):
    """The kind of stops: every feature release, or only LTS releases between two LTS releases."""

    FEATURE = "feature"
    LTS = "lts"


@dataclass(frozen=True, slots=True)
class Stop(Generic[AnyCycle]):
    """A cycle of the route, and the cycles skipped between the previous stop and it."""

    cycle: AnyCycle
    skips: tuple[AnyCycle, ...] = ()


def route(
    cycles: Sequence[Cycle], start: Cycle, target: Cycle, on: date, every: Every = Every.FEATURE
) -> list[Stop[Cycle]]:
    """Return the stops from `start` to `target`, both included, in version order.

    The order of `cycles` does not matter. A cycle that is planned on `on` is no stop, unless it is
    the target. Only cycles between two LTS releases are skipped: before the first LTS release and
    after the last one every cycle is a stop.
    """
    if start.name == target.name:
        return [Stop(start)]
    way = [start, *_between(cycles, start, target, on), target]
    if every is Every.FEATURE:
        return [Stop(cycle) for cycle in way]
    lts = [index for index, cycle in enumerate(way) if is_lts(cycle.lifecycle, on)]
    jumped = {index for one, other in pairwise(lts) for index in range(one + 1, other)}
    places = [index for index in range(len(way)) if index not in jumped]
    return [
        Stop(way[place], tuple(way[before + 1 : place]))
        for before, place in pairwise([-1, *places])
    ]


def _between(cycles: Sequence[Cycle], start: Cycle, target: Cycle, on: date) -> list[Cycle]:
    first, last = version_key(start.name), version_key(target.name)
    return [
        cycle
        for cycle in in_order(cycles)
        if first < version_key(cycle.name) < last
        and status_on(cycle.lifecycle, on) != Status.PLANNED
    ]
