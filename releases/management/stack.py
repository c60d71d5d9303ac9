"""Read stack files for the `check_stack` command."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.stack import ALL, read_accepted, read_rule
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import MAX_BYTES, MAX_COMPONENTS, read_stack
from releases.presentation.stack.formats import FORMATS
from releases.presentation.stack.report import StackFile, StackOptions, StackReport, report_on

STDIN: Final = "-"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="- for standard input")
    parser.add_argument("--fail-on", action="append", default=[], metavar="RULE")
    words = "count extended support of these products, or of all products if none is named"
    parser.add_argument("--accept-extended", nargs="*", metavar="PRODUCT", help=words)
    words = "also fail on components that are not recorded or not pinned"
    parser.add_argument("--strict", action="store_true", help=words)
    parser.add_argument("--format", choices=list(FORMATS), default="table")
    parser.add_argument("--on", default="", metavar="DATE", help="the date of the check")


def make_report(options: Mapping[str, Any], today: date) -> StackReport:
    """Return a report on the components of stack files.

    Args:
        options: The values of the arguments.
        today: Today's date.

    Raises:
        ValueError: An argument or a file cannot be used; the message has a line for each problem.
    """
    accepted = options["accept_extended"]
    query = RoadmapQuery.parse({"on": [options["on"]]}, today)
    if query.problems:
        raise ValueError(f"--on: {query.problems[0].message}")
    read_rules = [read_rule(text) for text in options["fail_on"]]
    accepted_names, invalid = read_accepted([ALL] if accepted == [] else accepted or [])
    if invalid:
        raise ValueError(f"--accept-extended: {invalid[0].message}")
    files = [_read(name) for name in dict.fromkeys(options["files"])]
    if sum(len(file.components) for file in files) > MAX_COMPONENTS:
        raise ValueError(f"The files have more than {MAX_COMPONENTS:,} components.")
    report = report_on(files, StackOptions(query, read_rules, accepted_names, options["strict"]))
    if report.check.not_accepted:
        raise ValueError(
            f"--accept-extended: there is no product “{report.check.not_accepted[0]}”."
        )
    return report


def problem_lines(report: StackReport) -> list[str]:
    """Return the parts of files that cannot be read, a line for each."""
    return [line for file in report.files for line in _lines(file.name or STDIN, file.problems)]


def _read(name: str) -> StackFile:
    """Return a file with its components.

    Raises:
        ValueError: The file cannot be read; the message has a line for each problem.
    """
    path = "" if name == STDIN else name
    try:
        if path:
            with Path(path).open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        else:
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        stack = read_stack(raw, path)
    except FormatError as error:
        raise ValueError("\n".join(_lines(name, error.problems))) from None
    except OSError as error:
        raise ValueError(f"{name}: {error.strerror}.") from None
    return StackFile(path, stack.kind, stack.components, stack.problems)


def _lines(name: str, problems: Iterable[FormatProblem]) -> list[str]:
    return [f"{name}: {problem}" for problem in problems]
