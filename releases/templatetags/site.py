"""Template filters of the public pages."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from releases.selectors import MAX_COUNTED

register = template.Library()

_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """Return structured data as an element for search engines.

    Browsers do not execute it, and escapes prevent the data from closing the element.
    """
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.filter
def counted(number: int) -> str:
    """Return a number of rows as text; rows are counted up to `MAX_COUNTED` only."""
    return f"{MAX_COUNTED:,}+" if number > MAX_COUNTED else str(number)
