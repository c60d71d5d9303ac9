"""The report on stack files that the command, the API and the page share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import Any, Final

from releases import selectors
from releases.domain.baseline import Baseline
from releases.domain.lifecycle.words import count, one_line
from releases.domain.policy import Policy, Waiver
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.stack import ACCEPT, MAX_PARTS, OF, Part, Place, Rule
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import LIMITS, Component, FileReference, Stack, read_stack
from releases.formats.stack.content import Content
from releases.models import Product
from releases.presentation.stack.cyclonedx import EnrichedBill, enriched_bill
from releases.presentation.stack.rows import StackRow, place_data
from releases.selectors import AppliedWaivers, LocatedComponent, StackCheck, StackItem


@dataclass(frozen=True, slots=True)
class StackFile:
    """A file that was read, or that cannot be read.

    Attributes:
        name: The path; empty if it is not known.
        kind: The kind of the file; empty if it cannot be read.
        components: Its components.
        problems: The parts that cannot be read.
        policy: The rules and exceptions in the file.
        references: The other files that belong to the stack, as the file names them.
        part_names: The names of parts by their lines.
        bill: The content of a CycloneDX file; None for other kinds.
    """

    name: str
    kind: str = ""
    components: Sequence[Component] = ()
    problems: Sequence[FormatProblem] = ()
    policy: Policy = field(default=Policy())
    references: Sequence[FileReference] = ()
    part_names: Mapping[int, str] = field(default_factory=dict)
    bill: Content | None = None

    @classmethod
    def of(cls, stack: Stack, name: str = "") -> StackFile:
        """Return the file that was parsed into a stack."""
        return cls(
            name,
            stack.kind,
            stack.components,
            stack.problems,
            stack.policy,
            stack.files,
            stack.part_names,
            stack.bill,
        )

    def path_of(self, reference: FileReference) -> str:
        """Return the path of another file, which is relative to the folder of this one."""
        return normpath(join(dirname(self.name), reference.path))

    @property
    def unread(self) -> bool:
        """True if nothing of the file can be read."""
        return not self.kind


@dataclass(frozen=True, slots=True)
class StackOptions:
    """The options of a check.

    Attributes:
        query: The date of the check.
        policy: The rules, accepted extended support and exceptions.
        strict: True if components that are not recorded or not pinned fail the check.
        baseline: An earlier check, whose findings are not reported again.
    """

    query: RoadmapQuery
    policy: Policy = field(default=Policy())
    strict: bool = False
    baseline: Baseline | None = None


class FindingKind(StrEnum):
    """The reason of a finding."""

    ENDED = "ended"
    ENDS_SOON = "ends-soon"
    EXCEPTION_ENDED = "exception-ended"
    NOT_RECORDED = "not-recorded"
    NOT_PINNED = "not-pinned"
    NOT_READ = "not-read"


FINDING_TITLES: Final = {
    FindingKind.ENDED: "Support has ended",
    FindingKind.ENDS_SOON: "Support ends soon",
    FindingKind.EXCEPTION_ENDED: "The exception has ended",
    FindingKind.NOT_RECORDED: "Not in the catalogue",
    FindingKind.NOT_PINNED: "Without a version",
    FindingKind.NOT_READ: "Cannot be read",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of a stack, or of a file, that needs attention.

    Attributes:
        kind: The reason.
        subject: The part, such as `Django 4.2.7`.
        message: Sentences with the reason and the instruction.
        places: The places that name the part.
        fails: True if it fails the check.
        waiver: The exception that accepts it, if there is one.
    """

    kind: FindingKind
    subject: str
    message: str
    places: tuple[Place, ...] = ()
    fails: bool = False
    waiver: Waiver | None = None

    @property
    def shown(self) -> bool:
        """True if it is worth an annotation: other findings fail only strict checks."""
        return self.fails or self.kind not in (FindingKind.NOT_RECORDED, FindingKind.NOT_PINNED)

    @property
    def title(self) -> str:
        return f"{FINDING_TITLES[self.kind]}: {self.subject}"


