"""Merging two products: one takes over what belongs to the other, whose addresses lead to it.

The other product is deleted. Restoring it from the list of deleted products undoes the merge, and
so does reverting the change in the history of either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from releases.models import (
    Alias,
    CustomField,
    CycleAlias,
    Identifier,
    Product,
    ReleaseCycle,
    UpgradeNote,
)
from releases.models.history import one_change
from releases.models.product import has_main_identifier
from releases.models.revision import bump_revision
from releases.services.renames import take_alias

_UNIQUE: Final[dict[Any, tuple[str, ...]]] = {
    ReleaseCycle: ("name",),
    CycleAlias: ("name",),
    UpgradeNote: ("key",),
    CustomField: ("name",),
    Identifier: ("type", "value"),
    Alias: ("name",),
}
"""The tables whose rows move, with the columns that are unique within a product."""


@dataclass(frozen=True, slots=True)
class MergePlan:
    """The effect of a merge.

    Attributes:
        product: The product that stays.
        other: The product that is merged into it and deleted.
        moved: The rows that move.
        left: The rows that are deleted with the other product, as the first one has the same.
    """

    product: Product
    other: Product
    moved: tuple[Any, ...]
    left: tuple[Any, ...]

    @property
    def digest(self) -> str:
        """A digest that is equal for equal plans only."""
        rows = [[(type(row).__name__, row.pk) for row in each] for each in (self.moved, self.left)]
        content = (self.product.pk, self.product.name, self.other.pk, self.other.name, rows)
        return sha256(repr(content).encode()).hexdigest()


class MergeChangedError(Exception):
    """The plan differs from the confirmed one. Nothing was written."""


def plan_merge(product: Product, other: Product) -> MergePlan:
    """Return the plan that merges `other` into `product`, in 2 queries for each table."""
    rows = [*_rows(product, other)]
    moved = tuple(row for row, moves in rows if moves)
    return MergePlan(product, other, moved, tuple(row for row, moves in rows if not moves))


def merge_products(product: Product, other: Product, *, reason: str, seen: str) -> MergePlan:
    """Merge `other` into `product` in one transaction and return the plan.

    Cycles come below those of the product, in their order. The name of `other` becomes an alias,
    and its own aliases lead to the product.

    Args:
        product: The product that stays; its values win.
        other: The product that is deleted.
        reason: The reason in the history.
        seen: The digest of the confirmed plan.

    Raises:
        MergeChangedError: The plan has another digest now.
    """
    with transaction.atomic(), one_change(reason), bump_revision():
        plan = plan_merge(product, other)
        if plan.digest != seen:
            raise MergeChangedError
        last = product.cycles.aggregate(last=Max("position"))["last"]
        for row in plan.moved:
            row.product = product
            if isinstance(row, Identifier):
                row.main = row.main and not has_main_identifier(product.pk)
            if isinstance(row, ReleaseCycle):
                last = row.position = 0 if last is None else last + 1
            row.save()
        key = other.pk
        other.delete()
        take_alias(product, key, other.name)
    return plan


def _rows(product: Product, other: Product) -> Iterator[tuple[Any, bool]]:
    """Yield the rows of the other product, and True for those that move."""
    staying: set[int] = set()
    cycles: set[str] = set()
    for model, columns in _UNIQUE.items():
        taken = set(model.objects.filter(product=product).values_list(*columns))
        for row in model.objects.filter(product=other).order_by(*model._meta.ordering, "pk"):
            value = tuple(getattr(row, column) for column in columns)
            moves = value not in taken
            if isinstance(row, CycleAlias):
                moves = moves and row.cycle_id not in staying and row.name not in cycles
            elif isinstance(row, ReleaseCycle):
                cycles.add(row.name)
                staying |= set() if moves else {row.pk}
            yield row, moves
