"""Small helpers of the pages."""

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
    """Structured data for search engines; it is data, no script, and cannot end its element."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.filter
def counted(number: int) -> str:
    """A number of rows, which were counted no further than `MAX_COUNTED`."""
    return f"{MAX_COUNTED:,}+" if number > MAX_COUNTED else str(number)
