"""The dates that were moved: what was postponed or brought forward, when, and by how much.

Who did it and why is in the history, which is for editors.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from itertools import groupby
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from releases import clock, selectors
from releases.domain.changes import Move
from releases.domain.lifecycle import MILESTONES
from releases.domain.query import RoadmapQuery
from releases.domain.words import shift
from releases.formats.labels import cycle_title
from releases.formats.tables import cell
from releases.models import ReleaseCycle
from releases.page_cache import cached
from releases.selectors import Moved
from releases.views.addresses import without_empty
from releases.views.alternates import of_changes
from releases.views.exports import MILESTONE_KEYS, for_other_sites, milestone_data
from releases.views.rows import MILESTONE_LABELS

CSV_COLUMNS: Final = ("at", "product", "cycle", "milestone", "old", "new")
_KEYS: Final = dict.fromkeys(MILESTONES, "discontinued") | {
    name: key for key, name in MILESTONE_KEYS.items()
}


@dataclass(frozen=True, slots=True)
class MoveLine:
    """A date that was moved: what it is, from when to when, and how far that is."""

    label: str
    move: Move
    shift: str


@dataclass(frozen=True, slots=True)
class CycleLines:
    """The dates of a cycle that were moved at once."""

    cycle: ReleaseCycle
    title: str
    lines: list[MoveLine]


@dataclass(frozen=True, slots=True)
class Day:
    """What was moved on a day, and the address of the roadmap as it was before."""

    day: date
    cycles: list[CycleLines]
    before: str


@cached("product", "page")
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """`/changes/`: the newest on top."""
    if address := without_empty(request):
        return HttpResponseRedirect(address)
    query = _query(request)
    found = selectors.moved_dates(query)
    context = {
        "query": query,
        "problems": [*query.problems, *found.problems],
        "days": [
            _day(query, day, list(moved))
            for day, moved in groupby(found.moved, lambda each: each.at.date())
        ],
        "page": found.page,
        "previous": query.url(page=found.page - 1) if found.page > 1 else "",
        "next": query.url(page=found.page + 1) if found.more else "",
        "alternates": of_changes(query),
    }
    return render(request, "releases/changes.html", context)


@cached("product", "page")
@require_safe
@for_other_sites
def changes_json(request: HttpRequest) -> HttpResponse:
    """`/changes.json`: the page as data, a change for each date."""
    query = _query(request)
    found = selectors.moved_dates(query)
    data = {
        "page": found.page,
        "more": found.more,
        "problems": [
            {"name": each.name, "message": each.message}
            for each in (*query.problems, *found.problems)
        ],
        "changes": [
            {**_facts(each, name), "old": milestone_data(move.old), "new": milestone_data(move.new)}
            for each, name, move in _each(found.moved)
        ],
    }
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False})


@cached("product", "page")
@require_safe
@for_other_sites
def changes_csv(request: HttpRequest) -> HttpResponse:
    """`/changes.csv`: the page as a table, a row for each date."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for each, name, move in _each(selectors.moved_dates(_query(request)).moved):
        values = [*_facts(each, name).values(), move.old, move.new]
        writer.writerow(cell(value) for value in values)
    headers = {"Content-Disposition": 'inline; filename="changes.csv"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _query(request: HttpRequest) -> RoadmapQuery:
    return RoadmapQuery.parse(dict(request.GET.lists()), clock.today())


def _day(query: RoadmapQuery, day: date, moved: list[Moved]) -> Day:
    before = RoadmapQuery(query.today, query.today, products=query.products)
    view = before.url(known_on=day - timedelta(days=1))
    return Day(day, [_lines(each) for each in moved], reverse("releases:roadmap") + view)


def _lines(moved: Moved) -> CycleLines:
    product = moved.cycle.product
    return CycleLines(
        moved.cycle,
        f"{product.label} {cycle_title(product, moved.cycle)}",
        [
            MoveLine(MILESTONE_LABELS[name], move, shift(move.old, move.new))
            for name, move in moved.moves.items()
        ],
    )


def _each(moved: list[Moved]) -> Iterator[tuple[Moved, str, Move]]:
    return ((each, name, move) for each in moved for name, move in each.moves.items())


def _facts(moved: Moved, milestone: str) -> dict[str, Any]:
    """What data and tables say of a move, but for the dates; in the order of the columns."""
    return {
        "at": moved.at.isoformat(timespec="seconds"),
        "product": moved.cycle.product.name,
        "cycle": moved.cycle.name,
        "milestone": _KEYS[milestone],
    }
