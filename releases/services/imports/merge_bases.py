"""Merge bases of restored rows, reconstructed from their history.

The values of the last import have no history of their own and are deleted with their row. When the
row is restored, they are found in the history: the last values that an import wrote are those of
its source, whatever was edited since. So the next import keeps local edits and updates the rest, as
if nothing had been deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from django.db.models import Model

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
    Tag,
    UpgradeNote,
)
from releases.selectors.history.records import Key, Subject, as_row, past, tags_of
from releases.services.imports.store import FROM_ADDRESS, FROM_SOURCES
from releases.services.imports.upgrade_notes import FROM_NOTES
from releases.services.imports.values import (
    OPTIONAL_CYCLE_VALUES,
    OPTIONAL_PRODUCT_VALUES,
    SourceValues,
    Values,
    note_values,
    values_here,
)

_Rows = dict[Key, Any]
_NO_VALUES: Final = SourceValues({}, {})


def base_of_product(pk: int) -> Values:
    """Return the column `imported` of a product, reconstructed from its history, in 10 queries."""
    files: Values = {"product": {}, "cycles": {}, "order": []}
    synced: Values = {"product": {}, "cycles": {}, "order": []}
    history = _History(pk)
    for reason, before, after in history.imports():
        base = synced if reason.startswith(FROM_ADDRESS) else files
        history.fold(base, before, after)
        if base is synced:
            synced["address"] = reason.removeprefix(FROM_ADDRESS)
    for base in (files, synced):
        _remove_defaults(base["product"], OPTIONAL_PRODUCT_VALUES)
        for values in base["cycles"].values():
            _remove_defaults(values, OPTIONAL_CYCLE_VALUES)
    return files | ({"synced": synced} if "address" in synced else {})


def bases_of_notes(keys: Iterable[int]) -> dict[int, Values]:
    """Return the column `imported` of imported notes by primary key, in 1 query."""
    bases: dict[int, Values] = {}
    last: dict[int, Values] = {}
    for row in past(UpgradeNote).filter(id__in=list(keys)).order_by("history_date", "history_id"):
        values = note_values(row) | {"position": row.position}
        if row.history_change_reason == FROM_NOTES:
            _fold(bases.setdefault(row.id, {}), last.get(row.id, {}), values)
        last[row.id] = values
    return bases


class _History:
    """The whole history of a product, in memory."""

    def __init__(self, pk: int) -> None:
        self.rows: list[Any] = []
        for model, ids in Subject(Product, pk).ids().items():
            if model is not UpgradeNote:
                self.rows += past(model).filter(id__in=ids).order_by("history_id")
        # The sort is stable: records of one moment keep their order.
        self.rows.sort(key=attrgetter("history_date"))
        self.tags_of = tags_of(row.history_id for row in self.rows if row.instance_type is Product)
        self.tags = Tag.objects.in_bulk()
        self.categories = Category.objects.in_bulk()

    def imports(self) -> Iterator[tuple[str, _Rows, _Rows]]:
        """Yield the reason of each import, and the rows before and after it."""
        rows: _Rows = {}
        for _, group in groupby(self.rows, attrgetter("history_date")):
            written = list(group)
            reason = next(filter(None, (row.history_change_reason for row in written)), "")
            imported = reason.startswith(FROM_SOURCES)
            before = dict(rows) if imported else {}
            for row in written:
                rows[row.instance_type, row.id] = row
                if row.history_type == "-":
                    del rows[row.instance_type, row.id]
            if imported:
                yield reason, before, rows

    def fold(self, base: Values, before: _Rows, after: _Rows) -> None:
        """Add the values that an import wrote to a base."""
        touched = {
            row.id if row.instance_type is ReleaseCycle else row.cycle_id
            for key, row in after.items()
            if key[0] in (ReleaseCycle, CycleIdentifier, Release) and before.get(key) is not row
        }
        old, new = self._values(before, touched), self._values(after, touched)
        _fold(base["product"], old.product, new.product)
        for name, values in new.cycles.items():
            _fold(base["cycles"].setdefault(name, {}), old.cycles.get(name, {}), values)
        names = [row.name for row in _of_table(after, ReleaseCycle, "position")]
        base["order"] = [name for name in names if name in base["cycles"]]

    def _values(self, rows: _Rows, cycles: set[int]) -> SourceValues:
        """Return the values of a product and some of its cycles, given all rows of a moment."""
        found = _of_table(rows, Product, "id")
        if not found:
            return _NO_VALUES
        product: Any = as_row(found[0])
        product.category = self.categories.get(product.category_id)
        tags = (self.tags.get(key) for key in self.tags_of.get(found[0].history_id, ()))
        releases: dict[int, list[Any]] = defaultdict(list)
        for row in _of_table(rows, Release, "id"):
            releases[row.cycle_id].append(as_row(row))
        former = _of_table(rows, CycleAlias, "id")
        identifiers: dict[int, list[Any]] = defaultdict(list)
        for row in _of_table(rows, CycleIdentifier, "id"):
            identifiers[row.cycle_id].append(row)
        own = [as_row(r) for r in _of_table(rows, ReleaseCycle, "position") if r.id in cycles]
        for cycle in own:
            aliases = [row for row in former if row.cycle_id == cycle.pk]
            of_cycle = {
                "releases": releases[cycle.pk],
                "aliases": aliases,
                "identifiers": identifiers[cycle.pk],
            }
            _set_prefetched(cycle, of_cycle)
        _set_prefetched(
            product,
            {
                "tags": list(filter(None, tags)),
                "aliases": _of_table(rows, Alias, "id"),
                "identifiers": _of_table(rows, Identifier, "id"),
                "custom_fields": _of_table(rows, CustomField, "position"),
                "cycles": own,
            },
        )
        return values_here(product)


def _of_table(rows: _Rows, model: type[Model], order: str) -> list[Any]:
    """Return the rows of a table, sorted by a column and the primary key."""
    return sorted(
        (row for key, row in rows.items() if key[0] is model), key=attrgetter(order, "id")
    )


def _set_prefetched(row: Any, related: Mapping[str, list[Any]]) -> None:
    """Set the related rows of an unsaved row as if they had been prefetched."""
    row._prefetched_objects_cache = dict(related)


def _remove_defaults(base: Values, defaults: Values) -> None:
    """Remove from a base the defaults of values that most sources lack."""
    for name, value in defaults.items():
        if base.get(name) == value:
            base.pop(name, None)


def _fold(base: Values, before: Values, after: Values) -> None:
    """Add the values that differ from those before to a base; mappings key by key."""
    for name, value in after.items():
        old = before.get(name)
        if name in before and old == value:
            continue
        if isinstance(old, dict) and isinstance(value, dict):
            base[name] = dict(base.get(name, {}))
            _fold(base[name], old, value)
            for key in old.keys() - value.keys():
                base[name].pop(key, None)
        else:
            base[name] = value
