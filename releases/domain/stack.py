"""Stacks: the order of their judged parts, the most urgent first, and the address of a stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Status, support_ended_on
from releases.domain.names import NAME
from releases.domain.roadmap.query import MAX_TEXT, QueryProblem
from releases.domain.upgrade.verdict import OVER, Answer, Cycle, Verdict

OF: Final = "of"
"""The parameter that names a part."""

ACCEPT: Final = "accept_extended"
"""The parameter that names products whose extended support the asker has."""

ALL: Final = "all"
"""The value of `ACCEPT` that stands for all products."""

MOST_LETTERS: Final = 2_000
"""Of the address of a stack: longer ones do not survive every program that they go through."""

MOST_PARTS: Final = 500
"""Of more parts than this none is looked at."""

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
"""The rank of what has a patch for a hole that is known."""
RULE: Final = "eol|ends-within=[0-9]{1,5}d"
"""A rule, as a pattern."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A version of a product by its name: `django:5.2.1`."""

    product: str
    version: str

    def __str__(self) -> str:
        return f"{self.product}:{self.version}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What must not be in a stack: a part whose support is over (`days` is None), or one whose
    support ends within this number of days, or is over.

    Ordinary support counts, and extended support that is free or that the asker has.
    """

    days: int | None = None

    def __str__(self) -> str:
        return "eol" if self.days is None else f"ends-within={self.days}d"


def query_of(parts: Iterable[Part], day: date | None = None, accepted: Iterable[str] = ()) -> str:
    """The query part of the address of a stack, `?` included: each part once, in one order; `day`
    is another day than today, `accepted` are the products whose extended support the asker has.
    Only `?` where there is nothing in it."""
    pairs = [(OF, str(part)) for part in sorted(set(parts))]
    pairs += [(ACCEPT, name) for name in sorted(set(accepted))] if pairs else []
    pairs += [("on", day.isoformat())] if day else []
    return f"?{urlencode(pairs, safe=':')}"


def fits(address: str) -> bool:
    """Whether an address, from `https://` on, is short enough to be kept and sent."""
    return len(address) <= MOST_LETTERS


def read_parts(texts: Sequence[str]) -> tuple[list[Part], list[QueryProblem]]:
    """The parts that an address names, each once, in one order; and what is wrong with others,
    which are ignored."""
    problems = []
    if len(texts) > MOST_PARTS:
        problems.append(QueryProblem(OF, f"At most {MOST_PARTS} parts are read."))
    found = set()
    for text in texts[:MOST_PARTS]:
        product, _, version = (each.strip() for each in text.partition(":"))
        good = NAME.fullmatch(product.lower()) and version and version.isprintable()
        if good and max(len(product), len(version)) <= MAX_TEXT:
            found.add(Part(product.lower(), version))
        else:
            expected = "expected a product and a version, such as django:5.2.1."
            problems.append(QueryProblem(OF, f"“{text[:MAX_TEXT]}” is ignored: {expected}"))
    return sorted(found), problems


def read_accepted(texts: Sequence[str]) -> tuple[list[str], list[QueryProblem]]:
    """The products whose extended support an address accepts, each once, in one order; and what is
    wrong with others, which are ignored. `all` stands for all, and makes the others needless."""
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
    """The last day of support, past or to come. None where nobody knows it."""
    if verdict.cycle is None or verdict.answer not in OVER:
        return verdict.end
    return support_ended_on(verdict.cycle.lifecycle, on)


def urgency(verdict: Verdict[Cycle], on: date) -> tuple[int, date]:
    """What a stack is sorted by, the most urgent first.

    What is unsupported, the longest ago first; what gets extended support only, which the asker
    is not known to have; what ends soon; where security releases were missed; what gets other
    extended support; what gets security fixes only; where there is a patch; everything else that
    is supported; what is planned; what is not known. Each by the end of its support.
    """
    rank = min(_RANKS[verdict.answer], _MISSED if verdict.missed else _RANKS[Answer.UNKNOWN])
    end = last_day(verdict, on)
    unknown = date.min if verdict.answer in OVER else date.max
    return rank, end.date if end else unknown


def read_rule(text: str) -> Rule:
    """Raises `ValueError` with a sentence."""
    if not re.fullmatch(RULE, text):
        raise ValueError(f"“{text[:MAX_TEXT]}” is no rule: expected eol, or ends-within=90d.")
    days = text.partition("=")[2].removesuffix("d")
    return Rule(int(days) if days else None)


def breaks(rule: Rule, verdict: Verdict[Cycle], on: date) -> bool:
    """Return True if a part breaks a rule.

    A part that is not known breaks none: people switch off a check whose failures they cannot fix.
    """
    if verdict.answer in OVER:
        return True
    left = verdict.days_left(on)
    return rule.days is not None and left is not None and left <= rule.days


def worst(verdicts: Iterable[Verdict[Cycle]], on: date) -> tuple[str, Status]:
    """The worst that there is to say of a stack in a few words, and the status that stands for it:
    `2 of 7 end of life`. What is not known does not count, but some part has to be."""
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
