"""The report on stack files that the command, the API and the page share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from releases import selectors
from releases.domain.lifecycle.words import count, one_line
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.stack import MAX_PARTS, Place, Rule
from releases.formats.errors import FormatProblem
from releases.formats.stack import Component
from releases.presentation.stack.rows import StackRow, place_data
from releases.selectors import LocatedComponent, StackCheck


@dataclass(frozen=True, slots=True)
class StackFile:
    """A file that was read, or that cannot be read.

    Attributes:
        name: The path; empty if it is not known.
        kind: The kind of the file; empty if it cannot be read.
        components: Its components.
        problems: The parts that cannot be read.
    """

    name: str
    kind: str = ""
    components: Sequence[Component] = ()
    problems: Sequence[FormatProblem] = ()


@dataclass(frozen=True, slots=True)
class StackOptions:
    """The options of a check.

    Attributes:
        query: The date of the check.
        rules: The rules that no part may break.
        accepted: Names of products whose extended support counts; `all` for all products.
        strict: True if components that are not recorded or not pinned fail the check.
    """

    query: RoadmapQuery
    rules: Sequence[Rule] = ()
    accepted: Sequence[str] = ()
    strict: bool = False


class FindingKind(StrEnum):
    """The reason of a finding."""

    ENDED = "ended"
    ENDS_SOON = "ends-soon"
    NOT_RECORDED = "not-recorded"
    NOT_PINNED = "not-pinned"
    NOT_READ = "not-read"


FINDING_TITLES: Final = {
    FindingKind.ENDED: "Support has ended",
    FindingKind.ENDS_SOON: "Support ends soon",
    FindingKind.NOT_RECORDED: "Not in the catalogue",
    FindingKind.NOT_PINNED: "Without a version",
    FindingKind.NOT_READ: "Cannot be read",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a stack that needs attention.

    Attributes:
        kind: The reason.
        subject: The part, such as `Django 4.2.7`.
        message: Sentences with the reason and the instruction.
        places: The places that name the part.
        fails: True if it fails the check.
    """

    kind: FindingKind
    subject: str
    message: str
    places: tuple[Place, ...] = ()
    fails: bool = False

    @property
    def only_if_strict(self) -> bool:
        """True if a finding of this kind fails strict checks only."""
        return self.kind in (FindingKind.NOT_RECORDED, FindingKind.NOT_PINNED)

    @property
    def title(self) -> str:
        return f"{FINDING_TITLES[self.kind]}: {self.subject}"


