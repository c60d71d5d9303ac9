"""What to paste to have a badge somewhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from releases.domain.words import one_line
from releases.models import Product, ReleaseCycle
from releases.views.image import fitted
from releases.views.verdict import VERSION

STACK_LABEL: Final = "stack"
LETTERS: Final = 60
"""So long a label may be."""
_MARKDOWN: Final = re.compile(r"[\[\]*_~!()&]")


@dataclass(frozen=True, slots=True)
class Snippets:
    """What to paste to have a badge somewhere: texts for Markdown, HTML and shields.io; and what
    the badge is called."""

    words: str
    image: str
    markdown: str
    html: str
    endpoint: str


def snippets(request: HttpRequest, product: Product, cycle: ReleaseCycle) -> Snippets:
    """How the badge of a cycle is embedded elsewhere."""
    names = [product.name, cycle.name]
    image, data, page = (
        reverse(f"releases:{view}", args=names) for view in ("badge_svg", "badge_json", "cycle")
    )
    page = request.build_absolute_uri(page)
    return _snippets(request, badge_label(*names), image=image, data=data, page=page)


def verdict_snippets(request: HttpRequest, product: Product, version: str, page: str) -> Snippets:
    """How the badge of a verdict is embedded elsewhere; `page` is the address of the verdict."""
    image, data = (badge_address(product, version, form) for form in ("svg", "json"))
    page = request.build_absolute_uri(page)
    return _snippets(request, badge_label(product.name, version), image=image, data=data, page=page)


def badge_address(product: Product, version: str, form: str = "svg") -> str:
    """The address of the badge of a verdict, which is always today's."""
    address = reverse(f"releases:verdict_badge_{form}", args=[product.name])
    return f"{address}?{urlencode({VERSION: version})}"


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


def badge_label(name: str, cycle_name: str) -> str:
    """What a badge is called: a product, and a cycle or a version of it."""
    return fitted(one_line(f"{name} {cycle_name}"), LETTERS)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _bare(address: str) -> str:
    """An address that can stand in the brackets of Markdown; an ampersand may begin an entity."""
    return address.replace("(", "%28").replace(")", "%29").replace("&", "&amp;")
