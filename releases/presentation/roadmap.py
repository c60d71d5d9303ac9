"""The roadmap: the release cycles of all products on one time axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any, Final

from releases import selectors
from releases.domain.lifecycle.milestones import PartialDate, Precision
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.overlap import overlap, overlap_sentence, shade
from releases.domain.roadmap.query import Group, Pin, RoadmapQuery, Sort, View
from releases.domain.roadmap.timeline import Window
from releases.formats.labels import lts_words
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, view_alternates, webcal
from releases.presentation.groups import RowPart, roadmap_parts
from releases.presentation.openeox import has_statements
from releases.presentation.options import Option
from releases.presentation.rows import BADGES, CycleRow, axis_of, full_title, row_of
from releases.presentation.snippets import image_snippet
from releases.presentation.words import category_title, category_word
from releases.selectors import ProductRows, Roadmap, RowGroup

PRESETS: Final = {"1 year": 1, "3 years": 3, "7 years": 7}
DAYS: Final = {"In 6 months": 6, "In 1 year": 12}
"""The days that the filter offers, in months from today."""
GROUPS: Final = {Group.PRODUCT: "Product", Group.STATUS: "Status", Group.NONE: "Nothing"}
SORTS: Final = {
    Sort.DEFAULT: "Product order",
    Sort.EOL: "End of support, soonest first",
    Sort.EOL_DOWN: "End of support, latest first",
    Sort.RELEASE_DOWN: "Newest first",
    Sort.RELEASE: "Oldest first",
}
STATUSES: Final = (*(each for each in Status if each is not Status.PLANNED), Status.PLANNED)
"""The statuses in the order of the filter."""
POPULAR: Final = 5
"""Number of products that the home page links to, in the order of the roadmap."""


@dataclass(frozen=True, slots=True)
class RoadmapLine:
    """A row of the roadmap.

    Attributes:
        row: The cycle.
        page: The names of product and cycle in the URL of its page; None if it has no page.
        pin: The value of the parameter that compares the cycle.
        pinned: True if the cycle is compared.
        remove_url: The query string without the cycle among the compared ones.
    """

    row: CycleRow
    page: tuple[str, str] | None
    pin: str
    pinned: bool
    remove_url: str

    @property
    def title(self) -> str:
        return self.row.full_name


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading, which is a product or a status.

    Attributes:
        id: The id of the heading on the page.
        title: The heading.
        parts: The rows.
        folds: Further rows, which are folded; their titles say how many they are.
        product: The product, if the heading is one.
        page: The name of the product in the URL of its page; empty if it has no page.
        supported: The number of its supported cycles that match the query.
        total: The number of its cycles that match the query.
        all_url: The query string that shows all of them; empty if they are shown.
        fewer_url: The query string that folds them again; empty if they are folded.
        plan: True if people upgrade the product.
    """

    id: str
    title: str
    parts: list[RowPart[RoadmapLine]]
    folds: list[RowPart[RoadmapLine]] = field(default_factory=list)
    product: Product | None = None
    page: str = ""
    supported: int = 0
    total: int = 0
    all_url: str = ""
    fewer_url: str = ""
    plan: bool = False

    @property
    def rows(self) -> int:
        """The number of visible rows, with those of titles: an estimate of its height."""
        return sum(len(part.lines) + bool(part.title) for part in self.parts)

    @property
    def category(self) -> str:
        category = self.product and self.product.category
        return category_word(category.name) if category else ""


