"""Resolvers of version texts for products that were read from the database."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from operator import attrgetter

from django.db.models import Prefetch, prefetch_related_objects

from releases.domain.lifecycle.resolver import Resolver
from releases.formats.labels import cycle_title
from releases.formats.liquid import plain_text
from releases.models import Product, ReleaseCycle
from releases.selectors.published import RELEASES


def resolver_of(
    product: Product, cycles: Iterable[ReleaseCycle] | None = None
) -> Resolver[ReleaseCycle]:
    """Return the resolver of a product, in the queries of `read_names`.

    Its cycles are prefetched, unless they are given as `cycles`. Aliases of the product are used if
    they are prefetched.
    """
    listed = list(product.cycles.all() if cycles is None else cycles)
    read_names(listed)
    return Resolver(
        listed,
        [product.name, product.label, *_read_aliases(product)],
        title=partial(cycle_title, product),
        former_names=lambda cycle: [
            alias.name for alias in cycle.aliases.all() if alias.product_id == product.pk
        ],
        releases=[(each.version, cycle) for cycle in listed for each in cycle.recorded],
        versions=attrgetter("versions"),
        lts=plain_text(product.lts_label),
    )


def unknown_cycles(product: Product, names: Iterable[str]) -> list[str]:
    """Return those of the names that no cycle of a product has or had, drafts included.

    In 2 queries.
    """
    wanted = list(names)
    known = set(product.cycles.filter(name__in=wanted).values_list("name", flat=True))
    known |= set(product.cycle_aliases.filter(name__in=wanted).values_list("name", flat=True))
    return [name for name in wanted if name not in known]


def read_cycles(products: Iterable[Product]) -> None:
    """Prefetch the public cycles of products in their order, with their names, in 3 queries."""
    every = list(products)
    prefetch_related_objects(every, Prefetch("cycles", ReleaseCycle.objects.public().in_order()))
    read_names(cycle for product in every for cycle in product.cycles.all())


def read_names(cycles: Iterable[ReleaseCycle]) -> None:
    """Prefetch the releases and the former names of cycles, in 1 query each.

    In no query for those that are prefetched already.
    """
    prefetch_related_objects(list(cycles), RELEASES, "aliases")


def _read_aliases(product: Product) -> list[str]:
    read = getattr(product, "_prefetched_objects_cache", {})
    return [alias.name for alias in product.aliases.all()] if "aliases" in read else []
