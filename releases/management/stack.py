"""Read stack files for the `check_stack` command, and format its report."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from releases.domain.lifecycle.words import count, one_line
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.stack import ALL, MAX_PARTS, Rule, read_accepted, read_rule
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import MAX_BYTES, MAX_COMPONENTS, Component, Stack, read_stack
from releases.presentation.stack import StackRow
from releases.presentation.upgrade.plan_files import escape_markdown
from releases.selectors import StackCheck, check_components

STDIN: Final = "-"
COLUMNS: Final = ("You run", "Status", "Supported until", "Days left", "Latest", "What to do")


@dataclass(frozen=True, slots=True)
class StackReport:
    """The result of checking stack files. `problems` describes the lines that cannot be read."""

    query: RoadmapQuery
    check: StackCheck
    rules: Sequence[Rule]
    problems: Sequence[str]

    @property
    def rows(self) -> list[StackRow]:
        return [StackRow(item, self.query) for item in self.check.items]

    @property
    def failure(self) -> str:
        """Sentences that name the components that break each rule; empty if none does."""
        lines = [
            f"--fail-on {rule}: {one_line(', '.join(row.name for row in broken))}."
            for rule in self.rules
            if (broken := [row for row in self.rows if row.broken([rule])])
        ]
        extended = [row for row in self.rows if row.extended_only] if lines else []
        lines += [one_line(row.reasons[0]) for row in extended]
        if extended:
            names = " ".join(dict.fromkeys(row.item.product.name for row in extended))
            lines.append(f"If you have that support, add --accept-extended {names}.")
        return " ".join(lines)


def make_report(
    names: Iterable[str],
    rules: Iterable[str],
    on: str,
    today: date,
    accepted: Sequence[str] | None = None,
) -> StackReport:
    """Return a report on the components of stack files.

    Args:
        names: Paths of files; `-` is the standard input.
        rules: The values of `--fail-on`, such as `eol` or `ends-within=90d`.
        on: The date of the check as text; empty for today.
        today: Today's date.
        accepted: Names of products whose extended support counts; empty for all products, None
            for none.

    Raises:
        ValueError: An argument or a file cannot be used; the message has a line for each problem.
    """
    query = RoadmapQuery.parse({"on": [on]}, today)
    if query.problems:
        raise ValueError(f"--on: {query.problems[0].message}")
    read_rules = [read_rule(text) for text in rules]
    accepted_names, invalid = read_accepted([ALL] if accepted == [] else accepted or [])
    if invalid:
        raise ValueError(f"--accept-extended: {invalid[0].message}")
    components: dict[tuple[str, str], Component] = {}
    problems: list[str] = []
    for name in names:
        stack = _read(name)
        for each in stack.components:
            components.setdefault((each.purl or each.name, each.version), each)
        problems += _problem_lines(name, stack.problems)
    if len(components) > MAX_COMPONENTS:
        raise ValueError(f"The files have more than {MAX_COMPONENTS:,} components.")
    check = check_components(list(components.values()), query.on, accepted_names)
    if check.not_accepted:
        raise ValueError(f"--accept-extended: there is no product “{check.not_accepted[0]}”.")
    return StackReport(query, check, read_rules, problems)


def table(report: StackReport) -> str:
    """Return the report as aligned columns of plain text, followed by notes."""
    lines = [COLUMNS, *map(_cells, report.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*padded, "", *_notes(report)])


def markdown(report: StackReport) -> str:
    """Return the report as a Markdown table, for example for an issue, followed by notes."""
    lines = [COLUMNS, ["---"] * len(COLUMNS)]
    lines += [[escape_markdown(cell) for cell in _cells(row)] for row in report.rows]
    table_lines = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([*table_lines, "", *(f"- {escape_markdown(note)}" for note in _notes(report))])


def as_json(report: StackReport) -> str:
    """Return the report as JSON, with the field names of API v2 and without URLs."""
    check = report.check
    data = {
        "on": report.query.on,
        "ok": not report.failure,
        "items": [
            row.facts | {"breaks": list(map(str, row.broken(report.rules)))} for row in report.rows
        ],
        "unversioned": [
            _component_data(component) | {"product": product.name}
            for component, product in check.unversioned
        ],
        "unknown": [_component_data(component) for component in check.unknown],
        "left_out": check.left_out,
        "problems": report.problems,
    }
    return json.dumps(data, ensure_ascii=False, indent=2, default=str)


FORMATS: Final[Mapping[str, Callable[[StackReport], str]]] = {
    "table": table,
    "json": as_json,
    "markdown": markdown,
}


def _read(name: str) -> Stack:
    """Return the stack of one file.

    Raises:
        ValueError: The file cannot be read; the message has a line for each problem.
    """
    try:
        if name == STDIN:
            return read_stack(sys.stdin.buffer.read(MAX_BYTES + 1))
        with Path(name).open("rb") as file:
            return read_stack(file.read(MAX_BYTES + 1))
    except FormatError as error:
        raise ValueError("\n".join(_problem_lines(name, error.problems))) from None
    except OSError as error:
        raise ValueError(f"{name}: {error.strerror}.") from None


def _problem_lines(name: str, problems: Iterable[FormatProblem]) -> list[str]:
    return [f"{name}: {problem}" for problem in problems]


def _cells(row: StackRow) -> Sequence[str]:
    soon = ", ends soon" if row.ends_soon else ""
    cells = [
        row.name,
        row.badge.word + soon,
        row.until.text,
        "" if row.days_left is None else str(row.days_left),
        row.latest,
        ". ".join(row.headlines),
    ]
    return [one_line(cell) or "-" for cell in cells]


def _notes(report: StackReport) -> Iterator[str]:
    check = report.check
    yield f"{count(len(check.items), 'part')} in the catalogue, as of {report.query.on}."
    if check.left_out:
        yield f"{count(check.left_out, 'more part')} left out; the maximum is {MAX_PARTS}."
    if check.unversioned:
        names = ", ".join(component.name for component, _ in check.unversioned)
        yield f"Without a version: {names}."
    if check.unknown:
        yield f"Not in the catalogue: {', '.join(dict.fromkeys(map(str, check.unknown)))}."


def _component_data(component: Component) -> dict[str, Any]:
    return {
        "name": component.name,
        "version": component.version or None,
        "line": component.line or None,
    }
