"""The content of pages, files and API responses about a stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

from releases import selectors
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import count, when
from releases.domain.policy import Policy
from releases.domain.roadmap.query import QueryProblem, RoadmapQuery
from releases.domain.roadmap.timeline import Window, window_of
from releases.domain.stack import (
    ACCEPT,
    MAX_ADDRESS_LENGTH,
    MAX_PARTS,
    OF,
    Part,
    fits,
    query_of,
)
from releases.domain.upgrade.verdict import Answer
from releases.models import ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, stack_alternates, webcal
from releases.presentation.rows import (
    CycleRow,
    MilestoneCell,
    axis_of,
    end_cell,
    row_of,
)
from releases.presentation.snippets import stack_snippets
from releases.presentation.stack.report import StackOptions, StackReport
from releases.presentation.stack.rows import StackRow
from releases.selectors import StackCheck, StackItem

STACK_PARAMETERS: Final = (OF, ACCEPT, "on")
"""The query parameters of a stack."""
CI_FILE: Final = "requirements.txt"
"""The file in the command for CI."""
_SHELL_SAFE: Final = re.compile(r"\w[\w.-]*", re.ASCII)
"""File names that a shell reads as they are."""
CI_RULES: Final = ("eol", "ends-within=90d")
"""The rules in the command for CI."""


@dataclass(frozen=True)
class StackQuery:
    """The stack in a URL.

    Attributes:
        query: The date of the check.
        parts: Products with their versions.
        accepted: Names of products whose extended support counts.
        problems: Values that cannot be read.
    """

    query: RoadmapQuery
    parts: list[Part]
    accepted: list[str]
    problems: list[QueryProblem]

    @property
    def report(self) -> StackReport:
        """The report on the stack, in the queries of `check`."""
        policy = Policy(accepted=tuple(self.accepted))
        return StackReport(StackOptions(self.query, policy), self.check)

    @cached_property
    def check(self) -> StackCheck:
        """The checked stack, in 4 database queries, or 6 if some extended support is accepted."""
        return selectors.stack(self.parts, self.query.on, self.accepted)

    @property
    def url(self) -> str:
        """The canonical query string, with `?`."""
        day = self.query.on if self.query.what_if else None
        return query_of(self.parts, day, self.accepted)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day on which the support of parts of a stack ends.

    Attributes:
        cell: The day.
        names: The parts: `Ubuntu 22.04 and Python 3.11`.
        near: The time until the day: `in 123 days`; for an imprecise day as `when` returns it.
    """

    cell: MilestoneCell
    names: str
    near: str


@dataclass(frozen=True, slots=True)
class StackSummary:
    """The summary of a stack.

    Attributes:
        lost: The number of parts that have lost support.
        known: The number of parts whose status is known.
        words: The support that they have lost, after `lost` of `known`: `have lost free support`.
        deadlines: The next two days on which support ends.
    """

    lost: int
    known: int
    words: str
    deadlines: list[Deadline]

    @property
    def title(self) -> str:
        """The number of parts without support in words: `3 of 5 have lost support`."""
        return f"{self.lost} of {self.known} {self.words}" if self.known else ""


def summary_of(rows: Sequence[StackRow], on: date) -> StackSummary:
    """Return the summary of a stack. Versions that are not known do not count."""
    lost = [row for row in rows if row.over]
    return StackSummary(
        len(lost), sum(row.known for row in rows), _lost_words(lost), _deadlines(rows, on)
    )


def _lost_words(lost: Sequence[StackRow]) -> str:
    """Return the support that parts have lost, by the terms of the support that continues."""
    terms = {row.terms for row in lost if row.extended_only}
    kind = "free " if terms == {ExtendedTerms.PAID} else "ordinary " if terms else ""
    return f"{'has' if len(lost) == 1 else 'have'} lost {kind}support"


def _deadlines(rows: Iterable[StackRow], on: date) -> list[Deadline]:
    by_day: dict[PartialDate, list[str]] = {}
    for row in rows:
        planned = row.item.verdict.answer is Answer.PLANNED
        if row.last_day and not row.over and not planned:
            by_day.setdefault(row.last_day, []).append(row.name)
    first = sorted(by_day, key=lambda day: day.date)[:2]
    return [Deadline(end_cell(day, on), _listed(by_day[day]), _near(day, on)) for day in first]


