"""Snippets that embed a badge or a timeline elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

from releases.domain.lifecycle.words import one_line
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, Alternate
from releases.presentation.image import shorten
from releases.presentation.upgrade.verdict import VERSION

STACK_LABEL: Final = "stack"
MAX_LABEL_LETTERS: Final = 60
"""Maximum length of the label of a badge; wide letters count twice."""
_MARKDOWN: Final = re.compile(r"[\[\]*_~!()&]")


@dataclass(frozen=True, slots=True)
class Snippets:
    """Texts that embed a badge.

    Attributes:
        words: The label of the badge.
        image: The path and query of its SVG image.
        markdown: The image as a link, in Markdown.
        html: The image as a link, in HTML.
        endpoint: The URL of the same badge on shields.io.
    """

    words: str
    image: str
    markdown: str
    html: str
    endpoint: str


def snippets(absolute: AbsoluteUrl, product: Product, cycle: ReleaseCycle) -> Snippets:
    """Return the snippets of the badge of a cycle."""
    names = [product.name, cycle.name]
    image, data, page = (
        reverse(f"releases:{view}", args=names) for view in ("badge_svg", "badge_json", "cycle")
    )
    page = absolute(page)
    return _snippets(absolute, badge_label(*names), image=image, data=data, page=page)


def verdict_snippets(absolute: AbsoluteUrl, product: Product, version: str, page: str) -> Snippets:
    """Return the snippets of the badge of a verdict.

    Args:
        absolute: Makes a path an absolute URL.
        product: The product.
        version: The version that the verdict is about.
        page: The path and query of the page with the verdict.
    """
    image, data = (badge_url(product, version, form) for form in ("svg", "json"))
    page = absolute(page)
    return _snippets(
        absolute, badge_label(product.name, version), image=image, data=data, page=page
    )


def badge_url(product: Product, version: str, form: str = "svg") -> str:
    """Return the path and query of the badge of a verdict, as of today."""
    address = reverse(f"releases:verdict_badge_{form}", args=[product.name])
    return f"{address}?{urlencode({VERSION: version})}"


def image_snippet(absolute: AbsoluteUrl, image: Alternate, page: str) -> str:
    """Return the HTML that embeds the image of a page as a link to it; `page` is its path."""
    return _linked_image(absolute(page), absolute(image.url), image.title)


def stack_snippets(absolute: AbsoluteUrl, stack: str, page: str) -> Snippets:
    """Return the snippets of the badge of a stack.

    Args:
        absolute: Makes a path an absolute URL.
        stack: The query string of the stack, with `?`.
        page: The absolute URL of its page.
    """
    image, data = (
        reverse(f"releases:{view}") + stack for view in ("stack_badge_svg", "stack_badge_json")
    )
    return _snippets(absolute, STACK_LABEL, image=image, data=data, page=page)


def _snippets(absolute: AbsoluteUrl, words: str, *, image: str, data: str, page: str) -> Snippets:
    alt, source = _MARKDOWN.sub(_escape, words), absolute(image)
    address = urlencode({"url": absolute(data)})
    return Snippets(
        words=words,
        image=image,
        markdown=f"[![{alt}]({_escape_url(source)})]({_escape_url(page)})",
        html=_linked_image(page, source, words),
        endpoint=f"https://img.shields.io/endpoint?{address}",
    )


def _linked_image(page: str, image: str, words: str) -> str:
    return format_html('<a href="{}"><img src="{}" alt="{}"></a>', page, image, words)


def badge_label(name: str, cycle_name: str) -> str:
    """Return the label of a badge: the names of a product and of its cycle or version."""
    return shorten(one_line(f"{name} {cycle_name}"), MAX_LABEL_LETTERS)


def _escape(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _escape_url(address: str) -> str:
    """Escape a URL for the parentheses of a Markdown link, where `&` may start an entity."""
    return address.replace("(", "%28").replace(")", "%29").replace("&", "&amp;")
