"""Imports of OpenEoX statements, each product in one transaction, merged with local edits.

The three-way merge is that of product files, with the last imported statements as its base. They
are stored in `Product.imported` under `IMPORTED_KEY` with their times: a statement that is older
than the last one about its cycle is not imported. A date from a product file or a sync is not a
local edit, so a statement replaces it; the next product file treats it as a local edit.

A cycle keeps a value with an equal statement, such as Apr 2028 for 30 Apr 2028.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product as every_pair
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from releases.domain import limits
from releases.domain.identifiers import READERS
from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, format_milestone
from releases.domain.lifecycle.versions import version_key, version_tokens
from releases.domain.names import bad_product_name
from releases.domain.openeox import (
    core_from,
    core_of,
    milestones_of,
    reason_without_core,
    stamp_text,
)
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.openeox import SUFFIX, ProductStatements, Statement, has_version, read_openeox
from releases.formats.product_files.parser import decode
from releases.formats.product_files.records import IdentifierRecord
from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle, Source
from releases.models.revision import bump_revision
from releases.selectors.openeox import IMPORTED_KEY
from releases.services.imports.import_products import read_file
from releases.services.imports.import_run import ImportRun, IncomingProduct, Outcome, Result
from releases.services.imports.merge import NO_CHOICES, Choices
from releases.services.imports.store import BATCH, EMPTY_BASE
from releases.services.imports.values import (
    SourceValues,
    Values,
    base_under_present_names,
    present_names,
)

FROM_STATEMENT: Final = "OpenEoX: "
"""The prefix of the history reason of an import."""
FUTURE: Final = "Expected the time of the last change, found a time in the future."


def import_openeox(files: Iterable[Path], *, dry_run: bool = False) -> Iterator[Outcome]:
    """Import documents one by one and yield an outcome for each product in each of them.

    A document that cannot be read changes nothing and does not stop the others.
    """
    run = StatementImport(dry_run=dry_run)
    for path in files:
        try:
            text = decode(read_file(path))
        except FormatError as error:
            yield Outcome(str(path), result=Result.FAILED, problems=error.problems)
        else:
            yield from run.import_text(text, str(path.absolute()), str(path))


class StatementImport:
    """One run over documents.

    Args:
        dry_run: Do everything except for writing.
        drafts: Create new products and cycles as drafts.
    """

    def __init__(self, *, dry_run: bool = False, drafts: bool = False) -> None:
        self.dry_run = dry_run
        self.drafts = drafts
        self.run: ImportRun | None = None

    def import_text(
        self, text: str, file_name: str, place: str, choices: Choices = NO_CHOICES
    ) -> Iterator[Outcome]:
        """Import a document and yield an outcome for each product in it.

        Args:
            text: Its text.
            file_name: The name of its file, with the folder it is in.
            place: The name of the file in outcomes.
            choices: Decisions about local edits.
        """
        try:
            products = read_openeox(text, file_name)
        except FormatError as error:
            yield Outcome(place, result=Result.FAILED, problems=error.problems)
            return
        for each in products:
            outcome = Outcome(place, warnings=list(each.warnings))
            try:
                with transaction.atomic(), bump_revision():
                    self._import(each, outcome, Path(place).name, choices)
                    if self.dry_run:
                        self.run = None  # it caches rows that are rolled back
                        transaction.set_rollback(True)
            except FormatError as error:
                self.run = None
                outcome.result, outcome.problems = Result.FAILED, error.problems
            yield outcome

    def _import(
        self, incoming: ProductStatements, outcome: Outcome, file: str, choices: Choices
    ) -> None:
        _refuse_future(incoming.statements)
        product = _product_of(incoming)
        outcome.product = product.name if product else _new_name(incoming)
        statements = _newest(incoming.statements)
        if product:
            imported = _imported(product)
            statements = _by_cycle(product, statements)
            if all(_is_known(each, imported.get(name)) for name, each in statements.items()):
                return
            statements = {
                name: each
                for name, each in statements.items()
                if not _is_superseded(name, each, imported.get(name), outcome)
            }
            if not statements:
                outcome.result = Result.LEFT
                outcome.note = "a statement that is not older was imported before"
                return
        self.run = self.run or ImportRun("file_digest", lambda name: False, dry_run=False)
        self.run.seen.clear()  # several documents may be about one product
        self.run.import_product(
            IncomingProduct(
                name=outcome.product,
                aliases=(),
                values=lambda here: _values(incoming, statements, here),
                name_path="product.product_name",
                aliases_path="",
            ),
            _StatementOrigin(file, self.drafts),
            outcome,
            choices,
        )
        if outcome.result is not Result.LEFT:
            _store(outcome.product, statements)


@dataclass(frozen=True, slots=True)
class _StatementOrigin:
    """A document as the origin of an import."""

    name: str
    drafts: bool
    source: Source = field(default=Source.FILE, init=False)
    yields: bool = field(default=False, init=False)

    @property
    def reason(self) -> str:
        return f"{FROM_STATEMENT}{self.name}"[: limits.REASON]

    def bases(self, imported: Values | None) -> tuple[Values, Values]:
        files = EMPTY_BASE | (imported or {})
        synced = files.get("synced", EMPTY_BASE)
        other = {
            "product": files["product"] | synced["product"],
            "cycles": {
                name: files["cycles"].get(name, {}) | synced["cycles"].get(name, {})
                for name in [*files["cycles"], *synced["cycles"]]
            },
            "order": files["order"] or synced["order"],
        }
        return files.get(IMPORTED_KEY, EMPTY_BASE), other

    def is_gone(self, cycle: ReleaseCycle) -> bool:
        """Return False, as a document need not have all cycles."""
        return False

    def provenance(self, incoming: SourceValues, here: Product | None = None) -> Values:
        """Return the source of a new product; the base is stored after the import."""
        return {"source": self.source.value} if here is None else {}


# ---- the product and the cycles of statements


def _refuse_future(statements: Iterable[Statement]) -> None:
    """Raise `FormatError` for a statement from the future, which would block all later ones."""
    last = timezone.now() + timedelta(days=1)  # clocks differ
    problems = [
        FormatProblem(0, each.place_of("last_updated"), FUTURE)
        for each in statements
        if each.core.last_updated > last
    ]
    if problems:
        raise FormatError(problems)


def _product_of(incoming: ProductStatements) -> Product | None:
    """Return the product of statements: by address, by identifier, else by its exact title.

    Raises:
        FormatError: There is no such product, or several.
    """
    products = Product.objects.order_by("name")
    products = products.prefetch_related("cycles__aliases", "cycles__identifiers")
    if incoming.address:
        found = list(products.filter(name=incoming.address))
        found = found or list(products.filter(aliases__name=incoming.address))
        if not found:
            raise _refused(
                "",
                f"There is no product “{incoming.address}”, and a Core statement cannot"
                f" create one. The name of its file says which cycle it is about:"
                f" <product>@<cycle>{SUFFIX}.",
            )
        return found[0]
    found = list(products.filter(pk__in=_owners(incoming.statements)))
    if not found:
        found = list(products.filter(label=incoming.label))
        _refuse_other_vendor(incoming, found)
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise _refused(
            incoming.statements[0].place("product_identification_helper"),
            f"Several products have these identifiers: {names}.",
        )
    return found[0] if found else None


def _refuse_other_vendor(incoming: ProductStatements, found: Iterable[Product]) -> None:
    """Raise `FormatError` if products with the title of a document are of another vendor."""
    for product in found:
        if product.vendor and product.vendor.casefold() != incoming.vendor.casefold():
            raise _refused(
                incoming.statements[0].place("product.vendor_name"),
                f"The product “{product.name}” here has this title, but its vendor is"
                f" {product.vendor}. If it is the same, give it an identifier of the document.",
            )


def _owners(statements: Iterable[Statement]) -> set[int]:
    """Return the keys of the products that have one of the identifiers, or whose cycle has."""
    wanted = {
        (each.type, form)
        for statement in statements
        for each in statement.identifiers
        for form in (each.value, *READERS[each.type](each.value).values)
    }
    values = list({form for _, form in wanted})
    chunks = [values[start : start + BATCH] for start in range(0, len(values), BATCH)]
    tables: tuple[tuple[Any, str], ...] = (
        (Identifier.objects.order_by(), "product"),
        (CycleIdentifier.objects.order_by(), "cycle__product"),
    )
    found = set()
    for (every, owner), chunk in every_pair(tables, chunks):
        rows = every.filter(type__in=READERS, value__in=chunk).values_list(owner, "type", "value")
        found |= {pk for pk, *pair in rows if tuple(pair) in wanted}
    return found


def _new_name(incoming: ProductStatements) -> str:
    """Return the address of a new product. Raises `FormatError` if there can be none."""
    name, place = slugify(incoming.label), incoming.statements[0].place("product.product_name")
    if problem := bad_product_name(name):
        raise _refused(place, f"The address cannot be derived from “{incoming.label}”: {problem}")
    if Product.objects.filter(name=name).exists():
        raise _refused(
            place,
            f"The existing product “{name}” has another title and other identifiers. Give it the"
            " title or an identifier of the document.",
        )
    return name


def _newest(statements: Iterable[Statement]) -> dict[str, Statement]:
    """Return the newest statement about each version, in the order of the document."""
    found: dict[str, Statement] = {}
    for each in statements:
        other = found.setdefault(each.cycle, each)
        if each.core.last_updated > other.core.last_updated:
            found[each.cycle] = each
    return found


def _by_cycle(product: Product, statements: Mapping[str, Statement]) -> dict[str, Statement]:
    """Return statements by the names of the cycles here, or of new ones.

    A cycle is found by its name, a former name, or an identifier of its own.

    Raises:
        FormatError: A statement is about a single version of a cycle.
    """
    cycles = list(product.cycles.all())
    here = {cycle.name for cycle in cycles}
    renamed = present_names(product, statements.keys())
    owners = {
        (each.type, each.value): cycle.name for cycle in cycles for each in cycle.identifiers.all()
    }
    found: dict[str, Statement] = {}
    for version, each in statements.items():
        own = (owners.get((record.type, record.value), "") for record in each.identifiers)
        name = version if version in here else renamed.get(version) or next(filter(None, own), "")
        if not name and (cycle := _cycle_with(version, here)):
            raise _refused(
                each.place("product.product_version"),
                f"{version} is a version of {product.label} {cycle}. Only statements about"
                " release cycles can be imported.",
            )
        found[name or version] = each
    return found


def _cycle_with(version: str, cycles: Iterable[str]) -> str:
    """Return the name of the cycle of a version; empty if the version may be a new cycle."""
    parts = version_tokens(version)
    names = {tuple(version_tokens(name)): name for name in cycles}
    if any(len(key) >= len(parts) for key in names):
        return ""
    starts = (tuple(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((names[start] for start in starts if start in names), "")


# ---- values


def _values(
    incoming: ProductStatements, statements: Mapping[str, Statement], here: Product | None
) -> SourceValues:
    """Return the values of statements by the names of their cycles, given the product here."""
    if here is None:
        shared = _shared_identifiers(statements.values())
        cycles = {name: _new_cycle(each, shared) for name, each in statements.items()}
        product: Values = {
            "label": incoming.label,
            "vendor": incoming.vendor,
            "identifiers": [[each.type, each.value] for each in shared],
        }
        for column in ("eoes", "discontinued"):
            if any(values.get(column) for values in cycles.values()):
                product[f"show_{column}"] = True
        return SourceValues(product, cycles)
    rows = {cycle.name: cycle for cycle in here.cycles.all()}
    order = _placed(list(rows), [name for name in statements if name not in rows])
    values: dict[str, Values] = {name: {} for name in order}  # the others keep theirs
    for name, each in statements.items():
        own = tuple(record for record in each.identifiers if not has_version(record))
        values[name] = _cycle_values(each, rows[name]) if name in rows else _new_cycle(each, own)
    return SourceValues({}, values)


def _new_cycle(statement: Statement, shared: tuple[IdentifierRecord, ...]) -> Values:
    """Return the values of a new cycle, which has the identifiers that are not its product's."""
    values = _cycle_values(statement, None)
    own = [[each.type, each.value] for each in statement.identifiers if each not in shared]
    return values | ({"identifiers": own} if own else {})


