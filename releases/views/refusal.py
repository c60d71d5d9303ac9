"""Plain pages that say why a request is refused, and nothing of what is inside.

They need no request and no database, so that nothing in them can fail again.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

BAD: Final[dict[type[Exception], str]] = {
    DisallowedHost: "This site does not answer to that name.",
    RequestDataTooBig: "What was sent is larger than this site takes.",
    TooManyFieldsSent: "The form has more fields than this site takes at once. Nothing was saved.",
    TooManyFilesSent: "These are more files than this site takes at once.",
}


def refusal(status: int, heading: str, text: str) -> HttpResponse:
    """The page of a status; `heading` and `text` are plain."""
    context = {"site_name": settings.SITE_NAME, "heading": heading, "text": text}
    return HttpResponse(render_to_string("refusal.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    text = BAD.get(type(exception), "The request makes no sense to this site.")
    return refusal(400, "This cannot be answered", text)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return refusal(403, "Not for you", "You are logged in as somebody who may not do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, for a form that was not sent from one of the site's pages, or long after."""
    return refusal(
        403,
        "The form was not taken",
        "It is too old, or the browser sent no cookie with it. Nothing was saved: go back, load"
        " the page again, and send it once more.",
    )
