"""Publishing drafts, making public rows drafts again, and requests for publication."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet
from simple_history.utils import bulk_update_with_history

from releases.models import Product, ReleaseCycle, UpgradeNote
from releases.models.history import set_change_reason
from releases.models.revision import bump_revision
from releases.services.renames import take_name

FIELDS = ("draft", "publish_on", "requested_on")

OF_PRODUCT: Final[tuple[type[ReleaseCycle] | type[UpgradeNote], ...]] = (ReleaseCycle, UpgradeNote)
"""The tables of a product whose rows have drafts of their own."""

Publishable = type[Product] | type[ReleaseCycle] | type[UpgradeNote]


def publish_products(keys: Collection[int], *, drafts: bool, reason: str) -> list[int]:
    """Publish products at once, with `drafts` also the drafts that belong to them.

    Returns:
        The numbers of rows that were drafts: products, then rows of each table of `OF_PRODUCT`.
    """
    with bump_revision():
        products = _write_products(Product.objects.filter(pk__in=keys, draft=True), False, reason)
        if not drafts:
            return [products, *(0 for _ in OF_PRODUCT)]
        belonging: list[QuerySet[Any]] = [
            model.objects.filter(product__in=keys, draft=True) for model in OF_PRODUCT
        ]
        return [products, *(_write_rows(rows, False, reason) for rows in belonging)]


def publish_rows(
    model: type[ReleaseCycle] | type[UpgradeNote], keys: Collection[int], *, reason: str
) -> int:
    """Publish cycles or notes at once and return how many were drafts.

    They become public only if what they belong to is public.
    """
    with bump_revision():
        return _write_rows(model.objects.filter(pk__in=keys, draft=True), False, reason)


def make_drafts(model: Publishable, keys: Collection[int], *, reason: str) -> int:
    """Make rows drafts without a day of publication and return how many were not before."""
    with bump_revision():
        other = Q(draft=False) | Q(publish_on__isnull=False)
        if model is Product:
            return _write_products(Product.objects.filter(other, pk__in=keys), True, reason)
        return _write_rows(model.objects.filter(other, pk__in=keys), True, reason)


def request_publication(row: Any, on: date | None, *, reason: str) -> None:
    """Record that an editor asks to publish a draft, or that nobody asks for it any longer.

    The history has who asked and why. Publishing the row withdraws the request.

    Args:
        row: A product, cycle or upgrade note.
        on: The day of the request; None withdraws it.
        reason: The reason in the history.
    """
    with bump_revision():
        row.requested_on = on
        set_change_reason(row, reason).save(update_fields=["requested_on"])


def _write_products(rows: QuerySet[Product], draft: bool, reason: str) -> int:
    """Write products one by one, as the history of tags takes no list of products."""
    found = list(rows.defer("imported", "file_text"))
    for row in found:
        row.draft, row.publish_on, row.requested_on = draft, None, None
        set_change_reason(row, reason).save(update_fields=FIELDS)
        take_name(row)
    return len(found)


def _write_rows(rows: QuerySet[Any], draft: bool, reason: str) -> int:
    found = list(rows)
    for row in found:
        row.draft, row.publish_on, row.requested_on = draft, None, None
    if found:
        bulk_update_with_history(found, rows.model, FIELDS, default_change_reason=reason)
    return len(found)
