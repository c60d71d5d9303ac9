"""Cards: pictures that social networks and chats show beside a link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from releases.domain.roadmap.query import NAMES
from releases.presentation import card
from releases.web.cached_views import cached
from releases.web.load import card_places
from releases.web.parameters import strict_query
from releases.web.redirects import get_cycle_or_redirect, get_product_or_redirect
from releases.web.responses import data_view, png_response

VIEW_PARAMETERS: Final = tuple(name for name in NAMES if name not in ("all", "page", "view"))
"""The parameters of a view that its card shows."""


@cached(*VIEW_PARAMETERS)
@require_safe
@xframe_options_exempt
@data_view
def roadmap_card(request: HttpRequest) -> HttpResponse:
    """`/cards/roadmap.png`: the card of the home page, and of a view of the roadmap."""
    query = strict_query(request)
    return _drawn(lambda: card.view_card(query))


@cached("on")
@require_safe
@xframe_options_exempt
@data_view
def product_card(request: HttpRequest, name: str) -> HttpResponse:
    """`/cards/<product>.png`: the card of a product. Raises `Http404`."""
    query = strict_query(request)
    product = get_product_or_redirect(request, name, "product_card")
    if isinstance(product, HttpResponse):
        return product
    return _drawn(lambda: card.product_card(product, query))


@cached("on")
@require_safe
@xframe_options_exempt
@data_view
def cycle_card(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/cards/<product>/<cycle>.png`: the card of a release cycle. Raises `Http404`."""
    query = strict_query(request)
    found = get_cycle_or_redirect(request, name, "cycle_card", cycle_name)
    if isinstance(found, HttpResponse):
        return found
    return _drawn(lambda: card.cycle_card(*found, query))


def _drawn(draw: Callable[[], str]) -> HttpResponse:
    """Return a card, or 503 if as many as may be are being drawn."""
    if not card_places.acquire(blocking=False):
        return HttpResponse(
            "Other cards are being drawn. Try again in a moment.\n",
            status=503,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": "1"},
        )
    try:
        return png_response(card.png(draw()))
    finally:
        card_places.release()
