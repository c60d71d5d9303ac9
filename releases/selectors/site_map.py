"""Queries of the site map: the pages of products and of cycles."""

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
    """The pages of all products, then those of all cycles, each with its last change.

    Supports `len()`, in 2 queries, and slices, in 2 queries at most.
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
    """Return rows with the fields of `MapEntry`.

    `key` is the column of the history that has the primary key of the page's row.
    """
    history = public_rows(ReleaseCycle).filter(**{key: OuterRef("pk")})
    # An aggregate, as with an order a database might scan the whole history by date.
    newest = history.values(key).annotate(at=Max("seen_at")).values("at")
    return pages.annotate(changed_at=Subquery(newest)).values_list(product, "cycle", "changed_at")
