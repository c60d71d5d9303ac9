"""The upgrade rule of a product: the cycles that an upgrade must, should or may pass through.

A rule is data that states what the maker supports. Its lists have one entry a line:
`RequiredStop` and `_parse_path` have the grammar of two of them. Cycles are named by patterns such
as `*.4` and `10-2?h?`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Final, TypeVar

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.order import HasName
from releases.domain.lifecycle.status import Status, is_lts, status_on
from releases.domain.lifecycle.versions import version_key, version_tokens

Cycle = TypeVar("Cycle", bound=HasName)


class RuleKind(StrEnum):
    """The kind of an upgrade rule. `NOT_RECORDED` is the value of products without one."""

    NOT_RECORDED = ""
    ANY = "any"
    EACH_MAJOR = "each-major"
    EACH_CYCLE = "each-cycle"
    LTS = "lts"
    NEXT_SUPPORTED = "next-supported"
    STOPS = "stops"
    PARALLEL = "parallel"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"


class Strength(StrEnum):
    """The strength of a rule: nothing else is supported, or other ways work as well."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"


class Basis(StrEnum):
    """The basis of a rule: a statement of the maker, or usual practice."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


NOT_KNOWN: Final = (RuleKind.NOT_RECORDED, RuleKind.UNKNOWN)
"""The kinds that do not tell whether releases may be skipped."""

_STOP: Final = re.compile(r"(?P<cycle>.+?)(?:\s+at\s+(?P<version>\S+))?(?:\s+if\s+(?P<when>.+))?")
_PATH: Final = re.compile(r"(?P<target>.+?)\s+from\s+(?P<sources>.+)")


@dataclass(frozen=True, slots=True)
class RequiredStop:
    """A cycle that must not be skipped: `16.1 at 16.1.8 if NPM packages are in the registry`.

    `version` is the least release to reach in it before the next step. A stop with a condition
    (`when`) concerns some installations only; it is named and is no step.
    """

    cycle: str
    version: str = ""
    when: str = ""

    @classmethod
    def parse(cls, line: str) -> RequiredStop:
        """Return the stop of a line; every line that is not empty is one."""
        found = _STOP.fullmatch(line)
        assert found is not None
        return cls(found["cycle"], found["version"] or "", found["when"] or "")

    @property
    def condition(self) -> str:
        """The stop with its condition as a phrase: `16.1.8, if NPM packages are in use`."""
        return f"{self.version or self.cycle}, if {self.when}"


def _parse_path(line: str) -> tuple[str, tuple[str, ...]] | None:
    """Return a target and the cycles that reach it, or None: `2025 from 2012-r2, 2016`."""
    found = _PATH.fullmatch(line)
    return (found["target"], tuple(re.split(r"\s*,\s*", found["sources"]))) if found else None


@dataclass(frozen=True, slots=True)
class UpgradeRule:
    """How upgrades of a product may go.

    Attributes:
        kind: The kind of the rule.
        strength: Whether the maker supports other ways, too.
        basis: Whether the maker states the rule.
        summary: The rule as a sentence.
        fewer: What the maker says of fewer stops than recommended, as a sentence.
        others: The rule for cycles without LTS, if `kind` is LTS: next supported, or none.
        ladder: Patterns of the cycles that count as stops; all of them if it is empty. A pattern
            with `!` excludes cycles.
        order: Patterns in ascending order, where the text of versions is no order.
        lanes: Patterns of editions that an upgrade does not leave.
        stops: The required stops.
        paths: The only cycles that a target is reached from, by patterns of both.
        max_step: The number of steps of the ladder that one upgrade may take at most.
        port_on: The cycle on which a project changes to another major version of the runtime.
        preconditions: What must hold before a step, as sentences or phrases.
        tool: The maker's tool or command.
        guide: The address of the maker's upgrade guide.
        source: The address of the page that states the rule.
        checked_on: The day on which the rule was compared with its source.
    """

    kind: RuleKind = RuleKind.NOT_RECORDED
    strength: Strength = Strength.REQUIRED
    basis: Basis = Basis.DOCUMENTED
    summary: str = ""
    fewer: str = ""
    others: RuleKind = RuleKind.NOT_RECORDED
    ladder: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    stops: tuple[RequiredStop, ...] = ()
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    max_step: int = 1
    port_on: str = ""
    preconditions: tuple[str, ...] = ()
    tool: str = ""
    guide: str = ""
    source: str = ""
    checked_on: date | None = None

    @property
    def known(self) -> bool:
        """True if it tells whether releases may be skipped."""
        return self.kind not in NOT_KNOWN

    def counts(self, name: str) -> bool:
        """Return True if a cycle is on the ladder."""
        excluded = [pattern[1:] for pattern in self.ladder if pattern.startswith("!")]
        included = [pattern for pattern in self.ladder if not pattern.startswith("!")]
        return not matches(name, excluded) and (not included or matches(name, included))

    def rank(self, name: str) -> Any:
        """Return the sort key of a cycle: by `order`, then by version."""
        return _place(name, self.order), version_key(name)

    def in_order(self, cycles: Sequence[Cycle]) -> list[Cycle]:
        """Return cycles in the order of the rule, oldest first."""
        return sorted(cycles, key=lambda cycle: self.rank(cycle.name))

    def unit(self, cycle: HasName, on: date, kind: RuleKind) -> str:
        """Return the name of what an upgrade must not skip at this cycle; empty if there is none.

        Each name is a stop of the ladder. All cycles of a major version are one stop, unless the
        ladder names cycles.
        """
        if not self.counts(cycle.name):
            return ""
        match kind:
            case RuleKind.EACH_MAJOR if not any(map(_includes, self.ladder)):
                return str(version_tokens(cycle.name)[:1])
            case RuleKind.EACH_CYCLE | RuleKind.EACH_MAJOR:
                needed = True
            case RuleKind.LTS:
                needed = is_lts(cycle.lifecycle, on) or self._stops_at(cycle.name)
            case RuleKind.NEXT_SUPPORTED:
                needed = status_on(cycle.lifecycle, on).supported
            case RuleKind.STOPS:
                needed = self._stops_at(cycle.name)
            case _:
                needed = False
        return cycle.name if needed else ""

    def _stops_at(self, name: str) -> bool:
        return any(stop.cycle == name and not stop.when for stop in self.stops)

    def kind_from(self, cycle: HasName, on: date) -> RuleKind:
        """Return the kind that holds for upgrades from a cycle."""
        other = self.others is not RuleKind.NOT_RECORDED and not is_lts(cycle.lifecycle, on)
        return self.others if other else self.kind

    def connects(self, before: HasName, after: HasName) -> bool:
        """Return True if an upgrade may lead from one cycle to a later one, whatever is between.

        It stays within the edition, takes a recorded path, and never leads to an earlier date.
        """
        sources = [
            pattern
            for target, patterns in self.paths.items()
            if fnmatchcase(after.name, target)
            for pattern in patterns
        ]
        return (
            not self.leaves_lane(before, after)
            and (not sources or matches(before.name, sources))
            and not earlier(after, before)
        )

    def leave_at(self, name: str) -> str:
        """Return the least release of a cycle from which the next step begins, or ""."""
        return next(
            (stop.version for stop in self.stops if stop.cycle == name and not stop.when), ""
        )

    def candidates(self, cycles: Sequence[Cycle], start: Cycle | None = None) -> list[Cycle]:
        """Return the cycles that count as targets, in the given order: on the ladder, in the lane.

        `start` counts as well.
        """
        return [
            each
            for each in cycles
            if each is start
            or (self.counts(each.name) and not (start and self.leaves_lane(start, each)))
        ]

    def leaves_lane(self, one: HasName, other: HasName) -> bool:
        """Return True if two cycles are of different editions."""
        lanes = {_place(each.name, self.lanes) for each in (one, other)}
        return len(lanes - {-1}) > 1


NO_RULE: Final = UpgradeRule()
"""The rule of a product without a recorded one."""

RULE_LISTS: Final = ("ladder", "order", "lanes", "stops", "paths", "preconditions")
"""The values of a rule that are lists, one entry a line."""

RULE_DEFAULTS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("kind", "strength", "basis", "summary", "fewer", "others"), ""),
    **dict.fromkeys(RULE_LISTS, ""),
    "max_step": 1,
    **dict.fromkeys(("port_on", "tool", "guide", "source"), ""),
    "checked_on": None,
}
"""The values of a rule as tables and files have them, all of them empty."""


def read_rule(values: Mapping[str, Any]) -> UpgradeRule:
    """Return the rule with these values, which are those of `RULE_DEFAULTS` where they lack.

    Lines that `rule_problems` reports are left out.
    """
    values = {**RULE_DEFAULTS, **values}
    lists = {name: _lines(values[name]) for name in RULE_LISTS}
    paths = dict(filter(None, map(_parse_path, lists.pop("paths"))))
    stops = tuple(RequiredStop.parse(line) for line in lists.pop("stops"))
    return UpgradeRule(
        **{name: value for name, value in values.items() if name not in RULE_LISTS}
        | lists
        | {
            "kind": RuleKind(values["kind"]),
            "strength": Strength(values["strength"] or Strength.REQUIRED),
            "basis": Basis(values["basis"] or Basis.DOCUMENTED),
            "others": RuleKind(values["others"]),
            "stops": stops,
            "paths": paths,
        }
    )


def rule_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the values of a rule, as sentences by name."""
    values = {**RULE_DEFAULTS, **values}
    problems = {}
    for line in _lines(values["paths"]):
        if _parse_path(line) is None:
            problems["paths"] = (
                f"“{line}”: expected a target and its sources: 2025 from 2016, 2019."
            )
    if values["others"] not in ("", RuleKind.NEXT_SUPPORTED):
        problems["others"] = "Cycles without LTS go to the next supported cycle, or as the others."
    elif values["others"] and values["kind"] != RuleKind.LTS:
        problems["others"] = "Only a rule of the kind lts has another one for the other cycles."
    if values["kind"] == "" and any(
        values[name] != default for name, default in RULE_DEFAULTS.items()
    ):
        problems["kind"] = "A rule has a kind; it is “unknown” if the maker says nothing."
    if not values["max_step"]:
        problems["max_step"] = "A step takes one stop at least."
    return problems


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Return True if one of the patterns matches a name."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def earlier(one: HasName, other: HasName) -> bool:
    """Return True if a cycle is known to have been released before another one."""
    first, second = one.lifecycle.release, other.lifecycle.release
    return (
        isinstance(first, PartialDate)
        and isinstance(second, PartialDate)
        and first.date < second.date
    )


def planned(cycle: HasName, on: date) -> bool:
    """Return True if a cycle is not released on `on`."""
    return status_on(cycle.lifecycle, on) is Status.PLANNED


def _includes(pattern: str) -> bool:
    return not pattern.startswith("!")


def _place(name: str, patterns: Sequence[str]) -> int:
    """Return the index of the first pattern that matches; -1 if none does."""
    return next((i for i, pattern in enumerate(patterns) if fnmatchcase(name, pattern)), -1)
