"""Writing imports to the tables: a new product, or a merge into the existing one.

Call these functions inside a transaction. Editable columns have a history; provenance has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from django.db.models import Model
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from releases.domain import limits
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, parse_milestone
from releases.models import (
    Alias,
    Category,
    CustomField,
    CycleAlias,
    CycleIdentifier,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Source,
    Tag,
)
from releases.models.history import set_change_reason
from releases.services.imports.merge import (
    NO_CHOICES,
    Choices,
    MergeEffect,
    MergePlan,
    NamedSides,
    Sides,
    merge_product,
    positions,
)
from releases.services.imports.values import (
    CUSTOM_FIELD_FIELDS,
    WHOLE,
    SourceValues,
    Values,
    base_under_present_names,
    main_identifier,
    under_present_names,
    values_here,
)
from releases.services.renames import Place, keep_cycle_name

Row = TypeVar("Row", bound=Model)

BATCH = 500
FROM_FILE = "import of "
"""The prefix of the history reason of imports of files."""
FROM_ADDRESS = "sync from "
"""The prefix of the history reason of syncs from another installation."""
FROM_SOURCES = (FROM_FILE, FROM_ADDRESS)
_IDENTIFIERS = frozenset({"identifiers", "main_identifier"})
_RELATIONS = frozenset({"tags", "aliases", "custom_fields", *_IDENTIFIERS})
_DAYS = frozenset({"added_on", "rule_checked_on"})
_RELATIONS_OF_CYCLE = frozenset({"releases", "former_names", "identifiers"})
EMPTY_BASE: Values = {"product": {}, "cycles": {}, "order": []}
"""The merge base of products that were never imported."""


class Origin(Protocol):
    """The origin of an import."""

    @property
    def source(self) -> Source:
        """The source of a new product."""

    @property
    def reason(self) -> str:
        """The reason in the history."""

    @property
    def yields(self) -> bool:
        """True if values of the other kind of source take precedence."""

    @property
    def drafts(self) -> bool:
        """True if new products and cycles are created as drafts."""

    def bases(self, imported: Values | None) -> tuple[Values, Values]:
        """Return the bases of this and of the other kind of source, given the column `imported`."""

    def is_gone(self, cycle: ReleaseCycle) -> bool:
        """Return True if a cycle that is missing in the source was removed from it."""

    def provenance(self, incoming: SourceValues, here: Product | None = None) -> Values:
        """Return the columns about the source of a product, bases included."""


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """A product file as the origin of an import.

    `address` is where the next import finds it, if anywhere. `checked_on` is the day of the last
    check that it states, or None; `on` is today.
    """

    source: Source
    name: str
    address: str
    text: str
    digest: str
    checked_on: date | None
    on: date
    drafts: bool = False

    @property
    def reason(self) -> str:
        return f"{FROM_FILE}{self.name}"[: limits.REASON]

    @property
    def yields(self) -> bool:
        """True for the bundled catalogue, as values of a sync are newer."""
        return self.source == Source.BUNDLED

    def bases(self, imported: Values | None) -> tuple[Values, Values]:
        values = EMPTY_BASE | (imported or {})
        return values, values.get("synced", EMPTY_BASE)

    def is_gone(self, cycle: ReleaseCycle) -> bool:
        return True

    def provenance(self, incoming: SourceValues, here: Product | None = None) -> Values:
        """Return the columns about the source of a product, bases included.

        An import is not a check: the file itself states one, which is ignored if it is in the
        future. `checked_on` never goes back, as the product may have been checked here since.
        """
        told = self.checked_on if self.checked_on and self.checked_on <= self.on else None
        checks = (told, here.checked_on if here else None)
        imported = (here.imported if here else None) or {}
        others = {key: imported[key] for key in imported.keys() - EMPTY_BASE.keys()}
        return {
            "source": self.source.value,
            "source_address": self.address,
            "checked_on": max(filter(None, checks), default=None),
            "imported": next_base(EMPTY_BASE | imported, incoming) | others,
            "file_text": self.text,
            "file_digest": self.digest,
            "missing_in_source": False,
        }


def next_base(base: Values, incoming: SourceValues) -> Values:
    """Return the base of the next merge.

    It keeps values of the last base that the source no longer states: a lost cycle stays flagged,
    and is merged as before if it returns.
    """
    cycles = {
        name: base["cycles"].get(name, {}) | values for name, values in incoming.cycles.items()
    }
    return {
        "product": base["product"] | incoming.product,
        "cycles": base["cycles"] | cycles,
        "order": list(cycles),
    }


class References:
    """Categories and tags by name, read once for many products and created when they are new."""

    def __init__(self) -> None:
        self.categories = {row.name: row for row in Category.objects.all()}
        self.tags_by_name = {row.name: row for row in Tag.objects.all()}

    def category(self, name: str) -> Category | None:
        if not name:
            return None
        if name not in self.categories:
            self.categories[name] = Category.objects.create(name=name)
        return self.categories[name]

    def tags(self, names: Iterable[str]) -> list[Tag]:
        names = list(names)
        new = [Tag(name=name) for name in names if name not in self.tags_by_name]
        self.tags_by_name |= {tag.name: tag for tag in Tag.objects.bulk_create(new)}
        return [self.tags_by_name[name] for name in names]


def create_product(
    name: str, incoming: SourceValues, origin: Origin, references: References
) -> MergeEffect:
    """Create a product with everything that belongs to it."""
    product = Product(name=name, draft=origin.drafts, **origin.provenance(incoming))
    # A new product has no relations to replace, so empty ones are skipped.
    fields = incoming.product.items()
    values = {field: value for field, value in fields if value or field not in _RELATIONS}
    _change_product(product, values, references, origin.reason)
    new = enumerate(incoming.cycles.items())
    _add_cycles(product, [(name, values, at) for at, (name, values) in new], origin.reason)
    changes = {field: Sides(field, "", None, value) for field, value in fields if value}
    of_cycles = {
        f"cycle {cycle}": Sides("cycle", cycle, None, values)
        for cycle, values in incoming.cycles.items()
    }
    return MergeEffect(changes | of_cycles)


def product_to_update(name: str) -> Product:
    """Return a product with everything that belongs to it, locked until the transaction ends."""
    products = Product.objects.select_for_update(of=("self",)).select_related("category")
    return products.prefetch_related(*WHOLE).get(name=name)


def update_product(
    product: Product,
    incoming: SourceValues,
    origin: Origin,
    references: References,
    choices: Choices = NO_CHOICES,
) -> MergeEffect:
    """Merge incoming values into a product.

    A cycle that was renamed here is matched by its former names, and one that the source has
    renamed gets its new name.
    """
    renamed = _rename_cycles(product, incoming, origin.reason)
    if renamed:
        product = product_to_update(product.name)
    mine, other = (
        base_under_present_names(base, product) for base in origin.bases(product.imported)
    )
    present = SourceValues(incoming.product, under_present_names(incoming.cycles, product))
    plan = merge_product(
        values_here(product),
        present,
        mine,
        other,
        yields=origin.yields,
        choices=choices,
        # A file that takes over a bundled product did not state its latest releases.
        takes_back=(origin.source, product.source) != (Source.FILE, Source.BUNDLED),
    )
    write_plan(product, plan, references, origin.reason, drafts=origin.drafts)
    missing = {
        cycle.name
        for cycle in product.cycles.all()
        if cycle.name in mine["cycles"]
        and cycle.name not in present.cycles
        and origin.is_gone(cycle)
    }
    plan.changes |= renamed | _flag_missing(product.cycles.all(), missing)
    Product.objects.filter(pk=product.pk).update(**origin.provenance(incoming, product))
    return plan


def _rename_cycles(product: Product, incoming: SourceValues, reason: str) -> NamedSides:
    """Rename the cycles that the source has renamed, and return these changes.

    These are cycles whose former name is in the tables and no longer in the source.
    """
    here = {cycle.name: cycle for cycle in product.cycles.all()}
    changes = {}
    for name, values in incoming.cycles.items():
        former = [old for old in values.get("former_names", ()) if old in here]
        if name not in here and len(former) == 1 and former[0] not in incoming.cycles:
            cycle = here.pop(former[0])
            cycle.name = name
            set_change_reason(cycle, reason).save()
            keep_cycle_name(cycle, Place(product.pk, former[0]))
            change = f"{name} renamed from {former[0]}"
            changes[change] = Sides("name", name, former[0], name)
    return changes


def write_plan(
    product: Product, plan: MergePlan, references: References, reason: str, *, drafts: bool = False
) -> None:
    """Write a merge to a product and everything that belongs to it.

    Args:
        product: The product, from `product_to_update`.
        plan: The merge.
        references: Categories and tags.
        reason: The reason in the history.
        drafts: Create new cycles as drafts.
    """
    if plan.product:
        _change_product(product, plan.product, references, reason)
    here = {cycle.name: cycle for cycle in product.cycles.all()}
    changed: list[ReleaseCycle] = []
    fields: set[str] = set()
    releases: list[tuple[ReleaseCycle, Values]] = []
    for name, changes in plan.cycles.items():
        if columns := _change_cycle(here[name], changes):
            changed.append(here[name])
            fields |= columns
        if "releases" in changes:
            releases.append((here[name], changes["releases"]))
        if "identifiers" in changes:
            _delete_all(here[name].identifiers.all(), reason)
            _add_cycle_identifiers([(here[name], changes)], reason)
    _update_all(ReleaseCycle, changed, sorted(fields), reason)
    _change_releases(releases, reason)
    places = positions(plan.order, {name: cycle.position for name, cycle in here.items()})
    _move(here.values(), places, reason)
    new = [(name, values, places[name]) for name, values in plan.new.items()]
    _add_cycles(product, new, reason, draft=drafts)
    _change_former_names(product, plan.cycles, reason)


def _change_product(
    product: Product, changes: Mapping[str, Any], references: References, reason: str
) -> None:
    own = {name: value for name, value in changes.items() if name not in _RELATIONS}
    for name, value in own.items():
        if name == "category":
            product.category = references.category(value)
        else:
            set_product_value(product, name, value)
    if product._state.adding or own:
        set_change_reason(product, reason).save()
    if "tags" in changes:
        product.tags.set(references.tags(changes["tags"]))
    if "aliases" in changes:
        _delete_all(product.aliases.all(), reason)
        aliases = [Alias(product=product, name=name) for name in changes["aliases"]]
        _create_all(Alias, aliases, reason)
    if not _IDENTIFIERS.isdisjoint(changes):
        _change_identifiers(product, changes, reason)
    if "custom_fields" in changes:
        _change_custom_fields(product, changes["custom_fields"], reason)


def _change_identifiers(product: Product, changes: Mapping[str, Any], reason: str) -> None:
    """Replace the identifiers, and mark the main one if it is among them."""
    here = list(product.identifiers.all())
    main = changes.get("main_identifier", main_identifier(here))
    if "identifiers" in changes:
        _delete_all(here, reason)
        pairs = changes["identifiers"]
        rows = [Identifier(product=product, type=t, value=v, main=[t, v] == main) for t, v in pairs]
        _create_all(Identifier, rows, reason)
        return
    for row in here:
        if row.main != ([row.type, row.value] == main):
            row.main = not row.main
            set_change_reason(row, reason).save()


def set_product_value(product: Product, name: str, value: Any) -> None:
    """Set a value of an import, in which days are texts, on an unsaved row."""
    setattr(product, name, _day(value) if name in _DAYS else value)


def _change_custom_fields(product: Product, values: list[Values], reason: str) -> None:
    here = {field.name: field for field in product.custom_fields.all()}
    new, changed = [], []
    for position, value in enumerate(values):
        wanted = value | {"position": position}
        field = here.pop(value["name"], None)
        if field is None:
            new.append(CustomField(product=product, **wanted))
        elif any(getattr(field, name) != wanted[name] for name in wanted):
            for name in wanted:
                setattr(field, name, wanted[name])
            changed.append(field)
    _delete_all(here.values(), reason)
    _create_all(CustomField, new, reason)
    _update_all(CustomField, changed, [*CUSTOM_FIELD_FIELDS, "position"], reason)


def _flag_missing(cycles: Iterable[ReleaseCycle], missing: set[str]) -> NamedSides:
    """Flag the cycles that are missing in the source, and no others. Return what changed."""
    wrong = [each for each in cycles if each.missing_in_source != (each.name in missing)]
    changes = {}
    for cycle in wrong:
        before, cycle.missing_in_source = cycle.missing_in_source, not cycle.missing_in_source
        change = f"{cycle.name} {'back in' if before else 'gone from'} the source"
        changes[change] = Sides("missing_in_source", cycle.name, before, not before)
    ReleaseCycle.objects.bulk_update(wrong, ["missing_in_source"], batch_size=BATCH)
    return changes


def _move(cycles: Iterable[ReleaseCycle], places: Mapping[str, int], reason: str) -> None:
    moved = [cycle for cycle in cycles if cycle.position != places[cycle.name]]
    for cycle in moved:
        cycle.position = places[cycle.name]
    _update_all(ReleaseCycle, moved, ["position"], reason)


def _add_cycles(
    product: Product, new: list[tuple[str, Values, int]], reason: str, *, draft: bool = False
) -> None:
    rows = []
    for name, values, position in new:
        cycle = ReleaseCycle(product=product, name=name, position=position, draft=draft)
        _change_cycle(cycle, values)
        rows.append(cycle)
    _create_all(ReleaseCycle, rows, reason)
    releases = [
        _new_release(cycle, version, *release)
        for cycle, (_, values, _) in zip(rows, new, strict=True)
        for version, release in values.get("releases", {}).items()
    ]
    _create_all(Release, releases, reason)
    pairs = zip(rows, (values for _, values, _ in new), strict=True)
    _add_cycle_identifiers(pairs, reason)
    _change_former_names(product, {name: values for name, values, _ in new}, reason)


def _add_cycle_identifiers(cycles: Iterable[tuple[ReleaseCycle, Values]], reason: str) -> None:
    rows = [
        CycleIdentifier(cycle=cycle, type=kind, value=value)
        for cycle, values in cycles
        for kind, value in values.get("identifiers", ())
    ]
    _create_all(CycleIdentifier, rows, reason)


def _change_cycle(cycle: ReleaseCycle, changes: Mapping[str, Any]) -> set[str]:
    """Set values on an unsaved row and return the columns that changed."""
    columns: set[str] = set()
    for name, value in changes.items():
        if name in MILESTONES:
            setattr(cycle, name, parse_milestone(value))
            columns |= {f"{name}_date", f"{name}_flag", f"{name}_precision"}
        elif name == "latest_date":
            cycle.latest_date = _day(value)
            columns.add(name)
        elif name not in _RELATIONS_OF_CYCLE:
            setattr(cycle, name, value)
            columns.add(name)
    return columns


def _change_releases(cycles: Iterable[tuple[ReleaseCycle, Values]], reason: str) -> None:
    """Update the releases of some cycles; all cycles together, to save queries."""
    new, changed = [], []
    for cycle, values in cycles:
        here = {release.version: release for release in cycle.releases.all()}
        for version, (kind, day) in values.items():
            wanted = _new_release(cycle, version, kind, day)
            release = here.pop(version, None)
            if release is None:
                new.append(wanted)
            elif (release.kind, release.day) != (wanted.kind, wanted.day):
                release.kind, release.date, release.precision = kind, wanted.date, wanted.precision
                changed.append(release)
        _delete_all(here.values(), reason)
    _create_all(Release, new, reason)
    _update_all(Release, changed, ["kind", "date", "precision"], reason)


def _change_former_names(product: Product, cycles: Mapping[str, Values], reason: str) -> None:
    """Update the former names of cycles, given the values by present name."""
    wanted = {name: each["former_names"] for name, each in cycles.items() if "former_names" in each}
    here = CycleAlias.objects.filter(product=product)
    for cycle in product.cycles.filter(name__in=wanted) if wanted else ():
        names = wanted[cycle.name]
        _delete_all(here.filter(cycle=cycle).exclude(name__in=names), reason)
        kept = set(here.filter(cycle=cycle).values_list("name", flat=True))
        new = [name for name in names if name not in kept]
        _delete_all(here.filter(name__in=new), reason)
        rows = [CycleAlias(product=product, cycle=cycle, name=name) for name in new]
        _create_all(CycleAlias, rows, reason)


def _new_release(cycle: ReleaseCycle, version: str, kind: str, day: str) -> Release:
    value = parse_milestone(day)
    release = Release(cycle=cycle, version=version, kind=kind)
    if isinstance(value, PartialDate):
        release.date, release.precision = value.date, value.precision.value
    return release


def _create_all(model: type[Row], rows: list[Row], reason: str) -> None:
    if rows:
        bulk_create_with_history(rows, model, batch_size=BATCH, default_change_reason=reason)


def _update_all(model: type[Row], rows: list[Row], fields: list[str], reason: str) -> None:
    if rows:
        bulk_update_with_history(
            rows, model, fields, batch_size=BATCH, default_change_reason=reason
        )


def _delete_all(rows: Iterable[Model], reason: str) -> None:
    for row in rows:
        set_change_reason(row, reason).delete()


def _day(text: str) -> date | None:
    value = parse_milestone(text)
    return value.date if isinstance(value, PartialDate) else None
