"""Upgrade plans that pass through working combinations of product and runtime."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from releases.domain.upgrade.compatibility import Compatibility, VersionRange, read_column
from releases.domain.upgrade.planner import (
    Beside,
    Obstacle,
    Plan,
    State,
    Step,
    Upgrades,
    obstacle_sentence,
    plan,
)
from releases.domain.upgrade.route import Ladder, Leap

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
UNTIL = {"3.11": date(2027, 10, 31), "3.12": date(2028, 10, 31), "3.13": date(2029, 10, 31)}
UNTIL |= {"3.14": date(2030, 10, 31)}
PYTHON = {
    name: UNTIL.get(name, date.min) for name in ("2.7", *(f"3.{minor}" for minor in range(2, 15)))
}


def chain(names: list[str], *, recommended: bool = False) -> Ladder[Any]:
    """Return a ladder whose stops follow each other, all of them supported."""
    last = len(names) - 1
    return Ladder(
        names,
        names,
        [date.max] * len(names),
        [
            [
                Leap(to, to - at - 1)
                for to in range(at + 1, last + 1 if recommended else at + 2)
                if to <= last
            ]
            for at in range(len(names))
        ],
    )


def freely(until: dict[str, date]) -> Ladder[Any]:
    """Return a ladder with an upgrade from each cycle to all later ones."""
    names = list(until)
    leaps = [[Leap(to) for to in range(at + 1, len(names))] for at in range(len(names))]
    return Ladder(names, names, list(until.values()), leaps)


def way(
    start: str = "1.11", python: str = "2.7", runtimes: dict[str, date] = PYTHON, **values: Any
) -> Plan:
    stops = list(reversed(DJANGO))
    beside = Beside(freely(runtimes), read_column(list(DJANGO.items())), python, **values)
    return plan(chain(stops[stops.index(start) :]), beside)


def allows(names: list[str]) -> Compatibility:
    return Compatibility(", ".join(names), tuple(VersionRange(name, name) for name in names))


def short(found: Plan) -> list[str]:
    """Return the steps in short: `2.0`, `py 3.10`, `db 14`."""
    words = {
        Upgrades.PRODUCT: "{0.cycle}",
        Upgrades.RUNTIME: "py {0.runtime}",
        Upgrades.DATABASE: "db {0.database}",
    }
    return [words[step.upgrades].format(step.state) for step in found.steps]


def test_from_1_11_on_python_2_7_to_5_2() -> None:
    """Of equal plans that with the longest support of Python wins."""
    found = way()
    cycles = [step.state.cycle for step in found.steps if step.upgrades is Upgrades.PRODUCT]
    assert cycles == list(reversed(DJANGO))[1:]
    pythons = [step for step in found.steps if step.upgrades is Upgrades.RUNTIME]
    assert [step.state for step in pythons] == [
        State("1.11", "3.7"),
        State("3.2", "3.10"),
        State("5.2", "3.14"),
    ]


def test_incompatible_pair_is_no_start() -> None:
    found = way(python="3.2")
    assert found.steps == ()
    assert found.obstacle == Obstacle("1.11", "3.2", "", {"1.11": "2.7 - 3.7 (added in 1.11.17)"})


def test_runtime_newer_than_recorded_is_a_start() -> None:
    """Whether the two work together is not recorded; the plan leaves them soon."""
    stops = chain(list(reversed(DJANGO)), recommended=True)
    column = read_column(list(DJANGO.items()))
    found = plan(stops, Beside(freely(PYTHON), column, "3.9"))
    assert found.start == State("1.11", "3.9")
    assert short(found)[:2] == ["2.2", "3.0"]


def test_missing_column_is_no_obstacle() -> None:
    found = plan(chain(["1", "2", "3"]), Beside(freely(PYTHON), {"2": allows(["3.9"])}, "3.9"))
    assert short(found) == ["2", "3", "py 3.14"]


def test_both_change_in_one_step_if_no_pair_leads_on() -> None:
    column = {"1": allows(["3.8"]), "2": allows(["3.9", "3.10"])}
    both = plan(chain(["1", "2"]), Beside(freely(PYTHON), column, "3.8"))
    assert both.steps == (Step(Upgrades.PRODUCT, State("2", "3.10")),)


def test_obstacle_keeps_the_steps_before_it() -> None:
    some = {name: until for name, until in PYTHON.items() if name in ("2.7", "3.7")}
    found = way("3.0", "3.7", some)
    assert short(found) == ["3.1", "3.2"]
    assert found.obstacle == Obstacle(
        "3.2", "3.7", "4.0", {"3.2": DJANGO["3.2"], "4.0": "3.8 - 3.10"}
    )


def test_obstacle_as_a_sentence() -> None:
    def sentence(**question: Any) -> str:
        obstacle = way(**question).obstacle
        assert obstacle
        return obstacle_sentence(obstacle, "Django", "Python")

    some = {name: until for name, until in PYTHON.items() if name in ("2.7", "3.7")}
    assert sentence(python="3.2") == (
        "Django 1.11 does not run on Python 3.2: it runs on 2.7 - 3.7 (added in 1.11.17)."
    )
    assert sentence(runtimes=some) == (
        "The way ends at Django 3.2 on Python 3.7: Django 4.0 runs on Python 3.8 - 3.10, and 3.2 on"
        " 3.6 - 3.10 (added in 3.2.9). No such Python can be reached from there."
    )
    assert sentence(python="", runtimes={"3.2": date.min}) == (
        "Django 1.11 runs on Python 2.7 - 3.7 (added in 1.11.17), and no such Python is known here."
    )
    unreachable = Ladder(["1", "2"], ["1", "2"], [date.max] * 2, [[], []])
    obstacle = plan(unreachable).obstacle
    assert obstacle
    assert obstacle_sentence(obstacle, "X", "") == "No recorded way leads from X 1 to 2."


def test_best_runtime_is_the_default() -> None:
    assert way(python="").start == State("1.11", "3.7")


def test_plan_without_runtimes_has_only_the_product() -> None:
    assert [step.state for step in plan(chain(["5.1", "5.2"])).steps] == [State("5.2")]


def test_plan_to_the_current_version_is_empty() -> None:
    assert way("5.2", "3.14").steps == ()


def test_final_runtime_is_supported_at_the_cost_of_a_step() -> None:
    assert way("5.2", "3.10").end == State("5.2", "3.14")


def test_major_version_of_the_runtime_changes_where_it_is_ported() -> None:
    """That may cost a step: 1.6 on Python 2.6 first goes to 2.7."""
    column = {"1.6": allows(["2.6", "2.7", "3.4"]), "1.7": allows(["2.7", "3.4"])}
    column |= {"1.11": allows(["2.7", "3.4"]), "2.0": allows(["3.4"])}
    pythons = freely(dict.fromkeys(["2.6", "2.7", "3.4"], date.min))
    stops = chain(["1.6", "1.7", "1.11", "2.0"])
    found = plan(stops, Beside(pythons, column, "2.6", port_on="1.11"))
    assert short(found) == ["py 2.7", "1.7", "1.11", "py 3.4", "2.0"]
    assert short(plan(stops, Beside(pythons, column, "2.6")))[0] == "py 3.4"


# ---- the database


SERVERS = {"9.6": date.min, "11": date.min, "15": date(2027, 11, 11), "18": date(2030, 11, 14)}
NEEDS = {"3.2": "9.6+", "4.1": "11+", "4.2": "12+", "5.2": "14+"}


def with_database(present: str, servers: dict[str, date] = SERVERS) -> Plan:
    stops = list(reversed(DJANGO))
    runtime = Beside(freely(PYTHON), read_column(list(DJANGO.items())), "3.8")
    database = Beside(freely(servers), read_column(list(NEEDS.items())), present, stays=True)
    return plan(chain(stops[stops.index("3.2") :]), runtime, database)


def test_database_is_upgraded_before_the_stop_that_needs_it() -> None:
    found = with_database("11")
    steps = short(found)
    assert steps[steps.index("db 18") - 1 : steps.index("db 18") + 2] == ["4.1", "db 18", "4.2"]
    assert found.start == State("3.2", "3.8", "11")
    assert found.end.database == "18"


def test_database_that_is_new_enough_stays() -> None:
    """That is so even if its support ends first."""
    assert not [each for each in short(with_database("15")) if each.startswith("db")]


def test_database_ends_the_way() -> None:
    found = with_database("9.6", {"9.6": date.min, "11": date.min})
    assert short(found)[-1] == "4.1"
    assert found.obstacle == Obstacle(
        "4.1", "11", "4.2", {"4.1": "11+", "4.2": "12+"}, Upgrades.DATABASE
    )


def test_database_that_the_start_does_not_work_with() -> None:
    found = with_database("9.6", SERVERS | {"9.5": date.min})
    assert found.obstacle is None
    older = Beside(freely({"9.5": date.min, "18": date.max}), {"1": allows(["18"])}, "9.5")
    refused = plan(chain(["1", "2"]), database=older)
    assert refused.steps == ()
    assert refused.obstacle
    assert refused.obstacle.part is Upgrades.DATABASE


# ---- properties of every plan


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    stops = [f"{number}.0" for number in range(1, draw(st.integers(1, 4)) + 1)]
    names = [f"3.{number}" for number in range(draw(st.integers(1, 4)))]
    subsets = st.lists(st.sampled_from(names), min_size=1, unique=True)
    days = st.sampled_from([date.min, date(2027, 1, 1), date(2028, 1, 1)])
    return {
        "stops": stops,
        "recommended": draw(st.booleans()),
        "runtimes": {name: draw(days) for name in names},
        "column": {stop: allows(draw(subsets)) for stop in stops if draw(st.booleans())},
        "start": draw(st.sampled_from(["", *names])),
    }


def planned(question: dict[str, Any]) -> Plan:
    stops = chain(question["stops"], recommended=question["recommended"])
    return plan(stops, Beside(freely(question["runtimes"]), question["column"], question["start"]))


def works(question: dict[str, Any], state: State) -> bool:
    says = question["column"].get(state.cycle)
    return says is None or says.allows(state.runtime)


def newer_than_recorded(question: dict[str, Any], state: State) -> bool:
    says = question["column"].get(state.cycle)
    return says is not None and says.precedes(state.runtime)


Way = list[State]


def every_way(question: dict[str, Any]) -> list[Way]:
    """Return every way from a start to the target, found by brute force."""
    stops, names = question["stops"], list(question["runtimes"])
    found: list[Way] = []

    def go_on(states: Way) -> None:
        here = states[-1]
        stop, runtime = stops.index(here.cycle), names.index(here.runtime)
        if stop == len(stops) - 1:
            found.append(states)
        ahead = stops[stop + 1 :] if question["recommended"] else stops[stop + 1 : stop + 2]
        after = [State(cycle, here.runtime) for cycle in ahead]
        after += [State(here.cycle, name) for name in names[runtime + 1 :]]
        # Both change together only where the present runtime does not work with the next stop.
        after += [
            State(cycle, name)
            for cycle in ahead
            for name in names[runtime + 1 :]
            if not works(question, State(cycle, here.runtime))
        ]
        for state in after:
            if works(question, state):
                go_on([*states, state])

    for name in [question["start"]] if question["start"] else names:
        first = State(stops[0], name)
        given = question["start"] and newer_than_recorded(question, first)
        if works(question, first) or given:
            go_on([first])
    return found


def cost(question: dict[str, Any], states: Way) -> tuple[Any, ...]:
    """Return the preferences of the planner that have words in its docstring, in their order."""
    stops, until = question["stops"], question["runtimes"]
    skipped = sum(
        max(0, stops.index(after.cycle) - stops.index(before.cycle) - 1)
        for before, after in pairwise(states)
    )
    both = sum(
        before.cycle != after.cycle and before.runtime != after.runtime
        for before, after in pairwise(states)
    )
    end = until[states[-1].runtime]
    old = sum(until[state.runtime] == date.min for state in states[1:])
    return skipped, both, end == date.min, len(states) - 1, -end.toordinal(), old


def states_of(found: Plan) -> Way:
    return [found.start, *(step.state for step in found.steps)]


@given(questions())
def test_every_step_of_a_plan_leads_to_a_working_pair(question: dict[str, Any]) -> None:
    found = planned(question)
    states = states_of(found)
    assert all(works(question, state) for state in states[1:])
    assert states[0].cycle == question["stops"][0]
    assert question["start"] in ("", states[0].runtime)
    names, stops = list(question["runtimes"]), question["stops"]
    for before, step in zip(states, found.steps, strict=False):
        newer = names.index(step.state.runtime) - names.index(before.runtime)
        ahead = stops.index(step.state.cycle) - stops.index(before.cycle)
        assert ahead >= 0
        assert newer >= 0
        assert (step.upgrades is Upgrades.PRODUCT) == (ahead > 0)


@given(questions())
def test_no_plan_is_cheaper(question: dict[str, Any]) -> None:
    ways = every_way(question)
    found = planned(question)
    assert (found.obstacle is None) == bool(ways)
    if ways:
        assert cost(question, states_of(found)) == min(cost(question, way) for way in ways)


@given(questions(), questions())
def test_database_works_with_every_stop_and_leaves_the_route_alone(
    question: dict[str, Any], other: dict[str, Any]
) -> None:
    """`other` has the database and its versions for the stops that both questions have."""
    stops = chain(question["stops"], recommended=question["recommended"])
    runtime = Beside(freely(question["runtimes"]), question["column"], question["start"])
    start = other["start"] or "3.0"
    database = Beside(freely(other["runtimes"]), other["column"], start, stays=True)
    without, found = plan(stops, runtime), plan(stops, runtime, database)
    servers = list(other["runtimes"])
    route = [step for step in found.steps if step.upgrades is not Upgrades.DATABASE]
    assert [replace(step.state, database="") for step in route] == [
        step.state for step in without.steps[: len(route)]
    ]
    states = states_of(found)
    present = (states[0].cycle, states[0].database)
    for before, after in pairwise(states):
        if after.database and (after.cycle, after.database) != present:
            assert works(other, State(after.cycle, after.database))
            assert servers.index(after.database) >= servers.index(before.database)
    if not found.obstacle:
        assert found.end.cycle == without.end.cycle == question["stops"][-1]


@given(questions())
def test_plan_is_deterministic(question: dict[str, Any]) -> None:
    assert planned(question) == planned(question)


def test_long_plan_is_found_quickly() -> None:
    """The cost grows with cycles times runtimes (300 and 100), not with the number of plans."""
    stops = [str(number) for number in range(300)]
    runtimes = {str(number): date.max if number > 90 else date.min for number in range(100)}
    column = {
        stop: allows([str(each) for each in range(100) if abs(int(stop) // 3 - each) < 5])
        for stop in stops
    }
    found = plan(chain(stops), Beside(freely(runtimes), column, "0"))
    assert found.end.cycle == "299"