def _shared_identifiers(statements: Iterable[Statement]) -> tuple[IdentifierRecord, ...]:
    """Return the identifiers of a new product: those without a version that most cycles have."""
    counts = Counter(
        each.identifiers
        for each in statements
        if each.identifiers and not any(map(has_version, each.identifiers))
    )
    return counts.most_common(1)[0][0] if counts else ()


def _cycle_values(statement: Statement, here: ReleaseCycle | None) -> Values:
    """Return the milestones of a statement, or the current ones where the statement is equal."""
    stated = milestones_of(statement.core)
    if here is None:
        return {name: format_milestone(value) for name, value in stated.items()}
    life = here.lifecycle
    same = not reason_without_core(life) and (
        milestones_of(core_of(life, statement.core.last_updated)) == stated
    )
    values = {}
    for name, value in stated.items():
        mine: MilestoneValue = getattr(here, name)
        values[name] = format_milestone(mine if same or _same_day(mine, value) else value)
    return values


def _same_day(mine: MilestoneValue, stated: MilestoneValue) -> bool:
    if isinstance(mine, PartialDate) and isinstance(stated, PartialDate):
        return mine.date == stated.date
    return False


def _placed(here: list[str], new: Iterable[str]) -> list[str]:
    """Return names with new ones before the first older one; the newest cycle is first."""
    result = list(here)
    for name in new:
        older = (at for at, each in enumerate(result) if version_key(each) < version_key(name))
        result.insert(next(older, len(result)), name)
    return result


