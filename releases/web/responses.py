"""Responses of files and data, which pages of other sites may show and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse

from releases.domain.roadmap.query import QueryProblem
from releases.formats.tables import csv_text
from releases.web.parameters import UnreadableError

P = ParamSpec("P")


def for_other_sites(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Let pages of any site show and read the responses of `view`."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return wrapped


def data_view(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Make `view` a view of a file or of data, which other sites may read.

    It responds with 400 to query parameters that cannot be read.
    """

    @for_other_sites
    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UnreadableError as error:
            return bad_parameters(request, error.problems)

    return wrapped


def bad_parameters(request: HttpRequest, problems: Iterable[QueryProblem]) -> HttpResponse:
    """Return a response with status 400 that names the parameters: JSON for data, else text."""
    if request.path.endswith(".json"):
        named = [{"name": each.name, "message": each.refusal} for each in problems]
        return json_response({"problems": named}, status=400)
    lines = "".join(f"{each.name}: {each.refusal}\n" for each in problems)
    return HttpResponse(lines, status=400, content_type="text/plain; charset=utf-8")


def json_response(
    data: dict[str, Any],
    status: int = 200,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return data as JSON in UTF-8."""
    return JsonResponse(
        data,
        status=status,
        content_type=content_type,
        headers=headers,
        json_dumps_params={"ensure_ascii": False},
    )


def csv_response(
    filename: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> HttpResponse:
    """Return a table as a CSV file."""
    headers = {"Content-Disposition": f'inline; filename="{filename}"'}
    table = csv_text([columns, *rows])
    return HttpResponse(table, content_type="text/csv; charset=utf-8", headers=headers)


def svg_response(image: str, policy: str, status: int = 200) -> HttpResponse:
    """Return an SVG image with a Content Security Policy of its own, which replaces the site's."""
    headers = {"Content-Security-Policy": policy}
    return HttpResponse(
        image, content_type="image/svg+xml; charset=utf-8", headers=headers, status=status
    )


def png_response(image: bytes) -> HttpResponse:
    """Return a PNG image, which other sites may embed."""
    headers = {"Content-Security-Policy": "default-src 'none'; frame-ancestors *"}
    return HttpResponse(image, content_type="image/png", headers=headers)
