"""Copies of products and cycles: drafts of their own, with a history of their own."""

from __future__ import annotations

from copy import copy
from typing import Any, Final

from django.db import transaction

from releases.models import Product, ReleaseCycle, Source
from releases.models.history import one_change
from releases.models.revision import bump_revision

_OF_A_COPY: Final[dict[str, Any]] = {
    "pk": None,
    "draft": True,
    "publish_on": None,
    "requested_on": None,
    "missing_in_source": False,
}
_OF_A_PRODUCT: Final[dict[str, Any]] = _OF_A_COPY | {
    "featured": None,
    "added_on": None,
    "source": Source.HERE,
    "source_address": "",
    "file_name": "",
    "checked_on": None,
    "imported": None,
    "imported_rule": None,
    "file_text": "",
    "file_digest": "",
}
_OF_A_CYCLE: Final[dict[str, Any]] = _OF_A_COPY | {
    "latest": "",
    "latest_date": None,
    "link": "",
    "versions": "",
}


def copy_product(product: Product, *, name: str, label: str, cycles: bool) -> Product:
    """Save a copy of a product with its tags and custom fields, and return it.

    What identifies the product is not copied: aliases, identifiers, and its source. Cycles come
    without releases and are drafts, too.

    Args:
        product: The product.
        name: The address of the copy.
        label: The title of the copy.
        cycles: True to copy the cycles.

    Raises:
        ValidationError: The name or the label is not valid, or is taken.
    """
    new: Product = _copy(product, _OF_A_PRODUCT | {"name": name, "label": label})
    new.full_clean()
    with transaction.atomic(), one_change(f"copy of {product}"), bump_revision():
        new.save()
        new.tags.set(product.tags.all())
        for field in product.custom_fields.all():
            _copy(field, {"pk": None, "product": new}).save()
        for cycle in product.cycles.all() if cycles else ():
            _copy(cycle, _OF_A_CYCLE | {"product": new}).save()
    return new


def copy_cycle(cycle: ReleaseCycle, *, name: str) -> ReleaseCycle:
    """Save a copy of a cycle on top of those of its product, and return it.

    Releases, identifiers and the version range are not copied.

    Raises:
        ValidationError: The name is not valid, or is taken.
    """
    new: ReleaseCycle = _copy(cycle, _OF_A_CYCLE | {"name": name, "position": None})
    new.full_clean()
    with transaction.atomic(), one_change(f"copy of {cycle}"), bump_revision():
        new.save()
    return new


def _copy(row: Any, values: dict[str, Any]) -> Any:
    """Return an unsaved copy of a row with some other values."""
    new = copy(row)
    new._state = copy(row._state)
    new._state.adding = True
    new._state.fields_cache = {}
    new._prefetched_objects_cache = {}
    for name, value in values.items():
        setattr(new, name, value)
    return new
