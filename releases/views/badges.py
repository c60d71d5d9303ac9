"""Badges: SVG images to embed, and JSON for the endpoint badge of shields.io."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.roadmap.query import MAX_TEXT
from releases.presentation.badges import (
    BadgeText,
    cycle_badge,
    cycle_named,
    not_found,
    stack_badge,
    verdict_badge,
)
from releases.presentation.stack.page import STACK_PARAMETERS
from releases.presentation.upgrade.verdict import VERSION
from releases.web.cached_views import cached
from releases.web.parameters import stack_query, strict_query
from releases.web.redirects import get_product_or_redirect, redirect_if_renamed
from releases.web.responses import data_view, json_response, svg_response

BADGE_POLICY: Final = "default-src 'none'; frame-ancestors *"


@cached("on")
@require_safe
@xframe_options_exempt
@data_view
def badge_svg(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/badges/<product>/<cycle>.svg`. An unknown cycle has a badge “not found” with status 404."""
    return _svg(_cycle_badge(request, name, cycle_name, "badge_svg"))


@cached("on")
@require_safe
@data_view
def badge_json(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/badges/<product>/<cycle>.json`: the badge for the endpoint badge of shields.io."""
    return _json(_cycle_badge(request, name, cycle_name, "badge_json"))


@cached(VERSION, "on")
@require_safe
@xframe_options_exempt
@data_view
def verdict_badge_svg(request: HttpRequest, name: str) -> HttpResponse:
    """`/badges/<product>.svg?version=5.2.1`: the verdict on a version."""
    return _svg(_verdict_badge(request, name, "verdict_badge_svg"))


@cached(VERSION, "on")
@require_safe
@data_view
def verdict_badge_json(request: HttpRequest, name: str) -> HttpResponse:
    """`/badges/<product>.json?version=5.2.1`: the same badge for shields.io."""
    return _json(_verdict_badge(request, name, "verdict_badge_json"))


@cached(*STACK_PARAMETERS)
@require_safe
@xframe_options_exempt
@data_view
def stack_badge_svg(request: HttpRequest) -> HttpResponse:
    """`/badges/stack.svg?of=...`: the worst verdict on the parts of a stack."""
    return _svg(_stack_badge(request))


@cached(*STACK_PARAMETERS)
@require_safe
@data_view
def stack_badge_json(request: HttpRequest) -> HttpResponse:
    """`/badges/stack.json?of=...`: the same badge for shields.io."""
    return _json(_stack_badge(request))


def _svg(badge: BadgeText | HttpResponse) -> HttpResponse:
    if isinstance(badge, HttpResponse):
        return badge
    return svg_response(badge.svg, BADGE_POLICY, status=200 if badge.found else 404)


def _json(badge: BadgeText | HttpResponse) -> HttpResponse:
    if isinstance(badge, HttpResponse):
        return badge
    return json_response(badge.endpoint, status=200 if badge.found else 404)


def _cycle_badge(
    request: HttpRequest, name: str, cycle_name: str, view: str
) -> BadgeText | HttpResponse:
    """Return the badge of a cycle, or the redirect from a former name of the product or cycle."""
    on = strict_query(request).on
    read = selectors.product_with_cycles
    try:
        product = get_product_or_redirect(request, name, view, cycle_name, read=read)
    except Http404:
        return not_found(name, cycle_name)
    if isinstance(product, HttpResponse):
        return product
    cycle = cycle_named(product, cycle_name, on)
    if cycle is None:
        redirect = redirect_if_renamed(request, view, name, cycle_name)
        return redirect or not_found(name, cycle_name)
    return cycle_badge(product, cycle, on)


def _verdict_badge(request: HttpRequest, name: str, view: str) -> BadgeText | HttpResponse:
    version = request.GET.get(VERSION, "").strip()[:MAX_TEXT]
    on = strict_query(request).on
    try:
        product = get_product_or_redirect(request, name, view, read=selectors.product_with_cycles)
    except Http404:
        return not_found(name, version)
    return product if isinstance(product, HttpResponse) else verdict_badge(product, version, on)


def _stack_badge(request: HttpRequest) -> BadgeText:
    requested = stack_query(request, strict=True)
    return stack_badge([item.verdict for item in requested.check.items], requested.query.on)
