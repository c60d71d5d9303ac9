"""Search for products and cycles. `releases.domain.search` has its rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q
from django.db.models.functions import Length

from releases.domain.search import (
    MAX_ITEMS,
    MAX_QUESTION,
    Found,
    Match,
    Name,
    NameIndex,
    NameKind,
    Rank,
)
from releases.models import Alias, Product, ReleaseCycle
from releases.selectors.resolver import read_cycles, resolver_of
from releases.selectors.revision import last_write
from releases.selectors.roadmap.text import name_index

MAX_HITS: Final = 20
"""Maximum number of hits of an item."""
MAX_CANDIDATES: Final = 40
"""Maximum number of products that are read for all items, but for each at least
`MIN_CANDIDATES`."""
MIN_CANDIDATES: Final = 5
MAX_CYCLES: Final = 200
"""Maximum number of cycles that are read for items that are only versions."""
_HAS_CYCLE: Final = 0.5
"""The score of a hit for having the cycle that was typed."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that an item finds.

    Attributes:
        product: The product; its category and public cycles are prefetched.
        version: The version that was typed; empty if there is none.
        cycle: The cycle of that version, or None.
        rank: How the product was found.
    """

    product: Product
    version: str
    cycle: ReleaseCycle | None
    rank: Rank


@dataclass(frozen=True, slots=True)
class ItemHits:
    """The hits of an item, the best first; `full` is the only product that the whole item names."""

    text: str
    hits: list[Hit]
    full: Hit | None

    @property
    def similar(self) -> bool:
        """True if the hits only have similar names."""
        return any(hit.rank is Rank.SIMILAR for hit in self.hits)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of each item of a text; `cut` is True if the text is too long to be searched."""

    items: list[ItemHits]
    cut: bool = False

    @property
    def hits(self) -> list[Hit]:
        """The hits of all items."""
        return [hit for item in self.items for hit in item.hits]


def search(text: str, on: date) -> SearchResult:
    """Return the products and cycles that a text finds.

    In 6 queries, and 1 more each if the names changed since the last search, and if an item is only
    a version.

    Args:
        text: The text.
        on: The day for which a version is resolved.
    """
    index = name_index()  # 1 query, or 2
    items = index.items(text)
    found = [index.find(item) for item in items[:MAX_ITEMS]]
    called = _called([each.version for each in found if each.alone])  # 1 query, or none
    found = [_complete(each, called) for each in found]
    limit = max(MIN_CANDIDATES, MAX_CANDIDATES // max(1, len(found)))
    found = [replace(each, matches=each.matches[:limit]) for each in found]
    wanted = {match.key for each in found for match in each.matches}
    products = {product.pk: product for product in _read(wanted)}  # 5 queries, 0 without any
    cut = len(items) > MAX_ITEMS or len(text) > MAX_QUESTION
    return SearchResult([_hits(each, products, on) for each in found], cut)


def similar_products(text: str) -> Found:
    """Return the products that a text finds by their names, drafts included, for editors.

    In 3 queries, or 1 if the names did not change since the last search.
    """
    return _every_name(last_write().revision).find(text)


@lru_cache(maxsize=1)
def _every_name(revision: str) -> NameIndex:
    """Return the names of all products in a revision of the catalogue."""
    own = Product.objects.order_by().values_list("pk", "name", "label")
    others = Alias.objects.order_by().values_list("product", "name")
    names = [Name(key, NameKind.OWN, text) for key, *texts in own for text in texts]
    return NameIndex([*names, *(Name(key, NameKind.OWN, text) for key, text in others)])


def _called(versions: list[str]) -> list[tuple[int, str]]:
    """Return the products that have cycles with these prefixes, with the names of the cycles."""
    if not versions:
        return []
    either = reduce(or_, (Q(name__istartswith=version) for version in versions))
    cycles = ReleaseCycle.objects.public().filter(either).order_by(Length("name"), "id")
    return list(cycles.values_list("product", "name")[:MAX_CYCLES])


def _complete(found: Found, called: list[tuple[int, str]]) -> Found:
    """Return the only product that an item names, without others that have its name in theirs.

    An item that is only a version finds the products that have such a cycle.
    """
    if found.full:
        return replace(found, matches=(found.full,))
    if not found.alone:
        return found
    keys = dict.fromkeys(key for key, name in called if name.lower().startswith(found.version))
    by_version = [Match(key, found.version, Rank.PART) for key in keys]
    others = (match for match in found.matches if match.key not in keys)
    return replace(found, matches=(*by_version, *others))


def _read(keys: set[int]) -> Iterable[Product]:
    """Return products with all that a hit shows, in 5 queries; none without keys."""
    if not keys:
        return []
    products: Any = Product.objects.public().filter(pk__in=keys).select_related("category")
    found = list(products.without_large_columns().prefetch_related("aliases"))
    read_cycles(found)
    return found


def _hits(found: Found, products: dict[int, Product], on: date) -> ItemHits:
    hits = [
        (_hit(match, found.text, products[match.key], on), match.score)
        for match in found.matches
        if match.key in products
    ]
    if any(hit.cycle for hit, _ in hits):
        # A version narrows the hits, unless they are named in full.
        hits = [each for each in hits if each[0].cycle or each[0].rank is Rank.FULL]
    hits.sort(key=lambda each: (-each[1] - _HAS_CYCLE * bool(each[0].cycle), each[0].product.label))
    best = [hit for hit, _ in hits][:MAX_HITS]
    return ItemHits(found.text, best, best[0] if found.full and best else None)


def _hit(match: Match, text: str, product: Product, on: date) -> Hit:
    """Return the hit of a match.

    If no version was found in the text, its last word may be a codename after a misspelled name.
    """
    last = text.rpartition(" ")[2] if match.rank is Rank.SIMILAR and " " in text else ""
    version = match.version or last
    cycle = resolver_of(product).resolve(version, on).cycle if version else None
    return Hit(product, version if cycle else match.version, cycle, match.rank)
