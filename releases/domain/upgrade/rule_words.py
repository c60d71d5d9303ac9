"""Sentences of an upgrade rule."""

from __future__ import annotations

from typing import Final

from releases.domain.upgrade.rules import Basis, RuleKind, UpgradeRule

NOT_RECORDED: Final = (
    "Whether releases may be skipped is not recorded here. Read the maker's upgrade guide."
)
INFERRED: Final = "This is usual practice; no statement by the maker is recorded."
SIDE_BY_SIDE: Final = "Install side by side and migrate."


def rule_sentences(rule: UpgradeRule, *, fewer: bool = False) -> list[str]:
    """Return a rule as sentences. `fewer` is True for a plan with fewer stops than advised."""
    if not rule.known:
        return [*([rule.summary] if rule.summary else []), NOT_RECORDED]
    return [
        *([SIDE_BY_SIDE] if rule.kind is RuleKind.PARALLEL else []),
        *([rule.summary] if rule.summary else []),
        *([rule.fewer] if fewer and rule.fewer else []),
        *(f"Stop at {stop.condition}, as well." for stop in rule.stops if stop.when),
        *([INFERRED] if rule.basis is Basis.INFERRED else []),
    ]
