"""What every page needs: the site's name, and answers to what is not there or broke."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError
from django.template.loader import render_to_string


def site(request: HttpRequest) -> dict[str, object]:
    """Template context of every page."""
    return {"site_name": settings.SITE_NAME, "site_strap_line": settings.SITE_STRAP_LINE}


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseNotFound(render_to_string("404.html", request=request))


def server_error(request: HttpRequest) -> HttpResponse:
    # Without a request: nothing that could fail again, such as a context processor, runs here.
    return HttpResponseServerError(render_to_string("500.html", site(request)))
