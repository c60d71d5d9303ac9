"""Addresses of pages."""

from __future__ import annotations

from django.http import HttpRequest


def without_empty(request: HttpRequest) -> str:
    """The address without its empty parameters; empty where there are none.

    A form sends its empty fields, too; the address of a view has none.
    """
    params = request.GET.copy()
    for name, values in request.GET.lists():
        if filled := [value for value in values if value.strip()]:
            params.setlist(name, filled)
        else:
            del params[name]
    if params == request.GET:
        return ""
    return f"{request.path}?{params.urlencode()}" if params else request.path
