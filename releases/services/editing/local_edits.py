"""The products whose values differ from the last ones of their sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from releases.models import Product
from releases.selectors.desk import ProductNeed, products_in_need
from releases.services.editing.accept import local_edits
from releases.services.imports.values import WHOLE

MAX_COMPARED = 15
"""Maximum number of edited products compared for one view of the desk."""


@dataclass(frozen=True, slots=True)
class EditedProduct:
    """A product, and the names of its values that differ: `label`, `eol of 5.2`."""

    product: Product
    names: list[str]


@dataclass(frozen=True, slots=True)
class EditedProducts:
    """Products that differ from their sources. `whole` is True if these are all of them."""

    products: list[EditedProduct]
    whole: bool


def edited_products(on: date) -> EditedProducts:
    """Return the products that differ from their sources, by title, in 8 queries.

    Only products that a person edited can differ; the first `MAX_COMPARED` of these are compared.
    """
    products = Product.objects.select_related("category").defer("file_text")
    edited = products_in_need(products, ProductNeed.COMPARISON, on).prefetch_related(*WHOLE)
    rows = list(edited[: MAX_COMPARED + 1])
    every = (
        EditedProduct(product, list(dict.fromkeys(each.name for each in local_edits(product))))
        for product in rows[:MAX_COMPARED]
    )
    return EditedProducts([each for each in every if each.names], len(rows) <= MAX_COMPARED)
