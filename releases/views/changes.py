"""The changes of the catalogue: dates that were announced, moved or withdrawn, and new cycles.

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

from releases import selectors
from releases.domain.changes import ChangeKind, LifecycleChange
from releases.domain.lifecycle import MILESTONES
from releases.domain.milestones import PartialDate
from releases.domain.query import RoadmapQuery
from releases.domain.words import shift
from releases.formats.labels import cycle_title
from releases.formats.tables import cell
from releases.models import ReleaseCycle
from releases.page_cache import cached
from releases.selectors import CycleChanges
from releases.views.addresses import without_empty
from releases.views.alternates import of_changes
from releases.views.exports import FORMER_MILESTONES, data_view, milestone_data
from releases.views.rows import MILESTONE_LABELS
from releases.views.unreadable import lenient_query, strict_query

CSV_COLUMNS: Final = (
    "at",
    "product",
    "cycle",
    "kind",
    "milestone",
    "old",
    "new",
    "milestone_name",
)
KIND_WORDS: Final = {
    ChangeKind.ADDED: "New cycle",
    ChangeKind.ANNOUNCED: "Announced",
    ChangeKind.MOVED: "Moved",
    ChangeKind.WITHDRAWN: "Withdrawn",
}
_FORMER_NAMES: Final = (
    {"": None}
    | dict.fromkeys(MILESTONES, "discontinued")
    | {name: key for key, name in FORMER_MILESTONES.items()}
)


@dataclass(frozen=True, slots=True)
class KindOption:
    """A kind of changes in the filter."""

    value: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of a cycle on the page: the milestone, its dates before and after, and a note.

    `label` is empty for a new cycle; a date is None where there is none.
    """

    label: str
    old: PartialDate | None
    new: PartialDate | None
    note: str


@dataclass(frozen=True, slots=True)
class CycleLines:
    """The changes of a cycle at one moment."""

    cycle: ReleaseCycle
    title: str
    lines: list[ChangeLine]


@dataclass(frozen=True, slots=True)
class Day:
    """The changes of a day, and the address of the roadmap as it was before."""

    day: date
    cycles: list[CycleLines]
    before: str


@cached("product", "kind", "page")
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """`/changes/`: the newest on top."""
    if address := without_empty(request):
        return HttpResponseRedirect(address)
    query = lenient_query(request)
    found = selectors.recent_changes(query)
    context = {
        "query": query,
        "kinds": [
            KindOption(kind.value, word, kind in query.kinds) for kind, word in KIND_WORDS.items()
        ],
        "problems": [*query.problems, *found.problems],
        "days": [
            _day(query, day, list(changed))
            for day, changed in groupby(found.cycles, lambda each: each.at.date())
        ],
        "page": found.page,
        "previous": query.url(page=found.page - 1) if found.page > 1 else "",
        "next": query.url(page=found.page + 1) if found.more else "",
        "alternates": of_changes(query),
    }
    return render(request, "releases/changes.html", context)


@cached("product", "kind", "page")
@require_safe
@data_view
def changes_json(request: HttpRequest) -> HttpResponse:
    """`/changes.json`: the page as data, an object for each change."""
    query = strict_query(request)
    found = selectors.recent_changes(query)
    data = {
        "page": found.page,
        "more": found.more,
        "problems": [
            {"name": each.name, "message": each.message}
            for each in (*query.problems, *found.problems)
        ],
        "changes": [
            _facts(each, change, milestone_data(change.old), milestone_data(change.new))
            for each, change in _each(found.cycles)
        ],
    }
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False})


@cached("product", "kind", "page")
@require_safe
@data_view
def changes_csv(request: HttpRequest) -> HttpResponse:
    """`/changes.csv`: the page as a table, a row for each change."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for each, change in _each(selectors.recent_changes(strict_query(request)).cycles):
        facts = _facts(each, change, change.old, change.new)
        writer.writerow(cell(facts[column]) for column in CSV_COLUMNS)
    headers = {"Content-Disposition": 'inline; filename="changes.csv"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _day(query: RoadmapQuery, day: date, changed: list[CycleChanges]) -> Day:
    before = RoadmapQuery(query.today, query.today, products=query.products)
    view = before.url(known_on=day - timedelta(days=1))
    return Day(day, [_lines(each) for each in changed], reverse("releases:roadmap") + view)


def _lines(changed: CycleChanges) -> CycleLines:
    product = changed.cycle.product
    title = f"{product.label} {cycle_title(product, changed.cycle)}"
    return CycleLines(changed.cycle, title, [_line(change) for change in changed.changes])


def _line(change: LifecycleChange) -> ChangeLine:
    if change.kind is ChangeKind.ADDED:
        return ChangeLine("", None, None, "new release cycle")
    old, new = (
        value if isinstance(value, PartialDate) else None for value in (change.old, change.new)
    )
    if old and new:
        note = shift(old, new)
    else:
        note = change.kind.value if old or new else f"{change.kind.value}, without a date"
    return ChangeLine(MILESTONE_LABELS[change.milestone], old, new, note)


def _each(changed: list[CycleChanges]) -> Iterator[tuple[CycleChanges, LifecycleChange]]:
    return ((each, change) for each in changed for change in each.changes)


def _facts(changed: CycleChanges, change: LifecycleChange, old: Any, new: Any) -> dict[str, Any]:
    """The columns of a change in data and tables, with its values as they are shown there."""
    return {
        "at": changed.at.isoformat(timespec="seconds"),
        "product": changed.cycle.product.name,
        "cycle": changed.cycle.name,
        "kind": change.kind.value,
        "milestone": _FORMER_NAMES[change.milestone],
        "old": old,
        "new": new,
        "milestone_name": change.milestone or None,
    }
