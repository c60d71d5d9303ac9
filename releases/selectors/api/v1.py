"""Reads of API v0 and v1: products in the order of their files, and their cycles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.db.models import (
    Case,
    DateTimeField,
    F,
    Max,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)

from releases.models import CustomField, Product, ReleaseCycle
from releases.selectors.published import RELEASES
from releases.selectors.recorded import public_rows

DETAILS: Final = ("tags", "aliases", "identifiers")
FILE_NEEDED: Final = (
    r"""(codename|latest)["']?\s*:\s*(""|'')|(versionCommand|command)["']?\s*:\s*[|>"]"""
)
"""Matches the files that say what v1 tells and no column holds: an empty codename or latest
release of a cycle, and space around the version command."""


def product_names() -> list[str]:
    """The names of all products, in 1 query."""
    return sorted(Product.objects.public().order_by().values_list("name", flat=True))


def product_summaries() -> list[Product]:
    """All products with tags and aliases, in 3 queries."""
    return _in_order(_products().prefetch_related("tags", "aliases"))


def product_identifiers() -> list[Product]:
    """All products with their identifiers, in 2 queries."""
    return _in_order(_products().prefetch_related("identifiers"))


def product_details(on: date, *, planned: bool) -> list[Product]:
    """All products with all that belongs to them, in 7 queries; cycles that are planned on `on`
    only if `planned`."""
    return _in_order(_with_cycles(on, planned=planned).prefetch_related(*DETAILS))


def product_detail(name: str, on: date, *, planned: bool) -> Product:
    """One product as `product_details` has it, in 7 queries. Raises `Product.DoesNotExist`."""
    return _with_cycles(on, planned=planned).prefetch_related(*DETAILS).get(name=name)


def product_cycles(name: str, on: date, *, planned: bool) -> Product:
    """A product with its custom fields and cycles, in 4 queries. Raises `Product.DoesNotExist`."""
    return _with_cycles(on, planned=planned).get(name=name)


def product_file(name: str, on: date, *, planned: bool) -> Product:
    """A product as `product_cycles` has it, with the text of its file, in 4 queries. Raises
    `Product.DoesNotExist`."""
    # Deferred names replace those of before.
    products = _with_cycles(on, planned=planned).defer(None).defer("imported", "description")
    return products.get(name=name)


def changed_at(product: Product) -> datetime | None:
    """Return the last public change of a product, its own columns or one of its cycles, in 1
    query; None where the history has none."""
    newest = [
        rows.filter(**{of_product: OuterRef("pk")}).values(of_product).annotate(at=Max(moment))
        for rows, of_product, moment in (
            (public_rows(Product), "id", "seen_at"),
            (CustomField.history.order_by(), "product", "history_date"),
            (public_rows(ReleaseCycle), "product", "seen_at"),
        )
    ]
    times = (Subquery(each.values("at"), output_field=DateTimeField()) for each in newest)
    found = Product.objects.public().filter(pk=product.pk).order_by().values_list(*times).get()
    return max((each for each in found if each), default=None)


def _products() -> QuerySet[Product, Product]:
    return Product.objects.public().select_related("category").without_large_columns().order_by()


def _with_cycles(on: date, *, planned: bool) -> QuerySet[Product, Product]:
    """Products with their cycles, and in `needed_file` the texts of the few files that
    `FILE_NEEDED` matches: to read them all costs more than the rest of the answer."""
    needed = When(file_text__regex=FILE_NEEDED, then=F("file_text"))
    return (
        _products()
        .annotate(needed_file=Case(needed, default=Value(""), output_field=TextField()))
        .prefetch_related("custom_fields", _cycles(on, planned=planned))
    )


def _cycles(on: date, *, planned: bool) -> Prefetch[str, QuerySet[ReleaseCycle], str]:
    cycles = ReleaseCycle.objects.public().in_order().prefetch_related(RELEASES)
    return Prefetch("cycles", cycles if planned else cycles.released(on))


def _in_order(products: QuerySet[Product, Product]) -> list[Product]:
    """By the names of their files, `.md` included, as v1 of the public API has them. A product
    that was made here stands where a file of its name would."""
    return sorted(products, key=lambda product: f"{product.file_name or product.name}.md")