@dataclass(frozen=True)
class StackReport:
    """The result of checking stack files, or the parts in an address.

    Attributes:
        options: The options of the check.
        check: The checked stack.
        files: The files, in order; empty for parts.
    """

    options: StackOptions
    check: StackCheck
    files: Sequence[StackFile] = field(default=())

    @property
    def query(self) -> RoadmapQuery:
        return self.options.query

    @cached_property
    def rows(self) -> list[StackRow]:
        return [StackRow(item, self.query) for item in self.check.items]

    @property
    def judged(self) -> int:
        """The number of rows whose status is known."""
        return sum(row.known for row in self.rows)

    @property
    def not_recorded(self) -> list[str]:
        """The components that are not in the catalogue, and versions without a release cycle."""
        versions = [row.name for row in self.rows if not row.known]
        return list(dict.fromkeys([*versions, *map(str, self.check.unknown)]))

    @property
    def not_pinned(self) -> list[str]:
        """The names of components in the catalogue whose version is not known."""
        return list(dict.fromkeys(each.component.name for each, _ in self.check.unversioned))

    @property
    def counts(self) -> dict[str, int]:
        return {
            "judged": self.judged,
            "not_recorded": len(self.not_recorded),
            "not_pinned": len(self.not_pinned),
        }

    @property
    def summary(self) -> str:
        """The counts in words: `3 judged, 1 not recorded, 0 not pinned, as of 2026-11-21.`."""
        counts = (f"{number} {word.replace('_', ' ')}" for word, number in self.counts.items())
        return f"{', '.join(counts)}, as of {self.query.on}."

    @property
    def notes(self) -> Iterator[str]:
        """The summary, and what the rows lack, as sentences."""
        yield self.summary
        if self.check.left_out:
            yield f"{count(self.check.left_out, 'more part')} left out; the maximum is {MAX_PARTS}."
        if self.not_pinned:
            yield f"Without a version: {', '.join(self.not_pinned)}."
        if self.check.unknown:
            unknown = dict.fromkeys(map(str, self.check.unknown))
            yield f"Not in the catalogue: {', '.join(unknown)}."

    @cached_property
    def findings(self) -> list[Finding]:
        """All that needs attention, in the order of the rows."""
        return [*self._row_findings(), *self._strict_findings(), *self._file_findings()]

    def _row_findings(self) -> Iterator[Finding]:
        for row in self.rows:
            fails = bool(row.broken(self.options.rules))
            if row.over or row.ends_soon or fails:
                kind = FindingKind.ENDED if row.over else FindingKind.ENDS_SOON
                end = f"Ordinary support {row.ordinary_words}." if row.ordinary_words else ""
                message = f"{row.name}: {end} {row.instruction}"
                yield Finding(kind, row.name, one_line(message), row.item.places, fails)

    def _strict_findings(self) -> Iterator[Finding]:
        fails = self.options.strict
        for row in self.rows:
            if not row.known:
                message = f"{row.name}: {' '.join(row.reasons)}"
                yield Finding(FindingKind.NOT_RECORDED, row.name, message, row.item.places, fails)
        for each in self.check.unknown:
            message = f"{each} is not in the catalogue."
            yield Finding(FindingKind.NOT_RECORDED, str(each), message, each.places, fails)
        for each, product in self.check.unversioned:
            message = f"The version of {product.label} is not known. Pin it, or give a lock file."
            yield Finding(FindingKind.NOT_PINNED, str(each), message, each.places, fails)

    def _file_findings(self) -> Iterator[Finding]:
        for file in self.files:
            for problem in file.problems:
                yield Finding(
                    FindingKind.NOT_READ,
                    file.name or "the file",
                    problem.message,
                    (Place(file.name, problem.line),),
                )

    @property
    def ok(self) -> bool:
        """True if no finding fails the check."""
        return not any(each.fails for each in self.findings)

    @property
    def failure(self) -> str:
        """Sentences that name the components that break each rule; empty if none does."""
        lines = [
            f"--fail-on {rule}: {one_line(', '.join(row.name for row in broken))}."
            for rule in self.options.rules
            if (broken := [row for row in self.rows if row.broken([rule])])
        ]
        extended = [row for row in self.rows if row.extended_only] if lines else []
        lines += [one_line(row.reasons[0]) for row in extended]
        if extended:
            names = " ".join(dict.fromkeys(row.item.product.name for row in extended))
            lines.append(f"If you have that support, add --accept-extended {names}.")
        if self.options.strict:
            lines += _strict_failure("not recorded", self.not_recorded)
            lines += _strict_failure("not pinned", self.not_pinned)
        return " ".join(lines)

    @property
    def data(self) -> dict[str, Any]:
        """The report as data for JSON, with the field names of API v2 and without URLs."""
        return {
            "on": self.query.on,
            "ok": self.ok,
            "summary": self.summary,
            "counts": self.counts,
            "items": [self.row_data(row) for row in self.rows],
            "unversioned": [
                component_data(each) | {"product": product.name}
                for each, product in self.check.unversioned
            ],
            "unknown": [component_data(each) | {"product": None} for each in self.check.unknown],
            "left_out": self.check.left_out,
            "files": [
                {"name": file.name or None, "kind": file.kind or None} for file in self.files
            ],
            "problems": [
                {
                    "file": file.name or None,
                    "line": problem.line or None,
                    "path": problem.path or None,
                    "message": problem.message,
                }
                for file in self.files
                for problem in file.problems
            ],
        }

    def row_data(self, row: StackRow) -> dict[str, Any]:
        """Return a row as data for JSON."""
        return row.facts | row.origin | {"breaks": list(map(str, row.broken(self.options.rules)))}


def report_on(files: Sequence[StackFile], options: StackOptions) -> StackReport:
    """Return the report on files, in the queries of `check_files`."""
    components = [(file.name, file.components) for file in files]
    return StackReport(
        options, selectors.check_files(components, options.query.on, options.accepted), files
    )


def component_data(located: LocatedComponent) -> dict[str, Any]:
    """Return a component without a verdict as data for JSON; unknown values are None."""
    line = next((place.line for place in located.places if place.line), None)
    return {
        "name": located.component.name,
        "version": located.component.version or None,
        "line": line,
        "places": [place_data(place) for place in located.places],
    }


def _strict_failure(words: str, names: Iterable[str]) -> list[str]:
    listed = one_line(", ".join(names))
    return [f"--strict: {words}: {listed}."] if listed else []
