"""The stops of an upgrade route."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.order import in_order
from releases.domain.lifecycle.versions import version_key
from releases.domain.upgrade.route import Every, Stop, route
from tests.conftest import ON
from tests.lifecycles import NamedCycle, named_cycle

LTS = {"2.2", "3.2", "4.2", "5.2"}
# The cycles are not in the order of their versions.
NAMES = ["5.0", "2.1", "2.2", "3.0", "3.1", "3.2", "4.0", "4.10", "4.2", "5.1", "5.2", "6.0"]
CYCLES = [
    *(named_cycle(name, release="2020", lts="yes" if name in LTS else "no") for name in NAMES),
    named_cycle("6.1", release="2027-04"),
    named_cycle("2028", release="2028-01"),
]


def cycle(name: str) -> NamedCycle:
    return next(each for each in CYCLES if each.name == name)


def way(start: str, target: str, every: Every = Every.FEATURE) -> list[Stop[NamedCycle]]:
    return route(CYCLES, cycle(start), cycle(target), ON, every)


def names(stops: list[Stop[NamedCycle]]) -> list[str]:
    return [stop.cycle.name for stop in stops]


def test_every_release_in_the_order_of_versions() -> None:
    assert names(way("3.2", "6.0")) == ["3.2", "4.0", "4.2", "4.10", "5.0", "5.1", "5.2", "6.0"]


def test_planned_cycle_is_only_a_stop_as_the_target() -> None:
    assert names(way("5.2", "2028")) == ["5.2", "6.0", "2028"]
    assert names(way("5.2", "6.1")) == ["5.2", "6.0", "6.1"]


def test_lts_route_skips_cycles_between_lts_cycles() -> None:
    """Every cycle before the first LTS and after the last is a stop. Skipped cycles are listed."""
    stops = way("2.1", "6.0", Every.LTS)
    assert names(stops) == ["2.1", "2.2", "3.2", "4.2", "5.2", "6.0"]
    assert [[each.name for each in stop.skips] for stop in stops] == [
        [],
        [],
        ["3.0", "3.1"],
        ["4.0"],
        ["4.10", "5.0", "5.1"],
        [],
    ]


def test_without_a_second_lts_nothing_is_skipped() -> None:
    assert names(way("3.0", "4.0", Every.LTS)) == ["3.0", "3.1", "3.2", "4.0"]


def test_route_to_the_current_cycle_is_empty() -> None:
    assert names(way("5.2", "5.2", Every.LTS)) == ["5.2"]


@given(st.data())
def test_stops_and_skipped_cycles_are_complete_and_ordered(data: st.DataObject) -> None:
    """Together they are all released cycles between the two ends."""
    out = in_order([each for each in CYCLES if each.name in NAMES])
    first = data.draw(st.integers(0, len(out) - 1))
    last = data.draw(st.integers(first, len(out) - 1))
    every = data.draw(st.sampled_from(Every))
    stops = route(CYCLES, out[first], out[last], ON, every)
    passed = [each for stop in stops for each in (*stop.skips, stop.cycle)]
    assert passed == out[first : last + 1]
    assert passed == sorted(passed, key=lambda each: version_key(each.name))
    for before, stop in pairwise(stops):
        assert not stop.skips or {before.cycle.name, stop.cycle.name} <= LTS
