"""The baseline of a stack: an earlier check, whose findings are not reported again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from releases.domain.stack import Rule


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A release cycle as an earlier check found it.

    Attributes:
        over: True if its support had ended.
        until: The last day of its support, if it was known.
    """

    over: bool
    until: date | None = None

    def broke(self, rule: Rule, on: date) -> bool:
        """Return True if the cycle broke a rule on the day of the earlier check."""
        if self.over:
            return True
        if rule.days is None or self.until is None:
            return False
        return (self.until - on).days <= rule.days


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier check of a stack.

    Attributes:
        on: The day of the check.
        rows: The rows by product and cycle, or by product and version if the cycle was not known.
        unknown: The names and versions of components that were not recorded.
        unversioned: The names of products whose version was not known.
    """

    on: date
    rows: Mapping[tuple[str, str], BaselineRow] = field(default_factory=dict)
    unknown: frozenset[tuple[str, str]] = frozenset()
    unversioned: frozenset[str] = frozenset()

    def is_new(self, key: tuple[str, str], broken: Iterable[Rule], *, over: bool) -> bool:
        """Return True if a row was not there, has ended since, or breaks another rule than before.

        Args:
            key: The product and cycle, or the product and version if the cycle is not known.
            broken: The rules that the row breaks now.
            over: True if its support is over now.
        """
        row = self.rows.get(key)
        if row is None or (over and not row.over):
            return True
        return not all(row.broke(rule, self.on) for rule in broken)
