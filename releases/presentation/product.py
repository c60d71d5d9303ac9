"""The page of one product: what to use, its timeline, its support tables, its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from releases import selectors
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.lifecycle.words import lower_first, status_sentence
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Display
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Window, window_of
from releases.domain.upgrade.advice import advise
from releases.formats.liquid import plain_text
from releases.formats.markdown.html import description_html, summary_text
from releases.models import CustomField, Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, of_product, webcal
from releases.presentation.rows import CycleRow, MilestoneCell, axis_of, row_of, rows_of
from releases.presentation.snippets import verdict_snippets
from releases.presentation.upgrade.verdict import verdict_context

TEMPLATE = "releases/product.html"


ROWS_IN_SIGHT = 12
"""So many rows has a timeline; the others are behind a link."""


FOLDED_AFTER = 3
"""So many unsupported cycles are in sight; the older ones are folded."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a support table: one of the usual ones, or a product's own field."""

    name: str
    label: str
    field: CustomField | None = None

    def cell(self, row: CycleRow) -> MilestoneCell:
        if self.field:
            return MilestoneCell(str(row.cycle.custom.get(self.field.name, "")))
        if self.name == "latest":
            return MilestoneCell(row.cycle.latest)
        return row.milestone(self.name)


@dataclass(frozen=True, slots=True)
class TableRow:
    row: CycleRow
    cells: list[tuple[TableColumn, MilestoneCell]]


@dataclass(frozen=True, slots=True)
class Table:
    """Cycles that stand alike: supported, planned, with extended support only, unsupported.
    `folded` are not in sight."""

    title: str
    rows: list[TableRow]
    folded: list[TableRow]

    @property
    def older(self) -> str:
        return f"{self.title}, older"


@dataclass(frozen=True, slots=True)
class Choice:
    """A cycle that the answer names, with where it stands."""

    row: CycleRow
    sentence: str


def product_page(
    found: Product, query: RoadmapQuery, version: str, absolute: AbsoluteUrl
) -> dict[str, Any]:
    """Return the template context of the page of a product.

    Args:
        found: The product, as `selectors.product_page` reads it.
        query: The view that is asked for.
        version: The version to give a verdict on; empty for none.
        absolute: Makes a path an absolute URL.
    """
    cycles = list(found.cycles.all())
    window = window_for(query, cycles)
    rows = rows_of(found, cycles, window, query.on)
    planned, supported, extended, ended = apart(rows)
    timeline, total = timeline_of(rows, query)
    columns = columns_of(found)
    alternates = of_product(found)
    context = {
        "product": found,
        "title": f"{found.label}: releases, support and end of life",
        "query": query,
        "problems": query.problems,
        "axis": axis_of(query, window),
        "answer": _answer(found, cycles, query, window),
        "timeline": timeline,
        "timeline_total": total,
        "columns": columns,
        "tables": [
            table
            for table in (
                _table("Supported", columns, supported),
                _table("Planned", columns, planned),
                _table("Extended support only", columns, extended, FOLDED_AFTER),
                _table("No longer supported", columns, ended, FOLDED_AFTER),
            )
            if table.rows
        ],
        "summary": summary_text(found.description),
        "description": description_html(
            found.description, [cycle.as_of(query.on) for cycle in cycles], product=found
        ),
        "freshness": selectors.freshness(found, query.on),
        "explained": [field for field in found.custom_fields.all() if _explained(field)],
        "use": "Use" if selectors.is_installed(found) else "Newest:",
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
    }
    judged = verdict_context(found, version.strip(), query)
    if "verdict" in judged:
        words, page = judged["verdict"].text, judged["permalink"]
        judged["badge"] = verdict_snippets(absolute, found, words, page)
    return context | judged


class Apart(NamedTuple):
    """The rows of a product by where they stand, each in their order. `extended` have no more than
    extended support that is not known to be free."""

    planned: list[CycleRow]
    supported: list[CycleRow]
    extended: list[CycleRow]
    ended: list[CycleRow]


def apart(rows: list[CycleRow]) -> Apart:
    """The rows of a product, apart by where they stand."""
    found = Apart([], [], [], [])
    for row in rows:
        if row.planned:
            found.planned.append(row)
        elif row.ended:
            found.ended.append(row)
        else:
            (found.extended if row.extended_only else found.supported).append(row)
    return found


def timeline_of(rows: list[CycleRow], query: RoadmapQuery) -> tuple[list[CycleRow], int]:
    """The rows of a product's timeline, and how many there are with those that are not in sight:
    planned, supported, with extended support only, and the last that ended."""
    planned, supported, extended, ended = apart(rows)
    timeline = [*planned, *supported, *extended, *ended[:1]]
    return timeline if query.expanded else timeline[:ROWS_IN_SIGHT], len(timeline)


def window_for(query: RoadmapQuery, cycles: list[ReleaseCycle]) -> Window:
    """The window that was asked for, or the one that shows what is not long over."""
    if query.start or query.last:
        return query.window
    lives = [cycle.lifecycle for cycle in cycles]
    running = [life for life in lives if status_on(life, query.on) is not Status.END_OF_LIFE]
    return window_of(running, query.on)


def columns_of(product: Product) -> list[TableColumn]:
    """The columns behind release and status, as the product declares them, in their order."""
    own: dict[str, list[TableColumn]] = {display.value: [] for display in Display}
    for field in product.custom_fields.all():
        own[field.display].append(TableColumn(field.name, str(field), field))
    usual = [
        TableColumn(name, plain_text(column.label) or SUPPORT_COLUMNS[name].label)
        for name, column in product.columns.items()
        if column.shown
    ]
    before = [column for column in usual if column.name != "latest"]
    latest = [column for column in usual if column.name == "latest"]
    return [
        *own[Display.AFTER_RELEASE],
        *before,
        *own[Display.BEFORE_LATEST],
        *latest,
        *own[Display.AFTER_LATEST],
    ]


def _explained(field: CustomField) -> bool:
    return bool(field.description) and field.display != Display.API_ONLY.value


def _answer(
    product: Product, cycles: list[ReleaseCycle], query: RoadmapQuery, window: Window
) -> dict[str, Choice]:
    """What to use, by the names of `Advice`; what there is not is missing."""
    advice = advise(cycles, query.on)
    named = {
        "newest": advice.newest,
        "long_term": advice.long_term,
        "planned": advice.planned,
    }
    return {
        name: Choice(row_of(product, cycle, window, query.on), _said_of(cycle, query.on))
        for name, cycle in named.items()
        if cycle is not None
    }


def _said_of(cycle: ReleaseCycle, on: date) -> str:
    return lower_first(status_sentence(cycle.lifecycle, on))


def _table(
    title: str, columns: list[TableColumn], rows: list[CycleRow], in_sight: int | None = None
) -> Table:
    lines = [TableRow(row, [(column, column.cell(row)) for column in columns]) for row in rows]
    return Table(title, lines[:in_sight], lines[in_sight:] if in_sight else [])
