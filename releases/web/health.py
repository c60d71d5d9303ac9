"""Health checks.

They are answered for any Host and scheme: routers that ask often know neither.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from releases import selectors

View = Callable[[HttpRequest], HttpResponse]


def health(get_response: View) -> View:
    """Middleware that answers `/healthz` and `/readyz`.

    `/healthz` needs no database; `/readyz` needs one that is migrated.
    """
    checks: dict[str, Callable[[], HttpResponse]] = {
        "/healthz": lambda: _plain("ok"),
        "/readyz": _ready,
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        check = checks.get(request.path_info)
        return check() if check else get_response(request)

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
