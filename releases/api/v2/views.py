"""The operations of API v2. Each reads through one selector and presents the result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query

from releases import selectors
from releases.api.errors import Moved, NotFound, unknown, unknown_product
from releases.api.parameters import AsOf, CycleName, ProductName, example
from releases.api.v2 import answers
from releases.api.v2.parameters import (
    MAX_OFFSET,
    ChangesQuery,
    CheckQuery,
    CycleQuery,
    IdentifierQuery,
    MilestoneQuery,
    Paged,
    ProductQuery,
    ReleaseQuery,
    VerdictQuery,
)
from releases.api.v2.present import Presenter, moment
from releases.api.v2.router import router
from releases.api.v2.stack import REQUEST_BODY, RESPONSES, checked
from releases.api.v2.verdict import judged
from releases.domain.names import bad_cycle_name, bad_product_name
from releases.models import Product, ReleaseCycle
from releases.selectors.api import v2 as api_v2
from releases.web.redirects import new_path


@router.get("/", response=answers.AddressList, summary="Addresses")
def index(request: HttpRequest) -> answers.AddressList:
    """The addresses of this version."""
    here = request.build_absolute_uri(reverse("releases:v2_index"))
    return answers.AddressList(
        document=request.build_absolute_uri(reverse("releases:openapi_v2")),
        page=request.build_absolute_uri(f"{reverse('releases:api')}#v2"),
        items=[
            answers.Address(
                name=operation.view_func.__name__,
                method=method,
                url=here + path.rstrip("/"),
                summary=operation.summary or "",
            )
            for path, path_view in router.path_operations.items()
            for operation in path_view.operations
            for method in operation.methods
        ],
    )


@router.get(
    "/products",
    response=answers.ProductList,
    summary="Products",
    openapi_extra=example("?category=database&limit=1"),
)
def products(request: HttpRequest, query: Query[ProductQuery]) -> answers.ProductList:
    """Products with category, tags and aliases, and how many of their cycles are supported."""
    with _names_looked_up():
        found = api_v2.products(query.products, query.part, query.on, query.sort)
    present = Presenter.of(request, query.on)
    items = [present.product(each) for each in found.items]
    return answers.ProductList(items=items, **_paging(request, query, found.count))


@router.get("/products/{product}", response=answers.ProductInFull, summary="One product")
def product(
    request: HttpRequest, product: ProductName, query: Query[AsOf]
) -> answers.ProductInFull:
    """A product with all of its cycles, identifiers and own columns. An alias redirects (301)."""
    try:
        found = selectors.identified_products().get(name=_product_name(product))
    except Product.DoesNotExist:
        raise _elsewhere("v2_product", product) from None
    return Presenter.of(request, query.on).product_in_full(found)


@router.get(
    "/products/{product}/verdict",
    response=answers.Verdict,
    summary="Should I upgrade?",
    openapi_extra=example("?version=5.2.1"),
)
def verdict(
    request: HttpRequest, product: ProductName, query: Query[VerdictQuery]
) -> answers.Verdict:
    """The verdict on a version that is in use, with reasons.

    An alias of the product is redirected (301).
    """
    try:
        found = selectors.product_page(_product_name(product))
    except Product.DoesNotExist:
        raise _elsewhere("v2_verdict", product) from None
    return judged(request, found, query)


@router.get(
    "/products/{product}/cycles/{cycle}",
    response=answers.CycleInFull,
    summary="One release cycle",
)
def cycle(
    request: HttpRequest, product: ProductName, cycle: CycleName, query: Query[AsOf]
) -> answers.CycleInFull:
    """A cycle with the link of its latest release.

    An alias of its product and a former name of the cycle are redirected (301).
    """
    found = api_v2.with_siblings(_find("v2_cycle", product, cycle))
    return Presenter.of(request, query.on).cycle_in_full(found)


@router.get(
    "/products/{product}/cycles/{cycle}/releases",
    response=answers.ReleaseList,
    summary="Releases of a cycle",
    openapi_extra=example("?limit=3"),
)
def releases(
    request: HttpRequest, product: ProductName, cycle: CycleName, query: Query[ReleaseQuery]
) -> answers.ReleaseList:
    """The versions inside a cycle, pre-releases and planned ones included.

    Not every cycle lists them.
    """
    found = api_v2.releases(_find("v2_releases", product, cycle), query.part, query.sort)
    present = Presenter.of(request, query.on)
    items = [present.release(each) for each in found.items]
    return answers.ReleaseList(items=items, **_paging(request, query, found.count))


@router.get(
    "/cycles",
    response=answers.CycleList,
    summary="Release cycles",
    openapi_extra=example("?product=django&product=python&status=planned&limit=1"),
)
def cycles(request: HttpRequest, query: Query[CycleQuery]) -> answers.CycleList:
    """Release cycles of many products in one call, planned ones included.

    All filters apply at once.
    """
    with _names_looked_up():
        found = api_v2.cycles(query.products, query.cycles, query.part, query.sort)
    present = Presenter.of(request, query.on)
    items = [present.cycle(each, each.product) for each in found.items]
    return answers.CycleList(items=items, **_paging(request, query, found.count))


@router.get(
    "/milestones",
    response=answers.MilestoneList,
    summary="Milestones",
    openapi_extra=example("?product=django&milestone=eol&from=2027-01-01&limit=2"),
)
def milestones(request: HttpRequest, query: Query[MilestoneQuery]) -> answers.MilestoneList:
    """Every milestone that has a date, in order of date: what comes and what ends, and when."""
    with _names_looked_up():
        found = api_v2.milestones(
            query.products,
            query.part,
            names=query.milestone,
            first=query.first,
            last=query.last,
            descending=query.sort == "-date",
        )
    present = Presenter.of(request, query.on)
    items = [present.dated(each) for each in found.items]
    return answers.MilestoneList(items=items, **_paging(request, query, found.count))


@router.get(
    "/changes",
    response=answers.ChangeList,
    summary="Changes since a time",
    openapi_extra=example("?since=2026-11-21&limit=1"),
)
def changes(request: HttpRequest, query: Query[ChangesQuery]) -> answers.ChangeList:
    """Changed products, for clients that keep a copy of the catalogue.

    Begin without since, and follow next while more is true; later ask for next again. Replace each
    product by name, and drop those that are deleted. No change is left out; a change that is
    reported twice is the same. Facts that follow from the date alone, such as a status, are no
    changes.
    """
    found = selectors.changed_products(query.since, query.after, query.limit)
    present = Presenter.of(request, query.on)
    since, until, newest = (
        moment(each) if each else None for each in (query.since, found.until, found.newest)
    )
    # A copy that begins is one of the newest change, whatever happens while it is read.
    further = {"since": since or newest, "after": until}
    later = {"since": until, "after": None}
    return answers.ChangeList(
        on=query.on,
        since=since,
        until=None if found.more else until,
        more=found.more,
        next=_with(request, **(further if found.more else later)) if until else None,
        items=[present.product_change(each) for each in found.items],
    )


@router.get(
    "/identify",
    response=answers.IdentifiedList,
    summary="Look up identifiers",
    openapi_extra=example("?purl=pkg:pypi/django@5.2.1"),
)
def identify(request: HttpRequest, query: Query[IdentifierQuery]) -> answers.IdentifiedList:
    """Product, cycle and status of package URLs, CPE names and projects of Repology.

    An identifier that no product has gives no matches.
    """
    present = Presenter.of(request, query.on)
    found = api_v2.identified(query.asked, query.version, on=query.on)
    return answers.IdentifiedList(on=query.on, items=[present.identified(each) for each in found])


@router.post(
    "/check",
    response=answers.CheckedStack,
    summary="Check a stack",
    openapi_extra=example("?fail_on=eol") | {"requestBody": REQUEST_BODY, "responses": RESPONSES},
)
def check(
    request: HttpRequest, response: HttpResponse, query: Query[CheckQuery]
) -> answers.CheckedStack | HttpResponse:
    """A verdict on each part of a stack: what is unsupported, what ends next, and what to do.

    Send the file that lists what you run (curl --data-binary @requirements.txt), a form with
    several files, or a list of parts.
    """
    answer = checked(request, query)
    (answer if isinstance(answer, HttpResponse) else response)["Cache-Control"] = "no-store"
    return answer


def _product_name(name: str) -> str:
    """Return a name if it can be that of a product. Otherwise raise `NotFound`, in 0 queries."""
    if bad_product_name(name):
        raise unknown_product(name)
    return name


def _elsewhere(view: str, product: str) -> Moved | NotFound:
    """Return the exception for a name that no product has: it may be an alias."""
    path = new_path(view, product)
    return Moved(path) if path else unknown_product(product)


def _find(view: str, product: str, name: str) -> ReleaseCycle:
    """Return the cycle of an address.

    Raises:
        Moved: The product or the cycle has another name now.
        NotFound: There is no such product or cycle.
    """
    if not bad_cycle_name(name):
        try:
            return api_v2.cycle(_product_name(product), name)
        except ReleaseCycle.DoesNotExist:
            if path := new_path(view, product, name):
                raise Moved(path) from None
    names = api_v2.cycle_names(_product_name(product))
    if not names:
        raise unknown_product(product)
    raise unknown("release cycle", name, names)


@contextmanager
def _names_looked_up() -> Iterator[None]:
    """Raise `NotFound` for filters that name an unknown product, category or tag."""
    try:
        yield
    except api_v2.UnknownNameError as error:
        if error.kind == "product":
            raise unknown_product(error.name) from None
        raise unknown(error.kind, error.name, error.choices) from None


def _paging(request: HttpRequest, query: Paged, count: int) -> dict[str, Any]:
    """Return the position of a part of a list, and the URLs of the parts before and after it."""
    limit, offset = query.limit, query.offset
    before, after = max(offset - limit, 0), offset + limit
    return {
        "on": query.on,
        "count": count,
        "limit": limit,
        "offset": offset,
        "next": _with(request, offset=str(after)) if after < min(count, MAX_OFFSET + 1) else None,
        "previous": _with(request, offset=str(before)) if offset else None,
    }


def _with(request: HttpRequest, **values: str | None) -> str:
    """Return the URL of a request with other values of parameters; None removes one."""
    params = request.GET.copy()
    for name, value in values.items():
        params.pop(name, None)
        if value is not None:
            params[name] = value
    return request.build_absolute_uri(f"{request.path}?{params.urlencode()}")
