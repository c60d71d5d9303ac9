"""The stops of an upgrade: through which cycles of a product the way goes."""

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
Held = TypeVar("Held")


class Every(StrEnum):
    """Where a way stops: at every feature release, or only at every LTS release, as far as it goes
    from one to another."""

    FEATURE = "feature"
    LTS = "lts"


@dataclass(frozen=True, slots=True)
class Stop(Generic[Held]):
    """A cycle on the way, and those between the stop before and it that are skipped."""

    cycle: Held
    skips: tuple[Held, ...] = ()


def route(
    cycles: Sequence[Cycle], start: Cycle, target: Cycle, on: date, every: Every = Every.FEATURE
) -> list[Stop[Cycle]]:
    """The stops from `start` to `target`, both included, in the order of their versions, wherever
    they stand among `cycles`.

    What is not released on `on` is no stop, but for the target itself. An LTS release is skipped to
    from another one only: before the first and after the last one every release is a stop.
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
