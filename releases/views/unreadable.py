"""Values of an address that cannot be read.

A page ignores them and names them. Files and data refuse them: nobody reads the messages of a
calendar, a feed or a table, so that what they answered would be taken for what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse

from releases import clock
from releases.domain.query import Problem, RoadmapQuery


class UnreadableError(Exception):
    """Values of an address that files and data refuse; `data_view` answers it with 400."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


def lenient_query(request: HttpRequest) -> RoadmapQuery:
    """Return the view that an address asks for. Its `problems` name what is ignored."""
    return RoadmapQuery.parse(dict(request.GET.lists()), clock.today())


def strict_query(request: HttpRequest) -> RoadmapQuery:
    """Return the view that an address asks for. Raises `UnreadableError`."""
    query = lenient_query(request)
    refuse(query.problems)
    return query


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `UnreadableError` if there are problems."""
    if found := tuple(problems):
        raise UnreadableError(found)


def refusal_of(request: HttpRequest, problems: Iterable[Problem]) -> HttpResponse:
    """Return the answer 400 that names parameters: JSON for data, else lines of text."""
    if request.path.endswith(".json"):
        named = [{"name": each.name, "message": each.refusal} for each in problems]
        return JsonResponse(
            {"problems": named}, status=400, json_dumps_params={"ensure_ascii": False}
        )
    lines = "".join(f"{each.name}: {each.refusal}\n" for each in problems)
    return HttpResponse(lines, status=400, content_type="text/plain; charset=utf-8")
