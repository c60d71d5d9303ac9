"""Middleware for every request and response, whatever the view.

Middleware that sets headers stands outside of middleware that answers by itself (redirects,
refusals, errors, static files), so that those responses have the same headers as pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.middleware import gzip
from django.middleware.security import SecurityMiddleware

from releases.web.api_refusals import API_ROOT, api_refusal
from releases.web.page_keys import SAFE_METHODS
from releases.web.redirects import moved_to, with_single_slashes
from releases.web.refusals import refusal
from releases.web.responses import for_other_sites

View = Callable[[HttpRequest], HttpResponseBase]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 1 << 16
_UNUSED: Final = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY: Final = ", ".join(
    [*(f"{feature}=()" for feature in _UNUSED), "clipboard-write=(self)"]
)
"""Permissions of pages in a browser: they may write to the clipboard, and nothing else that needs
a permission."""


def server_timing(get_response: View) -> View:
    """Middleware for development that adds a `Server-Timing` header.

    The tools of browsers show it: the time of the response, and that of the database in it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        queries: list[float] = []

        def measured(execute: Callable[..., Any], *args: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(*args)
            finally:
                queries.append(time.perf_counter() - began)

        began = time.perf_counter()
        with connection.execute_wrapper(measured):
            response = get_response(request)
        total = time.perf_counter() - began
        response.headers["Server-Timing"] = (
            f"total;dur={total * 1000:.1f},"
            f' db;dur={sum(queries) * 1000:.1f};desc="{len(queries)} queries"'
        )
        return response

    return middleware


class GZipMiddleware(gzip.GZipMiddleware):
    """Compress pages, but not files.

    WhiteNoise has compressed versions of files, and a range of a file is no range of its
    compressed version.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress a response that is not streamed."""
        return response if response.streaming else super().process_response(request, response)


class HeadersMiddleware(SecurityMiddleware):
    """Add the security headers of Django's middleware, and two more, to every response.

    It stands outside of all middleware that responds by itself. Django's own `SecurityMiddleware`,
    which redirects to HTTPS, stands inside.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Leave redirects to Django's middleware."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the headers that the response does not have."""
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # A redirect shows nothing, and must not stop an image that others embed.
        sharing = "cross-origin" if response.status_code in _REDIRECTS else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", sharing)
        return super().process_response(request, response)


def single_slashes(get_response: View) -> View:
    """Middleware that redirects paths with double slashes to those with single ones.

    Clients that join a base URL and a path ask for `//api/v1/products/django/`.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "//" not in request.path_info or request.method not in SAFE_METHODS:
            return get_response(request)
        response = moved_to(request, with_single_slashes(request.path))
        response["Access-Control-Allow-Origin"] = "*"  # pages of other sites read the API
        return response

    return middleware


def no_nul(get_response: View) -> View:
    """Middleware that responds with 404 to paths with NUL, which PostgreSQL rejects in a text.

    The API responds to them itself.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info and not request.path_info.startswith("/api/"):
            raise Http404("No name contains NUL.")
        return get_response(request)

    return middleware


def body_limit(get_response: View) -> View:
    """Middleware that refuses bodies larger than DATA_UPLOAD_MAX_MEMORY_SIZE by their length.

    Django takes a body without a length for empty.
    """
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if _length(request) > limit:
            _discard(request, 10 * limit)
            message = f"The request is larger than {limit >> 20} MB, the maximum of this site."
            if request.path.startswith(f"/{API_ROOT}/"):  # a program reads it
                return for_other_sites(api_refusal)(request, 413, message)
            return refusal(413, "Request too large", message)
        return get_response(request)

    return middleware


def _length(request: HttpRequest) -> int:
    """Return the length of the body as Django reads it: 0 if it is no number."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _discard(request: HttpRequest, max_bytes: int) -> None:
    """Read up to `max_bytes` of the body.

    A browser reads no response before it has sent all, and reports a broken connection otherwise.
    """
    with suppress(UnreadablePostError):
        while max_bytes > 0 and (part := request.read(_CHUNK)):
            max_bytes -= len(part)
