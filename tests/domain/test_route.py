"""The stops of an upgrade, and the upgrades between them that a rule allows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.status import status_on
from releases.domain.upgrade.planner import Plan, plan
from releases.domain.upgrade.route import ladder, skipped, with_fewer_stops
from releases.domain.upgrade.rules import (
    RequiredStop,
    RuleKind,
    Strength,
    UpgradeRule,
    earlier,
    planned,
)
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
EACH = UpgradeRule(RuleKind.EACH_CYCLE)
SIMPLE = [*RuleKind]


def found(rule: UpgradeRule, start: str, target: str, cycles: Any = CYCLES) -> Plan:
    by_name = {each.name: each for each in cycles}
    return plan(ladder(rule, cycles, ON, by_name[start], by_name[target]))


def way(rule: UpgradeRule, start: str, target: str, cycles: Any = CYCLES) -> list[str]:
    """Return the stops behind the start, and "…" if the way ends before the target."""
    result = found(rule, start, target, cycles)
    return [*result.stops[1:], *(["…"] if result.obstacle else [])]


def of(kind: RuleKind, **values: Any) -> UpgradeRule:
    return UpgradeRule(kind, **values)


def test_each_cycle_in_the_order_of_versions() -> None:
    assert way(EACH, "3.2", "6.0") == ["4.0", "4.2", "4.10", "5.0", "5.1", "5.2", "6.0"]


@pytest.mark.parametrize("kind", [RuleKind.ANY, RuleKind.PARALLEL])
def test_one_step_leads_to_any_target(kind: RuleKind) -> None:
    assert way(of(kind), "2.1", "6.0") == ["6.0"]


@pytest.mark.parametrize("kind", [RuleKind.NOT_RECORDED, RuleKind.UNKNOWN])
def test_unknown_rule_invents_no_stops(kind: RuleKind) -> None:
    stops = ladder(of(kind), CYCLES, ON, CYCLES[1], CYCLES[11])
    assert stops.names == ["2.1", "6.0"]


def test_each_major_takes_one_cycle_of_every_major() -> None:
    """Without support for any of them it is the newest."""
    assert way(of(RuleKind.EACH_MAJOR), "2.1", "5.0") == ["3.2", "4.10", "5.0"]


def test_ladder_names_the_cycles_that_count() -> None:
    rule = of(RuleKind.EACH_MAJOR, ladder=("*.2", "!4.2", "6.0"))
    assert way(rule, "2.1", "6.0") == ["2.2", "3.2", "5.2", "6.0"]
    assert [each.name for each in rule.candidates(CYCLES)] == ["2.2", "3.2", "5.2", "6.0"]


def test_lts_cycles_are_not_skipped() -> None:
    """Another cycle goes to the next LTS, and the last LTS to the target."""
    assert way(of(RuleKind.LTS), "2.2", "6.0") == ["3.2", "4.2", "5.2", "6.0"]
    assert way(of(RuleKind.LTS), "3.0", "4.2") == ["3.2", "4.2"]


def test_required_stop_without_an_lts_flag() -> None:
    rule = of(RuleKind.LTS, stops=(RequiredStop("4.0"),))
    assert way(rule, "3.2", "5.2") == ["4.0", "4.2", "5.2"]


def test_conditional_stop_is_no_step() -> None:
    stops = (RequiredStop("3.0"), RequiredStop("4.0", "4.0.9", "a condition"))
    assert way(of(RuleKind.STOPS, stops=stops), "2.1", "6.0") == ["3.0", "6.0"]


INTERIM = [
    named_cycle("24.04", release="2024-04-25", lts="yes", eol="2029-05-31"),
    named_cycle("24.10", release="2024-10-10", eol="2025-07-10"),
    named_cycle("25.04", release="2025-04-17", eol="2026-01-15"),
    named_cycle("25.10", release="2025-10-09", eol="2026-12-31"),
    named_cycle("26.04", release="2026-04-23", lts="yes", eol="2031-05-31"),
    named_cycle("26.10", release="2026-10-15", eol="2027-07-31"),
]


def test_next_supported_cycle() -> None:
    """An ended one is never proposed, a supported one never skipped."""
    rule = of(RuleKind.NEXT_SUPPORTED)
    assert way(rule, "24.10", "26.10", INTERIM) == ["25.10", "26.04", "26.10"]


def test_interim_cycles_have_a_rule_of_their_own() -> None:
    rule = of(RuleKind.LTS, others=RuleKind.NEXT_SUPPORTED)
    assert way(rule, "24.04", "26.10", INTERIM) == ["26.04", "26.10"]
    assert way(rule, "24.10", "26.10", INTERIM) == ["25.10", "26.04", "26.10"]


def test_longest_step_of_a_required_ladder() -> None:
    rule = of(RuleKind.EACH_CYCLE, max_step=2)
    assert way(rule, "24.04", "26.10", INTERIM)[-1] == "26.10"
    assert len(way(rule, "24.04", "26.10", INTERIM)) == 3
    assert way(rule, "26.04", "26.10", INTERIM) == ["26.10"]


def test_target_is_reached_by_a_recorded_path_only() -> None:
    paths = {"6.0": ("5.1", "5.2"), "5.[12]": ("3.*",)}
    assert way(of(RuleKind.ANY, paths=paths), "2.1", "6.0") == ["3.2", "5.2", "6.0"]
    blocked = found(of(RuleKind.ANY, paths={"6.0": ("1.0",)}), "2.1", "6.0")
    assert blocked.steps == ()
    assert blocked.obstacle
    assert blocked.obstacle.next == "6.0"


def test_supported_stop_wins() -> None:
    paths = {"26.10": ("25.04", "25.10", "26.04")}
    assert way(of(RuleKind.ANY, paths=paths), "24.04", "26.10", INTERIM) == ["26.04", "26.10"]
    old = {"26.10": ("24.10", "25.04", "25.10")}
    assert way(of(RuleKind.ANY, paths=old), "24.04", "26.10", INTERIM) == ["25.10", "26.10"]


def test_editions_and_dates_where_versions_are_no_order() -> None:
    cycles = [
        named_cycle("10-1507", release="2015-07-29"),
        named_cycle("10-22h2", release="2022-10-18"),
        named_cycle("11-21h2-w", release="2021-10-04"),
        named_cycle("11-21h2-e", release="2021-10-04"),
        named_cycle("11-25h2-w", release="2025-09-30"),
        named_cycle("11-25h2-e", release="2025-09-30"),
    ]
    rule = of(RuleKind.ANY, order=("10-1*", "10-2?h?*", "11-*"), lanes=("*-w", "*-e"))
    assert [each.name for each in rule.in_order(cycles)][:2] == ["10-1507", "10-22h2"]
    assert way(rule, "10-22h2", "11-25h2-w", cycles) == ["11-25h2-w"]
    assert way(rule, "11-21h2-e", "11-25h2-w", cycles) == ["…"]
    assert way(rule, "10-22h2", "11-21h2-w", cycles) == ["…"]
    start = next(each for each in cycles if each.name == "11-21h2-w")
    assert "11-25h2-e" not in [each.name for each in rule.candidates(cycles, start)]


def test_planned_cycles_are_stops_on_the_way_to_a_planned_target() -> None:
    assert way(EACH, "5.2", "2028") == ["6.0", "6.1", "2028"]
    assert way(EACH, "5.2", "6.0") == ["6.0"]


def test_fewer_stops_only_where_the_maker_bears_it() -> None:
    rule = of(RuleKind.EACH_CYCLE, strength=Strength.RECOMMENDED, fewer="It works.")
    assert way(with_fewer_stops(rule), "2.1", "6.0") == ["2.2", "3.2", "4.2", "5.2", "6.0"]
    assert with_fewer_stops(EACH) is EACH


def test_skipped_cycles_are_the_released_ones_of_the_ladder() -> None:
    rule = of(RuleKind.LTS, ladder=("!4.0",))
    by_name = {each.name: each for each in CYCLES}
    names = [each.name for each in skipped(rule, CYCLES, by_name["3.2"], by_name["5.0"], ON)]
    assert names == ["4.2", "4.10"]


def test_same_start_and_target() -> None:
    assert way(EACH, "5.2", "5.2") == []


# ---- properties of every route


@st.composite
def questions(draw: st.DrawFn) -> tuple[UpgradeRule, list[NamedCycle]]:
    kind = draw(st.sampled_from([each for each in RuleKind if each != RuleKind.NOT_APPLICABLE]))
    cycles = [
        named_cycle(
            f"{number // 3}.{number % 3}",
            release=f"{draw(st.integers(2010, 2026))}-01-01",
            lts=draw(st.sampled_from(["yes", "no"])),
            eol=draw(st.sampled_from(["2015-01-01", "2030-01-01", "no"])),
        )
        for number in range(3, 3 + draw(st.integers(2, 9)))
    ]
    names = [each.name for each in cycles]
    rule = UpgradeRule(
        kind,
        draw(st.sampled_from(Strength)),
        stops=tuple(RequiredStop(name) for name in draw(st.lists(st.sampled_from(names)))),
        others=draw(st.sampled_from([RuleKind.NOT_RECORDED, RuleKind.NEXT_SUPPORTED])),
        max_step=draw(st.integers(1, 2)),
    )
    return rule, cycles


def over(rule: UpgradeRule, cycles: list[NamedCycle], before: Any, after: Any) -> int:
    """Return the number of stops that an upgrade passes over, by the definition."""
    kind = rule.kind_from(before, ON)
    between = cycles[cycles.index(before) + 1 : cycles.index(after)]
    units = {rule.unit(each, ON, kind) for each in between}
    return len(units - {"", rule.unit(before, ON, kind), rule.unit(after, ON, kind)})


@given(questions())
def test_no_step_goes_back_or_skips_a_required_stop(question: Any) -> None:
    """Without a known rule there is one step, whatever it passes over."""
    rule, cycles = question
    by_name = {each.name: each for each in cycles}
    result = found(rule, cycles[0].name, cycles[-1].name, cycles)
    stops = [by_name[name] for name in result.stops]
    for before, after in pairwise(stops):
        assert rule.rank(before.name) < rule.rank(after.name)
        assert not earlier(after, before)
        if rule.known and rule.strength is Strength.REQUIRED:
            assert over(rule, cycles, before, after) < rule.max_step


@given(questions())
def test_no_ended_stop_where_the_rule_allows_skipping_it(question: Any) -> None:
    """Without an ended stop the step would be too long, or lead to an earlier date."""
    rule, cycles = question
    by_name = {each.name: each for each in cycles}
    result = found(rule, cycles[0].name, cycles[-1].name, cycles)
    if result.obstacle:
        return
    stops = [by_name[name] for name in result.stops]
    for before, stop, after in zip(stops, stops[1:], stops[2:], strict=False):
        if status_on(stop.lifecycle, ON).ended and not planned(stop, ON):
            long = over(rule, cycles, before, after) >= rule.max_step
            assert long or earlier(after, before)


@pytest.mark.parametrize("kind", SIMPLE)
def test_stops_of_a_whole_product_have_leaps_to_later_ones_only(kind: RuleKind) -> None:
    stops = ladder(of(kind), CYCLES, ON)
    for index, leaps in enumerate(stops.leaps):
        assert all(leap.to > index for leap in leaps)
