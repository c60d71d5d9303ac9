"""OpenEoX documents: the statement about a cycle, and the draft form for a product or a view."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from releases.domain.roadmap.query import NAMES, QueryProblem
from releases.models import Product
from releases.presentation.openeox import (
    LeftOut,
    ShellDocument,
    cycle_statement,
    product_document,
    roadmap_document,
)
from releases.web.cached_views import cached
from releases.web.parameters import refuse, strict_query
from releases.web.redirects import get_cycle_or_redirect, get_product_or_redirect
from releases.web.responses import data_view, json_response


@cached(*NAMES)
@require_safe
@data_view
def cycle_openeox(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/<product>/<cycle>.openeox.json`: the statement of OpenEoX Core about a cycle.

    The response is 404 with the reason if the cycle has none. Raises `Http404`.
    """
    found = get_cycle_or_redirect(request, name, "cycle_openeox", cycle_name)
    if isinstance(found, HttpResponse):
        return found
    _refuse_known_on(request, found[0])
    core = cycle_statement(*found)
    if isinstance(core, LeftOut):
        return json_response(asdict(core), status=404)
    # A product's name has no @, so a reader can tell the names apart.
    filename = f"{name}@{cycle_name}.openeox.json".encode("ascii", "replace").decode()
    headers = {"Content-Disposition": f'inline; filename="{filename}"'}
    return json_response(core.data, headers=headers)


@cached(*NAMES)
@require_safe
@data_view
def product_openeox(request: HttpRequest, name: str) -> HttpResponse:
    """`/<product>.openeox.json`: the statements about the cycles of a product. Raises `Http404`."""
    product = get_product_or_redirect(request, name, "product_openeox")
    if isinstance(product, HttpResponse):
        return product
    _refuse_known_on(request, product)
    return _response(product_document(product))


@cached(*NAMES)
@require_safe
@data_view
def roadmap_openeox(request: HttpRequest) -> HttpResponse:
    """`/roadmap.openeox.json`: the statements about the cycles on the page."""
    return _response(roadmap_document(strict_query(request)))


def _refuse_known_on(request: HttpRequest, product: Product) -> None:
    """Refuse a day of records: the statements of today would be taken for those of that day.

    Raises:
        UnreadableError: The request has one, or parameters that cannot be read.
    """
    if day := strict_query(request).known_on:
        view = f"/roadmap.openeox.json?product={product.name}&known_on={day}"
        refuse([QueryProblem("known_on", f"Only views have earlier records: {view}")])


def _response(document: ShellDocument) -> HttpResponse:
    """Return a document, or 404 with the reasons if it has no statements."""
    if document.statements:
        return json_response(document.data)
    left_out = [asdict(each) for each in document.left_out]
    return json_response({"left_out": left_out}, status=404)
