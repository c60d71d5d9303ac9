"""Stacks: the order of their parts by urgency, and the URL of a stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import urlencode

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Status, support_ended_on
from releases.domain.names import NAME
from releases.domain.roadmap.query import MAX_TEXT, QueryProblem
from releases.domain.upgrade.verdict import OVER, Answer, Cycle, Verdict

OF: Final = "of"
"""The query parameter of a part."""

ACCEPT: Final = "accept_extended"
"""The query parameter of a product whose extended support the user has."""

ALL: Final = "all"
"""The value of `ACCEPT` that means all products."""

MAX_ADDRESS_LENGTH: Final = 2_000
"""Maximum length of the URL of a stack; some programs truncate longer ones."""

MAX_PARTS: Final = 500
"""Maximum number of parts; the others are ignored."""

_RANKS: Final = {
    Answer.UNSUPPORTED: 0,
    Answer.EXTENDED_ONLY: 1,
    Answer.ENDS_SOON: 2,
    Answer.EXTENDED: 4,
    Answer.SECURITY_ONLY: 5,
    Answer.PATCH: 6,
    Answer.NEWER: 7,
    Answer.UP_TO_DATE: 7,
    Answer.PLANNED: 8,
    Answer.UNKNOWN: 9,
}
_MISSED: Final = 3
"""The rank of a part with missed security releases."""
RULE: Final = "eol|ends-within=[0-9]{1,5}d"
"""The pattern of a rule."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A version of a product by its name: `django:5.2.1`."""

    product: str
    version: str

    def __str__(self) -> str:
        return f"{self.product}:{self.version}"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file that names a component.

    `file` is empty if the file has no name; `line` counts from 1 and is 0 if it is not known.
    `part` is the name of the part of a stack.yaml there; empty if it has none.
    """

    file: str
    line: int = 0
    part: str = field(default="", compare=False)

    def __str__(self) -> str:
        line = f"{self.file}:{self.line}" if self.file else f"line {self.line}"
        place = line if self.line else self.file
        return f"{place} ({self.part})" if self.part else place


NO_PLACE: Final = Place("")
"""The place of a part that no file names."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a stack must not break.

    A part breaks it if its support is over or, if `days` is given, ends within this number of days.
    Ordinary support counts, and extended support that is free or that the user has.
    """

    days: int | None = None

    def __str__(self) -> str:
        return "eol" if self.days is None else f"ends-within={self.days}d"


def query_of(parts: Iterable[Part], day: date | None = None, accepted: Iterable[str] = ()) -> str:
    """Return the query string of a stack with the `?`; only `?` if it has no parts and no date.

    Args:
        parts: The parts; each appears once, sorted.
        day: The date of the page if it is not today.
        accepted: The products whose extended support the user has.
    """
    pairs = [(OF, str(part)) for part in sorted(set(parts))]
    pairs += [(ACCEPT, name) for name in sorted(set(accepted))] if pairs else []
    pairs += [("on", day.isoformat())] if day else []
    return f"?{urlencode(pairs, safe=':')}"


def fits(address: str) -> bool:
    """Return True if a URL, scheme included, is short enough to be stored and sent."""
    return len(address) <= MAX_ADDRESS_LENGTH


def read_parts(texts: Sequence[str]) -> tuple[list[Part], list[QueryProblem]]:
    """Return the parts that a URL names, each once and sorted, and the problems of the others.

    Parts with a problem are ignored.
    """
    problems = []
    if len(texts) > MAX_PARTS:
        problems.append(QueryProblem(OF, f"At most {MAX_PARTS} parts are read."))
    found = set()
    for text in texts[:MAX_PARTS]:
        product, _, version = (each.strip() for each in text.partition(":"))
        good = NAME.fullmatch(product.lower()) and version and version.isprintable()
        if good and max(len(product), len(version)) <= MAX_TEXT:
            found.add(Part(product.lower(), version))
        else:
            expected = "expected a product and a version, such as django:5.2.1."
            problems.append(QueryProblem(OF, f"“{text[:MAX_TEXT]}” is ignored: {expected}"))
    return sorted(found), problems


def read_accepted(texts: Sequence[str]) -> tuple[list[str], list[QueryProblem]]:
    """Return the products whose extended support a URL accepts, sorted, and the problems found.

    Values with a problem are ignored. `all` stands for all products and replaces the others.
    """
    names, problems = set(), []
    for text in texts:
        name = text.strip().lower()
        if NAME.fullmatch(name) and len(name) <= MAX_TEXT:
            names.add(name)
        else:
            expected = f"expected the name of a product, such as nodejs, or {ALL}."
            problems.append(QueryProblem(ACCEPT, f"“{text[:MAX_TEXT]}” is ignored: {expected}"))
    return [ALL] if ALL in names else sorted(names), problems


def last_day(verdict: Verdict[Cycle], on: date) -> PartialDate | None:
    """Return the last day of support, past or future; None if it is not known."""
    if verdict.cycle is None or verdict.answer not in OVER:
        return verdict.end
    return support_ended_on(verdict.cycle.lifecycle, on)


def urgency(verdict: Verdict[Cycle], on: date) -> tuple[int, date]:
    """Return the sort key of a part; the most urgent part comes first.

    The order is:

    - unsupported, the earliest end first
    - extended support only, which the user is not known to have
    - ends soon
    - security releases were missed
    - other extended support
    - security fixes only
    - a patch is available
    - any other supported part
    - planned
    - unknown

    Parts of the same rank are ordered by the end of their support.
    """
    rank = min(_RANKS[verdict.answer], _MISSED if verdict.missed else _RANKS[Answer.UNKNOWN])
    end = last_day(verdict, on)
    unknown = date.min if verdict.answer in OVER else date.max
    return rank, end.date if end else unknown


def read_rule(text: str) -> Rule:
    """Parse a rule: `eol` or `ends-within=90d`.

    Raises:
        ValueError: The text is no rule. The message is a sentence.
    """
    if not re.fullmatch(RULE, text):
        raise ValueError(f"“{text[:MAX_TEXT]}” is no rule: expected eol, or ends-within=90d.")
    days = text.partition("=")[2].removesuffix("d")
    return Rule(int(days) if days else None)


def breaks(rule: Rule, verdict: Verdict[Cycle], on: date) -> bool:
    """Return True if a part breaks a rule.

    An unknown part breaks none, because people disable a check whose failures they cannot fix.
    """
    if verdict.answer in OVER:
        return True
    left = verdict.days_left(on)
    return rule.days is not None and left is not None and left <= rule.days


def worst(verdicts: Iterable[Verdict[Cycle]], on: date) -> tuple[str, Status]:
    """Return a summary of a stack by its worst parts, and their status: `2 of 7 end of life`.

    Unknown parts do not count; at least one part must be known.
    """
    known = [each for each in verdicts if each.status(on)]
    statuses = [each.status(on) for each in known]
    answers = [each.answer for each in known]
    counts = (
        (statuses.count(Status.END_OF_LIFE), "end of life", Status.END_OF_LIFE),
        (answers.count(Answer.EXTENDED_ONLY), "extended support only", Status.EXTENDED),
        (answers.count(Answer.ENDS_SOON), "ending soon", Status.SECURITY),
        (statuses.count(Status.SECURITY), "security fixes only", Status.SECURITY),
    )
    for number, words, status in counts:
        if number:
            return f"{number} of {len(known)} {words}" if len(known) > 1 else words, status
    if set(statuses) - {Status.PLANNED}:
        return f"all {len(known)} supported" if len(known) > 1 else "supported", Status.ACTIVE
    return "planned", Status.PLANNED
