"""Queries of calendars and feeds: the cycles of a view, products with cycles, new products."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import F, Prefetch, Q
from django.db.models.functions import Lower

from releases.domain.lifecycle.milestones import ENDS
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.selectors.product import names_called
from releases.selectors.roadmap.matching import cycles_called, matching_cycles, matching_products
from releases.selectors.roadmap.source import PRESENT

MAX_CYCLES = 5_000
"""Maximum number of cycles taken from a view, the first ones in the order of the roadmap."""

MAX_NEW_PRODUCTS = 500

ENDED_CYCLE_DAYS = 365
"""Days for which an ended cycle stays in a view, so that an end does not vanish when it comes."""


def cycles_in_view(query: RoadmapQuery) -> list[ReleaseCycle]:
    """Return the cycles of all pages of a view with their products, in 5 queries at most.

    They are the present ones, as a subscription never shows a past day. If the query does not
    filter cycles, those of products that are not expanded are left out when they ended more than a
    year ago. If it has pins and no filters, only the pinned cycles are returned.
    """
    names = _names(query)  # 1 query, if any product is named
    pinned = _pinned(query, names)  # 3 queries at most, 0 without pins
    if query.pins and not query.narrowed:
        return pinned
    wanted = [names[name] for name in query.products if name in names]
    products = matching_products(PRESENT, query, wanted)
    cycles = matching_cycles(PRESENT, query).filter(product__in=products.order_by())
    if not query.filters_cycles:
        cycles = cycles.filter(_not_long_over(query.on) | Q(product__name__in=query.expanded))
    cycles = cycles.with_product().order_by(
        F("product__featured").asc(nulls_last=True),
        *(Lower("product__label"), "product__name", "position", "pk"),
    )
    every = {cycle.pk: cycle for cycle in [*pinned, *cycles[:MAX_CYCLES]]}
    return list(every.values())


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
