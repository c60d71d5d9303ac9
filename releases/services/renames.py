"""Redirects for products and cycles that are renamed, or moved to another product.

All code that renames them (forms, inline forms, reverts, imports, syncs) calls this within the same
change. An alias refers to the row, not to a name, so a chain of renames is one redirect. A name in
use takes precedence over an alias in every look-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from releases.models import Alias, CycleAlias, Product, ReleaseCycle, UpgradeNote, visibility
from releases.models.revision import bump_revision
from releases.models.visibility import published


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a cycle in addresses: the primary key of its product, and its own name."""

    product: int
    name: str


def keep_product_name(product: Product, old: str) -> Alias | None:
    """Make the former name of a product an alias of it, within the change that renames it.

    Call this when the new name is saved. An alias of the same name refers to this product from then
    on.

    Args:
        product: The product under its new name.
        old: Its former name.

    Returns:
        The alias; None if `old` is the present name, was never public, or is the name of
            another product now.
    """
    with bump_revision():
        _delete(product.aliases.filter(name=product.name))
        taken = Product.objects.filter(
            name=old
        ).exists()  # by this product itself if it was not renamed
        if taken or not _was_public(Product, id=product.pk, name=old):
            return None
        here = Alias.objects.filter(name=old)
        if alias := here.filter(product=product).first():
            return alias
        _delete(here)
        return Alias.objects.create(product=product, name=old)


def keep_cycle_name(cycle: ReleaseCycle, old: Place) -> CycleAlias | None:
    """Make the former name of a cycle an alias of it, within the change that renames or moves it.

    Call this when the new name and product are saved. Upgrade notes of the product that name the
    cycle are updated.

    Args:
        cycle: The cycle under its new name.
        old: Its former place.

    Returns:
        The alias; None if `old` is the present place, was never public, or is the place of
            another cycle now.
    """
    with bump_revision():
        _delete(cycle.aliases.filter(product=cycle.product_id, name=cycle.name))
        if old.product == cycle.product_id and old.name != cycle.name:
            _rename_in_notes(cycle, old.name)
        taken = ReleaseCycle.objects.filter(product=old.product, name=old.name).exists()
        of_cycle = {"id": cycle.pk, "name": old.name, "product": old.product}
        public = _was_public(ReleaseCycle, **of_cycle) and _was_public(Product, id=old.product)
        if taken or not public:
            return None
        here = CycleAlias.objects.filter(product=old.product, name=old.name)
        if alias := here.filter(cycle=cycle).first():
            return alias
        _delete(here)
        return CycleAlias.objects.create(product_id=old.product, cycle=cycle, name=old.name)


def take_name(product: Product) -> Product | None:
    """Remove the name of a public product from the aliases of others.

    Call this within the change that gives the product its name.

    Returns:
        The product that had the alias; None if there was none, or if the product is a draft:
            until it is published, its address leads where it did.
    """
    if not visibility.is_published(product, visibility.real_date()):
        return None
    with bump_revision():
        alias = Alias.objects.filter(name=product.name).exclude(product=product.pk)
        found = alias.select_related("product").first()
        _delete(alias)
        return found.product if found else None


def take_alias(product: Product, former: int, name: str) -> Alias | None:
    """Make the name of a product that was merged into another an alias of that one.

    Call this within the change that deletes the merged product.

    Args:
        product: The product that stays.
        former: The primary key of the deleted product.
        name: Its name.

    Returns:
        The alias; None if the name was never public.
    """
    with bump_revision():
        if not _was_public(Product, id=former, name=name):
            return None
        return Alias.objects.create(product=product, name=name)


def values_without_column(cycle: ReleaseCycle) -> dict[str, str]:
    """Return the values of a cycle in custom columns that its product lacks, by column.

    Pages do not show these values. 1 query if the cycle has any values.
    """
    if not cycle.custom:
        return {}
    columns = set(cycle.product.custom_fields.values_list("name", flat=True))
    return {name: value for name, value in cycle.custom.items() if name not in columns}


def _was_public(model: Any, **row: Any) -> bool:
    """Return True if a row was public with these values, or has no history."""
    past = model.history.filter(**row)
    shown = past.filter(published([""], visibility.real_date()))
    return bool(shown.exists() or not past.exists())


def _rename_in_notes(cycle: ReleaseCycle, old: str) -> None:
    notes = UpgradeNote.objects.filter(product=cycle.product_id)
    for field in ("from_cycle", "to_cycle"):
        for note in notes.filter(**{field: old}):
            setattr(note, field, cycle.name)
            note.save()


def _delete(rows: Any) -> None:
    """Delete rows; write nothing if there are none."""
    if found := list(rows):
        for row in found:
            row.delete()
