"""Template context of every page."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.http import HttpRequest

from releases.presentation.brand import brand_context
from releases.web.social import social_card


def site(request: HttpRequest) -> dict[str, object]:
    """Template context of every page."""
    return brand_context() | {
        "site_name": settings.SITE_NAME,
        "site_strap_line": settings.SITE_STRAP_LINE,
        "admin_hidden": settings.ADMIN_HIDDEN,
        "reminders": settings.REMINDERS,
        "reminders_by_email": settings.REMINDERS_BY_EMAIL,
        "social": partial(social_card, request),
        "canonical": request.build_absolute_uri(request.path),
    }
