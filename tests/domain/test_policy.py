"""Policies of stacks: what an exception covers, when it ends, and which of several counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.lifecycle.resolver import Resolver
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.policy import Policy, Waiver, broken_rules, waivers_of
from releases.domain.stack import Place, Rule
from releases.domain.upgrade.verdict import Verdict, assess
from tests.conftest import ON
from tests.domain.test_stack import Cycle

DAY = timedelta(days=1)
NODE = Waiver("nodejs", "14", ON, "The legacy host moves in spring, OPS-311.")


def cycle(name: str, eol: str) -> Cycle:
    values = {"release": parse_milestone("2020-04-21"), "eol": parse_milestone(eol)}
    return Cycle(name, Lifecycle.of(values))


def verdict(version: str) -> Verdict[Cycle]:
    cycles = [cycle("24", "2028-04-30"), cycle("22", "2026-12-31"), cycle("14", "2023-04-30")]
    return assess(Resolver(cycles).resolve(version, ON), cycles, ON)


@pytest.mark.parametrize(
    "names",
    [["14.21.3", "14", "Fermium"], ["14"], ["14.x"], ["14.0"], ["legacy", "14", ""]],
)
def test_cycle_covers_its_versions(names: list[str]) -> None:
    assert NODE.covers(names)


@pytest.mark.parametrize("names", [["140"], ["1"], ["24.14.0", "24"], ["5.14"], []])
def test_cycle_covers_no_other_versions(names: list[str]) -> None:
    assert not NODE.covers(names)


def test_exception_without_a_version_covers_all() -> None:
    assert Waiver("nodejs", "", ON, "None of it is ours.").covers(["24.1.0", "24"])


def test_codename_covers_its_cycle_in_any_case() -> None:
    assert Waiver("debian", "buster", ON, "").covers(["10.13", "10", "Buster"])


@pytest.mark.parametrize(("after", "ended"), [(-DAY, False), (0 * DAY, False), (DAY, True)])
def test_last_day_belongs_to_an_exception(after: timedelta, ended: bool) -> None:
    assert NODE.ended(ON + after) is ended


def test_sentence_has_the_end_and_the_reason() -> None:
    reason = "21 Nov 2026: The legacy host moves in spring, OPS-311."
    assert NODE.sentence(ON) == f"Exception until {reason}"
    assert NODE.sentence(ON + DAY) == f"The exception ended on {reason}"


def test_exception_of_the_longest_version_counts() -> None:
    every, cycle, release = (Waiver("nodejs", each, ON, "") for each in ("", "14", "14.21"))
    assert waivers_of([every, release, cycle], ["14.21.3", "14"])[0] is release
    assert waivers_of([every, release, cycle], ["14.20.0", "14"])[0] is cycle
    assert waivers_of([every, release, cycle], ["24.1.0", "24"])[0] is every
    assert waivers_of([release, cycle], ["24.1.0", "24"]) == []


def test_first_end_counts_if_two_exceptions_are_for_the_same_part() -> None:
    other = Waiver("node", "14", ON - DAY, "Longer is not safer.")
    assert waivers_of([NODE, other], ["14"]) == waivers_of([other, NODE], ["14"]) == [other, NODE]


def test_part_breaks_no_rule_while_its_exception_lasts() -> None:
    rules = [Rule(), Rule(90)]
    assert broken_rules(rules, verdict("14"), ON) == rules
    assert broken_rules(rules, verdict("14"), ON, NODE) == []
    assert broken_rules(rules, verdict("14"), ON + DAY, NODE) == rules


def test_ended_exception_breaks_the_build_without_any_rule() -> None:
    assert broken_rules([], verdict("14"), ON + DAY, NODE) == [Rule()]
    assert broken_rules([], verdict("14"), ON, NODE) == []
    assert broken_rules([], verdict("14"), ON + DAY) == []


def test_ended_exception_of_a_supported_part_breaks_nothing() -> None:
    """The part was upgraded in time; the exception can go."""
    every = Waiver("nodejs", "", ON - DAY, "Before the upgrade.")
    assert broken_rules([Rule()], verdict("24"), ON, every) == []
    assert broken_rules([Rule(90)], verdict("22"), ON, every) == [Rule(90)]


def test_policies_add_up() -> None:
    first = Policy((Rule(),), ("ubuntu",), (NODE,))
    second = Policy((Rule(90), Rule()), ("ubuntu", "nodejs"))
    both = Policy((Rule(), Rule(90)), ("ubuntu", "nodejs"), (NODE,))
    assert first + second == both
    assert (second + first).waivers == both.waivers
    assert Policy() + first == first


def test_exceptions_are_told_by_their_part() -> None:
    assert str(NODE) == "nodejs 14"
    assert str(Waiver("nodejs", "", date.max, "")) == "nodejs"


@pytest.mark.parametrize(
    ("place", "covered"),
    [
        (Place("legacy/Dockerfile", 3), True),
        (Place("shop/legacy/Dockerfile"), True),
        (Place("Dockerfile"), False),
        (Place("legacy/Dockerfile.new"), False),
        (Place("stack.yaml", 6), True),
        (Place("stack.yaml", 9), False),
        (Place("", 6), False),
        (Place(""), False),
    ],
)
def test_exception_for_places_covers_no_others(place: Place, covered: bool) -> None:
    places = (Place("legacy/Dockerfile"), Place("stack.yaml", 6))
    waiver = replace(NODE, where="legacy host", places=places)
    assert waiver.is_at(place) is covered
    assert NODE.is_at(place)
    assert str(waiver) == "nodejs 14 (legacy host)"


def test_exception_for_places_counts_before_one_for_all() -> None:
    here = replace(NODE, version="", where="legacy", places=(Place("legacy/*"),))
    assert waivers_of([NODE, here], ["14"]) == [here, NODE]
    assert waivers_of([NODE, here], ["24"]) == [here]
