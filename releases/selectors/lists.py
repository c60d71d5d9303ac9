"""Lists of products: from A to Z, by category and by tag."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.db.models.functions import Lower

from releases.domain.lifecycle.status import Status
from releases.models import Category, Product, ReleaseCycle, Tag

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


def _letter(line: ProductCounts) -> str:
    first = line.product.label[:1].upper()
    return first if first.isalpha() else "0-9"
