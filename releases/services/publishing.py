"""Publishing what are drafts, and taking back what is public."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from simple_history.utils import bulk_update_with_history

from releases.models import Product, ReleaseCycle
from releases.models.history import because
from releases.models.revision import moved

FIELDS = ("draft", "publish_on")


def publish_products(keys: Collection[int], *, cycles: bool, reason: str) -> tuple[int, int]:
    """Makes products public at once, on wish with those of their cycles that are drafts; returns
    how many products and how many cycles were drafts."""
    with moved():
        products = _write_products(Product.objects.filter(pk__in=keys, draft=True), False, reason)
        drafts = ReleaseCycle.objects.filter(product__in=keys, draft=True)
        return products, _write_cycles(drafts, False, reason) if cycles else 0


def publish_cycles(keys: Collection[int], *, reason: str) -> int:
    """Makes cycles public at once, as far as their products are; returns how many were drafts."""
    with moved():
        return _write_cycles(ReleaseCycle.objects.filter(pk__in=keys, draft=True), False, reason)


def make_drafts(
    model: type[Product] | type[ReleaseCycle], keys: Collection[int], *, reason: str
) -> int:
    """Takes rows back from the public, and forgets the day on which drafts are to be published;
    returns how many were no such drafts."""
    with moved():
        other = Q(draft=False) | Q(publish_on__isnull=False)
        if model is Product:
            return _write_products(Product.objects.filter(other, pk__in=keys), True, reason)
        return _write_cycles(ReleaseCycle.objects.filter(other, pk__in=keys), True, reason)


def _write_products(rows: QuerySet[Product], draft: bool, reason: str) -> int:
    """One by one, as their tags are in their history, which takes no list of them."""
    found = list(rows.defer("imported", "file_text"))
    for row in found:
        row.draft, row.publish_on = draft, None
        because(row, reason).save(update_fields=FIELDS)
    return len(found)


def _write_cycles(rows: QuerySet[ReleaseCycle], draft: bool, reason: str) -> int:
    found = list(rows)
    for row in found:
        row.draft, row.publish_on = draft, None
    if found:
        bulk_update_with_history(found, ReleaseCycle, FIELDS, default_change_reason=reason)
    return len(found)
