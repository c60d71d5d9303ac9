"""The arguments and the report of the `check_stack` command."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from releases.domain.baseline import Baseline
from releases.domain.policy import Policy
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.stack import ALL, read_accepted, read_rule
from releases.formats.errors import FormatError
from releases.formats.stack.baseline import MAX_BASELINE_BYTES, read_baseline
from releases.formats.stack.policy import MAX_POLICY_BYTES, read_exceptions
from releases.management.stack_files import content_of, listed_problems, read_paths
from releases.presentation.stack.formats import FORMATS
from releases.presentation.stack.report import StackOptions, StackReport, report_on


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    words = "a file, a folder, or - for standard input"
    parser.add_argument("paths", nargs="+", metavar="PATH", help=words)
    words = "leave out files in folders that match a pattern, as in .gitignore"
    parser.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help=words)
    words = "eol, or ends-within=90d"
    parser.add_argument("--fail-on", action="append", default=[], metavar="RULE", help=words)
    words = "count extended support of these products, or of all products if none is named"
    parser.add_argument("--accept-extended", nargs="*", metavar="PRODUCT", help=words)
    words = "a file with exceptions: parts that may break the rules until a day"
    parser.add_argument("--exceptions", action="append", default=[], metavar="FILE", help=words)
    words = "report only what is new since this output of --format json"
    parser.add_argument("--baseline", metavar="FILE", help=words)
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
    query = RoadmapQuery.parse({"on": [options["on"]]}, today)
    if query.problems:
        raise ValueError(f"--on: {query.problems[0].message}")
    baseline = _baseline(options["baseline"]) if options["baseline"] else None
    asked = StackOptions(query, _policy(options), options["strict"], baseline)
    files = read_paths(options["paths"], options["exclude"])
    if not files:
        raise ValueError(f"{', '.join(options['paths'])}: there is no file of a known kind.")
    try:
        report = report_on(files, asked)
    except FormatError as error:
        raise ValueError(str(error)) from None
    if report.check.not_accepted:
        name = report.check.not_accepted[0]
        place = "--accept-extended" if name in asked.policy.accepted else "accept_extended"
        raise ValueError(f"{place}: there is no product “{name}”.")
    return report


def problem_lines(report: StackReport) -> list[str]:
    """Return what in files cannot be read or used, a line for each."""
    return [line for name, each in report.problems for line in listed_problems(name, [each])]


def outcome(report: StackReport) -> tuple[str, int]:
    """Return the reason of a failure and the exit code: 0, 1 for a rule, 2 for unread files."""
    if report.failure:
        names = " ".join(report.acceptable)
        advice = f" If you have that support, add --accept-extended {names}." if names else ""
        return f"{report.failure}{advice}", 1
    if report.check.left_out:
        return f"{report.left_out_sentence} Check the files in parts.", 2
    unread = [file.name for file in report.files if file.unread]
    if unread:
        return f"Cannot be read: {', '.join(unread)}. Use --exclude if that is right.", 2
    return "", 0


def _policy(options: Mapping[str, Any]) -> Policy:
    """Return the policy of the arguments. Raises `ValueError` if one cannot be used."""
    accepted: Sequence[str] | None = options["accept_extended"]
    names, invalid = read_accepted([ALL] if accepted == [] else accepted or [])
    if invalid:
        raise ValueError(f"--accept-extended: {invalid[0].message}")
    given = Policy(tuple(map(read_rule, options["fail_on"])), tuple(names))
    return sum(map(_exceptions, options["exceptions"]), given)


def _exceptions(path: str) -> Policy:
    """Return the policy of a file of exceptions. Raises `ValueError` if it cannot be used."""
    try:
        return read_exceptions(content_of(path, MAX_POLICY_BYTES), path)
    except FormatError as error:
        raise ValueError("\n".join(listed_problems(path, error.problems))) from None
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}.") from None


def _baseline(path: str) -> Baseline:
    """Return an earlier report. Raises `ValueError` if it cannot be read."""
    try:
        return read_baseline(content_of(path, MAX_BASELINE_BYTES))
    except FormatError as error:
        raise ValueError("\n".join(listed_problems(path, error.problems))) from None
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}.") from None
