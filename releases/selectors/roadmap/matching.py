"""Which products and which cycles a view of the roadmap asks for, wherever it is read from."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Alias
from releases.models.status import ends_soon, lts_at_any_time, next_end, status_on
from releases.selectors.roadmap.source import Source


def matching_products(source: Source, query: RoadmapQuery, names: list[str]) -> Any:
    products = source.products
    if names:
        products = products.filter(name__in=names)
    for word in query.q.split():
        products = products.filter(id__in=_named(source, word))
    return products


def _named(source: Source, word: str) -> QuerySet[Any, Any]:
    """The keys of the products that have a word in their title, address or an alias, or begin the
    name of a cycle with it. Not one condition with OR: databases guess that half of all have it."""
    called = Q(label__icontains=word) | Q(name__icontains=word)
    named: QuerySet[Any, Any] = source.products.filter(called).order_by().values("id")
    aliases = Alias.objects.filter(name__icontains=word).order_by()
    cycles = source.cycles.filter(name__istartswith=word).order_by()
    return named.union(aliases.values("product"), cycles.values("product"))


def matching_cycles(source: Source, query: RoadmapQuery) -> Any:
    terms = source.of_product("extended_terms")
    cycles = source.cycles.annotate(status=status_on(query.on, terms))
    if query.statuses:
        cycles = cycles.filter(status__in=[status.value for status in query.statuses])
    if query.lts:
        cycles = cycles.filter(lts_at_any_time())
    if query.ends_soon:
        cycles = cycles.annotate(next_end=next_end(query.on)).filter(ends_soon(query.on, terms))
    return cycles
