"""Template context of every page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Template context of every page."""
    return {
        "site_name": settings.SITE_NAME,
        "site_strap_line": settings.SITE_STRAP_LINE,
        "admin_hidden": settings.ADMIN_HIDDEN,
        "canonical": request.build_absolute_uri(request.path),
    }
