"""Whether the site is up, for what watches over it. Answered whatever the Host and the scheme
are: who asks is often a router that knows neither."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from releases import selectors

Answer = Callable[[HttpRequest], HttpResponse]


def health(get_response: Answer) -> Answer:
    """Middleware for `/healthz`, where the process answers without the database, and `/readyz`,
    where the database has to answer, too, and to have its tables."""
    answers: dict[str, Callable[[], HttpResponse]] = {
        "/healthz": lambda: _plain("ok"),
        "/readyz": _ready,
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        own = answers.get(request.path_info)
        return own() if own else get_response(request)

    return middleware


def _ready() -> HttpResponse:
    try:
        selectors.last_write()
    except DatabaseError:
        connection.close()
        return _plain("The database does not answer, or has not been migrated.", status=503)
    return _plain("ready")


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f"{text}\n",
        status=status,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )
