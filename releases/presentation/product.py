"""The page of one product: newest, long-term and next cycle, verdict, table of cycles, facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from releases import selectors
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.lifecycle.words import outlook
from releases.domain.roadmap.columns import Display
from releases.domain.roadmap.query import MAX_TEXT, RoadmapQuery, View
from releases.domain.roadmap.timeline import Window, window_of
from releases.domain.upgrade.advice import Advice, advise
from releases.formats.markdown.html import description_html, summary_text
from releases.models import CustomField, Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, product_alternates, webcal
from releases.presentation.groups import folded, grouped, leave_last_ended
from releases.presentation.openeox import product_left_out
from releases.presentation.release_tables import ended_table, timeline_columns
from releases.presentation.rows import CycleRow, axis_of, badge_of, row_of, rows_of
from releases.presentation.snippets import image_snippet, snippets, verdict_snippets
from releases.presentation.upgrade.verdict import verdict_context
from releases.selectors import RowGroup

TEMPLATE = "releases/product.html"

MAX_TIMELINE_ROWS: Final = 12
"""Maximum number of rows of a timeline in an image or a preview."""


@dataclass(frozen=True, slots=True)
class Card:
    """A cycle in a card at the top of the page, with its support as a phrase."""

    title: str
    row: CycleRow
    outlook: str


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
    cycles, version = list(found.cycles.all()), version.strip()[:MAX_TEXT]
    window = window_for(query, cycles)
    rows = rows_of(found, cycles, window, query.on)
    advice = advise(cycles, query.on)
    left_out = product_left_out(found, cycles)
    alternates = product_alternates(found, openeox=left_out is not None)
    page = found.get_absolute_url()
    badge = advise(cycles, query.today).newest or next(iter(cycles), None)
    main = found.main_identifier
    context = {
        "product": found,
        "title": f"{found.label}: which versions are supported?",
        "query": query,
        "problems": query.problems,
        "axis": axis_of(query, window),
        "cards": _cards(found, advice, query, window),
        "unsupported": "" if advice.newest or not rows else _unsupported(rows),
        "ended": ended_table(found, rows, query, version),
        "summary": summary_text(found.description),
        "description": description_html(
            found.description, [cycle.as_of(query.on) for cycle in cycles], product=found
        ),
        "freshness": selectors.freshness(found, query.on),
        "main_identifier": main,
        "identifiers": [each for each in found.identifiers.all() if each != main],
        "explained": [field for field in found.custom_fields.all() if _has_explanation(field)],
        "alternates": alternates,
        "openeox_left_out": left_out,
        "webcal": webcal(absolute, alternates),
        "present": _presentation_url(found, query),
        "embed": image_snippet(absolute, alternates["svg"], page),
        "badge": snippets(absolute, found, badge) if badge else None,
    }
    return context | _releases(found, rows) | _verdict(found, query, version, absolute)


def _verdict(
    product: Product, query: RoadmapQuery, version: str, absolute: AbsoluteUrl
) -> dict[str, Any]:
    """Return the context of the verdict, with the badge of the answer and the status."""
    context = verdict_context(product, version, query)
    verdict = context.get("verdict")
    if verdict and verdict.cycle:
        link = context["permalink"]
        context["answer_badge"] = verdict_snippets(absolute, product, verdict.text, link)
        context["answer_status"] = badge_of(verdict.cycle.lifecycle, query.on)
    return context


def _presentation_url(product: Product, query: RoadmapQuery) -> str:
    """Return the address of the roadmap of a product without navigation and forms."""
    view = RoadmapQuery(
        query.today, query.on, products=(product.name,), start=query.start, last=query.last
    )
    return reverse("releases:roadmap") + view.url(view=View.PRESENT)


def _releases(product: Product, rows: Sequence[CycleRow]) -> dict[str, Any]:
    """Return the context of the table with bars, which has no ended cycles."""
    running = [row for row in rows if not row.ended]
    columns = timeline_columns(product, running)
    lines = {
        group: [columns.line(row) for row in members] for group, members in grouped(running).items()
    }
    parts, folds = folded(lines, product)
    return {"columns": columns, "rows": running, "parts": parts, "folds": folds}


def _cards(
    product: Product, advice: Advice[ReleaseCycle], query: RoadmapQuery, window: Window
) -> list[Card]:
    cycles = {
        "Newest": advice.newest,
        "Long-term support": advice.long_term,
        "Next": advice.planned,
    }
    return [
        Card(title, row_of(product, cycle, window, query.on), outlook(cycle.lifecycle, query.on))
        for title, cycle in cycles.items()
        if cycle
    ]


def _unsupported(rows: Sequence[CycleRow]) -> str:
    """Return since when no cycle is supported: `yet`, or `any more`."""
    return "yet" if all(row.planned for row in rows) else "any more"


def timeline_of(rows: list[CycleRow], query: RoadmapQuery) -> tuple[list[CycleRow], int]:
    """Return the rows of a product's timeline in an image, and its total number of rows.

    The order is that of its section on the roadmap.
    """
    groups = grouped(rows)
    leave_last_ended(groups, query.on)
    timeline = [row for group in RowGroup for row in groups[group]]
    return timeline if query.expanded else timeline[:MAX_TIMELINE_ROWS], len(timeline)


def window_for(query: RoadmapQuery, cycles: list[ReleaseCycle]) -> Window:
    """Return the window of the query, or else one that fits the cycles that have not ended."""
    if query.start or query.last:
        return query.window
    lifecycles = [cycle.lifecycle for cycle in cycles]
    running = [each for each in lifecycles if status_on(each, query.on) is not Status.END_OF_LIFE]
    return window_of(running, query.on)


def _has_explanation(field: CustomField) -> bool:
    return bool(field.description) and field.display != Display.API_ONLY.value
