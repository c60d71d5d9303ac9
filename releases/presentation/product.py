"""The page of one product: advice, timeline, support tables and facts."""

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
from releases.presentation.alternates import AbsoluteUrl, product_alternates, webcal
from releases.presentation.rows import CycleRow, MilestoneCell, axis_of, row_of, rows_of
from releases.presentation.snippets import verdict_snippets
from releases.presentation.upgrade.verdict import verdict_context

TEMPLATE = "releases/product.html"

MAX_TIMELINE_ROWS = 12
"""Maximum number of rows of a timeline; a link shows the others."""

MAX_VISIBLE_ROWS = 3
"""Maximum number of visible rows in a table of unsupported cycles; older ones are collapsed."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a support table: a milestone, the latest release, or a custom field."""

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
    """A row of a support table with its cells."""

    row: CycleRow
    cells: list[tuple[TableColumn, MilestoneCell]]


@dataclass(frozen=True, slots=True)
class Table:
    """A support table of the cycles in one group: supported, planned, extended only, or ended.

    `folded` rows are collapsed until the reader opens them.
    """

    title: str
    rows: list[TableRow]
    folded: list[TableRow]

    @property
    def older(self) -> str:
        return f"{self.title}, older"


@dataclass(frozen=True, slots=True)
class RecommendedCycle:
    """A cycle that the page recommends, with its status as a sentence."""

    row: CycleRow
    sentence: str


def product_page(
    found: Product, query: RoadmapQuery, version: str, absolute: AbsoluteUrl
) -> dict[str, Any]:
    """Return the template context of the page of a product.

    Args:
        found: The product, as `selectors.product_page` reads it.
        query: The date and window of the page.
        version: The version in use to assess; empty for none.
        absolute: Converts a path to an absolute URL.
    """
    cycles = list(found.cycles.all())
    window = window_for(query, cycles)
    rows = rows_of(found, cycles, window, query.on)
    planned, supported, extended, ended = group_by_status(rows)
    timeline, total = timeline_of(rows, query)
    columns = columns_of(found)
    alternates = product_alternates(found)
    context = {
        "product": found,
        "title": f"{found.label}: releases, support and end of life",
        "query": query,
        "problems": query.problems,
        "axis": axis_of(query, window),
        "answer": _recommended_cycles(found, cycles, query, window),
        "timeline": timeline,
        "timeline_total": total,
        "columns": columns,
        "tables": [
            table
            for table in (
                _table("Supported", columns, supported),
                _table("Planned", columns, planned),
                _table("Extended support only", columns, extended, MAX_VISIBLE_ROWS),
                _table("No longer supported", columns, ended, MAX_VISIBLE_ROWS),
            )
            if table.rows
        ],
        "summary": summary_text(found.description),
        "description": description_html(
            found.description, [cycle.as_of(query.on) for cycle in cycles], product=found
        ),
        "freshness": selectors.freshness(found, query.on),
        "explained": [field for field in found.custom_fields.all() if _has_explanation(field)],
        "use": "Use" if selectors.is_installed(found) else "Newest:",
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
    }
    verdict = verdict_context(found, version.strip(), query)
    if "verdict" in verdict:
        text, page = verdict["verdict"].text, verdict["permalink"]
        verdict["badge"] = verdict_snippets(absolute, found, text, page)
    return context | verdict


class RowsByStatus(NamedTuple):
    """The rows of a product by status. Each list keeps the order of the rows.

    `extended` has the cycles whose only support is extended and not known to be free.
    """

    planned: list[CycleRow]
    supported: list[CycleRow]
    extended: list[CycleRow]
    ended: list[CycleRow]


def group_by_status(rows: list[CycleRow]) -> RowsByStatus:
    """Return the rows of a product by status."""
    found = RowsByStatus([], [], [], [])
    for row in rows:
        if row.planned:
            found.planned.append(row)
        elif row.ended:
            found.ended.append(row)
        else:
            (found.extended if row.extended_only else found.supported).append(row)
    return found


def timeline_of(rows: list[CycleRow], query: RoadmapQuery) -> tuple[list[CycleRow], int]:
    """Return the visible rows of a product's timeline, and its total number of rows.

    The order is planned, supported, extended support only, and the newest unsupported cycle.
    """
    planned, supported, extended, ended = group_by_status(rows)
    timeline = [*planned, *supported, *extended, *ended[:1]]
    return timeline if query.expanded else timeline[:MAX_TIMELINE_ROWS], len(timeline)


def window_for(query: RoadmapQuery, cycles: list[ReleaseCycle]) -> Window:
    """Return the window of the query, or else one that fits the cycles that have not ended."""
    if query.start or query.last:
        return query.window
    lifecycles = [cycle.lifecycle for cycle in cycles]
    running = [each for each in lifecycles if status_on(each, query.on) is not Status.END_OF_LIFE]
    return window_of(running, query.on)


def columns_of(product: Product) -> list[TableColumn]:
    """Return the columns of the support tables, beside those of the cycle and its status."""
    custom: dict[str, list[TableColumn]] = {display.value: [] for display in Display}
    for field in product.custom_fields.all():
        custom[field.display].append(TableColumn(field.name, str(field), field))
    standard = [
        TableColumn(name, plain_text(column.label) or SUPPORT_COLUMNS[name].label)
        for name, column in product.columns.items()
        if column.shown
    ]
    before_latest = [column for column in standard if column.name != "latest"]
    latest = [column for column in standard if column.name == "latest"]
    return [
        *custom[Display.AFTER_RELEASE],
        *before_latest,
        *custom[Display.BEFORE_LATEST],
        *latest,
        *custom[Display.AFTER_LATEST],
    ]


def _has_explanation(field: CustomField) -> bool:
    return bool(field.description) and field.display != Display.API_ONLY.value


def _recommended_cycles(
    product: Product, cycles: list[ReleaseCycle], query: RoadmapQuery, window: Window
) -> dict[str, RecommendedCycle]:
    """Return the recommended cycles, keyed by field of `Advice`. Missing ones are omitted."""
    advice = advise(cycles, query.on)
    by_field = {
        "newest": advice.newest,
        "long_term": advice.long_term,
        "planned": advice.planned,
    }
    return {
        name: RecommendedCycle(row_of(product, cycle, window, query.on), _sentence(cycle, query.on))
        for name, cycle in by_field.items()
        if cycle is not None
    }


def _sentence(cycle: ReleaseCycle, on: date) -> str:
    return lower_first(status_sentence(cycle.lifecycle, on))


def _table(
    title: str, columns: list[TableColumn], rows: list[CycleRow], visible: int | None = None
) -> Table:
    lines = [TableRow(row, [(column, column.cell(row)) for column in columns]) for row in rows]
    return Table(title, lines[:visible], lines[visible:] if visible else [])
