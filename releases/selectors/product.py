"""Queries for the pages of a product and of a cycle."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Max, Prefetch, Q, QuerySet

from releases.domain.lifecycle.data_age import DataAge, age_of
from releases.domain.names import bad_cycle_name, bad_product_name
from releases.models import CycleAlias, Identifier, Product, ReleaseCycle, visibility
from releases.selectors.published import RELEASES
from releases.selectors.recorded import public_rows


@dataclass(frozen=True, slots=True)
class Freshness:
    """The days (in UTC) of the last check and the last change of a product's data, and its age."""

    checked_on: date | None
    changed_on: date | None
    data: DataAge


def product_page(name: str, *, drafts: bool = False) -> Product:
    """Return a product with everything that its page shows, in 7 queries.

    Args:
        name: The name of the product.
        drafts: Include drafts, as if they were public; for editors only.

    Raises:
        Product.DoesNotExist: There is no such product.
    """
    return products_in_full(drafts=drafts).get(name=name)


def products_in_full(*, drafts: bool = False) -> QuerySet[Product]:
    """Return the products with everything that their pages show, in 7 queries."""
    products = Product.objects.all() if drafts else Product.objects.public()
    cycles = ReleaseCycle.objects.all() if drafts else ReleaseCycle.objects.public()
    return (
        products.select_related("category")
        .defer("imported", "file_text")
        .prefetch_related(
            "tags",
            "aliases",
            "custom_fields",
            Prefetch("identifiers", Identifier.objects.order_by("type", "id")),
            Prefetch("cycles", cycles.in_order().prefetch_related(RELEASES)),
        )
    )


def identified_products() -> QuerySet[Product]:
    """Return the public products as in `products_in_full`, with the identifiers of their cycles.

    In 8 queries.
    """
    return products_in_full().prefetch_related("cycles__identifiers")


def present_names(product: str, cycle: str = "") -> tuple[str, str] | None:
    """Return the present names of a product and a cycle that an old address names.

    In 4 queries at most. A name in use takes precedence over an alias. An unknown cycle keeps its
    name, as the product alone may have been renamed.

    Args:
        product: The name of a product, or an alias.
        cycle: The name of a cycle, or a former one; empty for the address of a product.

    Returns:
        The names of both, the second one empty where `cycle` is; None if these are the present
            names already, or if there is no such product.
    """
    if bad_product_name(product):
        return None
    products = Product.objects.public().order_by().values_list("pk", "name")
    owner = products.filter(name=product).first() or products.filter(aliases__name=product).first()
    if owner is None:
        return None
    key, name = owner
    if cycle and not bad_cycle_name(cycle):
        here = ReleaseCycle.objects.public().filter(product=key, name=cycle)
        former = CycleAlias.objects.public().filter(product=key, name=cycle).order_by()
        now = former.values_list("cycle__product__name", "cycle__name")
        if not here.exists() and (found := now.first()):
            return found
    return (name, cycle) if name != product else None


def formerly(places: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the keys of the cycles that formerly had these names, in 1 query (0 without any).

    Args:
        places: Pairs of the present name of a product and a former name of a cycle in it.
    """
    if not places:
        return {}
    either = reduce(or_, (Q(product__name=product, name=name) for product, name in places))
    rows = CycleAlias.objects.public().filter(either).order_by()
    found = rows.values_list("product__name", "name", "cycle")
    return {(product, name): cycle for product, name, cycle in found}


def names_called(words: Iterable[str]) -> dict[str, str]:
    """Return the names of the products with these names or aliases, by name and alias, in 1 query.

    The name of a product takes precedence over an alias of another one.
    """
    wanted = list(words)
    called = Q(name__in=wanted) | Q(aliases__name__in=wanted)
    rows = Product.objects.public().filter(called).order_by()
    pairs = list(rows.values_list("name", "aliases__name"))
    return {alias: name for name, alias in pairs if alias} | {name: name for name, _ in pairs}


def all_cycles(product: Product) -> list[ReleaseCycle]:
    """Return the cycles of a product in their order, drafts included, in 2 queries.

    For editors only. They share the instance of the product with its unsaved edits. A product that
    is not saved yet has no cycles.
    """
    if product._state.adding:
        return []
    return list(product.cycles.order_by("position", "id").prefetch_related(RELEASES))


def freshness(product: Product, on: date) -> Freshness:
    """Return how fresh the data of a product is for statements about `on`, in 1 query.

    The cycles of the product are prefetched. Rows that are not public now do not count.
    """
    newest = public_rows(ReleaseCycle).filter(product=product.pk).aggregate(at=Max("seen_at"))["at"]
    return Freshness(
        checked_on=product.checked_on,
        changed_on=newest.date() if newest else None,
        data=data_age(product, on),
    )


def data_age(product: Product, on: date) -> DataAge:
    """Return the age of the data of a product for statements about `on`, in 0 queries.

    The cycles of the product are prefetched.
    """
    return age_of(product.checked_on, product.cycles.all(), on, visibility.real_date())
