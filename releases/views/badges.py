"""Badges: where a cycle stands, as a small image for a readme, and as data for shields.io."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from releases import clock, selectors
from releases.domain.badges import FONT_SIZE, HEIGHT, badge_image
from releases.domain.lifecycle import Status, status_on
from releases.domain.query import RoadmapQuery
from releases.domain.stack import worst
from releases.domain.words import one_line, status_words
from releases.models import Product, ReleaseCycle
from releases.page_cache import cached
from releases.views.exports import for_other_sites
from releases.views.image import fitted
from releases.views.product import find_product
from releases.views.stacks import STACK, asked_stack

BADGE_POLICY: Final = "default-src 'none'; frame-ancestors *"
LATEST: Final = "latest"
"""Stands for the newest cycle that is out."""

LABEL_COLOURS: Final = ("#2b3138", "#ffffff")
COLOURS: Final = {
    Status.PLANNED: ("#525c66", "#ffffff"),
    Status.ACTIVE: ("#0b4f8a", "#ffffff"),
    Status.SECURITY: ("#f0b429", "#16191d"),
    Status.EXTENDED: ("#6b3fa0", "#ffffff"),
    Status.END_OF_LIFE: ("#b3261e", "#ffffff"),
}
"""The colours of the site, ground and ink; one image for light and dark pages."""
UNKNOWN_COLOURS: Final = ("#525c66", "#ffffff")
NOT_FOUND: Final = "not found"
_MARKDOWN: Final = re.compile(r"[\[\]*_~!()&]")
STACK_LABEL: Final = "stack"
LETTERS: Final = 60
"""So long a label may be."""

CACHE_SECONDS: Final = 3600
"""How long shields.io may keep its own drawing of it."""


@dataclass(frozen=True, slots=True)
class Snippets:
    """What to paste to have a badge somewhere: texts for Markdown, HTML and shields.io; and what
    the badge is called."""

    words: str
    image: str
    markdown: str
    html: str
    endpoint: str


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
@for_other_sites
def badge_svg(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/badges/<product>/<cycle>.svg`. What there is not has a badge that says so, with 404."""
    badge = _badge(request, name, cycle_name, "badge_svg")
    return badge if isinstance(badge, HttpResponse) else _svg(badge)


@cached("on")
@require_safe
@for_other_sites
def badge_json(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/badges/<product>/<cycle>.json`: the badge as shields.io's endpoint badge reads it."""
    badge = _badge(request, name, cycle_name, "badge_json")
    return badge if isinstance(badge, HttpResponse) else _json(badge)


@cached(*STACK)
@require_safe
@xframe_options_exempt
@for_other_sites
def stack_badge_svg(request: HttpRequest) -> HttpResponse:
    """`/badges/stack.svg?of=...`: the worst that there is to say of a stack."""
    return _svg(_stack_badge(request))


@cached(*STACK)
@require_safe
@for_other_sites
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


def snippets(request: HttpRequest, product: Product, cycle: ReleaseCycle) -> Snippets:
    """How the badge of a cycle is embedded elsewhere."""
    names = [product.name, cycle.name]
    image, data, page = (
        reverse(f"releases:{view}", args=names) for view in ("badge_svg", "badge_json", "cycle")
    )
    page = request.build_absolute_uri(page)
    return _snippets(request, _label(*names), image=image, data=data, page=page)


def stack_snippets(request: HttpRequest, stack: str, page: str) -> Snippets:
    """How the badge of a stack is embedded elsewhere; `stack` is the query part of its address,
    `page` the whole of it."""
    image, data = (
        reverse(f"releases:{view}") + stack for view in ("stack_badge_svg", "stack_badge_json")
    )
    return _snippets(request, STACK_LABEL, image=image, data=data, page=page)


def _snippets(request: HttpRequest, words: str, *, image: str, data: str, page: str) -> Snippets:
    source = request.build_absolute_uri(image)
    address = urlencode({"url": request.build_absolute_uri(data)})
    return Snippets(
        words=words,
        image=image,
        markdown=f"[![{_MARKDOWN.sub(_escaped, words)}]({_bare(source)})]({_bare(page)})",
        html=format_html('<a href="{}"><img src="{}" alt="{}"></a>', page, source, words),
        endpoint=f"https://img.shields.io/endpoint?{address}",
    )


def _badge(request: HttpRequest, name: str, cycle_name: str, view: str) -> Badge | HttpResponse:
    """What the badge says; for an alias of the product the redirect to it."""
    on = RoadmapQuery.parse(dict(request.GET.lists()), clock.today()).on
    read = selectors.product_with_cycles
    try:
        product = find_product(request, name, view, cycle_name, read=read)
    except Http404:
        return _not_found(name, cycle_name)
    if isinstance(product, HttpResponse):
        return product
    cycle = cycle_named(product, cycle_name, on)
    if cycle is None:
        return _not_found(name, cycle_name)
    life = cycle.life
    message = status_words(life, on)
    return Badge(_label(product.name, cycle.name), message, COLOURS[status_on(life, on)])


def _stack_badge(request: HttpRequest) -> Badge:
    asked = asked_stack(request)
    verdicts = [item.verdict for item in asked.check.items]
    if not any(verdict.cycle for verdict in verdicts):
        return Badge(STACK_LABEL, NOT_FOUND, UNKNOWN_COLOURS, found=False)
    message, status = worst(verdicts, asked.query.on)
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
    return Badge(_label(name, cycle_name), NOT_FOUND, UNKNOWN_COLOURS, found=False)


def _label(name: str, cycle_name: str) -> str:
    return fitted(one_line(f"{name} {cycle_name}"), LETTERS)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _bare(address: str) -> str:
    """An address that can stand in the brackets of Markdown; an ampersand may begin an entity."""
    return address.replace("(", "%28").replace(")", "%29").replace("&", "&amp;")
