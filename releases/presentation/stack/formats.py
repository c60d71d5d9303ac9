"""The formats of a stack report, of plain text and of files for CI."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from releases.domain.lifecycle.words import one_line
from releases.presentation.stack.junit import junit
from releases.presentation.stack.report import Finding, StackReport
from releases.presentation.stack.rows import StackRow
from releases.presentation.stack.sarif import sarif
from releases.presentation.upgrade.plan_files import escape_markdown

CYCLONEDX: Final = "cyclonedx"
COLUMNS: Final = ("You run", "Status", "Ordinary support", "What to do", "Where")


def table(report: StackReport) -> str:
    """Return the report as aligned columns of plain text, followed by notes."""
    lines = [COLUMNS, *map(_cells, report.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*padded, "", *report.notes])


def markdown(report: StackReport) -> str:
    """Return the report as a Markdown table, for example for an issue, followed by notes."""
    lines = [COLUMNS, ["---"] * len(COLUMNS)]
    lines += [[escape_markdown(cell) for cell in _cells(row)] for row in report.rows]
    table_lines = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([*table_lines, "", *(f"- {escape_markdown(note)}" for note in report.notes)])


def as_json(report: StackReport) -> str:
    """Return the report as JSON."""
    return json.dumps(report.data, ensure_ascii=False, indent=2, default=str)


def github(report: StackReport) -> str:
    """Return the findings as workflow commands of GitHub Actions, followed by notes.

    Findings that an exception accepts are in the notes only.
    """
    shown = [each for each in report.findings if each.shown and not each.waiver]
    return "\n".join([*map(_annotation, shown), *report.notes])


def _cells(row: StackRow) -> Sequence[str]:
    soon = ", ends soon" if row.ends_soon else ""
    cells = [
        row.name,
        row.badge.word + soon,
        row.ordinary_words,
        row.instruction,
        row.places,
    ]
    return [one_line(cell) or "-" for cell in cells]


def _annotation(finding: Finding) -> str:
    """Return the annotation of the first place; the message names the others.

    GitHub shows at most 10 annotations of a level for each step.
    """
    first, others = next(iter(finding.places), None), finding.places[1:]
    properties = {"file": first.file, "line": str(first.line or "")} if first and first.file else {}
    properties["title"] = finding.title
    listed = ",".join(f"{key}={_escape(text)}" for key, text in properties.items() if text)
    message = finding.message
    if others:
        message += f" Also in {', '.join(map(str, others))}."
    command = "error" if finding.fails else "warning"
    return f"::{command} {listed}::{_escape(message, in_properties=False)}"


def _escape(text: str, *, in_properties: bool = True) -> str:
    """Return a text as a workflow command has it.

    Source: `toolkit/packages/core/src/command.ts` of GitHub Actions.
    """
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_properties else text


class ReportFormat(NamedTuple):
    """A format: a function from a report to its text, the media type, and the ending of files."""

    text: Callable[[StackReport], str]
    media_type: str
    suffix: str


FORMATS: Final[dict[str, ReportFormat]] = {
    "table": ReportFormat(table, "text/plain", "txt"),
    "json": ReportFormat(as_json, "application/json", "json"),
    "markdown": ReportFormat(markdown, "text/markdown", "md"),
    "github": ReportFormat(github, "text/plain", "txt"),
    "sarif": ReportFormat(sarif, "application/sarif+json", "sarif"),
    "junit": ReportFormat(junit, "application/xml", "xml"),
    CYCLONEDX: ReportFormat(
        lambda report: report.enriched.text, "application/vnd.cyclonedx+json", "cdx.json"
    ),
}
"""The formats by name. The text of `CYCLONEDX` raises `FormatError`, as `StackReport.enriched`."""

CYCLONEDX_XML: Final = "application/vnd.cyclonedx+xml"
"""The media type of `CYCLONEDX` if the file is XML."""

MEDIA_TYPES: Final = {each.media_type: name for name, each in reversed(FORMATS.items())} | {
    CYCLONEDX_XML: CYCLONEDX
}
"""The names of formats by their media types; the first of those that share one."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report as a file: its text, media type and name."""

    text: str
    media_type: str
    name: str


def report_file(report: StackReport, form: str) -> ReportFile:
    """Return a report in a format as a file. Raises `FormatError`, as `FORMATS`."""
    text, media_type, suffix = FORMATS[form]
    if form == CYCLONEDX and report.enriched.is_xml:
        media_type, suffix = CYCLONEDX_XML, "cdx.xml"
    return ReportFile(text(report), media_type, f"stack.{suffix}")
