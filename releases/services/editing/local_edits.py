"""The products of which something differs here from what their sources said last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from releases.models import Product
from releases.selectors.desk import ProductNeed, products_in_need
from releases.services.editing.accept import kept_values
from releases.services.imports.values import WHOLE

MOST_COMPARED = 15
"""So many of the products that were edited here are compared for one view of the desk."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A product, and the names of its values that differ: `label`, `eol of 5.2`."""

    product: Product
    names: list[str]


@dataclass(frozen=True, slots=True)
class KeptList:
    """Products that differ from their sources; `whole` is whether these are all there are."""

    products: list[Kept]
    whole: bool


def kept_products(on: date) -> KeptList:
    """The products that differ from their sources, by title, in 8 queries.

    Only those that somebody edited can differ, and of these the first `MOST_COMPARED` are compared.
    """
    products = Product.objects.select_related("category").defer("file_text")
    edited = products_in_need(products, ProductNeed.COMPARISON, on).prefetch_related(*WHOLE)
    rows = list(edited[: MOST_COMPARED + 1])
    every = (
        Kept(product, list(dict.fromkeys(each.name for each in kept_values(product))))
        for product in rows[:MOST_COMPARED]
    )
    return KeptList([each for each in every if each.names], len(rows) <= MOST_COMPARED)
