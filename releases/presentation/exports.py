"""Timelines as SVG images, and the roadmap as a table and as data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any, Final

from django.template.loader import render_to_string

from releases import selectors
from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate, Precision
from releases.domain.lifecycle.status import milestone_reached
from releases.domain.roadmap import query as grammar
from releases.domain.roadmap.overlap import overlap, overlap_sentence, shade
from releases.domain.roadmap.query import QueryProblem, RoadmapQuery
from releases.domain.roadmap.timeline import Window
from releases.formats.tables import FORMER_COLUMNS, ROADMAP_COLUMNS, roadmap_facts, table_row
from releases.models import Product, ReleaseCycle
from releases.presentation.groups import roadmap_parts
from releases.presentation.image import STYLE, Group, Image, ImageRow, image
from releases.presentation.product import timeline_of, window_for
from releases.presentation.rows import axis_of, full_title, row_of, rows_of
from releases.presentation.stack.page import StackQuery, cycles_of, stack_window, timeline_rows
from releases.selectors import Roadmap

FORMER_MILESTONES: Final = {
    key: name for key, name in {"lts": "lts", **FORMER_COLUMNS}.items() if name in MILESTONES
}
"""The former names of milestones in data, beside those of API v2 until the day of
`FORMER_COLUMNS`."""
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def roadmap_image(query: RoadmapQuery) -> str:
    """Return the rows of the roadmap as an SVG image."""
    found, window = selectors.roadmap(query), query.window
    title = f"Release roadmap, {_span(window)}"
    drawing = image(title, _groups(query, found), axis_of(query, window), query)
    page = min(query.page, found.pages)
    part = f", page {page} of {found.pages}" if found.pages > 1 else ""
    return _svg(drawing, query, part=part, nothing="No release matches.")


def product_image(product: Product, query: RoadmapQuery) -> str:
    """Return the timeline of the page of a product as an SVG image."""
    cycles = list(product.cycles.all())
    window = window_for(query, cycles)
    rows = rows_of(product, cycles, window, query.on)
    shown, total = timeline_of(rows, query)
    lines = [ImageRow(product, row) for row in shown]
    group = Group(product.label, lines, _count(len(lines), total))
    title = f"{product.label}: release roadmap, {_span(window)}"
    drawing = image(title, [group], axis_of(query, window), query)
    return _svg(drawing, query, nothing="No release cycles yet.")


def stack_image(requested: StackQuery) -> str:
    """Return the timeline of a stack as an SVG image."""
    query, cycles = requested.query, cycles_of(requested.check.items)
    window = stack_window(cycles, query.on)
    rows = timeline_rows(cycles, window, query.on)
    lines = [ImageRow(row.product, row, named=True) for row in rows]
    title = f"Stack, {_span(window)}"
    drawing = image(title, [Group("Stack", lines)], axis_of(query, window), query)
    return _svg(drawing, query, nothing="Nothing in this stack is known.")


def roadmap_table(query: RoadmapQuery) -> list[list[str]]:
    """Return a row of `ROADMAP_COLUMNS` for each cycle on the page, pinned ones first."""
    found = selectors.roadmap(query)
    pinned = [(cycle.product, cycle) for cycle in found.pinned]
    cycles = {cycle.pk: (product, cycle) for product, cycle in [*pinned, *found.cycles]}
    return [
        table_row(roadmap_facts(product, cycle, query.on), ROADMAP_COLUMNS)
        for product, cycle in cycles.values()
    ]


def roadmap_data(query: RoadmapQuery) -> dict[str, Any]:
    """Return the cycles on the page by product, and the ignored parameters, as data for JSON."""
    found, window = selectors.roadmap(query), query.window
    return {
        "on": query.on.isoformat(),
        **({"known_on": query.known_on.isoformat()} if query.known_on else {}),
        "from": f"{window.start:%Y-%m}",
        "to": f"{window.last_day:%Y-%m}",
        "page": min(query.page, found.pages),
        "pages": found.pages,
        "problems": problem_data([*query.problems, *found.problems]),
        "pinned": [_data(cycle.product, cycle, query) for cycle in found.pinned],
        "products": _products(query, found),
    }


def _svg(drawing: Image, query: RoadmapQuery, *, nothing: str, part: str = "") -> str:
    day = str(PartialDate(query.on))
    known = f", as it was recorded on {PartialDate(query.known_on)}" if query.known_on else ""
    context = {
        "image": drawing,
        "style": STYLE,
        "caption": (f"Support as of {day}" if query.what_if else f"{day} (UTC)") + known + part,
        "on": day,
        "nothing": nothing,
    }
    return _NOT_IN_XML.sub("", render_to_string("releases/roadmap.svg", context))


def _groups(query: RoadmapQuery, found: Roadmap) -> list[Group]:
    """Return the rows of the page by heading."""

    def line(cycle: ReleaseCycle, product: Product | None = None) -> ImageRow:
        owner = product or cycle.product
        return ImageRow(owner, row_of(owner, cycle, query.window, query.on), named=product is None)

    groups = [_pinned(query, [line(cycle) for cycle in found.pinned])] if found.pinned else []
    for each in found.rows:
        parts, _ = roadmap_parts(each, query, partial(line, product=each.product))
        lines = [row for part in parts for row in part.lines]
        groups.append(Group(each.product.label, lines, _count(len(lines), each.total)))
    flat = [line(cycle) for cycle in found.flat]
    if query.group is grammar.Group.NONE:
        return [*groups, Group("All releases", flat)]
    return groups + [
        Group(word, list(lines)) for word, lines in groupby(flat, lambda each: each.row.badge.word)
    ]


def _pinned(query: RoadmapQuery, lines: list[ImageRow]) -> Group:
    """Return the pinned cycles, with the period in which all of them are supported."""
    if len(lines) == 1:
        return Group("Compared", lines)
    lives = {full_title(line.row.cycle): line.row.cycle.lifecycle for line in lines}
    together = overlap(lives.values())
    sentence = overlap_sentence(together, lives, query.on)
    return Group("Compared", lines, sentence, shade(together, query.window))


def _count(shown: int, total: int) -> str:
    return f"{shown} of {total} shown" if shown < total else ""


def _span(window: Window) -> str:
    first, last = (PartialDate(day, Precision.MONTH) for day in (window.start, window.last_day))
    return f"{first} to {last}"


def _products(query: RoadmapQuery, found: Roadmap) -> list[dict[str, Any]]:
    """Return each product on the page once, in the order of its first row."""
    totals = {each.product.pk: each.total for each in found.rows}
    cycles: dict[Product, list[ReleaseCycle]] = {each.product: [] for each in found.rows}
    for product, cycle in found.cycles:
        cycles.setdefault(product, []).append(cycle)
    return [
        {
            "name": product.name,
            "label": product.label,
            "total": totals.get(product.pk, len(own)),
            "cycles": [_data(product, cycle, query) for cycle in own],
        }
        for product, own in cycles.items()
    ]


def _data(product: Product, cycle: ReleaseCycle, query: RoadmapQuery) -> dict[str, Any]:
    """Return a cycle with the field names of API v2 and the former names."""
    cycle = cycle.as_of(query.on)
    facts, on = roadmap_facts(product, cycle, query.on), query.on
    same = ("product", "name", "label", "status", "ends_soon", "maintained", "unconfirmed")
    return {
        **{name: facts[name] for name in same},
        "codename": cycle.codename or None,
        "milestones": {
            name: milestone_facts(name, getattr(cycle.lifecycle, name), on) for name in MILESTONES
        },
        "latest": cycle.latest,
        "cycle": cycle.name,
        "latest_date": cycle.latest_date and cycle.latest_date.isoformat(),
        **{
            key: milestone_data(getattr(cycle.lifecycle, name))
            for key, name in FORMER_MILESTONES.items()
        },
    }


def milestone_facts(name: str, value: MilestoneValue, on: date) -> dict[str, Any] | None:
    """Return the fields of a milestone in API v2 on a date, or None if it does not apply."""
    if value is None:
        return None
    day = value if isinstance(value, PartialDate) else None
    return {
        "date": day and day.date,
        "precision": day and day.precision,
        "flag": None if day else value,
        "reached": milestone_reached(name, value, on),
    }


def problem_data(problems: Iterable[QueryProblem]) -> list[dict[str, str]]:
    """Return the ignored parameters as data."""
    return [{"name": each.name, "message": each.message} for each in problems]


def milestone_data(value: MilestoneValue) -> dict[str, str] | bool | None:
    """Return a milestone as data with the former names; an imprecise date is its last day."""
    if isinstance(value, PartialDate):
        return {"date": value.date.isoformat(), "precision": value.precision.value}
    return value
