"""The way from one cycle of a product to another, with the upgrades of its runtime where they must
come: a search over pairs (cycle of the product, cycle of the runtime) that work together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from releases.domain.upgrade.compatibility import Compatibility


class Upgrades(StrEnum):
    """What a step changes."""

    PRODUCT = "product"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True)
class State:
    """What runs at a moment. `runtime` is empty where none is looked at."""

    cycle: str
    runtime: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One upgrade: of the product or of the runtime, never of both. `state` is what runs then."""

    upgrades: Upgrades
    state: State


@dataclass(frozen=True, slots=True)
class Runtime:
    """A cycle of the runtime, and whether it is supported on the date of the plan."""

    name: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The way: where it starts, and its steps in order."""

    start: State
    steps: tuple[Step, ...]

    @property
    def end(self) -> State:
        return self.steps[-1].state if self.steps else self.start


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no way: as far as `reached` it goes. `next` is the cycle that cannot be had
    (empty: not even the start works); `texts` say what the two cycles run on."""

    reached: State
    next: str
    texts: Mapping[str, str]


def obstacle_sentence(obstacle: Obstacle, product: str, runtime: str) -> str:
    """The constraint that forbids a way, in words. `product` and `runtime` are what people call
    the two."""
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
class _Way:
    """How a state was reached. The cost, in the order in which it counts: steps; steps that end on
    a runtime at its end of life; how new the runtimes are that are changed to; and how early."""

    cost: tuple[int, int, int, int]
    before: tuple[int, int] | None


def plan(
    stops: Sequence[str],
    runtimes: Sequence[Runtime],
    column: Mapping[str, Compatibility],
    start: str = "",
) -> Plan | Obstacle:
    """The cheapest way along all of `stops`, cycles of a product from the present one to the
    target, each a step from the one before.

    `runtimes` are the cycles of its runtime, the oldest first (none: only the product is planned);
    `column` says which of them a cycle runs on (a cycle that it lacks runs on all); `start` is the
    present runtime (empty: whichever makes the way cheapest).

    No state is ever a pair that does not work together. A runtime only gets newer, by as many
    cycles at once as one likes. Fewer steps are cheaper; then fewer of them on a runtime that is
    at its end of life; then the newer runtime at the end, and on the way; then a runtime that is
    changed only where it must be. The runtime at the end is supported, if any that it could be is.
    The same question has the same answer.
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
    """Pairs are (number of the stop, number of the runtime). Both only grow, so that one pass in
    their order finds the cheapest way to each."""

    def __init__(
        self,
        stops: Sequence[str],
        runtimes: Sequence[Runtime],
        column: Mapping[str, Compatibility],
    ) -> None:
        self.stops, self.runtimes, self.column = stops, runtimes, column
        self.ways: dict[tuple[int, int], _Way] = {}

    def works(self, stop: int, runtime: int) -> bool:
        says = self.column.get(self.stops[stop])
        return says is None or says.allows(self.runtimes[runtime].name)

    def run(self, begins: Sequence[int]) -> Plan | Obstacle:
        for runtime in begins:
            self.ways[0, runtime] = _Way((0, 0, -runtime, 0), None)
        for stop in range(len(self.stops)):
            for runtime in range(len(self.runtimes)):
                if (stop, runtime) in self.ways:
                    self._go_on(stop, runtime)
        last = len(self.stops) - 1
        ends = [runtime for stop, runtime in self.ways if stop == last]
        if not ends:
            return self._stuck()
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

    def _go_on(self, stop: int, runtime: int) -> None:
        if stop + 1 < len(self.stops) and self.works(stop + 1, runtime):
            self._reach((stop, runtime), (stop + 1, runtime))
        for newer in range(runtime + 1, len(self.runtimes)):
            if self.works(stop, newer):
                self._reach((stop, runtime), (stop, newer))

    def _reach(self, before: tuple[int, int], pair: tuple[int, int]) -> None:
        steps, ended, newness, early = self.ways[before].cost
        changed, runtime = before[1] != pair[1], pair[1]
        cost = (
            steps + 1,
            ended + (not self.runtimes[runtime].supported),
            newness - runtime if changed else newness,
            early if changed else early + runtime,
        )
        known = self.ways.get(pair)
        if known is None or cost < known.cost:
            self.ways[pair] = _Way(cost, before)

    def _cost_at_end(self, stop: int, runtime: int) -> tuple[int, ...]:
        steps, ended, *rest = self.ways[stop, runtime].cost
        return steps, ended, -runtime, *rest

    def _plan(self, pair: tuple[int, int]) -> Plan:
        steps: list[Step] = []
        while before := self.ways[pair].before:
            kind = Upgrades.PRODUCT if before[0] != pair[0] else Upgrades.RUNTIME
            steps.append(Step(kind, self._state(pair)))
            pair = before
        return Plan(self._state(pair), tuple(reversed(steps)))

    def _stuck(self) -> Obstacle:
        """Where the way ends: at the newest runtime of the furthest stop."""
        furthest = max(self.ways)
        return self.obstacle(self._state(furthest), self.stops[furthest[0] + 1])

    def _state(self, pair: tuple[int, int]) -> State:
        return State(self.stops[pair[0]], self.runtimes[pair[1]].name)