def _listed(names: Sequence[str]) -> str:
    first, *others = dict.fromkeys(names)
    if len(others) > 1:
        return f"{first} and {len(others)} more"
    return " and ".join([first, *others])


def _near(day: PartialDate, on: date) -> str:
    days = (day.date - on).days
    return f"in {count(days, 'day')}" if days and not day.imprecise else when(day, on)


def cycles_of(items: Iterable[StackItem]) -> list[ReleaseCycle]:
    """Return the cycles of a stack, each once, most urgent first."""
    cycles = [item.verdict.cycle for item in items]
    return list({cycle.pk: cycle for cycle in cycles if cycle}.values())


def stack_window(cycles: Iterable[ReleaseCycle], on: date) -> Window:
    """Return the window of the timeline that shows all cycles of a stack."""
    return window_of([cycle.lifecycle for cycle in cycles], on)


def timeline_rows(cycles: Iterable[ReleaseCycle], window: Window, on: date) -> list[CycleRow]:
    """Return the rows of the timeline of a stack."""
    return [row_of(cycle.product, cycle, window, on) for cycle in cycles]


def stack_page(report: StackReport, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of the page of a stack, from a form or from the URL.

    Args:
        report: The checked stack.
        absolute: Makes a path an absolute URL.
    """
    query, on, rows, found = report.query, report.query.on, report.rows, report.check
    accepted = report.options.policy.accepted
    cycles = cycles_of(row.item for row in rows)
    window = stack_window(cycles, on)
    parts, page = report.parts, reverse("releases:stack")
    day = on if query.what_if else None
    address = query_of(parts, day, accepted)
    permalink = absolute(page + address)
    context = {
        "query": query,
        "report": report,
        "rows": rows,
        "summary": summary_of(rows, on),
        "check": found,
        "ci": _ci_command(report, absolute),
        "max_parts": MAX_PARTS,
        "max_address_length": f"{MAX_ADDRESS_LENGTH:,}",
        "timeline": timeline_rows(cycles, window, on),
        "axis": axis_of(query, window),
        "accepted": accepted,
    }
    if not parts or not fits(permalink):
        return context
    alternates = stack_alternates(address)
    return context | {
        "address": page + address,
        "permalink": permalink,
        "complete": _is_complete(report),
        "today": page + query_of(parts, accepted=accepted),
        "not_accepting": page + query_of(parts, day),
        "accepting": [
            (product, page + query_of(parts, day, [*accepted, product.name]))
            for product in dict.fromkeys(row.item.product for row in rows if row.extended_only)
        ],
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
        "badge": stack_snippets(absolute, address, permalink),
        "embed": format_html(
            '<a href="{}"><img src="{}" alt="Timeline of a stack"></a>',
            permalink,
            absolute(alternates["svg"].url),
        ),
    }


def _is_complete(report: StackReport) -> bool:
    """Return True if the address of the stack has all of the files and of the options."""
    check, options = report.check, report.options
    missing = check.unknown or check.unversioned or check.left_out or report.problems
    policy = Policy(accepted=options.policy.accepted)
    return not missing and options == StackOptions(options.query, policy)


def _ci_command(report: StackReport, absolute: AbsoluteUrl) -> str:
    """Return a shell command that sends the files to the API and fails if they break a rule.

    It is no pipe, whose exit code would be that of jq even if curl fails.
    """
    policy = report.options.policy
    names = [file.name for file in report.files if _SHELL_SAFE.fullmatch(file.name)] or [CI_FILE]
    several = len(names) > 1
    sent = (
        " ".join(f"-F file=@{name}" for name in names)
        if several
        else (f"--data-binary @{names[0]}")
    )
    pairs = [] if several else [("name", names[0])]
    pairs += [("fail_on", str(rule)) for rule in policy.rules or CI_RULES]
    pairs += [(ACCEPT, name) for name in policy.accepted]
    pairs += [("strict", "1")] if report.options.strict else []
    address = f"{absolute(reverse('releases:v2_check'))}?{urlencode(pairs, safe='=')}"
    curl = f'curl --fail-with-body -sS {sent} -o stack.json "{address}"'
    return f"{curl} && jq -e .ok stack.json"
