"""What to paste to have a badge somewhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

from releases.domain.lifecycle.words import one_line
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl
from releases.presentation.image import fitted
from releases.presentation.upgrade.verdict import VERSION

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


def snippets(absolute: AbsoluteUrl, product: Product, cycle: ReleaseCycle) -> Snippets:
    """Return how the badge of a cycle is embedded elsewhere."""
    names = [product.name, cycle.name]
    image, data, page = (
        reverse(f"releases:{view}", args=names) for view in ("badge_svg", "badge_json", "cycle")
    )
    page = absolute(page)
    return _snippets(absolute, badge_label(*names), image=image, data=data, page=page)


def verdict_snippets(absolute: AbsoluteUrl, product: Product, version: str, page: str) -> Snippets:
    """Return how the badge of a verdict is embedded elsewhere; `page` is the verdict's path."""
    image, data = (badge_address(product, version, form) for form in ("svg", "json"))
    page = absolute(page)
    return _snippets(
        absolute, badge_label(product.name, version), image=image, data=data, page=page
    )


def badge_address(product: Product, version: str, form: str = "svg") -> str:
    """The address of the badge of a verdict, which is always today's."""
    address = reverse(f"releases:verdict_badge_{form}", args=[product.name])
    return f"{address}?{urlencode({VERSION: version})}"


def stack_snippets(absolute: AbsoluteUrl, stack: str, page: str) -> Snippets:
    """Return how the badge of a stack is embedded elsewhere.

    Args:
        absolute: Makes a path an absolute URL.
        stack: The query part of its address.
        page: The absolute URL of its page.
    """
    image, data = (
        reverse(f"releases:{view}") + stack for view in ("stack_badge_svg", "stack_badge_json")
    )
    return _snippets(absolute, STACK_LABEL, image=image, data=data, page=page)


def _snippets(absolute: AbsoluteUrl, words: str, *, image: str, data: str, page: str) -> Snippets:
    source = absolute(image)
    address = urlencode({"url": absolute(data)})
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
