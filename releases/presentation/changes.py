"""The changes of the catalogue: dates that were announced, moved or withdrawn, and new cycles.

Authors and reasons are in the history, which only editors see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

from django.urls import reverse

from releases import selectors
from releases.domain.history.changes import ChangeKind, LifecycleChange
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.lifecycle.words import shift
from releases.domain.roadmap.query import RoadmapQuery
from releases.formats.tables import cell
from releases.models import ReleaseCycle
from releases.presentation.agenda import agenda_tabs
from releases.presentation.alternates import AbsoluteUrl, changes_alternates, webcal
from releases.presentation.exports import FORMER_MILESTONES, milestone_data, problem_data
from releases.presentation.options import Option
from releases.presentation.rows import full_title
from releases.selectors import CycleChanges

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
    | {name: name for name in MILESTONES}
    | {name: key for key, name in FORMER_MILESTONES.items()}
)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of a cycle: the milestone, its old and new date, and a note.

    `label` is empty for a new cycle; a date is None if there is none.
    """

    label: str
    old: PartialDate | None
    new: PartialDate | None
    note: str


@dataclass(frozen=True, slots=True)
class CycleLines:
    """The changes of a cycle that were recorded at one time."""

    cycle: ReleaseCycle
    title: str
    lines: list[ChangeLine]


@dataclass(frozen=True, slots=True)
class Day:
    """The changes of a day, and the URL of the roadmap as it was before."""

    day: date
    cycles: list[CycleLines]
    before: str


def changes_page(query: RoadmapQuery, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of the changes, newest first.

    Args:
        query: The products, the kinds of changes, and the page.
        absolute: Makes a path an absolute URL.
    """
    found = selectors.recent_changes(query)
    alternates = changes_alternates(query)
    return {
        "query": query,
        "tabs": agenda_tabs(),
        "kinds": [
            Option(kind.value, word, kind in query.kinds) for kind, word in KIND_WORDS.items()
        ],
        "applied": list(_applied(query)),
        "products": "these products" if query.products else "all products",
        "data": "The changes on this page.",
        "problems": [*query.problems, *found.problems],
        "days": [
            _day(query, day, list(changed))
            for day, changed in groupby(found.cycles, lambda each: each.at.date())
        ],
        "page": found.page,
        "previous": query.url(page=found.page - 1) if found.page > 1 else "",
        "next": query.url(page=found.page + 1) if found.more else "",
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
    }


def _applied(query: RoadmapQuery) -> Iterator[Option]:
    """Yield the products of a query, with the query string without each."""
    for name in query.products:
        rest = tuple(each for each in query.products if each != name)
        yield Option(query.url(products=rest), name)


def changes_data(query: RoadmapQuery) -> dict[str, Any]:
    """Return a page of changes as data for JSON, with an object for each change."""
    found = selectors.recent_changes(query)
    return {
        "page": found.page,
        "more": found.more,
        "problems": problem_data([*query.problems, *found.problems]),
        "changes": [
            _facts(each, change, milestone_data(change.old), milestone_data(change.new))
            for each, change in _each(found.cycles)
        ],
    }


def changes_table(query: RoadmapQuery) -> list[list[str]]:
    """Return a page of changes as the rows of a table with `CSV_COLUMNS`."""
    facts = (
        _facts(each, change, change.old, change.new)
        for each, change in _each(selectors.recent_changes(query).cycles)
    )
    return [[cell(each[column]) for column in CSV_COLUMNS] for each in facts]


def _day(query: RoadmapQuery, day: date, changed: list[CycleChanges]) -> Day:
    before = RoadmapQuery(query.today, query.today, products=query.products)
    view = before.url(known_on=day - timedelta(days=1))
    return Day(day, [_lines(each) for each in changed], reverse("releases:roadmap") + view)


def _lines(changed: CycleChanges) -> CycleLines:
    return CycleLines(
        changed.cycle, full_title(changed.cycle), [_line(change) for change in changed.changes]
    )


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
    spec = MILESTONES[change.milestone]
    return ChangeLine((spec.column and spec.column.heading) or spec.label, old, new, note)


def _each(changed: list[CycleChanges]) -> Iterator[tuple[CycleChanges, LifecycleChange]]:
    return ((each, change) for each in changed for change in each.changes)


def _facts(changed: CycleChanges, change: LifecycleChange, old: Any, new: Any) -> dict[str, Any]:
    """Return a change by column; `old` and `new` are formatted by the caller."""
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
