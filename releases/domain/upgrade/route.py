"""The cycles that an upgrade may stop at, and the upgrades between them that the rule allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.order import HasName
from releases.domain.lifecycle.status import status_on
from releases.domain.upgrade.rules import Cycle, RuleKind, Strength, UpgradeRule, planned

AnyCycle = TypeVar("AnyCycle")


class Every(StrEnum):
    """The stops of a plan: those that the maker advises, or fewer, as far as the maker bears it."""

    FEATURE = "feature"
    LTS = "lts"


@dataclass(frozen=True, slots=True)
class Leap:
    """An upgrade to the stop `to` (an index). `skips` counts advised stops that it passes over."""

    to: int
    skips: int = 0


@dataclass(frozen=True, slots=True)
class Ladder(Generic[AnyCycle]):
    """The possible stops of an upgrade, in order, and the upgrades that lead on from each.

    `until` has the last day of support of each stop: `date.min` if it is over, `date.max` if no end
    is announced.
    """

    cycles: Sequence[AnyCycle]
    names: Sequence[str]
    until: Sequence[date]
    leaps: Sequence[Sequence[Leap]]

    def supported(self, index: int) -> bool:
        return self.until[index] != date.min


def ladder(
    rule: UpgradeRule,
    cycles: Sequence[Cycle],
    on: date,
    start: Cycle | None = None,
    target: Cycle | None = None,
) -> Ladder[Cycle]:
    """Return the stops from `start` to `target`, both included, in the order of the rule.

    Planned cycles are stops only on the way to a planned target. Without a start and a target all
    released cycles are stops.
    """
    stops = list(_stops(rule, rule.in_order(cycles), on, start, target))
    return Ladder(
        cycles=stops,
        names=[cycle.name for cycle in stops],
        until=[_until(cycle, on) for cycle in stops],
        leaps=[list(_leaps(rule, stops, index, on)) for index in range(len(stops))],
    )


def chain(ladder: Ladder[AnyCycle], names: Sequence[str]) -> Ladder[AnyCycle]:
    """Return a ladder of some of the stops, with one upgrade from each to the next."""
    places = [ladder.names.index(name) for name in names]
    last = len(places) - 1
    return Ladder(
        cycles=[ladder.cycles[place] for place in places],
        names=list(names),
        until=[ladder.until[place] for place in places],
        leaps=[[Leap(index + 1)] if index < last else [] for index in range(len(places))],
    )


def with_fewer_stops(rule: UpgradeRule) -> UpgradeRule:
    """Return the rule of a plan from LTS to LTS, if the maker bears it, else the rule itself."""
    return replace(rule, kind=RuleKind.LTS) if rule.fewer else rule


def skipped(
    rule: UpgradeRule, cycles: Sequence[Cycle], before: Cycle, after: Cycle, on: date
) -> list[Cycle]:
    """Return the released cycles of the ladder that an upgrade passes over, in order."""
    first, last = rule.rank(before.name), rule.rank(after.name)
    return [
        cycle
        for cycle in rule.in_order(rule.candidates(cycles, before))
        if first < rule.rank(cycle.name) < last and not planned(cycle, on)
    ]


def _stops(
    rule: UpgradeRule,
    cycles: Sequence[Cycle],
    on: date,
    start: Cycle | None,
    target: Cycle | None,
) -> Iterator[Cycle]:
    first = start and rule.rank(start.name)
    last = target and rule.rank(target.name)
    coming = target is not None and planned(target, on)
    for cycle in cycles:
        if (
            cycle is start
            or cycle is target
            or (
                rule.counts(cycle.name)
                and (first is None or first < rule.rank(cycle.name))
                and (last is None or (rule.known and rule.rank(cycle.name) < last))
                and (coming or not planned(cycle, on))
            )
        ):
            yield cycle


def _leaps(rule: UpgradeRule, stops: Sequence[Cycle], index: int, on: date) -> Iterator[Leap]:
    """Yield the upgrades from a stop. A required rule allows none that skips a stop."""
    before = stops[index]
    kind = rule.kind_from(before, on)
    here = rule.unit(before, on, kind)
    passed: list[str] = []
    for to in range(index + 1, len(stops)):
        unit = rule.unit(stops[to], on, kind)
        over = len(passed) - (unit in passed[-1:])
        skips = max(0, over + 1 - rule.max_step)
        if skips and rule.strength is Strength.REQUIRED:
            return
        if rule.connects(before, stops[to]):
            yield Leap(to, skips)
        if unit and unit != here and unit not in passed:
            passed.append(unit)


def _until(cycle: HasName, on: date) -> date:
    if status_on(cycle.lifecycle, on).ended:
        return date.min
    end = cycle.lifecycle.supported_until
    return end.date if isinstance(end, PartialDate) else date.max
