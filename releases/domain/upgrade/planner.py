"""Planner of the steps from one cycle of a product to another, with what it works beside.

It searches the pairs (stop of the product, cycle of the runtime or database) that work together.
The rule of the product decides which upgrades between stops there are (`route.ladder`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from releases.domain.lifecycle.versions import version_tokens
from releases.domain.upgrade.compatibility import Compatibility
from releases.domain.upgrade.route import Ladder, chain


class Upgrades(StrEnum):
    """The part of a stack that a step upgrades."""

    PATCH = "patch"
    PRODUCT = "product"
    RUNTIME = "runtime"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class State:
    """The installed cycles at a point of the plan; what the plan ignores is empty."""

    cycle: str
    runtime: str = ""
    database: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One upgrade; `state` is the state after it."""

    upgrades: Upgrades
    state: State


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The reason why a plan ends before its target.

    `reached` is the last stop and `beside` the cycle beside it, empty if none is known that works.
    `next` is the stop that cannot be reached; empty if even the initial pair does not work. `texts`
    are the recorded versions of the two stops, by stop. `part` is what stands in the way: the rule
    of the product, its runtime or its database.
    """

    reached: str
    beside: str
    next: str
    texts: Mapping[str, str]
    part: Upgrades = Upgrades.RUNTIME


@dataclass(frozen=True, slots=True)
class Plan:
    """The initial state and the steps in order, up to the target or to an obstacle."""

    start: State
    steps: tuple[Step, ...] = ()
    obstacle: Obstacle | None = None

    @property
    def end(self) -> State:
        return self.steps[-1].state if self.steps else self.start

    @property
    def stops(self) -> list[str]:
        """The cycles of the product that it passes through, with the first one."""
        return list(dict.fromkeys([self.start.cycle, *(step.state.cycle for step in self.steps)]))


@dataclass(frozen=True, slots=True)
class Beside:
    """A runtime or database that the product works with.

    Attributes:
        ladder: Its cycles and its own upgrades.
        column: Its versions for each stop of the product. For a stop that is missing they are not
            recorded, which is no obstacle.
        start: The present cycle; if empty, the one with the cheapest plan.
        port_on: The stop on which its major version changes; empty if it may change on each.
        stays: True if it is upgraded only where a stop needs it, even if its support is over.
    """

    ladder: Ladder[Any]
    column: Mapping[str, Compatibility]
    start: str = ""
    port_on: str = ""
    stays: bool = False

    def works(self, stop: str, name: str) -> bool:
        """Return True if a stop works with a cycle, as far as it is recorded."""
        says = self.column.get(stop)
        return says is None or says.allows(name)

    def begins_with(self, stop: str, name: str) -> bool:
        """Return True if a plan may begin with this pair.

        A cycle that is newer than all those that the stop names may work: nothing is recorded.
        """
        return self.works(stop, name) or self.column[stop].precedes(name)


NOTHING: Final = Beside(Ladder([], [""], [date.max], [[]]), {})
"""What a product works beside if its plan ignores the runtime and the database."""


def obstacle_sentence(obstacle: Obstacle, product: str, beside: str) -> str:
    """Return an obstacle as a sentence. `product` and `beside` are the labels of the two."""
    stop, name, texts = obstacle.reached, obstacle.beside, obstacle.texts
    if not beside:
        return f"No recorded way leads from {product} {stop} to {obstacle.next}."
    if not obstacle.next and not name:
        return (
            f"{product} {stop} runs on {beside} {texts.get(stop, '')}, and no such {beside} is"
            " known here."
        )
    if not obstacle.next:
        return (
            f"{product} {stop} does not run on {beside} {name}: it runs on {texts.get(stop, '')}."
        )
    present = f", and {stop} on {texts[stop]}" if stop in texts else ""
    needed = f"{product} {obstacle.next} runs on {beside} {texts.get(obstacle.next, '')}"
    return (
        f"The way ends at {product} {stop} on {beside} {name}: {needed}{present}. No such {beside}"
        " can be reached from there."
    )


def plan(product: Ladder[Any], runtime: Beside = NOTHING, database: Beside = NOTHING) -> Plan:
    """Return the cheapest plan from the first stop to the last, or up to an obstacle.

    Each step leads to a pair that works together, as far as that is recorded. The plan is
    deterministic; its preferences, most important first, are:

    - all advised stops
    - steps of one part at a time: two parts change together only if no pair leads on
    - a supported runtime at the end, if any is possible
    - fewer stops whose support is over
    - fewer steps
    - the runtime with the longest support at the end
    - fewer steps on a runtime whose support is over
    - newer runtimes, none of them before it is needed, and newer stops

    The database does not change the route: its upgrades come before the stops that need them.
    """
    found = _Search(product, runtime).run()
    if database is NOTHING or (found.obstacle and not found.steps and not found.obstacle.next):
        return found
    return _with_database(found, _Search(chain(product, found.stops), database).run())


def _with_database(found: Plan, database: Plan) -> Plan:
    """Return a plan with the steps of the database, each behind the other steps at its stop."""
    present = database.start.runtime
    start = replace(found.start, database=present)
    obstacle = database.obstacle and replace(database.obstacle, part=Upgrades.DATABASE)
    if obstacle and not obstacle.next:
        return Plan(start, (), obstacle)
    steps: list[Step] = []
    arrivals = {
        step.state.cycle: step.state.runtime
        for step in database.steps
        if step.upgrades is Upgrades.PRODUCT
    }
    for stop in database.stops:
        present = arrivals.get(stop, present)
        own = [step for step in found.steps if step.state.cycle == stop]
        steps += [replace(step, state=replace(step.state, database=present)) for step in own]
        here = steps[-1].state if steps else start
        for step in database.steps:
            if step.state.cycle == stop and step.upgrades is Upgrades.RUNTIME:
                present = step.state.runtime
                steps.append(Step(Upgrades.DATABASE, replace(here, database=present)))
    return Plan(start, tuple(steps), obstacle or found.obstacle)


Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Path:
    """The cheapest known path to a pair, and the pair before.

    The parts of the cost, most important first: skipped advised stops, steps that change both,
    stops without support, steps, steps on a runtime without support, how new the chosen runtimes
    are, how early they are upgraded, and how new the stops are.
    """

    cost: tuple[int, ...]
    before: Pair | None


class _Search:
    """A search over pairs (index of the stop, index of the runtime).

    Both indexes only grow, so one pass in their order finds the cheapest path to each pair.
    """

    def __init__(self, product: Ladder[Any], beside: Beside) -> None:
        self.product, self.beside = product, beside
        self.stops, self.names = product.names, beside.ladder.names
        self.paths: dict[Pair, _Path] = {}
        self.works = {
            (stop, index)
            for stop, cycle in enumerate(self.stops)
            for index, name in enumerate(self.names)
            if beside.works(cycle, name)
        }
        self.majors = [version_tokens(name)[:1] for name in self.names]

    def run(self) -> Plan:
        for index in self._begins():
            self.paths[0, index] = _Path((0, 0, 0, 0, 0, -index, 0, 0), None)
        if not self.paths:
            return Plan(State(self.stops[0], self.beside.start), (), self._obstacle(None))
        for stop in range(len(self.stops)):
            for index in range(len(self.names)):
                if (stop, index) in self.paths:
                    self._visit_next((stop, index))
        last = len(self.stops) - 1
        ends = [pair for pair in self.paths if pair[0] == last]
        if ends:
            return self._plan(min(ends, key=self._cost_at_end))
        if not self._target_is_reachable():
            obstacle = Obstacle(self.stops[0], "", self.stops[last], {}, Upgrades.PRODUCT)
            return Plan(self._state(next(iter(self.paths))), (), obstacle)
        furthest = max(stop for stop, _ in self.paths)
        here = [pair for pair in self.paths if pair[0] == furthest]
        best = min(here, key=lambda pair: self.paths[pair].cost)
        return replace(self._plan(best), obstacle=self._obstacle(best))

    def _target_is_reachable(self) -> bool:
        """Return True if the rule has a way to the target, whatever works beside it."""
        reached = {0}
        for stop, leaps in enumerate(self.product.leaps):
            reached |= {leap.to for leap in leaps} if stop in reached else set()
        return len(self.stops) - 1 in reached

    def _begins(self) -> Iterator[int]:
        first, start = self.stops[0], self.beside.start
        begins = self.beside.begins_with if start else self.beside.works
        for index, name in enumerate(self.names):
            if start in ("", name) and begins(first, name):
                yield index

    def _visit_next(self, pair: Pair) -> None:
        stop, index = pair
        newer = [
            leap.to
            for leap in self.beside.ladder.leaps[index]
            if self._may_change(stop, index, leap.to)
        ]
        for leap in self.product.leaps[stop]:
            alone = (leap.to, index) in self.works
            for other in [index] if alone else newer:
                if (leap.to, other) in self.works:
                    self._reach(pair, (leap.to, other), leap.skips)
        for other in newer:
            if (stop, other) in self.works:
                self._reach(pair, (stop, other), 0)

    def _may_change(self, stop: int, before: int, after: int) -> bool:
        """Return True if the runtime may change here: its major version only where it is ported."""
        port_on = self.beside.port_on
        return port_on in ("", self.stops[stop]) or self.majors[before] == self.majors[after]

    def _reach(self, before: Pair, pair: Pair, skips: int) -> None:
        skipped, both, ended, steps, old, newness, early, late = self.paths[before].cost
        stop, index = pair
        moved, changed = before[0] != stop, before[1] != index
        cost = (
            skipped + skips,
            both + (moved and changed),
            ended + (moved and not self.product.supported(stop)),
            steps + 1,
            old + (not self.beside.stays and not self.beside.ladder.supported(index)),
            newness - index if changed else newness,
            early if changed else early + index,
            late - stop,
        )
        known = self.paths.get(pair)
        if known is None or cost < known.cost:
            self.paths[pair] = _Path(cost, before)

    def _cost_at_end(self, pair: Pair) -> tuple[int, ...]:
        skipped, both, ended, steps, *rest = self.paths[pair].cost
        until = self.beside.ladder.until[pair[1]].toordinal()
        over = not self.beside.stays and not self.beside.ladder.supported(pair[1])
        return skipped, both, over, ended, steps, -until, rest[0], -pair[1], *rest[1:]

    def _plan(self, pair: Pair) -> Plan:
        steps: list[Step] = []
        while before := self.paths[pair].before:
            kind = Upgrades.PRODUCT if before[0] != pair[0] else Upgrades.RUNTIME
            steps.append(Step(kind, self._state(pair)))
            pair = before
        return Plan(self._state(pair), tuple(reversed(steps)))

    def _state(self, pair: Pair) -> State:
        return State(self.stops[pair[0]], self.names[pair[1]])

    def _obstacle(self, reached: Pair | None) -> Obstacle:
        """Return the obstacle behind a pair; without one, that of the initial pair."""
        stop = self.stops[reached[0]] if reached else self.stops[0]
        following = self._next(reached[0]) if reached else ""
        texts = {
            name: self.beside.column[name].text
            for name in (stop, following)
            if name in self.beside.column
        }
        name = self.names[reached[1]] if reached else self.beside.start
        return Obstacle(stop, name, following, texts)

    def _next(self, stop: int) -> str:
        """Return the stop that the rule advises behind another one, or else the target."""
        leaps = [leap.to for leap in self.product.leaps[stop] if not leap.skips]
        advised = min(leaps, default=len(self.stops) - 1)
        return self.stops[advised]