# ---- the last imported statements


def _imported(product: Product) -> Mapping[str, Values]:
    """Return what is stored about the last statements, by the present names of cycles."""
    base = (product.imported or {}).get(IMPORTED_KEY, EMPTY_BASE)
    cycles: Mapping[str, Values] = base_under_present_names(base, product)["cycles"]
    return cycles


def _is_known(statement: Statement, stored: Values | None) -> bool:
    return bool(stored and core_from(stored["statement"]) == statement.core)


def _is_superseded(
    name: str, statement: Statement, stored: Values | None, outcome: Outcome
) -> bool:
    """Return True, with a warning, if a newer statement about a cycle was imported before.

    So does another one of the same time, of which none is newer.
    """
    if not stored or _is_known(statement, stored):
        return False
    last = core_from(stored["statement"]).last_updated
    if statement.core.last_updated > last:
        return False
    same = statement.core.last_updated == last
    message = (
        f"{'Another' if same else 'A newer'} statement about {name}"
        f"{' with the same time and other dates' if same else ''} was imported before"
        f" ({stamp_text(last)})."
    )
    outcome.warnings.append(FormatProblem(0, statement.place_of("last_updated"), message))
    return True


def _store(name: str, statements: Mapping[str, Statement]) -> None:
    """Store the statements as the base of the next import.

    This is after the writes, whose time in the history must not be later than `imported_at`.
    """
    product = Product.objects.prefetch_related("cycles__aliases").get(name=name)
    rows = {cycle.name: cycle for cycle in product.cycles.all()}
    at = timezone.now().isoformat()
    cycles = {
        cycle: _cycle_values(each, rows.get(cycle))
        | {"statement": each.core.data, "imported_at": at}
        for cycle, each in statements.items()
    }
    imported = EMPTY_BASE | (product.imported or {})
    base = base_under_present_names(imported.get(IMPORTED_KEY, EMPTY_BASE), product)
    stored = {IMPORTED_KEY: base | {"cycles": base["cycles"] | cycles}}
    Product.objects.filter(pk=product.pk).update(imported=imported | stored)


def _refused(path: str, message: str) -> FormatError:
    return FormatError([FormatProblem(0, path, message)])
