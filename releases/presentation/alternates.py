"""Alternate representations of pages: feeds, calendars, data and images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from releases.domain.roadmap.query import Pin, RoadmapQuery, View
from releases.models import Product, ReleaseCycle
from releases.presentation.openeox import reason_without_statement

TYPES: Final = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "ics": "text/calendar",
    "json": "application/json",
    "openeox": "application/json",
    "csv": "text/csv",
    "svg": "image/svg+xml",
}
"""The media types of the forms of alternates."""
OPENEOX_DRAFT: Final = "OpenEoX statements (draft form)"


@dataclass(frozen=True, slots=True)
class Alternate:
    """An alternate representation of a page; `form` is a key of `TYPES`."""

    form: str
    title: str
    url: str

    @property
    def type(self) -> str:
        return TYPES[self.form]


AbsoluteUrl = Callable[[str], str]
"""Makes a path of this site an absolute URL: `request.build_absolute_uri`."""

Alternates = dict[str, Alternate]
"""Alternates by form."""


def view_alternates(query: RoadmapQuery, *, openeox: bool = False) -> Alternates:
    """Return the alternates of a view of the roadmap.

    Feeds and calendars drop `known_on`, because subscriptions show current data.

    Args:
        query: The view.
        openeox: True if the view has an OpenEoX document.
    """
    view = query.url(view=View.PAGE, page=query.page).removesuffix("?")
    now = query.url(view=View.PAGE, known_on=None, page=query.page).removesuffix("?")
    return _by_form(
        Alternate("atom", "Ends of support and changes", _view("atom", now)),
        Alternate("rss", "Ends of support and changes (RSS)", _view("rss", now)),
        Alternate("ics", "Calendar of this view", _view("ics", now)),
        Alternate("json", "Data of this view", _view("json", view)),
        Alternate("csv", "Table of this view", _view("csv", view)),
        Alternate("svg", "Image of this view", _view("svg", view)),
        *([Alternate("openeox", OPENEOX_DRAFT, _view("openeox", view))] if openeox else []),
    )


def agenda_alternates(query: RoadmapQuery) -> Alternates:
    """Return the alternates of an agenda; `query` has its filters and kinds of events."""
    view = query.url().removesuffix("?")
    cycles = query.url(event_kinds=()).removesuffix("?")
    return _by_form(
        Alternate("atom", "These dates", _view("atom", view)),
        Alternate("rss", "These dates (RSS)", _view("rss", view)),
        Alternate("ics", "Calendar of these dates", _view("ics", view)),
        Alternate("json", "Data of these releases", _view("json", cycles)),
        Alternate("csv", "Table of these releases", _view("csv", cycles)),
    )


def changes_alternates(query: RoadmapQuery) -> Alternates:
    """Return the alternates of a page of changes."""
    view = query.url(page=1).removesuffix("?")
    page = query.url().removesuffix("?")
    products = query.url(kinds=()).removesuffix("?")
    return _by_form(
        Alternate("atom", "Changes", _changes("atom", view)),
        Alternate("rss", "Changes (RSS)", _changes("rss", view)),
        Alternate("json", "Data of this page", _changes("json", page)),
        Alternate("csv", "Table of this page", _changes("csv", page)),
        Alternate("ics", "Calendar of these products", _view("ics", products)),
    )


def product_alternates(product: Product, *, openeox: bool = False) -> Alternates:
    """Return the alternates of the page of a product; `openeox`: it has an OpenEoX document."""
    name, label = product.name, product.label
    document = Alternate("openeox", OPENEOX_DRAFT, _of("product_openeox", name))
    return _by_form(
        Alternate("atom", f"{label} events", _of("product_atom", name)),
        Alternate("rss", f"{label} events (RSS)", _of("product_rss", name)),
        Alternate("ics", f"{label} calendar", _of("product_ics", name)),
        Alternate("json", f"{label} in the API", _of("v1_product", name)),
        Alternate("svg", f"{label} timeline", _of("product_svg", name)),
        *([document] if openeox else []),
    )


def cycle_alternates(product: Product, cycle: ReleaseCycle, query: RoadmapQuery) -> Alternates:
    """Return the alternates of the page of a cycle.

    Calendar and feeds are those of a view in which the cycle is pinned.
    """
    title = f"{product.label} {cycle.name}"
    names = product.name, cycle.name
    statement = Alternate("openeox", f"{title} in OpenEoX", _of("cycle_openeox", *names))
    has_statement = not reason_without_statement(cycle)
    view = RoadmapQuery(query.today, query.today, pins=(Pin(product.name, cycle.name),)).url()
    api = _of("v1_release", *names)
    return _by_form(
        Alternate("atom", f"{title}: end of support and changes", _view("atom", view)),
        Alternate("rss", f"{title}: end of support and changes (RSS)", _view("rss", view)),
        Alternate("ics", f"{title} calendar", _view("ics", view)),
        Alternate("json", f"{title} in the API", f"{api}?planned=1"),
        Alternate("svg", f"{title} badge", _of("badge_svg", *names)),
        *([statement] if has_statement else []),
    )


def stack_alternates(stack: str) -> Alternates:
    """Return the alternates of the page of a stack; `stack` is its query string, with `?`."""
    return _by_form(
        Alternate("atom", "Ends of support and changes of this stack", _stack("atom", stack)),
        Alternate("rss", "Ends of support and changes of this stack (RSS)", _stack("rss", stack)),
        Alternate("ics", "Calendar of this stack", _stack("ics", stack)),
        Alternate("svg", "Image of this stack", _stack("svg", stack)),
    )


def webcal(absolute: AbsoluteUrl, alternates: Alternates) -> str:
    """Return the `webcal:` URL, which calendar programs subscribe to."""
    return f"webcal://{absolute(alternates['ics'].url).partition('://')[2]}"


def _by_form(*alternates: Alternate) -> Alternates:
    return {each.form: each for each in alternates}


def _view(form: str, view: str) -> str:
    return reverse(f"releases:roadmap_{form}") + view


def _changes(form: str, view: str) -> str:
    return reverse(f"releases:changes_{form}") + view


def _stack(form: str, stack: str) -> str:
    return reverse(f"releases:stack_{form}") + stack


def _of(name: str, *names: str) -> str:
    return reverse(f"releases:{name}", args=names)
