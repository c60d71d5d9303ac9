"""API v1, field for field as endoflife.date has it.

`schemas` declares its responses, `answers` makes them of rows of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router

from releases import selectors
from releases.api.answers import Published, found, json_answer
from releases.api.errors import NotFound, unknown
from releases.api.parameters import (
    CategoryName,
    CycleName,
    IdentifierType,
    ProductName,
    TagName,
)
from releases.api.v1.answers import Addresses, cycles, details, summary, tags
from releases.api.v1.schemas import (
    CycleAnswer,
    IdentifiedProduct,
    ListAnswer,
    ProductAnswer,
    ProductDetails,
    ProductSummary,
    Uri,
)
from releases.models import Product
from releases.web import clock

SCHEMA_VERSION: Final = "1.2.1"
INDEX: Final = ("products", "categories", "tags")

router = Router(tags=["v1"], by_alias=True)


@router.get("/", response=ListAnswer[Uri], summary="Addresses")
def index(request: HttpRequest) -> HttpResponse:
    """The top-level lists of this API."""
    addresses = _addresses(request)
    return _list([{"name": name, "uri": addresses.api(name)} for name in INDEX])


@router.get("/products", response=ListAnswer[ProductSummary], summary="All products")
def products(request: HttpRequest) -> HttpResponse:
    """All products, without their release cycles."""
    return _summaries(request, selectors.product_summaries())


@router.get("/products/full", response=ListAnswer[ProductDetails], summary="All products in full")
def products_full(request: HttpRequest, query: Query[Published]) -> HttpResponse:
    """All products with all their release cycles. The answer is large."""
    addresses = _addresses(request)
    rows = selectors.product_details(query.on, planned=query.planned)
    return _list([details(row, query.on, addresses) for row in rows])


@router.get("/products/{product}", response=ProductAnswer, summary="A product")
def product(request: HttpRequest, product: ProductName, query: Query[Published]) -> HttpResponse:
    """A product with its release cycles. An alias is redirected."""

    def answer(name: str) -> HttpResponse:
        row = selectors.product_detail(name, query.on, planned=query.planned)
        changed = selectors.changed_at(row)
        return _answer(
            last_modified=_iso(changed) if changed else _generated_at(),
            result=details(row, query.on, _addresses(request)),
        )

    return found(request, "v1_product", answer, product)


@router.get(
    "/products/{product}/releases/latest", response=CycleAnswer, summary="The newest release cycle"
)
def latest(request: HttpRequest, product: ProductName, query: Query[Published]) -> HttpResponse:
    """The first release cycle of a product, in its own order. An alias is redirected."""

    def answer(name: str) -> HttpResponse:
        rows = cycles(selectors.product_cycles(name, query.on, planned=query.planned), query.on)
        if not rows:
            raise NotFound(f"“{name}” has no release cycle on {query.on}.")
        return _answer(result=rows[0])

    return found(request, "v1_latest", answer, product)


@router.get(
    "/products/{product}/releases/{release}", response=CycleAnswer, summary="A release cycle"
)
def release(
    request: HttpRequest, product: ProductName, release: CycleName, query: Query[Published]
) -> HttpResponse:
    """A release cycle of a product.

    An alias of the product and a former name of the cycle are redirected.
    """

    def answer(name: str) -> HttpResponse:
        rows = cycles(selectors.product_cycles(name, query.on, planned=query.planned), query.on)
        by_name = {row["name"]: row for row in rows}
        if release not in by_name:
            raise unknown("release cycle", release, by_name)
        return _answer(result=by_name[release])

    return found(request, "v1_release", answer, product, release)


@router.get("/categories", response=ListAnswer[Uri], summary="All categories")
def categories(request: HttpRequest) -> HttpResponse:
    """The categories of products."""
    return _names(request, "categories", _by_category(selectors.product_summaries()))


@router.get(
    "/categories/{category}", response=ListAnswer[ProductSummary], summary="Products of a category"
)
def category(request: HttpRequest, category: CategoryName) -> HttpResponse:
    """The products of a category."""
    return _group(request, "category", category, _by_category(selectors.product_summaries()))


@router.get("/tags", response=ListAnswer[Uri], summary="All tags")
def tag_list(request: HttpRequest) -> HttpResponse:
    """The tags of products. Every category is one of them."""
    return _names(request, "tags", _by_tag(selectors.product_summaries()))


@router.get("/tags/{tag}", response=ListAnswer[ProductSummary], summary="Products with a tag")
def tag(request: HttpRequest, tag: TagName) -> HttpResponse:
    """The products that have a tag."""
    return _group(request, "tag", tag, _by_tag(selectors.product_summaries()))


@router.get("/identifiers", response=ListAnswer[Uri], summary="All types of identifiers")
def identifier_types(request: HttpRequest) -> HttpResponse:
    """The types of identifiers that products have."""
    types = _identified(request, selectors.product_identifiers())
    return _list(_addresses(request).links("identifiers", types, "/"))


@router.get(
    "/identifiers/{type}", response=ListAnswer[IdentifiedProduct], summary="Identifiers of a type"
)
def identifiers(request: HttpRequest, type: IdentifierType) -> HttpResponse:
    """All identifiers of a type, with the products that have them."""
    types = _identified(request, selectors.product_identifiers())
    if type not in types:
        raise unknown("type of identifiers", type, types)
    return _list(types[type])


def _by_category(rows: Iterable[Product]) -> dict[str, list[Product]]:
    """Return the products of each category, in the order in which categories first appear."""
    groups: dict[str, list[Product]] = {}
    for row in rows:
        if row.category:
            groups.setdefault(row.category.name, []).append(row)
    return groups


def _by_tag(rows: Iterable[Product]) -> dict[str, list[Product]]:
    """Return the products of each tag, in the order in which tags first appear."""
    groups: dict[str, list[Product]] = {}
    for row in rows:
        for name in tags(row):
            groups.setdefault(name, []).append(row)
    return groups


def _identified(request: HttpRequest, rows: Iterable[Product]) -> dict[str, list[dict[str, Any]]]:
    """Return the identifiers of each type with their products, types as they first appear."""
    addresses = _addresses(request)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        link = {"name": row.name, "uri": addresses.api("products", row.name)}
        for each in row.identifiers.all():
            groups.setdefault(each.type, []).append({"identifier": each.value, "product": link})
    return groups


def _group(
    request: HttpRequest, kind: str, name: str, groups: dict[str, list[Product]]
) -> HttpResponse:
    if name not in groups:
        raise unknown(kind, name, groups)
    return _summaries(request, groups[name])


def _summaries(request: HttpRequest, rows: Iterable[Product]) -> HttpResponse:
    addresses = _addresses(request)
    return _list([summary(row, addresses) for row in rows])


def _names(request: HttpRequest, kind: str, names: Iterable[str]) -> HttpResponse:
    return _list(_addresses(request).links(kind, names))


def _list(result: list[Any]) -> HttpResponse:
    return _answer(total=len(result), result=result)


def _answer(**parts: Any) -> HttpResponse:
    return json_answer({"schema_version": SCHEMA_VERSION, "generated_at": _generated_at(), **parts})


def _generated_at() -> str:
    """Return the beginning of today.

    The public API has the time of its last build. Here nothing but the date and the catalogue may
    change a response, or it could not be cached.
    """
    return _iso(datetime.combine(clock.today(), time(), UTC))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _addresses(request: HttpRequest) -> Addresses:
    return Addresses(request.build_absolute_uri(reverse("releases:roadmap")).removesuffix("/"))
