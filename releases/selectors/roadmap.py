"""What the roadmap reads: products, the cycles of each that are shown, the answer line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Window,
)
from django.db.models.functions import RowNumber

from releases.domain.lifecycle import Status
from releases.domain.query import Problem, RoadmapQuery
from releases.models import Alias, Category, Product, ReleaseCycle, Tag
from releases.models.status import ends_soon, next_end, status_on

PRODUCTS_A_PAGE = 25
ROWS_A_PRODUCT = 12
HEAVY = ("imported", "file_text", "description")
"""Columns of a product that may be large and that no row shows."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: names (with labels for products), in order."""

    products: dict[str, str]
    categories: list[str]
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The line on top of the roadmap: counts of cycles, the next release and when the data was
    last checked."""

    active: int
    ends_soon: int
    next_release: ReleaseCycle | None
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class ProductRows:
    """A product with those of its cycles that are shown, and how many there are to show."""

    product: Product
    cycles: list[ReleaseCycle]
    total: int


@dataclass(frozen=True, slots=True)
class Roadmap:
    """A page of the roadmap. `products` counts all that match, on every page."""

    rows: list[ProductRows]
    answer: Answer
    choices: Choices
    products: int
    pages: int
    problems: list[Problem] = field(default_factory=list)


def roadmap(query: RoadmapQuery) -> Roadmap:
    """A view of the roadmap, in 8 queries however many products there are.

    Names in the query that are not in the catalogue are ignored and named in `problems`.
    """
    choices, aliases = _choices()  # 3 queries
    wanted = tuple(dict.fromkeys(aliases.get(name, name) for name in query.products))
    problems = list(_unknown(query, wanted, choices))
    products = _matching_products(query, [name for name in wanted if name in choices.products])
    if query.category in choices.categories:
        products = products.filter(category__name=query.category)
    if query.tag in choices.tags:
        products = products.filter(tags__name=query.tag)
    answer = _answer(products, query.on)  # 2 queries
    if query.filters_cycles:
        cycles = _matching_cycles(query).filter(product=OuterRef("pk"))
        products = products.filter(Exists(cycles))
    count = products.count()  # 1 query
    pages = max(1, -(-count // PRODUCTS_A_PAGE))
    page = min(query.page, pages)
    first = (page - 1) * PRODUCTS_A_PAGE
    shown = list(products.defer(*HEAVY)[first : first + PRODUCTS_A_PAGE])  # 1 query
    rows = _rows(shown, query)  # 1 query
    return Roadmap(rows, answer, choices, count, pages, problems)


def with_status(on: date) -> QuerySet[Any, Any]:
    """The public cycles (`ReleaseCycle`) with their `status` and `next_end` on a date."""
    return ReleaseCycle.objects.public().annotate(status=status_on(on), next_end=next_end(on))


def _choices() -> tuple[Choices, dict[str, str]]:
    names = Product.objects.public().values_list("name", "label", "aliases__name")
    products: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for name, label, alias in names:
        products[name] = label
        if alias:
            aliases[alias] = name
    public = Q(products__in=Product.objects.public().order_by())
    categories = Category.objects.filter(public).distinct().values_list("name", flat=True)
    tags = Tag.objects.filter(public).distinct().values_list("name", flat=True)
    return Choices(products, list(categories), list(tags)), aliases


def _unknown(query: RoadmapQuery, wanted: Iterable[str], choices: Choices) -> Iterable[Problem]:
    for name in wanted:
        if name not in choices.products:
            yield Problem("product", f"“{name}” is ignored: there is no such product here.")
    if query.category and query.category not in choices.categories:
        yield Problem("category", f"“{query.category}” is ignored: there is no such category.")
    if query.tag and query.tag not in choices.tags:
        yield Problem("tag", f"“{query.tag}” is ignored: there is no such tag.")


def _matching_products(query: RoadmapQuery, names: list[str]) -> QuerySet[Product, Product]:
    products = Product.objects.public().select_related("category").defer("imported", "file_text")
    if names:
        products = products.filter(name__in=names)
    for word in query.q.split():
        of_product = {"product": OuterRef("pk")}
        products = products.filter(
            Q(label__icontains=word)
            | Q(name__icontains=word)
            | Exists(Alias.objects.filter(**of_product, name__icontains=word))
            | Exists(ReleaseCycle.objects.public().filter(**of_product, name__istartswith=word))
        )
    return products


def _matching_cycles(query: RoadmapQuery) -> QuerySet[Any, Any]:
    cycles = with_status(query.on)
    if query.statuses:
        cycles = cycles.filter(status__in=[status.value for status in query.statuses])
    if query.lts:
        cycles = cycles.filter(Q(lts_flag=True) | Q(lts_date__isnull=False))
    if query.ends_soon:
        cycles = cycles.filter(ends_soon(query.on))
    return cycles


def _answer(products: QuerySet[Product, Product], on: date) -> Answer:
    cycles = with_status(on).filter(product__in=products.order_by())
    counts: dict[str, Any] = cycles.aggregate(
        active=Count("pk", filter=Q(status=Status.ACTIVE.value)),
        soon=Count("pk", filter=ends_soon(on)),
        checked_on=Max("product__checked_on"),
    )
    planned = cycles.filter(status=Status.PLANNED.value, release_date__isnull=False)
    planned = planned.select_related("product").defer(*(f"product__{name}" for name in HEAVY))
    next_release = planned.order_by("release_date", "pk").first()
    return Answer(counts["active"], counts["soon"], next_release, counts["checked_on"])


def _rows(products: list[Product], query: RoadmapQuery) -> list[ProductRows]:
    """The cycles of some products: those asked for, or planned, supported and the last ended one
    of each, twelve at most unless all of them are wanted."""
    ended = Q(status=Status.END_OF_LIFE.value)
    by_product: dict[int, list[ReleaseCycle]] = {product.pk: [] for product in products}
    totals: dict[int, int] = {}
    every = [product.pk for product in products if product.name in query.expanded]
    few = Q(rank__lte=ROWS_A_PRODUCT)
    if not query.filters_cycles:
        few &= ~ended | Q(rank=1)
    cycles = (
        _matching_cycles(query)
        .filter(product__in=list(by_product))
        .annotate(
            rank=Window(
                RowNumber(),
                partition_by=[F("product"), ExpressionWrapper(ended, BooleanField())],
                order_by=["position", "pk"],
            ),
            total=Window(Count("pk"), partition_by=[F("product")]),
        )
        .filter(few | Q(product__in=every))
        .order_by("product_id", "position", "pk")
    )
    for cycle in cycles:
        by_product[cycle.product_id].append(cycle)
        totals[cycle.product_id] = cycle.total
    return [
        ProductRows(
            product,
            by_product[product.pk][: None if product.pk in every else ROWS_A_PRODUCT],
            totals.get(product.pk, 0),
        )
        for product in products
    ]
