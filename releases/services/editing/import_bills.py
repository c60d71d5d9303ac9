"""Imports of CycloneDX files: the lifecycle dates of components become proposals.

A date that differs from that of its cycle is proposed to the editors (`proposals.py`). An unknown
cycle becomes a draft with a request to publish it. Neither is public until an editor accepts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from releases import selectors
from releases.domain import limits
from releases.domain.cyclonedx import (
    GENERAL_AVAILABILITY,
    NAMES,
    PREFIX,
    milestones_from,
    read_properties,
)
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneValue,
    PartialDate,
    format_milestone,
)
from releases.domain.lifecycle.versions import ReleaseKind, cycle_name_of, kind_of
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack.content import Content
from releases.formats.stack.cyclonedx_document import BillComponent, CycloneDXDocument, bill_content
from releases.formats.stack.limits import LIMITS
from releases.formats.stack.refusals import refusal
from releases.models import Product, ReleaseCycle
from releases.models.revision import Revision
from releases.services.editing.cycles import add_cycle
from releases.services.editing.proposals import store_proposals
from releases.services.editing.publishing import request_publication
from releases.services.imports.import_products import read_file
from releases.services.imports.store import product_to_update

_PACKAGES: Final = ("pkg:alpm/", "pkg:apk/", "pkg:deb/", "pkg:rpm/")


@dataclass(slots=True)
class BillOutcome:
    """The outcome of importing a CycloneDX file.

    Attributes:
        place: The path of the file.
        proposed: The proposed values, as sentences.
        drafts: The cycles that became drafts, as sentences.
        unused: The unused statements, as sentences.
        problems: The reasons why nothing was written.
    """

    place: str
    proposed: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    problems: list[FormatProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Statement:
    """The lifecycle dates of a component."""

    written: BillComponent
    dates: Mapping[str, PartialDate]

    @property
    def version(self) -> str:
        """The exact version; empty if it has none."""
        return self.written.component.version if self.written.component else ""

    @property
    def is_packaged(self) -> bool:
        """True for a package of a distribution."""
        component = self.written.component
        return component is not None and component.purl.startswith(_PACKAGES)

    def about(self, cycle: str) -> dict[str, PartialDate]:
        """Return the dates of the cycle, without the release date of a patch."""
        first = kind_of(self.version, cycle) is ReleaseKind.FINAL
        return {
            name: day for name, day in self.dates.items() if first or name != GENERAL_AVAILABILITY
        }

    def __str__(self) -> str:
        return f"{self.written.path}: {self.written.component or 'a component with a mistake'}"


def import_bills(
    files: Iterable[Path], *, on: date, dry_run: bool = False
) -> Iterator[BillOutcome]:
    """Import CycloneDX files one by one, and yield the outcome of each.

    A file that cannot be read, or whose statements conflict, changes nothing and does not stop the
    others.

    Args:
        files: The files.
        on: Today.
        dry_run: Do everything except for writing.
    """
    for path in files:
        try:
            content = _content(path)
        except FormatError as error:
            yield BillOutcome(str(path), problems=error.problems)
        else:
            yield import_bill(content, str(path), on=on, dry_run=dry_run)


def import_bill(content: Content, place: str, *, on: date, dry_run: bool = False) -> BillOutcome:
    """Import a CycloneDX file, as in `import_bills`, and return the outcome.

    Args:
        content: The file.
        place: Its name in the outcome.
        on: Today.
        dry_run: Do everything except for writing.
    """
    outcome = BillOutcome(place)
    try:
        with transaction.atomic():
            Revision.wait()
            _BillImport(content.name, on, outcome).run(_statements(content, outcome))
            if dry_run:
                transaction.set_rollback(True)
    except FormatError as error:
        return BillOutcome(place, problems=error.problems)
    return outcome


def _content(path: Path) -> Content:
    raw = read_file(path, LIMITS.file_bytes)
    return bill_content(raw, path.name)


def _statements(content: Content, outcome: BillOutcome) -> list[_Statement]:
    """Return the components with lifecycle dates. Raises `FormatError`."""
    found, problems = [], []
    for each in CycloneDXDocument(content, subject=True).components:
        try:
            dates = read_properties(each.properties)
        except ValueError as error:
            problems.append(FormatProblem(each.line, f"{each.path}.properties", str(error)))
            continue
        statement = _Statement(each, dates)
        others = {name for name, _ in each.properties if name.startswith(PREFIX)} - {*NAMES}
        outcome.unused += [
            f"{statement}: no milestone corresponds to {name}." for name in sorted(others)
        ]
        if dates:
            found.append(statement)
    if problems:
        raise FormatError(problems)
    if not found and not outcome.unused:
        raise refusal(f"No component has lifecycle dates ({PREFIX}*).")
    return found


@dataclass(slots=True)
class _BillImport:
    """The import of one file."""

    name: str
    on: date
    outcome: BillOutcome

    @property
    def reason(self) -> str:
        return f"proposed by {self.name}"[: limits.REASON]

    def run(self, statements: Iterable[_Statement]) -> None:
        """Write the proposals and drafts. Raises `FormatError`."""
        software = []
        for each in statements:
            if not each.version:
                self._leave(each, "it has no exact version")
            elif each.is_packaged:
                self._leave(each, "a distribution packages it and supports it on other terms")
            else:
                software.append(each)
        found = selectors.products_of_components(
            [each.written.component for each in software if each.written.component]
        )
        owned = []
        for statement, products in zip(software, found, strict=True):
            if len(products) == 1:
                ((product, names),) = products.items()
                owned.append((product.name, statement, names))
            else:
                reason = (
                    "several products share its identifier"
                    if products
                    else "it is not in the catalogue"
                )
                self._leave(statement, reason)
        owned.sort(key=lambda each: each[0])
        for product, group in groupby(owned, key=lambda each: each[0]):
            self._import(product_to_update(product), [each[1:] for each in group])

    def _import(
        self, product: Product, statements: Iterable[tuple[_Statement, Sequence[str]]]
    ) -> None:
        """Import statements, each with the names of cycles that have its identifier."""
        by_cycle: dict[str, list[_Statement]] = {}
        cycles = {each.name: each for each in product.cycles.all()}
        resolver = selectors.resolver_of(product, cycles.values())
        for each, names in statements:
            found = resolver.resolve(resolver.release_text(each.version, self.on), self.on)
            name = cycle_name_of(each.version, cycles)
            if len(names) == 1:
                by_cycle.setdefault(names[0], []).append(each)
            elif found.cycle and not found.line:
                by_cycle.setdefault(found.cycle.name, []).append(each)
            elif name and name not in cycles:
                by_cycle.setdefault(name, []).append(each)
            else:
                self._leave(each, "its release cycle is not known")
        proposals = {}
        for name, group in by_cycle.items():
            dates = _agreed(product, name, group)
            if name in cycles:
                proposals[name] = self._proposed(cycles[name], dates)
            elif dates:
                self._add_draft(product, name, dates, group[0])
        if any(proposals.values()):
            store_proposals(product, proposals, self.name)

    def _proposed(self, cycle: ReleaseCycle, dates: Mapping[str, PartialDate]) -> dict[str, str]:
        """Return the dates as texts, and record those that differ from the cycle."""
        milestones = milestones_from(dates, extended=cycle.lifecycle.eoes is not None)
        for name, day in milestones.items():
            here = getattr(cycle.lifecycle, name)
            if here != day:
                label = f"{cycle.product.label} {cycle.name}: {MILESTONES[name].noun}"
                self.outcome.proposed.append(f"{label} {day}, here {_words(here)}")
        return {name: format_milestone(day) for name, day in milestones.items()}

    def _add_draft(
        self,
        product: Product,
        name: str,
        dates: Mapping[str, PartialDate],
        statement: _Statement,
    ) -> None:
        """Add a cycle as a draft, and request its publication. Raises `FormatError`."""
        if ReleaseCycle.history.filter(product=product.pk, name=name).exists():
            self._leave(statement, f"the release cycle {name} was deleted or renamed here")
            return
        milestones = milestones_from(dates, extended=False)
        try:
            cycle = add_cycle(product, name, milestones, draft=True, reason=self.reason)
        except ValidationError as error:
            place = f"{statement.written.path}.properties"
            problems = [FormatProblem(statement.written.line, place, m) for m in error.messages]
            raise FormatError(problems) from None
        request_publication(cycle, self.on, reason=self.reason)
        told = ", ".join(f"{MILESTONES[each].noun} {day}" for each, day in milestones.items())
        self.outcome.drafts.append(f"{product.label} {name}: {told}")

    def _leave(self, statement: _Statement, reason: str) -> None:
        self.outcome.unused.append(f"{statement}: {reason}.")


def _words(value: MilestoneValue) -> str:
    return str(value) if isinstance(value, PartialDate) else format_milestone(value) or "nothing"


def _agreed(
    product: Product, cycle: str, statements: Iterable[_Statement]
) -> dict[str, PartialDate]:
    """Return the dates of statements about one cycle.

    Raises:
        FormatError: Two components state different dates.
    """
    found: dict[str, tuple[PartialDate, _Statement]] = {}
    problems = []
    for each in statements:
        for name, day in each.about(cycle).items():
            known, first = found.setdefault(name, (day, each))
            if known != day:
                message = (
                    f"{name} of {product.label} {cycle} is {format_milestone(day)}, but"
                    f" {format_milestone(known)} at {first.written.path}."
                )
                problems.append(FormatProblem(each.written.line, each.written.path, message))
    if problems:
        raise FormatError(problems)
    return {name: day for name, (day, _) in found.items()}
