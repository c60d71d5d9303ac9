"""API v0, as the first clients of endoflife.date know it: a list of cycles with raw values."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from releases import selectors
from releases.api.answers import Published, found, json_answer
from releases.api.errors import unknown
from releases.api.parameters import CycleName, ProductName
from releases.formats.product_files.keys import still
from releases.formats.product_files.raw import raw_cycle, raw_cycles, raw_product
from releases.models import Product

router = Router(tags=["v0"], by_alias=True)


class RawCycle(Schema):
    """A release cycle with the keys and values of its product file; templates are not rendered.

    A product may add keys of its own.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    release_label: str | None = Field(None, description="The template of its label.")
    codename: str | None = None
    release_date: str | bool | None = None
    lts: str | bool = Field(description="Since when it has long-term support, or whether.")
    eol: str | bool | None = Field(None, description="Its end of life, or whether it is over.")
    discontinued: str | bool | None = None
    latest: str | None = Field(None, description="Its latest release.")
    latest_release_date: str | None = None
    link: str | None = Field(None, description="The template of the link; null: there is none.")
    support: str | bool | None = Field(
        None, description="Until when there is active support, or whether there is."
    )
    extended_support: str | bool | None = Field(
        None, description="Until when there is extended support, or whether there is."
    )


class NamedRawCycle(RawCycle):
    """A release cycle in the list of its product."""

    cycle: str = Field(description="Its name.")


@router.get("/all.json", response=list[str], summary="All products")
def all_products(request: HttpRequest) -> HttpResponse:
    """The names of all products, from A to Z."""
    return json_answer(selectors.product_names())


@router.get("/{product}.json", response=list[NamedRawCycle], summary="The cycles of a product")
def product(request: HttpRequest, product: ProductName, query: Query[Published]) -> HttpResponse:
    """The release cycles of a product, in its order. An alias is redirected."""

    def answer(name: str) -> HttpResponse:
        row = selectors.product_file(name, query.on, planned=query.planned)
        return json_answer([{"cycle": name} | keys for name, keys in cycles(row, query.on).items()])

    return found(request, "v0_product", answer, product)


@router.get("/{product}/{cycle}.json", response=RawCycle, summary="A cycle of a product")
def cycle(
    request: HttpRequest, product: ProductName, cycle: CycleName, query: Query[Published]
) -> HttpResponse:
    """One release cycle of a product, without its name.

    An alias of the product and a former name of the cycle are redirected.
    """

    def answer(name: str) -> HttpResponse:
        rows = cycles(selectors.product_file(name, query.on, planned=query.planned), query.on)
        if cycle not in rows:
            raise unknown("release cycle", cycle, rows)
        return json_answer(rows[cycle])

    return found(request, "v0_cycle", answer, product, cycle)


def cycles(product: Product, on: date) -> dict[str, dict[str, Any]]:
    """Return the cycles of a product on a date, by name, with the keys and values of v0."""
    file = raw_product(product.file_text)
    given = raw_cycles(file)
    fields = [field.name for field in product.custom_fields.all()]
    extended = "eoesColumn" in file or product.show_eoes
    return {
        row.name: in_older_words(
            raw_cycle(given.get(row.name, {}), row.as_of(on), fields), extended=extended
        )
        for row in product.cycles.all()
    }


def in_older_words(raw: dict[str, Any], *, extended: bool) -> dict[str, Any]:
    """Return the keys of a cycle with the names and meanings that they had when v0 was made.

    Args:
        raw: The keys and values of the product file.
        extended: The product has extended support; only then its key is renamed.
    """
    keys = {key: value for key, value in raw.items() if key != "releaseCycle"}
    keys["lts"] = keys.get("lts") or False
    if "eoas" in keys:
        keys["support"] = still(keys.pop("eoas"))
    if extended and "extendedSupport" not in keys:
        keys["extendedSupport"] = still(keys.pop("eoes", True))
    return keys
