"""The roadmap without navigation and forms, for a projector or for paper: `?view=present`."""

from __future__ import annotations

from typing import Any, Final

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.roadmap.query import RoadmapQuery, View
from releases.presentation.alternates import AbsoluteUrl
from releases.presentation.roadmap import roadmap_page
from releases.selectors import Roadmap

TITLE: Final = "Release roadmap"
MAX_NAMES: Final = 6
"""Maximum number of products that a caption names."""


def present_page(query: RoadmapQuery, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of the presentation of a view; its rows are the visible ones."""
    context = roadmap_page(query, absolute)
    parts = [*context["compared"], *(part for each in context["sections"] for part in each.parts)]
    return context | {
        "rows": [line.row for part in parts for line in part.lines],
        "heading": view_title(query, context["found"]),
        "caption": _caption(query, context["found"]),
        "back": query.url(view=View.PAGE, page=query.page),
    }


def view_title(query: RoadmapQuery, found: Roadmap) -> str:
    """Return the label of the one product of a view, or what the view is."""
    names = chosen_products(query, found)
    return names[0] if len(names) == 1 else TITLE


def day_words(query: RoadmapQuery) -> str:
    """Return the date of a view in words: `29 Nov 2026 (UTC)`, `Support as of 1 Jan 2028`."""
    day = PartialDate(query.on)
    known = f", as it was recorded on {PartialDate(query.known_on)}" if query.known_on else ""
    return (f"Support as of {day}" if query.what_if else f"{day} (UTC)") + known


def chosen_products(query: RoadmapQuery, found: Roadmap) -> list[str]:
    """Return the labels of the products that a query names, in the order of the page."""
    return [each.product.label for each in found.rows] if query.products else []


def _caption(query: RoadmapQuery, found: Roadmap) -> str:
    names = chosen_products(query, found)
    if len(names) < 2:
        return day_words(query)
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"{day_words(query)} · {', '.join(names[:MAX_NAMES])}{more}"
