"""A view of the roadmap for other places: as an image, a table or data. Other sites may embed the
images and read the data."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from functools import wraps
from io import StringIO
from itertools import groupby
from typing import Any, Concatenate, Final, ParamSpec

from django.http import (
    HttpRequest,
    HttpResponse,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain import query as grammar
from releases.domain.lifecycle import MILESTONES, milestone_reached
from releases.domain.milestones import MilestoneValue, PartialDate, Precision
from releases.domain.overlap import overlap, overlap_sentence, shade
from releases.domain.query import NAMES, RoadmapQuery
from releases.domain.timeline import Window
from releases.formats.tables import FORMER_COLUMNS, ROADMAP_COLUMNS, roadmap_facts, table_row
from releases.models import Product, ReleaseCycle
from releases.page_cache import cached
from releases.selectors import Roadmap
from releases.views.image import STYLE, STYLE_HASH, Group, Image, Line, image
from releases.views.product import find_product, timeline_of, window_for
from releases.views.rows import axis_of, row_of, rows_of
from releases.views.stacks import STACK, asked_stack, cycles_of, stack_window, timeline_rows
from releases.views.unreadable import UnreadableError, refusal_of, strict_query

P = ParamSpec("P")

IMAGE_POLICY: Final = f"default-src 'none'; style-src {STYLE_HASH}; frame-ancestors *"
FORMER_MILESTONES: Final = {
    key: name for key, name in {"lts": "lts", **FORMER_COLUMNS}.items() if name in MILESTONES
}
"""The former names of milestones in data, beside those of API v2 until the day of
`FORMER_COLUMNS`."""
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def for_other_sites(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Answers of `view` may be shown and read by pages of any site."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return wrapped


def data_view(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Make `view` one of a file or of data, for other sites, too: values of its address that cannot
    be read are answered with 400."""

    @for_other_sites
    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UnreadableError as error:
            return refusal_of(request, error.problems)

    return wrapped


@cached(*NAMES)
@require_safe
@xframe_options_exempt
@data_view
def roadmap_svg(request: HttpRequest) -> HttpResponse:
    """`/roadmap.svg`: the page's rows as an image."""
    query, found = _read(request)
    window = query.window
    title = f"Release roadmap, {_span(window)}"
    drawing = image(title, _groups(query, found), axis_of(query, window), query)
    page = min(query.page, found.pages)
    part = f", page {page} of {found.pages}" if found.pages > 1 else ""
    return _svg(drawing, query, part=part, nothing="No release matches.")


@cached(*NAMES)
@require_safe
@xframe_options_exempt
@data_view
def product_svg(request: HttpRequest, name: str) -> HttpResponse:
    """`/<product>.svg`: the timeline of its page as an image. Raises `Http404`."""
    product = find_product(request, name, "product_svg")
    if isinstance(product, HttpResponse):
        return product
    query = strict_query(request)
    cycles = list(product.cycles.all())
    window = window_for(query, cycles)
    rows = rows_of(product, cycles, window, query.on)
    shown, total = timeline_of(rows, query)
    lines = [Line(product, row) for row in shown]
    group = Group(product.label, lines, _count(len(lines), total))
    title = f"{product.label}: release roadmap, {_span(window)}"
    drawing = image(title, [group], axis_of(query, window), query)
    return _svg(drawing, query, nothing="No release cycles yet.")


@cached(*STACK)
@require_safe
@xframe_options_exempt
@data_view
def stack_svg(request: HttpRequest) -> HttpResponse:
    """`/stack.svg?of=...`: the timeline of a stack as an image."""
    asked = asked_stack(request, strict=True)
    query, cycles = asked.query, cycles_of(asked.check.items)
    window = stack_window(cycles, query.on)
    lines = [Line(row.product, row, named=True) for row in timeline_rows(cycles, window, query.on)]
    title = f"Stack, {_span(window)}"
    drawing = image(title, [Group("Stack", lines)], axis_of(query, window), query)
    return _svg(drawing, query, nothing="Nothing in this stack is known.")


@cached(*NAMES)
@require_safe
@data_view
def roadmap_csv(request: HttpRequest) -> HttpResponse:
    """`/roadmap.csv`: a row for each cycle on the page, pinned ones first; each once."""
    query, found = _read(request)
    pinned = [(cycle.product, cycle) for cycle in found.pinned]
    cycles = {cycle.pk: (product, cycle) for product, cycle in [*pinned, *found.cycles]}
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(ROADMAP_COLUMNS)
    for product, cycle in cycles.values():
        writer.writerow(table_row(roadmap_facts(product, cycle, query.on), ROADMAP_COLUMNS))
    headers = {"Content-Disposition": 'inline; filename="roadmap.csv"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@cached(*NAMES)
@require_safe
@data_view
def roadmap_json(request: HttpRequest) -> HttpResponse:
    """`/roadmap.json`: the cycles on the page by product, and what was ignored of the query."""
    query, found = _read(request)
    window = query.window
    data = {
        "on": query.on.isoformat(),
        **({"known_on": query.known_on.isoformat()} if query.known_on else {}),
        "from": f"{window.start:%Y-%m}",
        "to": f"{window.last_day:%Y-%m}",
        "page": min(query.page, found.pages),
        "pages": found.pages,
        "problems": [
            {"name": each.name, "message": each.message}
            for each in (*query.problems, *found.problems)
        ],
        "pinned": [_data(cycle.product, cycle, query) for cycle in found.pinned],
        "products": _products(query, found),
    }
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False})


