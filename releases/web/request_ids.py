"""Request ids: in the logs and on every response."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from secrets import token_hex
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[[HttpRequest], HttpResponseBase]

ID_HEADER: Final = "X-Request-ID"
REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""The id of the request that this thread answers or has answered last: the server writes its
access log after the response."""

_SAFE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(get_response: View) -> View:
    """Middleware that gives each request an id and puts it on the response.

    It stands outside of all other middleware, as each of them may log.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        own = take_id(request.META)
        response = get_response(request)
        response.headers[ID_HEADER] = own
        return response

    return middleware


def take_id(environ: Mapping[str, Any]) -> str:
    """Return the id of a request, and use it in the logs from now on.

    It is the `X-Request-ID` of the router in front, if it is a valid id, or else a new one.

    Args:
        environ: The WSGI environ of the request.
    """
    given = environ.get("HTTP_X_REQUEST_ID", "")
    # The id is written to logs and headers, so it must not hold anything but safe characters.
    own = given if _SAFE_ID.fullmatch(given) else token_hex(16)
    REQUEST_ID.set(own)
    return own
