"""The products and cycles that match a view of the roadmap, from either source."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from releases.domain.roadmap.query import RoadmapQuery
from releases.models import ReleaseCycle
from releases.selectors.product import formerly
from releases.selectors.roadmap.source import Source


def matching_products(source: Source, query: RoadmapQuery, names: list[str], text: Q) -> Any:
    """Return the products that match a view: its names, category, tag and search.

    A name, category or tag that does not exist matches nothing.

    Args:
        source: The present or a recorded catalogue.
        query: The view.
        names: The names of those of its products that exist.
        text: The condition of the products that its search finds.
    """
    products = source.products
    if query.products:
        products = products.filter(name__in=names)
    if query.category:
        products = products.filter(category__name=query.category)
    if query.tag:
        products = products.filter(**{f"{source.tags}__name": query.tag})
    return products.filter(text) if query.q else products


def matching_cycles(source: Source, query: RoadmapQuery) -> Any:
    """Return the cycles that match the filters of a view, annotated with `status`.

    The LTS filter also matches cycles with upcoming LTS, which rows show as such.
    """
    terms = source.of_product("extended_terms")
    cycles = source.cycles.with_status(query.on, terms)
    if query.statuses:
        cycles = cycles.in_status(query.statuses, query.on, terms)
    if query.lts:
        cycles = cycles.lts()
    if query.ends_soon:
        cycles = cycles.ends_soon(query.on, terms)
    return cycles


def cycles_called(
    source: Source, places: Collection[tuple[str, str]]
) -> dict[tuple[str, str], ReleaseCycle]:
    """Return the cycles by these names of product and cycle, in 3 queries at most (0 without any).

    Former names of cycles count. Product and category are prefetched.
    """
    if not places:
        return {}
    either = reduce(or_, (Q(owner=product, name=cycle) for product, cycle in places))
    cycles = source.joined(source.cycles, "product__category")
    cycles = cycles.annotate(owner=source.of_product("name"))
    found = {(row.owner, row.name): source.cycle(row) for row in cycles.filter(either)}
    former = formerly(set(places) - found.keys())
    if former:
        by_key = {row.id: source.cycle(row) for row in cycles.filter(id__in=former.values())}
        found |= {place: by_key[key] for place, key in former.items() if key in by_key}
    return found
