"""Badges: where a cycle stands, or what to do with a version or a stack, as a small image for a
readme, and as data for shields.io."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.badges import FONT_SIZE, HEIGHT, badge_image
from releases.domain.lifecycle import Status, status_on
from releases.domain.query import MAX_TEXT
from releases.domain.stack import worst
from releases.domain.verdict_words import headlines
from releases.domain.words import lower_first, status_words
from releases.models import Product, ReleaseCycle
from releases.page_cache import cached
from releases.views.addresses import redirect_if_renamed
from releases.views.exports import data_view
from releases.views.product import find_product
from releases.views.snippets import STACK_LABEL, badge_label
from releases.views.stacks import STACK, asked_stack
from releases.views.unreadable import strict_query
from releases.views.verdict import VERSION

BADGE_POLICY: Final = "default-src 'none'; frame-ancestors *"
LATEST: Final = "latest"
"""Stands for the newest cycle that is out."""

LABEL_COLOURS: Final = ("#2b3138", "#ffffff")
COLOURS: Final = {
    Status.PLANNED: ("#525c66", "#ffffff"),
    Status.ACTIVE: ("#0b4f8a", "#ffffff"),
    Status.SECURITY: ("#f0b429", "#16191d"),
    Status.FREE_EXTENDED: ("#2e6b4f", "#ffffff"),
    Status.EXTENDED: ("#6b3fa0", "#ffffff"),
    Status.END_OF_LIFE: ("#b3261e", "#ffffff"),
}
"""The colours of the site, ground and ink; one image for light and dark pages."""
UNKNOWN_COLOURS: Final = ("#525c66", "#ffffff")
NOT_FOUND: Final = "not found"

CACHE_SECONDS: Final = 3600
"""How long shields.io may keep its own drawing of it."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says; `colours` are ground and ink of the message."""

    label: str
    message: str
    colours: tuple[str, str]
    found: bool = True

    @property
    def http_status(self) -> int:
        return 200 if self.found else 404


@cached("on")
@require_safe
@xframe_options_exempt
@data_view
def badge_svg(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/badges/<product>/<cycle>.svg`. What there is not has a badge that says so, with 404."""
    badge = _badge(request, name, cycle_name, "badge_svg")
    return badge if isinstance(badge, HttpResponse) else _svg(badge)


@cached("on")
@require_safe
@data_view
def badge_json(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/badges/<product>/<cycle>.json`: the badge as shields.io's endpoint badge reads it."""
    badge = _badge(request, name, cycle_name, "badge_json")
    return badge if isinstance(badge, HttpResponse) else _json(badge)


@cached(VERSION, "on")
@require_safe
@xframe_options_exempt
@data_view
def verdict_badge_svg(request: HttpRequest, name: str) -> HttpResponse:
    """`/badges/<product>.svg?version=5.2.1`: what to do with a version that somebody runs."""
    badge = _verdict_badge(request, name, "verdict_badge_svg")
    return badge if isinstance(badge, HttpResponse) else _svg(badge)


@cached(VERSION, "on")
@require_safe
@data_view
def verdict_badge_json(request: HttpRequest, name: str) -> HttpResponse:
    """`/badges/<product>.json?version=5.2.1`: the same for shields.io."""
    badge = _verdict_badge(request, name, "verdict_badge_json")
    return badge if isinstance(badge, HttpResponse) else _json(badge)


@cached(*STACK)
@require_safe
@xframe_options_exempt
@data_view
def stack_badge_svg(request: HttpRequest) -> HttpResponse:
    """`/badges/stack.svg?of=...`: the worst that there is to say of a stack."""
    return _svg(_stack_badge(request))


@cached(*STACK)
@require_safe
@data_view
def stack_badge_json(request: HttpRequest) -> HttpResponse:
    """`/badges/stack.json?of=...`: the same for shields.io."""
    return _json(_stack_badge(request))


def _svg(badge: Badge) -> HttpResponse:
    image = badge_image(badge.label, badge.message, LABEL_COLOURS, badge.colours)
    context = {"image": image, "height": HEIGHT, "font_size": FONT_SIZE}
    return HttpResponse(
        render_to_string("releases/badge.svg", context),
        content_type="image/svg+xml; charset=utf-8",
        # The policy of the site stays away from an answer that brings its own.
        headers={"Content-Security-Policy": BADGE_POLICY},
        status=badge.http_status,
    )


def _json(badge: Badge) -> HttpResponse:
    data: dict[str, Any] = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": badge.colours[0],
        "labelColor": LABEL_COLOURS[0],
        "cacheSeconds": CACHE_SECONDS,
    }
    if not badge.found:
        data["isError"] = True
    return JsonResponse(data, status=badge.http_status, json_dumps_params={"ensure_ascii": False})


def _badge(request: HttpRequest, name: str, cycle_name: str, view: str) -> Badge | HttpResponse:
    """Return what the badge says, or the redirect for a former name of product or cycle."""
    on = strict_query(request).on
    read = selectors.product_with_cycles
    try:
        product = find_product(request, name, view, cycle_name, read=read)
    except Http404:
        return _not_found(name, cycle_name)
    if isinstance(product, HttpResponse):
        return product
    cycle = cycle_named(product, cycle_name, on)
    if cycle is None:
        redirect = redirect_if_renamed(request, view, name, cycle_name)
        return redirect or _not_found(name, cycle_name)
    life = cycle.life
    message = status_words(life, on)
    return Badge(badge_label(product.name, cycle.name), message, COLOURS[status_on(life, on)])


def _verdict_badge(request: HttpRequest, name: str, view: str) -> Badge | HttpResponse:
    version = request.GET.get(VERSION, "").strip()[:MAX_TEXT]
    on = strict_query(request).on
    try:
        product = find_product(request, name, view, read=selectors.product_with_cycles)
    except Http404:
        return _not_found(name, version)
    if isinstance(product, HttpResponse):
        return product
    verdict = selectors.verdict(product, version, on)
    status = verdict.status(on)
    if status is None:
        return _not_found(product.name, version)
    if verdict.cycle is not None and status is Status.EXTENDED:
        message = status_words(verdict.cycle.life, on)
    else:
        message = ", ".join(map(lower_first, headlines(verdict, on)))
    return Badge(badge_label(product.name, version), message, COLOURS[status])


def _stack_badge(request: HttpRequest) -> Badge:
    asked = asked_stack(request, strict=True)
    on = asked.query.on
    verdicts = [item.verdict for item in asked.check.items]
    if not any(verdict.status(on) for verdict in verdicts):
        return Badge(STACK_LABEL, NOT_FOUND, UNKNOWN_COLOURS, found=False)
    message, status = worst(verdicts, on)
    return Badge(STACK_LABEL, message, COLOURS[status])


def cycle_named(product: Product, name: str, on: date) -> ReleaseCycle | None:
    """The cycle of a name; `latest` is the first that is out, in the order of the product."""
    cycles = list(product.cycles.all())
    named = next((cycle for cycle in cycles if cycle.name == name), None)
    if named is not None or name != LATEST:
        return named
    out = (cycle for cycle in cycles if status_on(cycle.life, on) is not Status.PLANNED)
    return next(out, None)


def _not_found(name: str, cycle_name: str) -> Badge:
    return Badge(badge_label(name, cycle_name), NOT_FOUND, UNKNOWN_COLOURS, found=False)
