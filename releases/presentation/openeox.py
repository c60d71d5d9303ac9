"""OpenEoX documents: the statement about a cycle, and the statements of a product or a view.

A document of several cycles has the draft Shell form. Cycles that it cannot express are left out;
pages and API v2 list them with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from releases import selectors
from releases.domain.openeox import (
    SHELL_SCHEMA,
    Core,
    core_of,
    identification_helper,
    last_change,
    left_out,
    reason_without_core,
    shell_statement,
)
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.selectors import StatementTimes

NO_VENDOR = "No vendor of the product is recorded."
NO_IDENTIFIER = "Neither a package URL (purl) nor a CPE name is recorded."
NO_HISTORY = "The time of its last change is unknown."
UNCONFIRMED = "Its dates are an unconfirmed projection."


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cycle that a document leaves out. `reason` is a sentence."""

    product: str
    cycle: str
    reason: str


@dataclass(slots=True)
class ShellDocument:
    """A document of statements, and the cycles that it leaves out."""

    statements: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """The JSON object, which is valid if there are statements."""
        return {"$schema": SHELL_SCHEMA, "statements": self.statements}


def cycle_statement(product: Product, cycle: ReleaseCycle) -> Core | LeftOut:
    """Return the statement about a cycle, or the reason why there is none, in 2 queries."""
    return statement_of(product, cycle, selectors.statement_times([cycle]).get(cycle.pk))


def product_document(product: Product) -> ShellDocument:
    """Return the document of a product, as `selectors.product_page` reads it, in 3 queries."""
    return _document([(product, cycle) for cycle in product.cycles.all()])


def roadmap_document(query: RoadmapQuery) -> ShellDocument:
    """Return the document of the cycles on a page of the roadmap, pinned ones first."""
    found = selectors.roadmap(query)
    pinned = [(cycle.product, cycle) for cycle in found.pinned]
    rows = {cycle.pk: (product, cycle) for product, cycle in [*pinned, *found.cycles]}
    return _document(rows.values(), query.known_on)


def reason_without_statement(cycle: ReleaseCycle) -> str:
    """Return the reason why there is no statement about a cycle, or an empty string.

    OpenEoX cannot mark a projection, and readers would take it for a statement of the vendor.
    """
    return UNCONFIRMED if cycle.unconfirmed else reason_without_core(cycle.lifecycle)


def statement_facts(cycle: ReleaseCycle) -> tuple[str, dict[str, str]]:
    """Return why a cycle has no statement, and what the statement cannot express, by milestone.

    In 0 queries. The reason is empty if there is a statement.
    """
    reason = reason_without_statement(cycle)
    return reason, {} if reason else left_out(cycle.lifecycle)


def cycle_context(cycle: ReleaseCycle) -> dict[str, Any]:
    """Return the context of a cycle's page about its statement; see `statement_facts`."""
    reason, omitted = statement_facts(cycle)
    return {"openeox_reason": reason, "openeox_left_out": list(omitted.values())}


def product_left_out(product: Product, cycles: list[ReleaseCycle]) -> dict[str, list[str]] | None:
    """Return the names of the cycles that the document of a product leaves out, by reason.

    None if there is no document. In 1 query if the product has no identifiers, else in none.

    Args:
        product: The product, with its identifiers.
        cycles: Its cycles.
    """
    if not product.vendor:
        return None
    identified = identification_helper(
        (each.type, each.value) for each in product.identifiers.all()
    )
    if not identified:
        selectors.read_identifiers([], cycles)
    found: dict[str, list[str]] = {}
    for cycle in cycles:
        reason = reason_without_statement(cycle) if identified else reason_left_out(product, cycle)
        if reason:
            found.setdefault(reason, []).append(cycle.name)
    return found if sum(map(len, found.values())) < len(cycles) else None


def has_statements(pairs: Iterable[tuple[Product, ReleaseCycle]]) -> bool:
    """Return True if the document of a view has statements, in 0 queries.

    Identifiers are not read: most products with a vendor have one.
    """
    return any(product.vendor and not reason_without_statement(cycle) for product, cycle in pairs)


def reason_left_out(product: Product, cycle: ReleaseCycle) -> str:
    """Return the reason why documents leave a cycle out, or an empty string.

    Prefetch the identifiers of both.
    """
    if reason := reason_without_statement(cycle):
        return reason
    if not product.vendor:
        return NO_VENDOR
    return "" if _helper(product, cycle) else NO_IDENTIFIER


def _document(
    pairs: Collection[tuple[Product, ReleaseCycle]], known_on: date | None = None
) -> ShellDocument:
    cycles = [cycle for _, cycle in pairs]
    selectors.read_identifiers([product for product, _ in pairs], cycles)
    times = selectors.statement_times(cycles, known_on)
    document = ShellDocument()
    for product, cycle in pairs:
        if reason := reason_left_out(product, cycle):
            core: Core | LeftOut = LeftOut(product.name, cycle.name, reason)
        else:
            core = statement_of(product, cycle, times.get(cycle.pk))
        if isinstance(core, LeftOut):
            document.left_out.append(core)
            continue
        statement = shell_statement(
            core,
            vendor=product.vendor,
            product=product.label,
            version=cycle.name,
            helper=_helper(product, cycle),
        )
        document.statements.append(statement)
    return document


def statement_of(
    product: Product, cycle: ReleaseCycle, times: StatementTimes | None
) -> Core | LeftOut:
    """Return the statement about a cycle, given its times, or the reason why there is none."""
    if reason := reason_without_statement(cycle):
        return LeftOut(product.name, cycle.name, reason)
    if times is None:
        return LeftOut(product.name, cycle.name, NO_HISTORY)
    core = core_of(cycle.lifecycle, times.changed_at)
    return core_of(cycle.lifecycle, last_change(core, times.changed_at, times.stated))


def _helper(product: Product, cycle: ReleaseCycle) -> dict[str, Any]:
    """Return the identification of a cycle: by its own identifiers, else by its product's."""
    main = product.main_identifier
    for rows in (cycle.identifiers.all(), [main] if main else [], product.identifiers.all()):
        if helper := identification_helper((each.type, each.value) for each in rows):
            return helper
    return {}
