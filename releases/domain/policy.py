"""The policy of a stack: its rules, the extended support that is accepted, and its exceptions.

An exception lets a part break the rules until a day. It is a `Waiver` here, as `Exception` is
taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.versions import version_tokens
from releases.domain.stack import Rule, breaks
from releases.domain.upgrade.verdict import Cycle, Verdict

MAX_WAIVERS: Final = 500
"""Maximum number of exceptions of a stack."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception: a part of a stack that may break all rules until a day.

    Attributes:
        product: The name or an alias of a product.
        version: A version, cycle or codename; `14` covers 14.21.3, too. Empty for all versions.
        until: The last day of the exception, inclusive.
        reason: The reason for people, with a ticket or the like.
        file: The file that has it; empty if unknown.
        line: The line in the file, from 1; 0 if unknown.
    """

    product: str
    version: str
    until: date
    reason: str
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.product} {self.version}".strip()

    def ended(self, on: date) -> bool:
        """Return True if the last day of the exception is over."""
        return on > self.until

    def covers(self, versions: Iterable[str]) -> bool:
        """Return True if the exception is for one of these names of a version of its product."""
        wanted = version_tokens(self.version)
        return any(version_tokens(each)[: len(wanted)] == wanted for each in versions)

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


def waiver_of(waivers: Sequence[Waiver], versions: Sequence[str]) -> Waiver | None:
    """Return the exception that counts for a part, or None.

    Of several, it is the one for the longest version, and of these the one that ends first: a
    missed end does more harm than a needless warning.

    Args:
        waivers: The exceptions for the product of the part.
        versions: The names of its version: as in the file, of its cycle, its codename.
    """
    covering = [each for each in waivers if each.covers(versions)]
    return min(covering, key=_precedence, default=None)


def _precedence(waiver: Waiver) -> tuple[int, date]:
    return -len(version_tokens(waiver.version)), waiver.until


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
