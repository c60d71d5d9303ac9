"""Queries of agendas, calendars and feeds: the cycles and events of a view, and products."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, DateField, F, Prefetch, Q, Value, When
from django.db.models.functions import Greatest, Least, Lower

from releases.domain.lifecycle.milestones import ENDS, SUPPORT_ENDS
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.agenda import AgendaQuery
from releases.domain.roadmap.events import Event, EventKind, agenda_events
from releases.domain.roadmap.query import ENDED_CYCLE_DAYS, QueryProblem, RoadmapQuery
from releases.models import Category, Product, ReleaseCycle
from releases.selectors.lists import names_in_use
from releases.selectors.product import names_called
from releases.selectors.roadmap.matching import cycles_called, matching_cycles, matching_products
from releases.selectors.roadmap.source import PRESENT
from releases.selectors.roadmap.text import TextFilter, text_filter

MAX_CYCLES = 5_000
"""Maximum number of cycles taken from a view, the first ones in the order of the roadmap."""

MAX_NEW_PRODUCTS = 500


@dataclass(frozen=True, slots=True)
class Agenda:
    """The events of an agenda in date order, and what its filters need.

    Attributes:
        events: The events that match the query.
        complete: False if there are more: all of them are of later days, or of earlier ones in a
            list of past events.
        categories: The categories in use.
        labels: The labels of the products that the query names, by requested name.
        problems: The names in the query that are not in the catalogue.
    """

    events: list[Event[ReleaseCycle]]
    complete: bool
    categories: list[str]
    labels: dict[str, str]
    problems: list[QueryProblem]


def cycles_in_view(query: RoadmapQuery) -> list[ReleaseCycle]:
    """Return the cycles of all pages of a view with their products, in 7 queries at most.

    They are the present ones, as a subscription never shows a past day. If the query does not
    filter cycles, those of products that are not expanded are left out when they ended more than a
    year ago. If it has pins and no filters, only the pinned cycles are returned. What it says of
    dates is the rule of `RoadmapQuery.matches`.
    """
    names = _names(query)  # 1 query, if any product is named
    pinned = _pinned(query, names)  # 3 queries at most, 0 without pins
    if query.pins and not query.narrowed:
        return pinned
    text = text_filter(PRESENT, query.q)  # 2 queries at most, 0 without a text
    cycles = _cycles(query, names, text)
    if not query.filters_cycles:
        expanded = Q(product__name__in=query.expanded)
        cycles = cycles.filter(_not_long_over(query.on) | expanded | text.cycles)
    cycles = cycles.with_product().order_by(
        F("product__featured").asc(nulls_last=True),
        *(Lower("product__label"), "product__name", "position", "pk"),
    )
    every = {cycle.pk: cycle for cycle in [*pinned, *cycles[:MAX_CYCLES]]}
    return list(every.values())


def products_in_view(query: RoadmapQuery, among: Collection[int]) -> set[int]:
    """Return which of some products are in a view, regardless of the dates of their cycles.

    Takes 3 queries at most, and 1 for 500 products. Pins are not considered.
    """
    names = _names(query)  # 1 query, if any product is named
    text = text_filter(PRESENT, query.q)  # 2 queries at most, 0 without a text
    products = _products(query, names, text).order_by()
    keys = list(among)
    return {
        key
        for first in range(0, len(keys), 500)
        for key in products.filter(pk__in=keys[first : first + 500]).values_list("pk", flat=True)
    }


def agenda(query: AgendaQuery) -> Agenda:
    """Return an agenda in 5 queries at most, 2 without filters."""
    view = query.view
    names = _names(view)
    rows = Product.objects.public().filter(name__in=set(names.values())).order_by()
    labels = dict(rows.values_list("name", "label")) if names else {}
    wanted = replace(view, event_kinds=query.kinds)
    newest = not query.upcoming
    events, complete = _events(wanted, names, query.first, query.last, newest=newest)
    categories = [name for name, _ in names_in_use(Category)]
    problems = [
        QueryProblem("product", f"There is no product “{name}” here.")
        for name in view.products
        if name not in names
    ]
    if view.category and view.category not in categories:
        problems.append(QueryProblem("category", f"There is no category “{view.category}” here."))
    if view.tag and not Product.objects.public().filter(tags__name=view.tag).exists():
        problems.append(QueryProblem("tag", f"There is no tag “{view.tag}” here."))
    return Agenda(
        events=[event for event in events if query.holds(event)],
        complete=complete,
        categories=categories,
        labels={name: labels[names[name]] for name in view.products if name in names},
        problems=problems,
    )


def events_in_view(
    query: RoadmapQuery, first: date = date.min, last: date = date.max, *, newest: bool = False
) -> list[Event[ReleaseCycle]]:
    """Return the events of a view for an agenda, in date order, in 5 queries at most.

    Events of one day are in the order of the labels of their products.

    Args:
        query: The filters; without kinds of events all kinds are returned.
        first: The first day, inclusive.
        last: The last day, inclusive.
        newest: With more than `MAX_CYCLES` cycles, return the last events instead of the first.
    """
    names = _names(query)  # 1 query, if any product is named
    return _events(query, names, first, last, newest=newest)[0]


def _events(
    query: RoadmapQuery, names: Mapping[str, str], first: date, last: date, *, newest: bool
) -> tuple[list[Event[ReleaseCycle]], bool]:
    """Return the events, and True if they are complete."""
    kinds = query.event_kinds or tuple(EventKind)
    cycles = _pinned(query, names)  # 3 queries at most, 0 without pins
    complete = True
    if query.narrowed or not query.pins:
        rows = _cycles(query, names, text_filter(PRESENT, query.q)).with_product(
            "product__category"
        )
        read = _by_date(rows, kinds, (first, last), newest=newest)
        if len(read) > MAX_CYCLES:
            complete, edge = False, read[MAX_CYCLES].edge  # type: ignore[attr-defined]
            day = timedelta(days=1)
            first, last = (edge + day, last) if newest else (first, edge - day)
        cycles = list({cycle.pk: cycle for cycle in [*cycles, *read]}.values())
    return agenda_events(sorted(cycles, key=_by_label), kinds, first, last), complete


def product_with_cycles(name: str) -> Product:
    """Return a product with its cycles in their order, in 2 queries.

    Raises:
        Product.DoesNotExist: There is no such product.
    """
    cycles = Prefetch("cycles", ReleaseCycle.objects.public().in_order())
    return Product.objects.public().without_large_columns().prefetch_related(cycles).get(name=name)


def new_products(on: date) -> list[Product]:
    """Return the products added last, up to `on` (inclusive), the newest first, in 1 query."""
    products = Product.objects.public().filter(added_on__lte=on).without_large_columns()
    return list(products.order_by("-added_on", Lower("label"), "name")[:MAX_NEW_PRODUCTS])


def _cycles(query: RoadmapQuery, names: Mapping[str, str], text: TextFilter) -> Any:
    """Return the cycles that match the filters of a view, with the annotation `status`."""
    products = _products(query, names, text).order_by()
    return matching_cycles(PRESENT, query).filter(product__in=products)


def _products(query: RoadmapQuery, names: Mapping[str, str], text: TextFilter) -> Any:
    """Return the products that match the filters of a view."""
    wanted = [names[name] for name in query.products if name in names]
    return matching_products(PRESENT, query, wanted, text.products)


def _by_date(
    cycles: Any, kinds: Collection[EventKind], days: tuple[date, date], *, newest: bool
) -> list[ReleaseCycle]:
    """Return the cycles with a date within some days, by the first of these dates, or by the last.

    It is the annotation `edge`. One more than `MAX_CYCLES` are returned, if there are as many.
    """
    names = ["release"] if EventKind.RELEASE in kinds else []
    names += SUPPORT_ENDS if {EventKind.SUPPORT, EventKind.BUGS} & {*kinds} else []
    dated = reduce(or_, (Q(**{f"{name}_date__range": days}) for name in names))
    within = [
        Case(
            When(**{f"{name}_date__range": days}, then=F(f"{name}_date")),
            default=Value(date.min if newest else date.max),
            output_field=DateField(),
        )
        for name in names
    ]
    edge = (Greatest if newest else Least)(*within) if len(within) > 1 else within[0]
    rows = cycles.filter(dated).annotate(edge=edge)
    return list(rows.order_by("-edge" if newest else "edge", "pk")[: MAX_CYCLES + 1])


def _by_label(cycle: ReleaseCycle) -> tuple[str, str, int, int]:
    product = cycle.product
    return product.label.casefold(), product.name, cycle.position, cycle.pk


def _names(query: RoadmapQuery) -> dict[str, str]:
    """Return the names of the products that a view names, by name and alias."""
    requested = {*query.products, *(pin.product for pin in query.pins)}
    return names_called(requested) if requested else {}


def _pinned(query: RoadmapQuery, names: Mapping[str, str]) -> list[ReleaseCycle]:
    """Return the pinned cycles that exist, in the order of the query."""
    wanted = [(names[pin.product], pin.cycle) for pin in query.pins if pin.product in names]
    found = cycles_called(PRESENT, wanted)
    return list(dict.fromkeys(found[place] for place in wanted if place in found))


def _not_long_over(on: date) -> Q:
    """Return the condition of cycles that ended recently or not at all.

    Needs the annotation `status` of `matching_cycles`.
    """
    since = on - timedelta(days=ENDED_CYCLE_DAYS)
    recent = (Q(**{f"{name}_date__gte": since}) for name in ENDS)
    return reduce(or_, recent, ~Q(status=Status.END_OF_LIFE.value))
