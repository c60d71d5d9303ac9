"""Milestones proposed by CycloneDX files, until an editor accepts or discards them.

They are a separate merge base in the column `imported`. The page of local edits shows where they
differ from the tables, as for any other source. Nothing public changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from releases.domain.lifecycle.milestones import MILESTONES
from releases.models import Product
from releases.models.revision import Revision
from releases.selectors.desk import PROPOSED_KEY
from releases.services.imports.store import EMPTY_BASE, product_to_update
from releases.services.imports.values import Values, under_present_names, values_here

Proposals = Mapping[str, Mapping[str, str]]
"""Milestones as texts, by the names of cycles."""


def proposals_of(product: Product) -> dict[str, Values]:
    """Return the proposed milestones of the cycles of a product, in its order.

    Deleted cycles are left out. Runs no query if `WHOLE` is prefetched.
    """
    stored = (product.imported or {}).get(PROPOSED_KEY, EMPTY_BASE)
    cycles: dict[str, Values] = under_present_names(stored["cycles"], product)
    return {
        each.name: {
            name: cycles[each.name][name] for name in MILESTONES if name in cycles[each.name]
        }
        for each in product.cycles.all()
        if each.name in cycles
    }


def proposals_file(product: Product) -> str:
    """Return the name of the file with the last proposals for a product; empty if it has none."""
    name: str = (product.imported or {}).get(PROPOSED_KEY, {}).get("file", "")
    return name


def store_proposals(product: Product, proposals: Proposals, file: str = "") -> None:
    """Add proposals for the cycles of a product, and delete those that are now its values.

    Args:
        product: The product, from `product_to_update`.
        proposals: The proposals. They replace earlier ones of the same milestones.
        file: The name of their file; empty to keep the last one.
    """
    here, earlier = values_here(product).cycles, proposals_of(product)
    cycles = {
        name: {
            milestone: text
            for milestone, text in {**earlier.get(name, {}), **proposals.get(name, {})}.items()
            if here[name][milestone] != text
        }
        for name in {**earlier, **proposals}
    }
    cycles = {name: values for name, values in cycles.items() if values}
    base = EMPTY_BASE | {"cycles": cycles, "file": file or proposals_file(product)}
    _store(product, base if cycles else None)


def discard_proposals(name: str) -> None:
    """Delete all proposals for a product."""
    with transaction.atomic():
        Revision.wait()
        _store(product_to_update(name), None)


def _store(product: Product, base: Values | None) -> None:
    imported = {**(product.imported or {}), PROPOSED_KEY: base}
    imported = {key: each for key, each in imported.items() if each is not None}
    Product.objects.filter(pk=product.pk).update(imported=imported or None)