def roadmap_page(query: RoadmapQuery, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of the roadmap.

    Args:
        query: Filters, order, grouping, date and window.
        absolute: Makes a path an absolute URL.
    """
    found = selectors.roadmap(query)
    window = query.window
    sections = _sections(query, found)
    compared = [_line(query, found, cycle.product, cycle) for cycle in found.pinned]
    lines = [
        line for each in sections for part in (*each.parts, *each.folds) for line in part.lines
    ]
    shown = [(line.row.product, line.row.cycle) for line in (*compared, *lines)]
    alternates = view_alternates(query, openeox=has_statements(shown))
    return {
        "query": query,
        "home": not query.params() and not query.problems,
        "axis": axis_of(query, window),
        "answer": found.answer,
        "next_lts": _next_lts(found, query),
        "sections": sections,
        "compared": [RowPart("", compared)] if compared else [],
        "compared_count": len(compared),
        "kept": [each for each in query.params(pins=()) if each[0] != "pin"],
        "count": count_words(query, found),
        "inside": query.statuses or query.category or query.tag or query.what_if or query.known_on,
        "flat": query.group is not Group.PRODUCT,
        "rows": [line.row for line in (*compared, *lines)],
        "found": found,
        "page": min(query.page, found.pages),
        "problems": [*query.problems, *found.problems],
        "statuses": [
            Option(each.value, BADGES[each][1], each in query.statuses) for each in STATUSES
        ],
        "categories": [
            Option(name, category_title(name), name == query.category)
            for name in found.choices.categories
        ],
        "groups": [Option(each.value, GROUPS[each], each is query.group) for each in Group],
        "sorts": [Option(each.value, word, each is query.sort) for each, word in SORTS.items()],
        "days": list(_days(query)),
        "applied": list(_applied(query, found)),
        "links": _links(query, found),
        "presets": _presets(query, found),
        "span": window_words(window),
        "popular": [each.product for each in found.rows[:POPULAR]],
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
        "present": query.url(view=View.PRESENT, page=query.page),
        "embed": image_snippet(absolute, alternates["svg"], f"/{query.url()}".removesuffix("?")),
    } | _overlap(query, found)


def count_words(query: RoadmapQuery, found: Roadmap) -> str:
    """Return what the page shows, in words: `3 products, 8 releases`."""
    rows = len(found.cycles)
    number = f"{selectors.MAX_COUNTED:,}+" if found.uncounted else f"{found.count:,}"
    if query.group is not Group.PRODUCT:
        return f"{number} release{'' if found.count == 1 else 's'}"
    products = f"{number} product{'' if found.count == 1 else 's'}"
    if query.narrowed:
        here = " on this page" if found.pages > 1 else ""
        return f"{products}, {rows} release{'' if rows == 1 else 's'}{here}"
    return f"{products}, {len(found.rows)} on this page" if found.pages > 1 else products


def window_words(window: Window) -> str:
    """Return the years of a window: `2024 to 2030`; or its months, unless it has whole years."""
    if window.start.month == window.end.month == 1:
        first, last = window.start.year, window.last_day.year
        return str(first) if first == last else f"{first} to {last}"
    days = (PartialDate(day, Precision.MONTH) for day in (window.start, window.last_day))
    return " to ".join(map(str, days))


def _overlap(query: RoadmapQuery, found: Roadmap) -> dict[str, Any]:
    """Return the time in which all compared cycles are supported, as a sentence and as a span."""
    if len(found.pinned) < 2:
        return {"overlap": "", "shade": None}
    lives = {full_title(cycle): cycle.lifecycle for cycle in found.pinned}
    together = overlap(lives.values())
    return {
        "overlap": overlap_sentence(together, lives, query.on),
        "shade": shade(together, query.window),
    }


def _sections(query: RoadmapQuery, found: Roadmap) -> list[Section]:
    if query.group is Group.PRODUCT:
        return [_section(query, found, each) for each in found.rows]
    lines = [_line(query, found, cycle.product, cycle) for cycle in found.flat]
    if query.group is Group.NONE:
        return [Section("all", "All releases", [RowPart("", lines)])] if lines else []
    return [
        Section(f"status-{status}", BADGES[Status(status)][1], [RowPart("", list(group))])
        for status, group in groupby(lines, key=lambda line: line.row.badge.status)
    ]


def _section(query: RoadmapQuery, found: Roadmap, rows: ProductRows) -> Section:
    """Return the section of a product: supported cycles, the next one, and the one ended last."""
    product = rows.product
    name = product.name
    parts, folds = roadmap_parts(rows, query, lambda cycle: _line(query, found, product, cycle))
    others = tuple(each for each in query.expanded if each != name)
    return Section(
        id=f"h-{name}",
        title=product.label,
        parts=parts,
        folds=folds,
        product=product,
        page=found.page_of_product(product),
        supported=rows.totals.get(RowGroup.SUPPORTED, 0),
        total=rows.total,
        all_url="" if rows.complete else query.url(expanded=(*others, name), page=query.page),
        fewer_url=query.url(expanded=others, page=query.page) if name in query.expanded else "",
        plan=selectors.is_installed(product),
    )


def _line(
    query: RoadmapQuery, found: Roadmap, product: Product, cycle: ReleaseCycle
) -> RoadmapLine:
    pin = Pin(product.name, cycle.name)
    others = tuple(each for each in query.pins if each != pin)
    return RoadmapLine(
        row=row_of(product, cycle, query.window, query.on),
        page=found.page_of(product, cycle),
        pin=str(pin),
        pinned=pin in query.pins,
        remove_url=query.url(pins=others, page=query.page),
    )


def _next_lts(found: Roadmap, query: RoadmapQuery) -> str:
    """Return the LTS label of the next release; empty if there is none."""
    cycle = found.answer.next_release
    return lts_words(cycle.product, cycle, query.on) if cycle else ""


def _days(query: RoadmapQuery) -> Iterator[Option]:
    """Yield the query strings of the same view as of other days."""
    yield Option(query.url(on=query.today), "Today", not query.what_if)
    for word, months in DAYS.items():
        day = query.months_later(months)
        yield Option(query.url(on=day), word, query.on == day)


def _applied(query: RoadmapQuery, found: Roadmap) -> Iterator[Option]:
    """Yield the filters in use, with the query string without each."""
    labels = found.choices.products
    if query.q:
        yield Option(query.url(q=""), f"“{query.q}”")
    for name in query.products:
        rest = tuple(each for each in query.products if each != name)
        yield Option(query.url(products=rest), labels.get(name, name))
    for status in query.statuses:
        left = tuple(each for each in query.statuses if each is not status)
        yield Option(query.url(statuses=left), BADGES[status][1])
    if query.lts:
        yield Option(query.url(lts=False), "LTS")
    if query.ends_soon:
        yield Option(query.url(ends_soon=False), "Ending soon")
    if query.category:
        yield Option(query.url(category=""), category_title(query.category))
    if query.tag:
        yield Option(query.url(tag=""), query.tag)


def applied_words(query: RoadmapQuery, found: Roadmap) -> list[str]:
    """Return the filters in use in words, without the products."""
    return [each.word for each in _applied(replace(query, products=()), found)]


def _links(query: RoadmapQuery, found: Roadmap) -> dict[str, str]:
    """Return the query strings of views that differ from this one in one respect."""
    earlier, later = query.shifted(later=False), query.shifted(later=True)
    supported = tuple(status for status in Status if status.supported)
    links = {
        "supported": query.url(statuses=supported, ends_soon=False, lts=False),
        "soon": query.url(statuses=(), ends_soon=True, lts=False),
        "planned": query.url(statuses=(Status.PLANNED,), ends_soon=False, lts=False),
        "today": query.url(on=query.today),
        "now": query.url(known_on=None),
        "earlier": query.url(start=earlier[0], last=earlier[1], page=query.page),
        "later": query.url(start=later[0], last=later[1], page=query.page),
        "alone": query.url(pins=(), page=query.page),
    }
    page = min(query.page, found.pages)
    if page > 1:
        links["previous"] = query.url(page=page - 1)
    if page < found.pages:
        links["next"] = query.url(page=page + 1)
    return links


def _presets(query: RoadmapQuery, found: Roadmap) -> list[Option]:
    """Return windows of some lengths around the date, and one that holds all cycles."""
    windows: dict[str, tuple[date | None, date | None]] = {
        word: query.preset(years) for word, years in PRESETS.items()
    }
    if found.answer.first_day and found.answer.last_day:
        windows["All years"] = query.months_of(found.answer.first_day, found.answer.last_day)
    return [
        Option(
            query.url(start=start, last=last, page=query.page),
            word,
            (query.start, query.last) == (start, last),
        )
        for word, (start, last) in windows.items()
    ]
