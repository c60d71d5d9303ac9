"""The key under which a page is cached: its address in a normal form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.urls import Resolver404, resolve

PageKey = tuple[str, str | None, str, str]
"""Scheme, Host header (None if the request has none), path, and normalized query string."""

SAFE_METHODS: Final = ("GET", "HEAD")
"""The methods that have a cached page; both have the same."""

ALL_PARAMETERS: Final = "*"
"""Stands for every query parameter, for views whose parameters are named after products."""

MAX_ADDRESSES: Final = 512
"""Maximum number of addresses whose normal form is remembered."""


def page_key(environ: Mapping[str, Any]) -> PageKey | None:
    """Return the key of the page that a request asks for, or None if it is not to be cached.

    A request with a SCRIPT_NAME is never cached: all links of its page would begin with it.

    Args:
        environ: The WSGI environ of the request.
    """
    path = environ.get("PATH_INFO") or "/"
    method = environ["REQUEST_METHOD"]
    if method not in SAFE_METHODS or environ.get("SCRIPT_NAME") or not path.isascii():
        return None
    query = normalized_query(path, environ.get("QUERY_STRING", ""))
    return None if query is None else (_scheme(environ), environ.get("HTTP_HOST"), path, query)


def _scheme(environ: Mapping[str, Any]) -> str:
    """Return the scheme as `HttpRequest.scheme` does."""
    trusted = settings.SECURE_PROXY_SSL_HEADER
    if trusted and (value := environ.get(trusted[0])) is not None:
        return "https" if value.partition(",")[0].strip() == trusted[1] else "http"
    return str(environ["wsgi.url_scheme"])


@lru_cache(maxsize=MAX_ADDRESSES)
def normalized_query(path: str, query: str) -> str | None:
    """Return the normal form of a query string, or None if no page is cached for its address."""
    try:
        view = resolve(path).func
        names = getattr(view, "page_parameters", None)
        if names is None:
            return None
        strict: bool = view.strict_parameters  # type: ignore[attr-defined]
        return select_parameters(query, names, strict=strict)
    except (Resolver404, ValueError):
        return None


def select_parameters(query: str, names: frozenset[str], *, strict: bool = False) -> str:
    """Return a query string with the parameters `names` alone, sorted by name.

    It is always read as UTF-8: Django takes the encoding from the Content-Type that a client sends.

    Raises:
        ValueError: There are too many parameters, or, if `strict`, others than `names`.
    """
    pairs = parse_qsl(
        query.encode("latin-1").decode("utf-8", "replace"),  # the bytes that WSGI has as text
        keep_blank_values=True,
        max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
    )
    if strict and not names.issuperset(name for name, _ in pairs):
        raise ValueError("The query string has unknown parameters.")
    read = [pair for pair in pairs if pair[0] in names or ALL_PARAMETERS in names]
    return urlencode(sorted(read, key=lambda pair: pair[0]))
