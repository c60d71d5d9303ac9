"""The policy of a stack: its rules, the extended support that is accepted, and its exceptions.

An exception lets a part break the rules until a day. It is a `Waiver` here, as `Exception` is
taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.versions import version_tokens
from releases.domain.stack import Place, Rule, breaks
from releases.domain.upgrade.verdict import Cycle, Verdict

MAX_WAIVERS: Final = 200
"""Maximum number of exceptions of a stack."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception: a part of a stack that may break all rules until a day.

    Attributes:
        product: The name or an alias of a product.
        version: A version, cycle or codename; `14` covers 14.21.3, too. Empty for all versions.
        until: The last day of the exception, inclusive.
        reason: The reason for people, with a ticket or the like.
        where: The only part or files that it is for, as the file writes them; empty for all.
        places: The same as places: patterns for the ends of paths, and lines, 0 for any line. Empty
            for all places.
        file: The file that has it; empty if unknown.
        line: The line in the file, from 1; 0 if unknown.
    """

    product: str
    version: str
    until: date
    reason: str
    where: str = ""
    places: tuple[Place, ...] = field(default=(), compare=False)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        name = f"{self.product} {self.version}".strip()
        return f"{name} ({self.where})" if self.where else name

    def ended(self, on: date) -> bool:
        """Return True if the last day of the exception is over."""
        return on > self.until

    def covers(self, versions: Iterable[str]) -> bool:
        """Return True if the exception is for one of these names of a version of its product."""
        wanted = version_tokens(self.version)
        return any(version_tokens(each)[: len(wanted)] == wanted for each in versions)

    def is_at(self, place: Place) -> bool:
        """Return True if the exception is for what this place names."""
        return not self.places or any(_matches(each, place) for each in self.places)

    def sentence(self, on: date) -> str:
        """Return the end and the reason as a sentence."""
        words = "The exception ended on" if self.ended(on) else "Exception until"
        return f"{words} {PartialDate(self.until)}: {self.reason.rstrip('.')}."


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules, accepted extended support and exceptions of a stack.

    `accepted` are names of products, or only `all`.
    """

    rules: tuple[Rule, ...] = ()
    accepted: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def __add__(self, other: Policy) -> Policy:
        """Return the policy of both; rules and products that both have appear once."""
        return Policy(
            tuple(dict.fromkeys((*self.rules, *other.rules))),
            tuple(dict.fromkeys((*self.accepted, *other.accepted))),
            (*self.waivers, *other.waivers),
        )


def waivers_of(waivers: Iterable[Waiver], versions: Sequence[str]) -> list[Waiver]:
    """Return the exceptions for a version, the one that counts first.

    One for certain places comes first, then the one for the longest version, then the one that ends
    first: a missed end does more harm than a needless warning.

    Args:
        waivers: The exceptions for the product.
        versions: The names of the version: as in the file, of its cycle, its codename.
    """
    return sorted((each for each in waivers if each.covers(versions)), key=_precedence)


def _precedence(waiver: Waiver) -> tuple[bool, int, date]:
    return not waiver.places, -len(version_tokens(waiver.version)), waiver.until


def _matches(pattern: Place, place: Place) -> bool:
    """Return True if a place has the line and the end of the path of a pattern."""
    if pattern.line and pattern.line != place.line:
        return False
    return place.file == pattern.file or _ends_as(place.file, pattern.file)


@lru_cache(maxsize=10_000)
def _ends_as(path: str, pattern: str) -> bool:
    return bool(path and pattern) and PurePosixPath(path).match(pattern)


def broken_rules(
    rules: Iterable[Rule], verdict: Verdict[Cycle], on: date, waiver: Waiver | None = None
) -> list[Rule]:
    """Return the rules that a part breaks in spite of its exception.

    It breaks none while the exception lasts. After its end, the part also breaks the rule `eol`, if
    nobody asked for this rule: an exception promises that the part is gone by then.
    """
    if waiver and not waiver.ended(on):
        return []
    asked = dict.fromkeys((*rules, Rule()) if waiver else rules)
    return [rule for rule in asked if breaks(rule, verdict, on)]
