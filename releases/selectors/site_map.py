"""Reads of the site map: the pages of products and of cycles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F, Max, OuterRef, Subquery, Value

from releases.models import Product, ReleaseCycle
from releases.selectors.recorded import public_rows


@dataclass(frozen=True, slots=True)
class MapEntry:
    """A page of a product, or of one of its cycles."""

    product: str
    cycle: str
    changed_at: datetime | None


class MapEntries:
    """Every page of a product, then every page of a cycle, with its last change.

    Read a slice at a time: the number in 2 queries, a slice in 2 at most.
    """

    def __len__(self) -> int:
        return self._products + self._cycles

    def __getitem__(self, wanted: slice) -> list[MapEntry]:
        first, last = wanted.start, wanted.stop
        products = Product.objects.public().order_by("pk").annotate(cycle=Value(""))
        rows = list(_rows(products, "name", "product")[first:last])
        if last > self._products:
            cycles = ReleaseCycle.objects.public().order_by("pk").annotate(cycle=F("name"))
            first = max(0, first - self._products)
            rows += _rows(cycles, "product__name", "id")[first : last - self._products]
        return [MapEntry(*row) for row in rows]

    @cached_property
    def _products(self) -> int:
        return Product.objects.public().count()

    @cached_property
    def _cycles(self) -> int:
        return ReleaseCycle.objects.public().count()


def _rows(pages: Any, product: str, key: str) -> Any:
    """Rows as `MapEntry` has them; `key` is the column of the history that has the page's key."""
    history = public_rows(ReleaseCycle).filter(**{key: OuterRef("pk")})
    # Not the first in an order: a database might walk through all of the history by date.
    newest = history.values(key).annotate(at=Max("seen_at")).values("at")
    return pages.annotate(changed_at=Subquery(newest)).values_list(product, "cycle", "changed_at")
