"""Upgrade rules as values, and their sentences."""

from __future__ import annotations

from datetime import date

import pytest

from releases.domain.upgrade.rule_words import INFERRED, NOT_RECORDED, SIDE_BY_SIDE, rule_sentences
from releases.domain.upgrade.rules import (
    NO_RULE,
    RULE_DEFAULTS,
    Basis,
    RequiredStop,
    RuleKind,
    Strength,
    UpgradeRule,
    read_rule,
    rule_problems,
)


def test_values_become_a_rule() -> None:
    rule = read_rule(
        {
            "kind": "stops",
            "strength": "recommended",
            "basis": "inferred",
            "ladder": "*.4\n\n !9.4 ",
            "stops": "16.1 at 16.1.8 if NPM packages are in use\n16.3 at 16.3.9\n17.1",
            "paths": "2025 from 2012-r2, 2016\nnonsense",
            "checked_on": date(2026, 11, 29),
        }
    )
    assert rule == UpgradeRule(
        RuleKind.STOPS,
        Strength.RECOMMENDED,
        Basis.INFERRED,
        ladder=("*.4", "!9.4"),
        stops=(
            RequiredStop("16.1", "16.1.8", "NPM packages are in use"),
            RequiredStop("16.3", "16.3.9"),
            RequiredStop("17.1"),
        ),
        paths={"2025": ("2012-r2", "2016")},
        checked_on=date(2026, 11, 29),
    )
    assert rule.leave_at("16.3") == "16.3.9"
    assert rule.leave_at("16.1") == ""


def test_no_values_are_no_rule() -> None:
    assert read_rule({}) == read_rule(RULE_DEFAULTS) == NO_RULE
    assert not NO_RULE.known
    assert rule_problems({}) == {}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"kind": "any", "paths": "2025 2016"}, "paths"),
        ({"kind": "any", "others": "next-supported"}, "others"),
        ({"kind": "lts", "others": "any"}, "others"),
        ({"summary": "Any newer release."}, "kind"),
        ({"kind": "any", "max_step": 0}, "max_step"),
    ],
)
def test_problems_are_named(values: dict[str, object], name: str) -> None:
    assert list(rule_problems(values)) == [name]


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        (NO_RULE, [NOT_RECORDED]),
        (
            UpgradeRule(RuleKind.UNKNOWN, summary="Its site is gone."),
            ["Its site is gone.", NOT_RECORDED],
        ),
        (UpgradeRule(RuleKind.ANY, summary="Any."), ["Any."]),
        (UpgradeRule(RuleKind.ANY, basis=Basis.INFERRED, summary="Any."), ["Any.", INFERRED]),
        (UpgradeRule(RuleKind.PARALLEL), [SIDE_BY_SIDE]),
        (
            UpgradeRule(RuleKind.STOPS, stops=(RequiredStop("1", "1.9", "it is large"),)),
            ["Stop at 1.9, if it is large, as well."],
        ),
    ],
)
def test_sentences(rule: UpgradeRule, sentences: list[str]) -> None:
    assert rule_sentences(rule) == sentences


def test_sentence_of_fewer_stops_is_shown_with_them_only() -> None:
    rule = UpgradeRule(RuleKind.EACH_CYCLE, summary="Each.", fewer="Jumps work.")
    assert rule_sentences(rule) == ["Each."]
    assert rule_sentences(rule, fewer=True) == ["Each.", "Jumps work."]
