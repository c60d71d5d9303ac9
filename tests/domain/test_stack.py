"""Stacks: the order of components, the URL, and the rules of `fail_on`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.latest import Published
from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.lifecycle.resolver import Resolver
from releases.domain.lifecycle.status import Lifecycle, Status
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.stack import (
    MAX_ADDRESS_LENGTH,
    MAX_PARTS,
    Part,
    Rule,
    breaks,
    fits,
    last_day,
    query_of,
    read_accepted,
    read_parts,
    read_rule,
    urgency,
    worst,
)
from releases.domain.upgrade.verdict import Answer, Verdict, assess
from tests.conftest import ON
from tests.domain.strategies import few, lives
from tests.lifecycles import FREE


@dataclass(frozen=True)
class Cycle:
    name: str
    lifecycle: Lifecycle
    codename: str = ""
    latest: str = ""
    latest_date: date | None = None


def cycle(name: str, **milestones: str) -> Cycle:
    latest = milestones.pop("latest", "")
    values = {key: parse_milestone(text) for key, text in milestones.items()}
    return Cycle(name, Lifecycle.of(values), latest=latest)


def with_free_support(each: Cycle) -> Cycle:
    return replace(each, lifecycle=replace(each.lifecycle, extended=FREE))


CYCLES = [
    cycle("9", release="2027-05-01", eol="2030-01-01"),
    cycle("8", release="2026-01-01", eol="2029-01-01", latest="8.1"),
    cycle("7", release="2025-01-01", eoas="2026-01-01", eol="2028-01-01"),
    cycle("6", release="2024-01-01", eol="2026-12-31"),
    cycle("5", release="2023-01-01", eol="2026-01-01", eoes="2030-01-01"),
    cycle("4", release="2022-01-01", eol="2025-01-01"),
    cycle("3", release="2021-01-01", eol="yes"),
    cycle("2", release="2020-01-01", eol="2023-01-01", eoes="2024-06-30"),
    cycle("1", release="2019-01-01", eol="no"),
]


def verdict(
    version: str, *missed: str, cycles: Sequence[Cycle] = CYCLES, accept_extended: bool = False
) -> Verdict[Cycle]:
    releases = [Published(each, ReleaseKind.SECURITY, None) for each in missed]
    return assessed(version, cycles, ON, releases, accept_extended=accept_extended)


def assessed(
    version: str,
    cycles: Sequence[Cycle],
    on: date,
    releases: Sequence[Published] = (),
    *,
    accept_extended: bool = False,
) -> Verdict[Cycle]:
    found = Resolver(cycles).resolve(version, on)
    return assess(found, cycles, on, releases, accept_extended=accept_extended)


def ordered(*versions: str) -> list[str]:
    found = [verdict(version) for version in versions]
    return [each.text for each in sorted(found, key=lambda each: urgency(each, ON))]


# ---- order ---------------------------------------------------------------------------------------


def test_most_urgent_component_comes_first() -> None:
    """Unsupported parts come first, longest ago or of unknown date before others.

    Extended support, near ends, security fixes, patches, later ends, planned and unknown parts
    follow.
    """
    expected = ["3", "2", "4", "5", "6", "7", "8.0", "8.1", "1", "9", "77"]
    assert ordered(*sorted(expected)) == expected


def test_missed_security_release_comes_before_old_versions() -> None:
    missed = verdict("8.0", "8.1")
    assert missed.missed
    found = [verdict("5"), verdict("6"), verdict("7"), missed]
    order = sorted(found, key=lambda each: urgency(each, ON))
    assert [each.text for each in order] == ["5", "6", "8.0", "7"]


def test_counted_extended_support_comes_after_near_ends() -> None:
    """Extended support counts if it is free or accepted."""
    accepted = verdict("5", accept_extended=True)
    free = verdict("5", cycles=[with_free_support(each) for each in CYCLES])
    assert accepted.answer == free.answer == Answer.EXTENDED
    for each in (accepted, free):
        order = sorted([each, verdict("6"), verdict("7")], key=lambda each: urgency(each, ON))
        assert [found.text for found in order] == ["6", "5", "7"]


@few
@given(st.lists(lives, min_size=1, max_size=5), st.integers(0, 4), st.dates(date(2020, 1, 1)))
def test_every_verdict_has_a_position(found: list[Lifecycle], number: int, on: date) -> None:
    """Unsupported parts come first for any dates."""
    cycles = [Cycle(str(index), life) for index, life in enumerate(found)]
    each = assessed(str(number), cycles, on)
    assert (urgency(each, on)[0] == 0) == (each.answer is Answer.UNSUPPORTED)


@pytest.mark.parametrize(
    ("version", "end"),
    [
        ("8", "1 Jan 2029"),
        ("5", "1 Jan 2026"),
        ("4", "1 Jan 2025"),
        ("3", "None"),
        ("2", "1 Jan 2023"),
        ("1", "None"),
        ("77", "None"),
    ],
)
def test_last_day_of_support(version: str, end: str) -> None:
    """Extended support does not count unless it is free."""
    assert str(last_day(verdict(version), ON)) == end


@pytest.mark.parametrize(("version", "end"), [("5", "1 Jan 2030"), ("2", "30 Jun 2024")])
def test_last_day_of_free_extended_support(version: str, end: str) -> None:
    free = [with_free_support(each) for each in CYCLES]
    assert str(last_day(verdict(version, cycles=free), ON)) == end


def test_last_day_of_accepted_extended_support() -> None:
    assert str(last_day(verdict("5", accept_extended=True), ON)) == "1 Jan 2030"


# ---- URL -----------------------------------------------------------------------------------------


def test_stack_has_one_readable_url() -> None:
    parts = [Part("python", "3.12"), Part("django", "5.2.1"), Part("python", "3.12")]
    assert query_of(parts) == "?of=django:5.2.1&of=python:3.12"
    assert query_of(parts[:1], date(2028, 1, 1)) == "?of=python:3.12&on=2028-01-01"
    assert query_of([]) == "?"


def test_stack_url_has_a_maximum_length() -> None:
    assert fits("x" * MAX_ADDRESS_LENGTH)
    assert not fits("x" * (MAX_ADDRESS_LENGTH + 1))


names = st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,20}", fullmatch=True)
versions = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
parts_strategy = st.lists(st.builds(Part, names, versions), max_size=8)


@given(parts_strategy)
def test_stack_survives_a_round_trip_through_its_url(parts: list[Part]) -> None:
    """Each part is written once, in a fixed order; versions may have any characters."""
    query = parse_qs(query_of(parts).removeprefix("?"))
    assert read_parts(query.get("of", [])) == (sorted(set(parts)), [])


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_is_a_part_or_a_problem(texts: list[str]) -> None:
    each = [read_parts([text]) for text in texts]
    assert all(len(parts) + len(problems) == 1 for parts, problems in each)
    parts, problems = read_parts(texts)
    assert parts == sorted({part for found, _ in each for part in found})
    assert len(problems) == sum(len(found) for _, found in each)


@pytest.mark.parametrize(
    "text",
    ["", "django", "django:", ":5.2", "d j:5", "django:5\x00", "x" * 101 + ":1", "a:" + "1" * 101],
)
def test_invalid_part_is_reported(text: str) -> None:
    parts, problems = read_parts([text, "Django: 5.2 "])
    assert parts == [Part("django", "5.2")]
    assert problems[0].message.endswith(
        "” is ignored: expected a product and a version, such as django:5.2.1."
    )


def test_number_of_parts_is_limited() -> None:
    parts, problems = read_parts([f"p{number}:1" for number in range(MAX_PARTS + 1)])
    assert len(parts) == MAX_PARTS
    assert [each.message for each in problems] == [f"At most {MAX_PARTS} parts are read."]


# ---- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("eol", ["5", "4", "3", "2"]),
        ("ends-within=0d", ["5", "4", "3", "2"]),
        ("ends-within=39d", ["5", "4", "3", "2"]),
        ("ends-within=40d", ["6", "5", "4", "3", "2"]),
        ("ends-within=405d", ["6", "5", "4", "3", "2"]),
        ("ends-within=406d", ["7", "6", "5", "4", "3", "2"]),
    ],
)
def test_rules_that_a_component_breaks(rule: str, broken: list[str]) -> None:
    """An ended cycle breaks every rule even with extended support.

    Planned and unknown ones break none.
    """
    found = [*(each.name for each in CYCLES), "77"]
    assert [name for name in found if breaks(read_rule(rule), verdict(name), ON)] == broken


@pytest.mark.parametrize(
    ("rule", "broken"), [("eol", False), ("ends-within=1136d", False), ("ends-within=1137d", True)]
)
def test_free_and_accepted_extended_support_counts(rule: str, broken: bool) -> None:
    """The rules use its end."""
    free = [with_free_support(each) for each in CYCLES]
    for found in (verdict("5", cycles=free), verdict("5", accept_extended=True)):
        assert breaks(read_rule(rule), found, ON) is broken


def test_end_of_ordinary_support_is_ignored_before_free_support() -> None:
    day = date(2025, 12, 31)
    free = [with_free_support(each) for each in CYCLES]
    assert breaks(Rule(30), assessed("5", CYCLES, day), day)
    assert not breaks(Rule(30), assessed("5", free, day), day)


# ---- accepted extended support -------------------------------------------------------------------


def test_accepted_products_have_one_form_in_the_url() -> None:
    part = Part("node", "18")
    assert query_of([part], None, ["ubuntu", "nodejs", "nodejs"]) == (
        "?of=node:18&accept_extended=nodejs&accept_extended=ubuntu"
    )
    assert query_of([], None, ["nodejs"]) == "?"


@pytest.mark.parametrize(
    ("texts", "names", "problems"),
    [
        ([], [], 0),
        ([" NodeJS ", "ubuntu", "nodejs"], ["nodejs", "ubuntu"], 0),
        (["nodejs", "all"], ["all"], 0),
        (["node js", ""], [], 2),
    ],
)
def test_accepted_products_are_parsed(texts: list[str], names: list[str], problems: int) -> None:
    found, bad = read_accepted(texts)
    assert found == names
    assert len(bad) == problems
    assert all(each.message.endswith("such as nodejs, or all.") for each in bad)


def test_last_day_still_counts() -> None:
    rule, ends = Rule(), CYCLES[3:]
    assert not breaks(rule, assessed("6", ends, date(2026, 12, 31)), date(2026, 12, 31))
    assert breaks(rule, assessed("6", ends, date(2027, 1, 1)), date(2027, 1, 1))
    week_before = date(2026, 12, 31) - timedelta(days=7)
    assert breaks(Rule(7), assessed("6", ends, week_before), week_before)


@pytest.mark.parametrize("text", ["eol", "ends-within=0d", "ends-within=90d"])
def test_rule_survives_a_round_trip(text: str) -> None:
    assert str(read_rule(text)) == text


@pytest.mark.parametrize(
    "text", ["", "EOL", "ends-within", "ends-within=90", "ends-within=-1d", "ends-within=999999d"]
)
def test_invalid_rule_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="is no rule: expected eol, or ends-within=90d"):
        read_rule(text)


# ---- the worst component -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("versions", "words", "status"),
    [
        (["4", "6", "8", "77"], "1 of 3 end of life", Status.END_OF_LIFE),
        (["6", "8"], "1 of 2 ending soon", Status.SECURITY),
        (["5", "7"], "1 of 2 extended support only", Status.EXTENDED),
        (["7", "7"], "2 of 2 security fixes only", Status.SECURITY),
        (["8", "1"], "all 2 supported", Status.ACTIVE),
        (["8"], "supported", Status.ACTIVE),
        (["9"], "planned", Status.PLANNED),
    ],
)
def test_worst_component_of_a_stack(versions: list[str], words: str, status: Status) -> None:
    assert worst([verdict(each) for each in versions], ON) == (words, status)