@dataclass(frozen=True)
class StackReport:
    """The result of checking stack files, or the parts in an address.

    With a baseline, `rows`, `unknown` and `unversioned` have what is new since, and only that fails
    the check.

    Attributes:
        options: The options of the check; their policy includes those of the files.
        check: The checked stack.
        files: The files, in order; empty for parts.
        waivers: The exceptions that apply.
    """

    options: StackOptions
    check: StackCheck
    files: Sequence[StackFile] = field(default=())
    waivers: AppliedWaivers = field(default=AppliedWaivers())

    @property
    def query(self) -> RoadmapQuery:
        return self.options.query

    @cached_property
    def every_row(self) -> list[StackRow]:
        """All rows, those of the baseline included."""
        by_part = self.waivers.by_part
        return [StackRow(item, self.query, by_part.get(item.part)) for item in self.check.items]

    @cached_property
    def rows(self) -> list[StackRow]:
        return [row for row in self.every_row if self._is_new(row)]

    @cached_property
    def known(self) -> list[StackRow]:
        """The rows that are in the baseline, and no worse than there."""
        return [row for row in self.every_row if not self._is_new(row)]

    @property
    def unknown(self) -> list[LocatedComponent]:
        old = self.options.baseline.unknown if self.options.baseline else ()
        return [
            each
            for each in self.check.unknown
            if (each.component.name, each.component.version) not in old
        ]

    @property
    def unversioned(self) -> list[tuple[LocatedComponent, Product]]:
        old = self.options.baseline.unversioned if self.options.baseline else ()
        return [each for each in self.check.unversioned if each[1].name not in old]

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of rows whose status is known, and of components without a verdict."""
        judged = sum(row.known for row in self.every_row)
        return {
            "judged": judged,
            "not_recorded": len(self.every_row) - judged + len(self.check.unknown),
            "not_pinned": len(self.check.unversioned),
        }

    @property
    def summary(self) -> str:
        """The counts in words: `3 judged, 1 not recorded, 0 not pinned, as of 2026-11-21.`."""
        counts = (f"{number} {word.replace('_', ' ')}" for word, number in self.counts.items())
        return f"{', '.join(counts)}, as of {self.query.on}."

    @property
    def notes(self) -> list[str]:
        """The summary, and what the rows lack, as sentences."""
        notes = [self.summary]
        if self.options.baseline:
            on = self.options.baseline.on
            notes.append(f"{len(self.known)} known from the check of {on} are not listed.")
        if self.check.left_out:
            notes.append(self.left_out_sentence)
        if names := _listed(each.component.name for each, _ in self.unversioned):
            notes.append(f"Without a version: {names}.")
        if names := _listed(map(str, self.unknown)):
            notes.append(f"Not in the catalogue: {names}.")
        if names := _listed(file.name for file in self.files if file.unread):
            notes.append(f"Cannot be read: {names}.")
        notes += [f"{row.name}: {row.exception}" for row in self.rows if row.exception]
        notes += [f"No part needs the exception for {each}." for each in self.waivers.unused]
        return list(map(one_line, notes))

    @property
    def left_out_sentence(self) -> str:
        """The number of parts that are not judged."""
        left_out = count(self.check.left_out, "more part")
        return f"{left_out} left out; the maximum is {MAX_PARTS}."

    @property
    def problems(self) -> list[tuple[str, FormatProblem]]:
        """The names of files, and what in them cannot be read or used."""
        found = [(file.name, problem) for file in self.files for problem in file.problems]
        # Missing parts of an address are named by the API and the page alike.
        found += [
            ("", FormatProblem(0, OF, _no_product(each.product))) for each in self.check.missing
        ]
        found += self._missing_files
        found += [
            (each.file, FormatProblem(each.line, "exceptions", _no_product(each.product)))
            for each in self.waivers.unknown
        ]
        return found + [
            ("", FormatProblem(0, ACCEPT, _no_product(name))) for name in self.check.not_accepted
        ]

    @property
    def _missing_files(self) -> Iterator[tuple[str, FormatProblem]]:
        names = {normpath(file.name) for file in self.files}
        for file in self.files:
            for each in file.references:
                if file.path_of(each) not in names:
                    message = f"“{each.path}” was not given. Give it, too."
                    yield file.name, FormatProblem(each.line, "file", message)

    @cached_property
    def findings(self) -> list[Finding]:
        """All that needs attention, in the order of the rows."""
        of_rows = (self.finding(row) for row in self.rows)
        return [*filter(None, of_rows), *self.other_findings]

    def finding(self, row: StackRow) -> Finding | None:
        """Return the finding on a row; None if its support goes on."""
        name, places, waiver = row.name, row.item.places, row.waiver
        if not row.known:
            kind, message = FindingKind.NOT_RECORDED, " ".join(row.reasons)
            return Finding(kind, name, one_line(message), places, self.options.strict)
        fails = bool(self.broken(row))
        if not (row.over or row.ends_soon or fails):
            return None
        kind = FindingKind.ENDED if row.over else FindingKind.ENDS_SOON
        if waiver and waiver.ended(row.on) and fails:
            kind = FindingKind.EXCEPTION_ENDED
        end = f"Ordinary support {row.ordinary_words}." if row.ordinary_words else ""
        message = one_line(f"{name}: {end} {row.instruction} {row.exception}")
        accepting = waiver if waiver and not waiver.ended(row.on) else None
        return Finding(kind, name, message, places, fails, accepting)

    @property
    def other_findings(self) -> Iterator[Finding]:
        """The findings on components without a verdict, and on files."""
        fails = self.options.strict
        for each in self.unknown:
            kind, message = FindingKind.NOT_RECORDED, f"{each} is not in the catalogue."
            yield Finding(kind, str(each), message, each.places, fails)
        for each, product in self.unversioned:
            message = f"The version of {product.label} is not known. Pin it, or give a lock file."
            yield Finding(FindingKind.NOT_PINNED, str(each), message, each.places, fails)
        for name, problem in self.problems:
            place = Place(name, problem.line)
            yield Finding(FindingKind.NOT_READ, name or "input", problem.message, (place,))

    def broken(self, row: StackRow) -> list[Rule]:
        """Return the rules that a row breaks in spite of its exception."""
        return row.broken(self.options.policy.rules)

    @property
    def ok(self) -> bool:
        """True if no finding fails the check, and nothing is left out that could."""
        asked = self.options.policy.rules or self.options.strict
        return not any(each.fails for each in self.findings) and not (asked and self.check.left_out)

    @property
    def failure(self) -> str:
        """Sentences that name what breaks each rule; empty if nothing does."""
        by_rule: dict[str, list[str]] = {}
        for row in self.rows:
            for rule in self.broken(row):
                by_rule.setdefault(str(rule), []).append(row.name)
        lines = [f"Broken rule {rule}: {', '.join(names)}." for rule, names in by_rule.items()]
        broken = [row for row in self.rows if self.broken(row)]
        lines += [row.exception for row in broken if row.exception]
        lines += [row.reasons[0] for row in broken if row.extended_only]
        for kind in (FindingKind.NOT_RECORDED, FindingKind.NOT_PINNED):
            if names := _listed(each.subject for each in self.findings if each.kind is kind):
                title = FINDING_TITLES[kind].lower()
                lines += [f"Broken rule strict, {title}: {names}."] * self.options.strict
        return one_line(" ".join(lines))

    @property
    def acceptable(self) -> list[str]:
        """The names of products whose extended support would change the result if accepted."""
        broken = (row for row in self.rows if row.extended_only and self.broken(row))
        return list(dict.fromkeys(row.item.product.name for row in broken))

    @cached_property
    def enriched(self) -> EnrichedBill:
        """The CycloneDX file with lifecycle dates, in 7 queries.

        Raises:
            FormatError: It is not the only file, or cannot have lifecycle dates.
        """
        bills = [file.bill for file in self.files if file.bill]
        if len(self.files) != 1 or not bills:
            message = "Lifecycle dates can be added to a single CycloneDX file only."
            raise FormatError([FormatProblem(0, "", message)])
        return enriched_bill(bills[0], self.query.on)

    @property
    def parts(self) -> list[Part]:
        """The parts of all rows."""
        return [part for item in self.check.items for part in item.parts]

    @property
    def data(self) -> dict[str, Any]:
        """The report as data for JSON, with the field names of API v2 and without URLs."""
        return {
            "on": self.query.on,
            "ok": self.ok,
            "summary": self.summary,
            "counts": self.counts,
            "items": [self.row_data(row) for row in self.rows],
            "known": len(self.known),
            "unversioned": [
                component_data(each) | {"product": product.name}
                for each, product in self.unversioned
            ],
            "unknown": [component_data(each) | {"product": None} for each in self.unknown],
            "left_out": self.check.left_out,
            "unused_exceptions": [_waiver_data(each) for each in self.waivers.unused],
            "files": [
                {"name": each.name or None, "kind": each.kind or None} for each in self.files
            ],
            "problems": [
                {
                    "file": name or None,
                    "line": problem.line or None,
                    "path": problem.path or None,
                    "message": problem.message,
                }
                for name, problem in self.problems
            ],
        }

    def row_data(self, row: StackRow) -> dict[str, Any]:
        """Return a row as data for JSON."""
        waiver = row.waiver
        return {
            **row.facts,
            **row.origin,
            "breaks": list(map(str, self.broken(row))),
            "exception": _waiver_data(waiver) | {"ended": waiver.ended(row.on)} if waiver else None,
        }

    def _is_new(self, row: StackRow) -> bool:
        baseline, broken = self.options.baseline, self.broken(row)
        if baseline is None or (broken and row.waiver):
            return True
        cycle = row.cycle.name if row.cycle else row.item.version
        return baseline.is_new((row.item.product.name, cycle), broken, over=row.over)


def stack_file(raw: bytes | str, name: str = "") -> StackFile:
    """Return a parsed file. Raises `FormatError`, as `read_stack` does."""
    return StackFile.of(read_stack(raw, name), name)


def report_on(files: Sequence[StackFile], options: StackOptions) -> StackReport:
    """Return the report on files, in the queries of `check_files` and `applied_waivers`.

    Raises:
        FormatError: All files together have too many components.
    """
    every = (each for file in files for each in file.components)
    if len({(each.purl or each.name, each.version) for each in every}) > LIMITS.components:
        message = f"The files have more than {LIMITS.components:,} components."
        raise FormatError([FormatProblem(0, "", message)])
    policy = sum((file.policy for file in files), options.policy)
    components = [(file.name, file.components) for file in files]
    check = selectors.check_files(components, options.query.on, policy.accepted)
    check = replace(check, items=_with_part_names(check.items, files))
    return _report(check, replace(options, policy=policy), files)


def _with_part_names(items: list[StackItem], files: Iterable[StackFile]) -> list[StackItem]:
    """Return the items with the names of the parts at their places."""
    names = {(file.name, line): part for file in files for line, part in file.part_names.items()}
    return [
        replace(
            item,
            places=tuple(
                replace(each, part=names.get((each.file, each.line), "")) for each in item.places
            ),
        )
        for item in items
    ]


def report_on_parts(parts: Sequence[Part], options: StackOptions) -> StackReport:
    """Return the report on parts, in the queries of `selectors.stack` and `applied_waivers`."""
    check = selectors.stack(parts, options.query.on, options.policy.accepted)
    return _report(check, options)


def _report(
    check: StackCheck, options: StackOptions, files: Sequence[StackFile] = ()
) -> StackReport:
    waivers = selectors.applied_waivers(options.policy.waivers, check.items)
    return StackReport(options, check, files, waivers)


def component_data(located: LocatedComponent) -> dict[str, Any]:
    """Return a component without a verdict as data for JSON; unknown values are None."""
    return {
        "name": located.component.name,
        "version": located.component.version or None,
        "line": next((place.line for place in located.places if place.line), None),
        "places": [place_data(place) for place in located.places],
    }


def _waiver_data(waiver: Waiver) -> dict[str, Any]:
    return {
        "product": waiver.product,
        "version": waiver.version or None,
        "until": waiver.until,
        "reason": waiver.reason,
        "where": waiver.where or None,
        "file": waiver.file or None,
        "line": waiver.line or None,
    }


def _no_product(name: str) -> str:
    return f"There is no product “{name}”."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
