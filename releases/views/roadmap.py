"""The roadmap: every product on one axis."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases import selectors
from releases.clock import today
from releases.domain.lifecycle import Status
from releases.domain.query import RoadmapQuery
from releases.models import Product
from releases.views.rows import BADGES, CycleRow, axis_of, rows_of


@dataclass(frozen=True, slots=True)
class Section:
    """A product on the roadmap: its rows, and the link to the rest of them."""

    product: Product
    rows: list[CycleRow]
    total: int
    all_url: str

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Option:
    """A choice in the filter form, and whether it is chosen."""

    value: str
    word: str
    chosen: bool


@require_safe
def roadmap(request: HttpRequest) -> HttpResponse:
    """`/`: the view that the query asks for."""
    params = dict(request.GET.lists())
    if any(not value.strip() for values in params.values() for value in values):
        # A form sends its empty fields, too; the address of a view has none.
        return HttpResponseRedirect(_without_empty(request))
    query = RoadmapQuery.parse(params, today())
    found = selectors.roadmap(query)
    window = query.window
    sections = [
        Section(
            rows.product,
            rows_of(rows.product, rows.cycles, window, query.on),
            rows.total,
            query.url(expanded=(*query.expanded, rows.product.name), page=query.page),
        )
        for rows in found.rows
    ]
    page = min(query.page, found.pages)
    context = {
        "query": query,
        "axis": axis_of(query, window),
        "answer": found.answer,
        "sections": sections,
        "extended": any(row.eoes.text for section in sections for row in section.rows),
        "row_count": sum(len(section.rows) for section in sections),
        "found": found,
        "page": page,
        "problems": [*query.problems, *found.problems],
        "statuses": [
            Option(
                status.value, f"{BADGES[status][0]} {BADGES[status][1]}", status in query.statuses
            )
            for status in Status
        ],
        "links": _links(query, page, found.pages),
    }
    return render(request, "releases/roadmap.html", context)


def _links(query: RoadmapQuery, page: int, pages: int) -> dict[str, str]:
    """The addresses of other views, built on this one."""
    links = {
        "active": query.url(statuses=(Status.ACTIVE,), ends_soon=False, lts=False),
        "soon": query.url(statuses=(), ends_soon=True, lts=False),
        "planned": query.url(statuses=(Status.PLANNED,), ends_soon=False, lts=False),
        "today": query.url(on=query.today),
        "reset": "?",
    }
    if page > 1:
        links["previous"] = query.url(page=page - 1)
    if page < pages:
        links["next"] = query.url(page=page + 1)
    return links


def _without_empty(request: HttpRequest) -> str:
    params = request.GET.copy()
    for name, values in request.GET.lists():
        filled = [value for value in values if value.strip()]
        if filled:
            params.setlist(name, filled)
        else:
            del params[name]
    return f"{request.path}?{params.urlencode()}" if params else request.path
