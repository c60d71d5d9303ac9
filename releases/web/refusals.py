"""Error pages. They say why a request is refused, without internal details.

All but the 404 are rendered without the request and the database, so that nothing in them can fail
again.
"""

from __future__ import annotations

import sys
from typing import Final

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.template.loader import render_to_string

from releases import selectors
from releases.presentation.brand import brand_context
from releases.presentation.search import search_row
from releases.web import clock
from releases.web.database import DATABASE_ERRORS

RETRY_AFTER: Final = "10"
"""Seconds after which clients may repeat a request that failed for want of the database."""

SUGGESTIONS: Final = 3

BAD_REQUEST: Final = "Bad request"
"""The heading of pages with status 400."""
BAD_REQUESTS: Final[dict[type[Exception], str]] = {
    DisallowedHost: "This site has no such host name. Check the address.",
    RequestDataTooBig: "The request is larger than this site accepts.",
    TooManyFieldsSent: "The form has more fields than this site accepts. Nothing was saved.",
    TooManyFilesSent: "The form has more files than this site accepts. Nothing was saved.",
}


def refusal(status: int, heading: str, text: str) -> HttpResponse:
    """Return the error page of a status; `heading` and `text` are plain text."""
    words = {"site_name": settings.SITE_NAME, "heading": heading, "text": text}
    context = brand_context() | words
    return HttpResponse(render_to_string("refusal.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 400."""
    text = BAD_REQUESTS.get(type(exception), "This site cannot read the request.")
    return refusal(400, BAD_REQUEST, text)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 403."""
    return refusal(403, "Permission denied", "Your account is not allowed to do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Handle a form without a valid CSRF token: it came from elsewhere, or is too old."""
    return refusal(
        403,
        "The form was not accepted",
        "It is too old, or your browser sent no cookie with it. Nothing was saved. Go back, reload"
        " the page and submit the form again.",
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 404 with suggestions, in at most 8 queries."""
    today = clock.today()
    hits = selectors.search(request.path.replace("/", " "), today).hits[:SUGGESTIONS]
    context = {"hits": [search_row(hit, today) for hit in hits]}
    return HttpResponseNotFound(render_to_string("404.html", context, request=request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Handle 500, or 503 if the database cannot be reached and another try may help."""
    # Rendered without the request: no context processor runs that could fail again.
    if not isinstance(sys.exception(), DATABASE_ERRORS):
        text = "The error has been logged. Try again in a minute."
        return refusal(500, "Something went wrong", text)
    text = "The database does not respond. Try again in a minute."
    response = refusal(503, "Temporarily unavailable", text)
    response["Retry-After"] = RETRY_AFTER
    return response
