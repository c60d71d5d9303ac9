"""Upgrade plans that pass through working combinations of product and runtime."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from releases.domain.upgrade.compatibility import Compatibility, VersionRange, read_column
from releases.domain.upgrade.planner import (
    Obstacle,
    Plan,
    Runtime,
    State,
    Upgrades,
    obstacle_sentence,
    plan,
)

DJANGO = {
    "5.2": "3.10 - 3.14 (added in 5.2.8)",
    "5.1": "3.10 - 3.13 (added in 5.1.3)",
    "5.0": "3.10 - 3.12",
    "4.2": "3.8 - 3.12 (added in 4.2.8)",
    "4.1": "3.8 - 3.11 (added in 4.1.3)",
    "4.0": "3.8 - 3.10",
    "3.2": "3.6 - 3.10 (added in 3.2.9)",
    "3.1": "3.6 - 3.9 (added in 3.1.3)",
    "3.0": "3.6 - 3.9 (added in 3.0.11)",
    "2.2": "3.5 - 3.9 (added in 2.2.17)",
    "2.1": "3.5 - 3.7",
    "2.0": "3.4 - 3.7",
    "1.11": "2.7 - 3.7 (added in 1.11.17)",
}
SUPPORTED = {"3.11", "3.12", "3.13", "3.14"}  # on 21 Nov 2026
PYTHON = [
    Runtime(name, name in SUPPORTED) for name in ("2.7", *(f"3.{minor}" for minor in range(2, 15)))
]


def way(start: str = "1.11", python: str = "2.7", runtimes: list[Runtime] = PYTHON) -> Any:
    stops = list(reversed(DJANGO))
    return plan(stops[stops.index(start) :], runtimes, read_column(list(DJANGO.items())), python)


def test_from_1_11_on_python_2_7_to_5_2() -> None:
    found = way()
    cycles = [step.state.cycle for step in found.steps if step.upgrades is Upgrades.PRODUCT]
    assert cycles == list(reversed(DJANGO))[1:]
    pythons = [step for step in found.steps if step.upgrades is Upgrades.RUNTIME]
    assert [step.state for step in pythons] == [
        State("1.11", "3.7"),
        State("3.2", "3.10"),
        State("4.1", "3.11"),
    ]
    assert found.end == State("5.2", "3.11")


def test_incompatible_pair_is_no_start() -> None:
    assert way(python="3.2") == Obstacle(
        State("1.11", "3.2"), "", {"1.11": "2.7 - 3.7 (added in 1.11.17)"}
    )


def test_gap_between_two_cycles_is_reported() -> None:
    found = way(runtimes=[each for each in PYTHON if each.name in ("2.7", "3.7", "3.11")])
    assert found == Obstacle(
        State("3.2", "3.7"), "4.0", {"3.2": DJANGO["3.2"], "4.0": "3.8 - 3.10"}
    )


def test_obstacle_as_a_sentence() -> None:
    def sentence(**question: Any) -> str:
        return obstacle_sentence(way(**question), "Django", "Python")

    some = [each for each in PYTHON if each.name in ("2.7", "3.7", "3.11")]
    assert sentence(python="3.2") == (
        "Django 1.11 does not run on Python 3.2: it runs on 2.7 - 3.7 (added in 1.11.17)."
    )
    assert sentence(runtimes=some) == (
        "The way ends at Django 3.2 on Python 3.7: Django 4.0 runs on Python 3.8 - 3.10, and 3.2 on"
        " 3.6 - 3.10 (added in 3.2.9). No Python that both run on can be reached from there."
    )
    assert sentence(python="", runtimes=PYTHON[1:2]) == (
        "Django 1.11 runs on Python 2.7 - 3.7 (added in 1.11.17), and no such Python is known here."
    )


def test_best_runtime_is_the_default() -> None:
    assert way(python="").start == State("1.11", "3.7")


def test_plan_without_runtimes_has_only_the_product() -> None:
    assert [step.state for step in way("5.1", "", []).steps] == [State("5.2")]


def test_plan_to_the_current_version_is_empty() -> None:
    assert way("5.2", "3.14").steps == ()


def test_final_runtime_is_supported_at_the_cost_of_a_step() -> None:
    assert way("5.2", "3.10").end == State("5.2", "3.14")


# ---- properties of every plan


def allows(names: list[str]) -> Compatibility:
    return Compatibility(", ".join(names), tuple(VersionRange(name, name) for name in names))


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    stops = [f"{number}.0" for number in range(1, draw(st.integers(1, 4)) + 1)]
    names = [f"3.{number}" for number in range(draw(st.integers(1, 4)))]
    subsets = st.lists(st.sampled_from(names), min_size=1, unique=True)
    return {
        "stops": stops,
        "runtimes": [Runtime(name, draw(st.booleans())) for name in names],
        "column": {stop: allows(draw(subsets)) for stop in stops if draw(st.booleans())},
        "start": draw(st.sampled_from(["", *names])),
    }


def works(question: dict[str, Any], state: State) -> bool:
    says = question["column"].get(state.cycle)
    return says is None or says.allows(state.runtime)


def every_plan(question: dict[str, Any]) -> list[list[State]]:
    """Return every plan, found by brute force."""
    stops, names = question["stops"], [each.name for each in question["runtimes"]]
    found: list[list[State]] = []

    def go_on(states: list[State]) -> None:
        if not works(question, states[-1]):
            return
        here = states[-1]
        if here.cycle == stops[-1]:
            found.append(states)
        else:
            go_on([*states, State(stops[stops.index(here.cycle) + 1], here.runtime)])
        for newer in names[names.index(here.runtime) + 1 :]:
            go_on([*states, State(here.cycle, newer)])

    for name in [question["start"]] if question["start"] else names:
        go_on([State(stops[0], name)])
    return found


def cost(question: dict[str, Any], states: list[State]) -> tuple[int, int, int]:
    names = [each.name for each in question["runtimes"]]
    supported = {each.name for each in question["runtimes"] if each.supported}
    ended = sum(state.runtime not in supported for state in states[1:])
    return len(states) - 1, ended, -names.index(states[-1].runtime)


@given(questions())
def test_every_step_of_a_plan_leads_to_a_working_pair(question: dict[str, Any]) -> None:
    found = plan(**question)
    if isinstance(found, Obstacle):
        return
    states = [found.start, *(step.state for step in found.steps)]
    assert all(works(question, state) for state in states)
    assert states[0].cycle == question["stops"][0]
    assert question["start"] in ("", states[0].runtime)
    names, stops = [each.name for each in question["runtimes"]], question["stops"]
    for before, step in zip(states, found.steps, strict=False):
        newer = names.index(step.state.runtime) > names.index(before.runtime)
        ahead = stops.index(step.state.cycle) - stops.index(before.cycle)
        assert (ahead, newer) == ((1, False) if step.upgrades is Upgrades.PRODUCT else (0, True))


@given(questions())
def test_no_plan_is_cheaper(question: dict[str, Any]) -> None:
    ways = every_plan(question)
    found = plan(**question)
    if isinstance(found, Obstacle):
        assert ways == []
        return
    supported = {each.name for each in question["runtimes"] if each.supported}
    good = [states for states in ways if states[-1].runtime in supported]
    states = [found.start, *(step.state for step in found.steps)]
    assert cost(question, states) == min(cost(question, way) for way in good or ways)


@given(questions())
def test_plan_is_deterministic(question: dict[str, Any]) -> None:
    assert plan(**question) == plan(**question)


def test_long_plan_is_found_quickly() -> None:
    """The cost grows with cycles times runtimes (300 and 100), not with the number of plans."""
    stops = [str(number) for number in range(300)]
    runtimes = [Runtime(str(number), number > 90) for number in range(100)]
    column = {
        stop: allows([str(each) for each in range(100) if abs(int(stop) // 3 - each) < 5])
        for stop in stops
    }
    found = plan(stops, runtimes, column, "0")
    assert isinstance(found, Plan)
    assert found.end.cycle == "299"
