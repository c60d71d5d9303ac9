"""Views whose responses depend on the catalogue, the date and named parameters alone.

The page cache (`releases.web.page_cache`) may store these responses. The decorator hides everything
else of the request, so that a response cannot depend on anything that its cache key lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase

from releases.web.database import outage
from releases.web.page_keys import SAFE_METHODS, select_parameters
from releases.web.redirects import PermanentRedirect

View = Callable[..., HttpResponseBase]

_VISIBLE: Final = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme", "wsgi.errors")
"""The parts of a WSGI environ that the view of a cached page sees, besides the address and the
header that names the scheme. Each is in the cache key, or set by the server alone."""


def cached(*names: str, strict: bool = False) -> Callable[[View], View]:
    """Return a decorator for views whose GET and HEAD responses the page cache may store.

    The view sees the query parameters `names`, but no others, no other headers and no cookies.

    Args:
        names: Names of query parameters; `ALL_PARAMETERS` for all of them.
        strict: Do not cache a request that has other parameters; the caller refuses it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            outage.check()
            if getattr(request, "not_modified", False):
                return HttpResponseNotModified()
            if request.method not in SAFE_METHODS:
                return view(request, *args, **kwargs)
            response = view(_visible_request(request, page_parameters), *args, **kwargs)
            if isinstance(response, PermanentRedirect):
                response.add_query(request)
            return response

        page_parameters = frozenset(names)
        page.page_parameters = page_parameters  # type: ignore[attr-defined]
        page.strict_parameters = strict  # type: ignore[attr-defined]
        return page

    return decorate


def _visible_request(request: HttpRequest, names: frozenset[str]) -> HttpRequest:
    """Return a request that is built from the cache key of another one.

    Raises:
        TooManyFieldsSent: The query string has too many parameters.
    """
    try:
        query = select_parameters(request.META.get("QUERY_STRING", ""), names)
    except ValueError:
        raise TooManyFieldsSent("The address has too many parameters.") from None
    trusted = settings.SECURE_PROXY_SSL_HEADER
    environ = {
        name: request.META[name]
        for name in (*_VISIBLE, *(trusted[:1] if trusted else ()))
        if name in request.META
    }
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": _wsgi_text(request.path_info),
        "SCRIPT_NAME": _wsgi_text(request.META.get("SCRIPT_NAME", "")),
        "QUERY_STRING": query,
        "wsgi.input": BytesIO(),
    }
    visible = WSGIRequest(environ)
    visible.resolver_match = request.resolver_match
    return visible


def _wsgi_text(text: str) -> str:
    """Return a text as a WSGI environ holds it: its UTF-8 bytes, one character each (PEP 3333)."""
    return text.encode().decode("latin-1")
