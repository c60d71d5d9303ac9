"""Template tags of the public pages: icons, numbers, initials, structured data."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from releases.domain.lifecycle.milestones import PartialDate
from releases.presentation.words import category_title, category_word, initials
from releases.selectors import MAX_COUNTED

register = template.Library()

register.filter("initials", initials)
register.filter("category_word", category_word)
register.filter("category_title", category_title)

_DATE = re.compile(r"\b(?:\d{1,2} )?(?:[A-Z][a-z]{2}|Q\d) \d{4}\b")
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_block_tag
def one_line(content: str) -> SafeString:
    """Return the text of a block without line breaks: `{% one_line as title %}...`.

    A template may use it more than once, which Django forbids for the block itself.
    """
    return mark_safe(" ".join(content.split()))


@register.simple_tag
@cache
def icon(name: str, css_class: str = "i") -> SafeString:
    """Return an icon of the sprite `static/icons.svg`, which is decoration only."""
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css_class,
        static("icons.svg"),
        name,
    )


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """Return structured data as an element for search engines.

    Browsers do not execute it, and escapes prevent the data from closing the element.
    """
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.filter
def unbroken(text: str) -> str:
    """Return a text whose dates are not broken over a line: with no-break spaces."""
    return _DATE.sub(lambda found: found[0].replace(" ", "\xa0"), text)


@register.filter
def day(value: date) -> SafeString:
    """Return a date as a `<time>` element: `21 Nov 2026`."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), PartialDate(value))


@register.filter
def counted(number: int) -> str:
    """Return a number of rows as text; rows are counted up to `MAX_COUNTED` only."""
    return f"{MAX_COUNTED:,}+" if number > MAX_COUNTED else f"{number:,}"
