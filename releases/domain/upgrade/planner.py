"""Planner of the steps from one cycle of a product to another, with upgrades of its runtime.

It searches the pairs (cycle of the product, cycle of the runtime) that work together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from releases.domain.upgrade.compatibility import Compatibility


class Upgrades(StrEnum):
    """The part of a stack that a step upgrades."""

    PRODUCT = "product"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True)
class State:
    """The installed cycles at a point of the plan; `runtime` is empty if the plan ignores it."""

    cycle: str
    runtime: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """An upgrade of either the product or the runtime; `state` is the state after it."""

    upgrades: Upgrades
    state: State


@dataclass(frozen=True, slots=True)
class Runtime:
    """A cycle of the runtime; `supported` is True if it is supported on the date of the plan."""

    name: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: the initial state and the steps in order."""

    start: State
    steps: tuple[Step, ...]

    @property
    def end(self) -> State:
        return self.steps[-1].state if self.steps else self.start


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The reason why there is no plan.

    `reached` is the furthest reachable state. `next` is the cycle that cannot be reached; empty if
    even the initial state does not work. `texts` are the runtime versions of the two cycles, by
    cycle.
    """

    reached: State
    next: str
    texts: Mapping[str, str]


def obstacle_sentence(obstacle: Obstacle, product: str, runtime: str) -> str:
    """Return an obstacle as a sentence. `product` and `runtime` are the labels of the two."""
    cycle, runs_on = obstacle.reached.cycle, obstacle.reached.runtime
    texts = obstacle.texts
    if not obstacle.next and not runs_on:
        return (
            f"{product} {cycle} runs on {runtime} {texts.get(cycle, '')}, and no such {runtime} is"
            " known here."
        )
    if not obstacle.next:
        return (
            f"{product} {cycle} does not run on {runtime} {runs_on}: it runs on"
            f" {texts.get(cycle, '')}."
        )
    present = f", and {cycle} on {texts[cycle]}" if cycle in texts else ""
    return (
        f"The way ends at {product} {cycle} on {runtime} {runs_on}: {product} {obstacle.next} runs"
        f" on {runtime} {texts.get(obstacle.next, '')}{present}. No {runtime} that both run on can"
        " be reached from there."
    )


@dataclass(frozen=True, slots=True)
class _Path:
    """The cheapest known path to a state.

    The parts of the cost, most important first: the number of steps, the steps that end on an
    unsupported runtime, how new the chosen runtimes are, and how early they are upgraded.
    """

    cost: tuple[int, int, int, int]
    before: tuple[int, int] | None


def plan(
    stops: Sequence[str],
    runtimes: Sequence[Runtime],
    column: Mapping[str, Compatibility],
    start: str = "",
) -> Plan | Obstacle:
    """Return the cheapest plan through all of `stops`, or the obstacle.

    Every state is a pair that works together. The runtime only gets newer, and may skip cycles. The
    plan is deterministic; its preferences, most important first, are:

    - a supported runtime at the end, if any is possible
    - fewer steps
    - fewer steps on a runtime that is at its end of life
    - a newer runtime at the end, and on the way
    - no upgrade of the runtime before it is needed

    Args:
        stops: The cycles of the product from the present one to the target, in order.
        runtimes: The cycles of the runtime, oldest first; if empty, only the product is planned.
        column: The runtime versions of cycles; a cycle that is missing runs on all of them.
        start: The present runtime; if empty, the one with the cheapest plan.
    """
    if not runtimes:
        steps = tuple(Step(Upgrades.PRODUCT, State(stop)) for stop in stops[1:])
        return Plan(State(stops[0]), steps)
    search = _Search(stops, runtimes, column)
    begins = [
        index
        for index, runtime in enumerate(runtimes)
        if runtime.name == start or (not start and search.works(0, index))
    ]
    if not any(search.works(0, index) for index in begins):
        return search.obstacle(State(stops[0], start), "")
    return search.run(begins)


class _Search:
    """A search over pairs (index of the stop, index of the runtime).

    Both indexes only grow, so one pass in their order finds the cheapest path to each pair.
    """

    def __init__(
        self,
        stops: Sequence[str],
        runtimes: Sequence[Runtime],
        column: Mapping[str, Compatibility],
    ) -> None:
        self.stops, self.runtimes, self.column = stops, runtimes, column
        self.paths: dict[tuple[int, int], _Path] = {}

    def works(self, stop: int, runtime: int) -> bool:
        says = self.column.get(self.stops[stop])
        return says is None or says.allows(self.runtimes[runtime].name)

    def run(self, begins: Sequence[int]) -> Plan | Obstacle:
        for runtime in begins:
            self.paths[0, runtime] = _Path((0, 0, -runtime, 0), None)
        for stop in range(len(self.stops)):
            for runtime in range(len(self.runtimes)):
                if (stop, runtime) in self.paths:
                    self._visit_next(stop, runtime)
        last = len(self.stops) - 1
        ends = [runtime for stop, runtime in self.paths if stop == last]
        if not ends:
            return self._furthest_obstacle()
        supported = [runtime for runtime in ends if self.runtimes[runtime].supported]
        best = min(supported or ends, key=lambda runtime: self._cost_at_end(last, runtime))
        return self._plan((last, best))

    def obstacle(self, reached: State, following: str) -> Obstacle:
        texts = {
            stop: self.column[stop].text
            for stop in (reached.cycle, following)
            if stop in self.column
        }
        return Obstacle(reached, following, texts)

    def _visit_next(self, stop: int, runtime: int) -> None:
        if stop + 1 < len(self.stops) and self.works(stop + 1, runtime):
            self._reach((stop, runtime), (stop + 1, runtime))
        for newer in range(runtime + 1, len(self.runtimes)):
            if self.works(stop, newer):
                self._reach((stop, runtime), (stop, newer))

    def _reach(self, before: tuple[int, int], pair: tuple[int, int]) -> None:
        steps, ended, newness, early = self.paths[before].cost
        changed, runtime = before[1] != pair[1], pair[1]
        cost = (
            steps + 1,
            ended + (not self.runtimes[runtime].supported),
            newness - runtime if changed else newness,
            early if changed else early + runtime,
        )
        known = self.paths.get(pair)
        if known is None or cost < known.cost:
            self.paths[pair] = _Path(cost, before)

    def _cost_at_end(self, stop: int, runtime: int) -> tuple[int, ...]:
        steps, ended, *rest = self.paths[stop, runtime].cost
        return steps, ended, -runtime, *rest

    def _plan(self, pair: tuple[int, int]) -> Plan:
        steps: list[Step] = []
        while before := self.paths[pair].before:
            kind = Upgrades.PRODUCT if before[0] != pair[0] else Upgrades.RUNTIME
            steps.append(Step(kind, self._state(pair)))
            pair = before
        return Plan(self._state(pair), tuple(reversed(steps)))

    def _furthest_obstacle(self) -> Obstacle:
        """Return the obstacle after the furthest reachable stop, with its newest runtime."""
        furthest = max(self.paths)
        return self.obstacle(self._state(furthest), self.stops[furthest[0] + 1])

    def _state(self, pair: tuple[int, int]) -> State:
        return State(self.stops[pair[0]], self.runtimes[pair[1]].name)
