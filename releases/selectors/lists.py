"""Lists of products: from A to Z, by category and tag, and recent and coming releases and ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lower

from releases.domain.lifecycle.status import Status
from releases.models import Category, Product, ReleaseCycle, Tag
from releases.models.status import for_everybody, supported_until

RECENT_DAYS = 90
NEXT_DAYS = 180
MAX_IN_A_LIST = 100
PRODUCTS_A_LIST = 500


@dataclass(frozen=True, slots=True)
class ProductCounts:
    """A product, the number of its supported cycles, and of all its cycles."""

    product: Product
    supported: int
    cycles: int


@dataclass(frozen=True, slots=True)
class ProductList:
    """The products on a page of a list, by letter, and the page itself."""

    letters: dict[str, list[ProductCounts]]
    page: Page[Product]


@dataclass(frozen=True, slots=True)
class RecentAndUpcoming:
    """Cycles that were released or ended shortly before a day, or will be shortly after it.

    Each list is in the order of its dates, the nearest first.
    """

    released: list[ReleaseCycle]
    ended: list[ReleaseCycle]
    ending: list[ReleaseCycle]
    coming: list[ReleaseCycle]


def products_by_letter(
    on: date, *, category: str = "", tag: str = "", page: int = 1
) -> ProductList:
    """Return the products by the first letter of their titles, `0-9` for digits, in 3 queries.

    A page number beyond the last page returns the last page.
    """
    products = Product.objects.public().order_by(Lower("label"), "name").without_large_columns()
    products = products.select_related("category")
    if category:
        products = products.filter(category__name=category)
    if tag:
        products = products.filter(tags__name=tag)
    shown = Paginator(products, PRODUCTS_A_LIST).get_page(page)
    lines = sorted(
        with_counts(list(shown), on),
        key=lambda line: (line.product.label.casefold(), line.product.name),
    )
    return ProductList(
        {letter: list(group) for letter, group in groupby(lines, key=_letter)}, shown
    )


def with_counts(products: Collection[Product], on: date) -> list[ProductCounts]:
    """Return products with the numbers of their cycles as of `on`, in 1 query."""
    supported = [status.value for status in Status if status.supported]
    rows = (
        ReleaseCycle.objects.public()
        .filter(product__in=[product.pk for product in products])
        .with_status(on)
        .order_by()
        .values("product")
        .annotate(supported=Count("pk", filter=Q(status__in=supported)), total=Count("pk"))
    )
    counts = {row["product"]: (row["supported"], row["total"]) for row in rows}
    return [ProductCounts(product, *counts.get(product.pk, (0, 0))) for product in products]


def names_in_use(model: type[Category] | type[Tag]) -> list[tuple[str, int]]:
    """Return the names of categories or tags in use with their numbers of products, in 1 query."""
    public = Q(products__in=Product.objects.public().order_by())
    rows = model._default_manager.filter(public).annotate(count=Count("products", distinct=True))
    return list(rows.order_by("name").values_list("name", "count"))


def recent_and_upcoming(on: date) -> RecentAndUpcoming:
    """Return recent and coming releases and ends of cycles around `on`, in 4 queries.

    They were released or ended in the 90 days up to `on` (inclusive), end in the 180 days after it,
    or are planned.
    """
    cycles = ReleaseCycle.objects.public().with_product()
    over = cycles.in_status([status for status in Status if status.ended], on)
    over = over.annotate(ended_on=supported_until())
    since, until = on - timedelta(days=RECENT_DAYS), on + timedelta(days=NEXT_DAYS)
    return RecentAndUpcoming(
        released=_first_cycles(cycles.filter(release_date__range=(since, on)), "-release_date"),
        ended=_first_cycles(over.filter(Q(ended_on__range=(since, on))), "-ended_on"),
        ending=_first_cycles(cycles.ends_by(until, on).filter(for_everybody(on)), "next_end"),
        # Cycles without a date come last.
        coming=_first_cycles(cycles.planned(on), Coalesce("release_date", date.max)),
    )


def _first_cycles(cycles: QuerySet[Any, Any], order: str | Combinable) -> list[ReleaseCycle]:
    return list(cycles.order_by(order, "product__label", "pk")[:MAX_IN_A_LIST])


def _letter(line: ProductCounts) -> str:
    first = line.product.label[:1].upper()
    return first if first.isalpha() else "0-9"