def _read(request: HttpRequest) -> tuple[RoadmapQuery, Roadmap]:
    query = strict_query(request)
    return query, selectors.roadmap(query)


def _svg(drawing: Image, query: RoadmapQuery, *, nothing: str, part: str = "") -> HttpResponse:
    day = str(PartialDate(query.on))
    known = f", as it was recorded on {PartialDate(query.known_on)}" if query.known_on else ""
    context = {
        "image": drawing,
        "style": STYLE,
        "caption": (f"Support as of {day}" if query.what_if else f"{day} (UTC)") + known + part,
        "on": day,
        "nothing": nothing,
    }
    # Without a request: the image is the same for everybody.
    text = _NOT_IN_XML.sub("", render_to_string("releases/roadmap.svg", context))
    # The policy of the site stays away from an answer that brings its own.
    headers = {"Content-Security-Policy": IMAGE_POLICY}
    return HttpResponse(text, content_type="image/svg+xml; charset=utf-8", headers=headers)


def _groups(query: RoadmapQuery, found: Roadmap) -> list[Group]:
    """The rows of the page under its headings."""

    def line(cycle: ReleaseCycle, product: Product | None = None) -> Line:
        owner = product or cycle.product
        return Line(owner, row_of(owner, cycle, query.window, query.on), named=product is None)

    groups = [_pinned(query, [line(cycle) for cycle in found.pinned])] if found.pinned else []
    for each in found.rows:
        lines = [line(cycle, each.product) for cycle in each.cycles]
        groups.append(Group(each.product.label, lines, _count(len(lines), each.total)))
    flat = [line(cycle) for cycle in found.flat]
    if query.group is grammar.Group.NONE:
        return [*groups, Group("All releases", flat)]
    return groups + [
        Group(word, list(lines)) for word, lines in groupby(flat, lambda each: each.row.badge.word)
    ]


def _pinned(query: RoadmapQuery, lines: list[Line]) -> Group:
    """The pinned cycles, with the time in which all of them are supported."""
    if len(lines) == 1:
        return Group("Pinned", lines)
    together = overlap(line.row.cycle.life for line in lines)
    sentence = overlap_sentence(together, query.on)
    return Group("Pinned", lines, sentence, shade(together, query.window))


def _count(shown: int, total: int) -> str:
    return f"{shown} of {total} shown" if shown < total else ""


def _span(window: Window) -> str:
    first, last = (PartialDate(day, Precision.MONTH) for day in (window.start, window.last_day))
    return f"{first} to {last}"


def _products(query: RoadmapQuery, found: Roadmap) -> list[dict[str, Any]]:
    """Each product on the page once, in the order of its first row."""
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
    """A cycle in the words of API v2, and in the former ones."""
    cycle = cycle.as_of(query.on)
    facts, on = roadmap_facts(product, cycle, query.on), query.on
    same = ("product", "name", "label", "status", "ends_soon", "maintained", "unconfirmed")
    return {
        **{name: facts[name] for name in same},
        "codename": cycle.codename or None,
        "milestones": {
            name: _milestone(name, getattr(cycle.life, name), on) for name in MILESTONES
        },
        "latest": cycle.latest,
        "cycle": cycle.name,
        "latest_date": cycle.latest_date and cycle.latest_date.isoformat(),
        **{
            key: milestone_data(getattr(cycle.life, name))
            for key, name in FORMER_MILESTONES.items()
        },
    }


def _milestone(name: str, value: MilestoneValue, on: date) -> dict[str, Any] | None:
    """A milestone as API v2 has it."""
    if value is None:
        return None
    day = value if isinstance(value, PartialDate) else None
    return {
        "date": day and day.date.isoformat(),
        "precision": day and day.precision.value,
        "flag": None if day else value,
        "reached": milestone_reached(name, value, on),
    }


def milestone_data(value: MilestoneValue) -> dict[str, str] | bool | None:
    """A milestone as data; an imprecise date is the last day of its period."""
    if isinstance(value, PartialDate):
        return {"date": value.date.isoformat(), "precision": value.precision.value}
    return value
