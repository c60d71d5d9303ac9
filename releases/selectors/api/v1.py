"""Queries of API v0 and v1: products in the order of their files, and their cycles."""

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
"""A pattern of files with values that v1 returns and no column holds.

These are an empty codename or latest release of a cycle, and white space around the version
command.
"""


def product_names() -> list[str]:
    """Return the names of all products, in 1 query."""
    return sorted(Product.objects.public().order_by().values_list("name", flat=True))


def product_summaries() -> list[Product]:
    """Return all products with tags and aliases, in 3 queries."""
    return _in_order(_products().prefetch_related("tags", "aliases"))


def product_identifiers() -> list[Product]:
    """Return all products with their identifiers, in 2 queries."""
    return _in_order(_products().prefetch_related("identifiers"))


def product_details(on: date, *, planned: bool) -> list[Product]:
    """Return all products with everything that belongs to them, in 7 queries.

    Args:
        on: The day that decides which cycles are planned.
        planned: Include planned cycles.
    """
    return _in_order(_with_cycles(on, planned=planned).prefetch_related(*DETAILS))


def product_detail(name: str, on: date, *, planned: bool) -> Product:
    """Return one product as in `product_details`, in 7 queries. Raises `Product.DoesNotExist`."""
    return _with_cycles(on, planned=planned).prefetch_related(*DETAILS).get(name=name)


def product_cycles(name: str, on: date, *, planned: bool) -> Product:
    """Return a product with its custom fields and cycles, in 4 queries.

    Raises:
        Product.DoesNotExist: There is no such product.
    """
    return _with_cycles(on, planned=planned).get(name=name)


def product_file(name: str, on: date, *, planned: bool) -> Product:
    """Return a product as in `product_cycles`, with the text of its file, in 4 queries.

    Raises:
        Product.DoesNotExist: There is no such product.
    """
    # `defer()` adds to the names deferred before, so these are cleared first.
    products = _with_cycles(on, planned=planned).defer(None).defer("imported", "description")
    return products.get(name=name)


def changed_at(product: Product) -> datetime | None:
    """Return the time of the last public change of a product or one of its cycles, in 1 query.

    None if it has no history.
    """
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
    """Return products with their cycles, and in `needed_file` the files that `FILE_NEEDED` matches.

    Reading the texts of all files would cost more than the rest of the response.
    """
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
    """Return products sorted by file name, `.md` included, as in v1 of the public API.

    A product without a file is sorted as if it had one of its name.
    """
    return sorted(products, key=lambda product: f"{product.file_name or product.name}.md")
