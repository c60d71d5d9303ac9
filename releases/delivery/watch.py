"""The views of subscriptions: their canonical addresses and their cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.urls import Resolver404, resolve, reverse

from releases import selectors
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.roadmap.query import Group, Pin, RoadmapQuery, Sort, View
from releases.domain.stack import ACCEPT, OF, query_of, read_accepted, read_parts
from releases.models import Category, ReleaseCycle, Tag
from releases.presentation.stack.page import cycles_of

MAX_ADDRESS: Final = 2_000
"""Maximum number of characters of the canonical address of a view."""

_OF_ROADMAP: Final = ("roadmap", "calendar", "changes")
_OF_PRODUCT: Final = ("product", "upgrade")


@dataclass(frozen=True, slots=True)
class Followed:
    """A cycle of a view, with the lifecycle that applies there.

    In a stack with accepted extended support, the lifecycle includes it.
    """

    cycle: ReleaseCycle
    lifecycle: Lifecycle


def canonical_view(address: str, today: date) -> str | None:
    """Return the path and query of the view that a page shows, or None if there is none.

    The view of a product and its upgrade page is the product, that of a cycle is a roadmap with the
    cycle pinned, that of a calendar or list of changes is the roadmap with their filters. Dates,
    order, window and page of a roadmap are dropped, since reminders are about the present. Former
    names of products are replaced.

    Args:
        address: A path with its query. Everything before the path is ignored.
        today: The real date in UTC.
    """
    parts = urlsplit(address)
    try:
        page = resolve(parts.path)
    except Resolver404:
        return None
    params = parse_qs(parts.query)
    view = None
    if page.url_name in _OF_ROADMAP:
        view = _roadmap(params, today)
    elif page.url_name in _OF_PRODUCT:
        view = _product(page.kwargs["name"])
    elif page.url_name == "cycle":
        view = _cycle(page.kwargs["name"], page.kwargs["cycle_name"], today)
    elif page.url_name == "stack":
        view = _stack(params, today)
    return view if view and len(view) <= MAX_ADDRESS else None


def cycles_followed(view: str, today: date) -> list[Followed] | None:
    """Return the cycles of a view, or None if the view no longer exists.

    A view exists while one of the products or cycles that it names is public, and its category and
    tag exist.

    Args:
        view: The canonical address.
        today: The real date in UTC.
    """
    parts = urlsplit(view)
    params = parse_qs(parts.query)
    if parts.path == reverse("releases:stack"):
        return _of_stack(params, today)
    if parts.path == reverse("releases:roadmap"):
        return _of_roadmap(RoadmapQuery.parse(params, today))
    return _of_product(parts.path.strip("/"))


def dated_query(view: str, today: date) -> RoadmapQuery | None:
    """Return the query of a view whose cycles depend on their dates; None for other views.

    Args:
        view: The canonical address.
        today: The real date in UTC.
    """
    parts = urlsplit(view)
    query = RoadmapQuery.parse(parse_qs(parts.query), today)
    here = parts.path == reverse("releases:roadmap")
    return query if here and (query.narrowed or not query.pins) else None


def products_named(view: str, today: date) -> set[str] | None:
    """Return the products that a view names if it can have no others, else None.

    The names may be former ones.

    Args:
        view: The canonical address.
        today: The real date in UTC.
    """
    parts = urlsplit(view)
    params = parse_qs(parts.query)
    if parts.path == reverse("releases:stack"):
        return {part.product for part in read_parts(params.get(OF, []))[0]}
    if parts.path != reverse("releases:roadmap"):
        return {parts.path.strip("/")}
    query = RoadmapQuery.parse(params, today)
    return {pin.product for pin in query.pins} if query.pins and not query.narrowed else None


def _roadmap(params: Mapping[str, Sequence[str]], today: date) -> str | None:
    query = RoadmapQuery.parse({**params, "on": [], "kind": []}, today)
    plain = replace(
        query,
        start=None,
        last=None,
        known_on=None,
        expanded=(),
        group=Group.PRODUCT,
        sort=Sort.DEFAULT,
        view=View.PAGE,
    )
    if not (_exists(plain) or selectors.cycles_in_view(plain)):
        return None
    return (reverse("releases:roadmap") + plain.url(page=1)).removesuffix("?")


def _product(name: str) -> str | None:
    present = selectors.names_called([name]).get(name)
    return reverse("releases:product", args=[present]) if present else None


def _cycle(product: str, name: str, today: date) -> str | None:
    product, name = selectors.present_names(product, name) or (product, name)
    if not ReleaseCycle.objects.public().filter(product__name=product, name=name).exists():
        return None
    view = RoadmapQuery(today, today, pins=(Pin(product, name),))
    return reverse("releases:roadmap") + view.url()


def _stack(params: Mapping[str, Sequence[str]], today: date) -> str | None:
    parts, _ = read_parts(params.get(OF, []))
    accepted, _ = read_accepted(params.get(ACCEPT, []))
    if not selectors.stack(parts, today, accepted).items:
        return None
    return reverse("releases:stack") + query_of(parts, None, accepted)


def _of_product(name: str) -> list[Followed] | None:
    present = selectors.names_called([name]).get(name)
    if present is None:
        return None
    return _followed(selectors.product_with_cycles(present).cycles.all())


def _of_roadmap(query: RoadmapQuery) -> list[Followed] | None:
    cycles = selectors.cycles_in_view(query)
    return _followed(cycles) if cycles or _exists(query) else None


def _exists(query: RoadmapQuery) -> bool:
    """Return True if a roadmap without cycles exists."""
    if query.pins and not query.narrowed:
        return False
    names = {*query.products, *(pin.product for pin in query.pins)}
    if names and not selectors.names_called(names):
        return False
    categories = Category.objects.filter(name=query.category)
    tags = Tag.objects.filter(name=query.tag)
    return (not query.category or categories.exists()) and (not query.tag or tags.exists())


def _of_stack(params: Mapping[str, Sequence[str]], today: date) -> list[Followed] | None:
    parts, _ = read_parts(params.get(OF, []))
    accepted, _ = read_accepted(params.get(ACCEPT, []))
    items = selectors.stack(parts, today, accepted).items
    if not items:
        return None
    accepting = {item.verdict.cycle for item in items if item.verdict.accepted}
    return [
        replace(each, lifecycle=each.lifecycle.with_extended()) if each.cycle in accepting else each
        for each in _followed(cycles_of(items))
    ]


def _followed(cycles: Any) -> list[Followed]:
    return [Followed(cycle, cycle.lifecycle) for cycle in cycles]
