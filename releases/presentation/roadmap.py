"""The roadmap: the release cycles of all products on one time axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from releases import selectors
from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.overlap import overlap, overlap_sentence, shade
from releases.domain.roadmap.query import Group, Pin, RoadmapQuery, Sort
from releases.formats.labels import lts_words
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, view_alternates, webcal
from releases.presentation.rows import BADGES, CycleRow, MilestoneCell, axis_of, row_of
from releases.selectors import Roadmap

PRESETS = {"1 year": 1, "3 years": 3, "7 years": 7}
GROUPS = {Group.PRODUCT: "product", Group.STATUS: "status", Group.NONE: "nothing"}
SORTS = {
    Sort.DEFAULT: "as the product has them",
    Sort.EOL: "first to end",
    Sort.EOL_DOWN: "last to end",
    Sort.RELEASE: "oldest",
    Sort.RELEASE_DOWN: "newest",
}


@dataclass(frozen=True, slots=True)
class RoadmapLine:
    """A row of the roadmap.

    Attributes:
        product: The product of the cycle.
        row: The cycle.
        page: The names of product and cycle in the URL of its page; None if it has no page.
        dates: Milestones with their labels.
        pin_url: The query string that pins or unpins the cycle.
        pinned: True if the cycle is pinned.
    """

    product: Product
    row: CycleRow
    page: tuple[str, str] | None
    dates: list[tuple[str, MilestoneCell]]
    pin_url: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading, which is a product or a status.

    Attributes:
        id: The id of the section on the page.
        title: The heading.
        lines: The rows.
        product: The product, if the heading is one.
        page: The name of the product in the URL of its page; empty if it has no page.
        total: The number of its cycles that match the query.
        all_url: The query string that shows all of them.
    """

    id: str
    title: str
    lines: list[RoadmapLine]
    product: Product | None = None
    page: str = ""
    total: int = 0
    all_url: str = ""

    @property
    def more(self) -> bool:
        return self.total > len(self.lines)


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a form field; `chosen` is True if it is selected."""

    value: str
    word: str
    chosen: bool


def roadmap_page(query: RoadmapQuery, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of the roadmap.

    Args:
        query: Filters, order, grouping, date and window.
        absolute: Makes a path an absolute URL.
    """
    found = selectors.roadmap(query)
    window = query.window
    shown = [*found.pinned, *(cycle for _, cycle in found.cycles)]
    dates = {name: spec.short_label for name, spec in MILESTONES.items() if spec.short_label}
    if all(cycle.eoes is None for cycle in shown):
        del dates["eoes"]
    sections = _sections(query, found, dates)
    pinned = [_line(query, found, cycle.product, cycle, dates) for cycle in found.pinned]
    together = overlap(cycle.lifecycle for cycle in found.pinned)
    alternates = view_alternates(query)
    return {
        "query": query,
        "axis": axis_of(query, window),
        "answer": found.answer,
        "next_lts": _next_lts(found, query),
        "sections": sections,
        "pinned": pinned,
        "overlap": overlap_sentence(together, query.on) if len(pinned) > 1 else "",
        "shade": shade(together, window) if len(pinned) > 1 else None,
        "flat": query.group is not Group.PRODUCT,
        "dates": dates,
        "row_count": len(shown),
        "found": found,
        "page": min(query.page, found.pages),
        "problems": [*query.problems, *found.problems],
        "statuses": [
            Option(each.value, " ".join(BADGES[each]), each in query.statuses) for each in Status
        ],
        "groups": [Option(each.value, GROUPS[each], each is query.group) for each in Group],
        "sorts": [Option(each.value, SORTS[each], each is query.sort) for each in Sort],
        "links": _links(query, found),
        "presets": _presets(query, found),
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
    }


def _sections(query: RoadmapQuery, found: Roadmap, dates: Mapping[str, str]) -> list[Section]:
    if query.group is Group.PRODUCT:
        return [
            Section(
                id=each.product.name,
                title=each.product.label,
                lines=[_line(query, found, each.product, cycle, dates) for cycle in each.cycles],
                product=each.product,
                page=found.page_of_product(each.product),
                total=each.total,
                all_url=query.url(expanded=(*query.expanded, each.product.name), page=query.page),
            )
            for each in found.rows
        ]
    lines = [_line(query, found, cycle.product, cycle, dates) for cycle in found.flat]
    if query.group is Group.NONE:
        return [Section("all", "All releases", lines)] if lines else []
    return [
        Section(f"status-{status}", BADGES[Status(status)][1], list(group))
        for status, group in groupby(lines, key=lambda line: line.row.badge.status)
    ]


def _line(
    query: RoadmapQuery,
    found: Roadmap,
    product: Product,
    cycle: ReleaseCycle,
    dates: Mapping[str, str],
) -> RoadmapLine:
    pin = Pin(product.name, cycle.name)
    pinned = pin in query.pins
    others = tuple(each for each in query.pins if each != pin)
    row = row_of(product, cycle, query.window, query.on)
    return RoadmapLine(
        product=product,
        row=row,
        page=found.page_of(product, cycle),
        dates=[(label, row.milestone(name)) for name, label in dates.items()],
        pin_url=query.url(pins=others if pinned else (*others, pin), page=query.page),
        pinned=pinned,
    )


def _next_lts(found: Roadmap, query: RoadmapQuery) -> str:
    """Return the LTS label of the next release; empty if there is none."""
    cycle = found.answer.next_release
    return lts_words(cycle.product, cycle, query.on) if cycle else ""


def _links(query: RoadmapQuery, found: Roadmap) -> dict[str, str]:
    """Return the query strings of views that differ from this one in one respect."""
    earlier, later = query.shifted(later=False), query.shifted(later=True)
    links = {
        "active": query.url(statuses=(Status.ACTIVE,), ends_soon=False, lts=False),
        "soon": query.url(statuses=(), ends_soon=True, lts=False),
        "planned": query.url(statuses=(Status.PLANNED,), ends_soon=False, lts=False),
        "today": query.url(on=query.today),
        "now": query.url(known_on=None),
        "earlier": query.url(start=earlier[0], last=earlier[1], page=query.page),
        "later": query.url(start=later[0], last=later[1], page=query.page),
        "unpin": query.url(pins=(), page=query.page),
    }
    page = min(query.page, found.pages)
    if page > 1:
        links["previous"] = query.url(page=page - 1)
    if page < found.pages:
        links["next"] = query.url(page=page + 1)
    return links


def _presets(query: RoadmapQuery, found: Roadmap) -> list[Option]:
    """Return windows of some lengths around the date, and one that holds all cycles."""
    windows = {word: query.preset(years) for word, years in PRESETS.items()}
    if found.answer.first_day and found.answer.last_day:
        windows["all"] = query.months_of(found.answer.first_day, found.answer.last_day)
    return [
        Option(
            query.url(start=start, last=last, page=query.page),
            word,
            (query.start, query.last) == (start, last),
        )
        for word, (start, last) in windows.items()
    ]
