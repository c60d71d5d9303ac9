"""What the pages of a product and of a cycle read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Prefetch

from releases.models import Identifier, Product, Release, ReleaseCycle
from releases.selectors.recorded import public_rows

STALE_AFTER_DAYS = 365
"""Data that nobody checked for so long is called old, where a product does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the data of a product was last checked and last changed (days in UTC), and whether
    the check is longer ago than the product allows."""

    checked_on: date | None
    changed_on: date | None
    stale: bool


def product_page(name: str, *, drafts: bool = False) -> Product:
    """A product with all that its page shows, in 6 queries. Raises `Product.DoesNotExist`.

    `drafts`: as the page would be if whatever is a draft of it were public. For editors only.
    """
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
            Prefetch("cycles", cycles.order_by("position", "id")),
        )
        .get(name=name)
    )


def product_of_alias(alias: str) -> str | None:
    """The name of the product that has this alias, in 1 query."""
    names = Product.objects.public().filter(aliases__name=alias).order_by()
    return names.values_list("name", flat=True).first()


def all_cycles(product: int | None) -> list[ReleaseCycle]:
    """The cycles of a product (by its key) in their order, drafts included: for editors only. In
    1 query."""
    return list(ReleaseCycle.objects.filter(product=product).order_by("position", "id"))


def releases_of(cycle: ReleaseCycle) -> list[Release]:
    """The releases inside a cycle, in 1 query."""
    return list(Release.objects.public().filter(cycle=cycle))


def freshness(product: Product, today: date) -> Freshness:
    """How fresh the data of a product is, in 1 query. Of what is no longer or not yet public
    nothing is said."""
    newest = public_rows(ReleaseCycle).filter(product=product.pk).aggregate(at=Max("seen_at"))["at"]
    limit = product.stale_days or STALE_AFTER_DAYS
    checked = product.checked_on
    return Freshness(
        checked_on=checked,
        changed_on=newest.date() if newest else None,
        stale=checked is not None and (today - checked).days > limit,
    )
