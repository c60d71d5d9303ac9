"""Reads of the pages of a product and of a cycle."""

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
    """A product with all that its page shows, in 7 queries. Raises `Product.DoesNotExist`.

    `drafts`: as the page would be if whatever is a draft of it were public. For editors only.
    """
    return products_in_full(drafts=drafts).get(name=name)


def products_in_full(*, drafts: bool = False) -> QuerySet[Product]:
    """The products with all that their pages show, in 7 queries."""
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


def present_names(product: str, cycle: str = "") -> tuple[str, str] | None:
    """Return the names that a product and a cycle have now, which an old address names by others.

    A name that is in use goes before an alias. A cycle that nobody knows keeps its name, as the
    product alone may have been renamed. In 4 queries at most.

    Args:
        product: The name of a product, or an alias.
        cycle: The name of a cycle, or a former one; empty for the address of a product.

    Returns:
        The names of both, the second one empty where `cycle` is; None where they are the present
        ones, or where there is no such product.
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
    """Return the keys of the cycles that had these names in products of these names, in 1 query (0
    without any)."""
    if not places:
        return {}
    either = reduce(or_, (Q(product__name=product, name=name) for product, name in places))
    rows = CycleAlias.objects.public().filter(either).order_by()
    found = rows.values_list("product__name", "name", "cycle")
    return {(product, name): cycle for product, name, cycle in found}


def names_called(words: Iterable[str]) -> dict[str, str]:
    """Return the names of the products that are called so, by name or alias, in 1 query.

    A product's own name goes before the alias of another one.
    """
    wanted = list(words)
    called = Q(name__in=wanted) | Q(aliases__name__in=wanted)
    rows = Product.objects.public().filter(called).order_by()
    pairs = list(rows.values_list("name", "aliases__name"))
    return {alias: name for name, alias in pairs if alias} | {name: name for name, _ in pairs}


def all_cycles(product: Product) -> list[ReleaseCycle]:
    """The cycles of a product in their order, drafts included: for editors only. In 2 queries. They
    share the product, whatever was edited of it; one that is not saved yet has none."""
    if product._state.adding:
        return []
    return list(product.cycles.order_by("position", "id").prefetch_related(RELEASES))


def freshness(product: Product, on: date) -> Freshness:
    """How fresh the data of a product is for statements on a day, in 1 query. The product comes
    with its cycles. Of what is no longer or not yet public nothing is said."""
    newest = public_rows(ReleaseCycle).filter(product=product.pk).aggregate(at=Max("seen_at"))["at"]
    return Freshness(
        checked_on=product.checked_on,
        changed_on=newest.date() if newest else None,
        data=data_age(product, on),
    )


def data_age(product: Product, on: date) -> DataAge:
    """The age of the data of a product for statements about a day, in 0 queries. The product
    comes with its cycles."""
    return age_of(product.checked_on, product.cycles.all(), on, visibility.real_date())
