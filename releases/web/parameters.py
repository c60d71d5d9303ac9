"""Query parameters, read leniently for pages and strictly for files and data.

A page ignores values that cannot be read, and names them. Files and data refuse them: nobody reads
the messages of a calendar, a feed or a table, so their content would be taken for what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from releases.domain.roadmap.agenda import AgendaQuery
from releases.domain.roadmap.query import QueryProblem, RoadmapQuery
from releases.domain.stack import ACCEPT, OF, read_accepted, read_parts
from releases.presentation.stack.page import StackQuery
from releases.web import clock


class UnreadableError(Exception):
    """Query parameters that files and data refuse; `data_view` responds with 400."""

    def __init__(self, problems: Iterable[QueryProblem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


def lenient_query(request: HttpRequest) -> RoadmapQuery:
    """Return the view that a request asks for. Its `problems` name what is ignored."""
    return RoadmapQuery.parse(dict(request.GET.lists()), clock.today())


def strict_query(request: HttpRequest, *, events: bool = False) -> RoadmapQuery:
    """Return the view that a request asks for. Raises `UnreadableError`.

    Args:
        request: The request.
        events: `kind` has kinds of events, not of changes.
    """
    query = RoadmapQuery.parse(dict(request.GET.lists()), clock.today(), events=events)
    refuse(query.problems)
    return query


def agenda_query(request: HttpRequest) -> AgendaQuery:
    """Return the agenda that a request asks for. Its `problems` name what is ignored."""
    return AgendaQuery.parse(dict(request.GET.lists()), clock.today())


def refuse(problems: Iterable[QueryProblem]) -> None:
    """Raise `UnreadableError` if there are problems."""
    if found := tuple(problems):
        raise UnreadableError(found)


def stack_query(request: HttpRequest, *, strict: bool = False) -> StackQuery:
    """Return the stack that a request asks for.

    Args:
        request: The request.
        strict: Raise `UnreadableError` for values that cannot be read, instead of ignoring them.
    """
    parts, problems = read_parts([text for text in request.GET.getlist(OF) if text.strip()])
    accepted, bad = read_accepted([text for text in request.GET.getlist(ACCEPT) if text.strip()])
    query = RoadmapQuery.parse({"on": request.GET.getlist("on")}, clock.today())
    found = [*problems, *bad, *query.problems]
    if strict:
        refuse(found)
    return StackQuery(query, parts, accepted, found)
