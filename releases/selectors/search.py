"""Search for products and cycles. Tolerates typing mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from django.db.models import BooleanField, CharField, Value

from releases.domain.similarity import Comparison
from releases.models import Product, ReleaseCycle
from releases.selectors.resolver import read_cycles, resolver_of

MIN_SIMILARITY: Final = 0.25
MAX_HITS: Final = 20
MAX_TEXT: Final = 100
MAX_CYCLES: Final = 200
"""Maximum number of cycles of the name that was typed."""
# A name followed by a version, with or without a separator: postgres 14, py3.9, Django==4.2.7.
_WITH_VERSION = re.compile(
    r"(?P<name>.*?)(?:^|[\s=~^<>@/:_-]+|(?<=[^\W\d_]))v?(?P<version>\d[\w.+-]*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that matches a search, and its cycle if a version was typed.

    `exact` is True if the name was typed without a mistake.
    """

    product: Product
    cycle: ReleaseCycle | None
    exact: bool
    score: float

    @property
    def url(self) -> str:
        """The path of the page of the cycle, or of the product if there is none."""
        return (self.cycle or self.product).get_absolute_url()


def search(text: str, on: date) -> list[Hit]:
    """Return the products and cycles that match `text`, the best match first, in 6 queries at most.

    A cycle is found by its version (`postgres 14`) or its codename (`ubuntu noble`). Similar names
    are ignored if a name was typed without a mistake.
    """
    text = " ".join(text.split())[:MAX_TEXT].replace("\x00", "")
    if not text:
        return []
    name, version = split_version(text)
    typed = {text.lower(), name.lower(), text.lower().split()[0]} - {""}
    alike = _meant(text, name, typed)
    products = Product.objects.public().without_large_columns().prefetch_related("aliases")
    found = list(products.filter(pk__in=alike))
    read_cycles(found)
    hits = [
        _hit(product, _cycle(product, text, version, on), typed, alike[product.pk])
        for product in found
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.product.label))[:MAX_HITS]


def split_version(text: str) -> tuple[str, str]:
    """Return the name and the version in a text; the version is empty if there is none."""
    found = _WITH_VERSION.fullmatch(text)
    return (found["name"].strip(), found["version"]) if found else (text, "")


class _Names(NamedTuple):
    """The names of a product with one of its aliases.

    `has_cycle` is True if the product has the cycle that was typed.
    """

    key: int
    address: str
    label: str
    alias: str | None
    has_cycle: bool

    @property
    def all(self) -> list[str]:
        return [self.address, self.label.lower(), self.alias or ""]

    def begin(self, text: str) -> bool:
        return bool(text) and (self.address.startswith(text) or self.all[1].startswith(text))


def _meant(text: str, name: str, typed: set[str]) -> dict[int, float]:
    """Return the similarity of the products that match, by primary key.

    A product matches if it has one of the names in `typed`. If none has, it matches if one of its
    names is similar to `text` or `name` or begins with `name`, or if it has a cycle called `text`.
    """
    rows = _read_names(text)
    exact = {(row.label, row.key) for row in rows if not typed.isdisjoint(row.all)}
    if exact:
        return {key: 0.0 for _, key in sorted(exact)[:MAX_HITS]}
    comparison, start = Comparison({text, name}), name.lower()
    likely = {
        row.key
        for row in rows
        if row.has_cycle
        or row.begin(start)
        or any(comparison.reaches(each, MIN_SIMILARITY) for each in row.all)
    }
    labels = {row.key: row.label for row in rows if row.key in likely}
    alike = dict.fromkeys(likely, 0.0)
    for row in rows:
        if row.key in likely:
            alike[row.key] = max(alike[row.key], *map(comparison.similarity, row.all))
    best = sorted(likely, key=lambda key: (-alike[key], labels[key]))
    return {key: alike[key] for key in best[: MAX_HITS * 2]}


def _read_names(text: str) -> list[_Names]:
    """Return the names of all products, in 1 query.

    A product with a cycle called `text` is listed once more.
    """
    products = Product.objects.public().order_by()
    called = products.values_list(
        "pk", "name", "label", "aliases__name", Value(False, BooleanField())
    )
    cycles = ReleaseCycle.objects.public().filter(name__iexact=text).order_by("product")
    # SQLite does not allow a limit inside a union.
    of_cycles = ReleaseCycle.objects.filter(pk__in=cycles.values("pk")[:MAX_CYCLES]).order_by()
    also = of_cycles.values_list(
        "product", "product__name", "product__label", Value("", CharField()), Value(True)
    )
    # From Django 6.1 on, a union has the default order of its first table unless it has another.
    return [_Names(*row) for row in called.union(also, all=True).order_by()]


def _cycle(product: Product, text: str, version: str, on: date) -> ReleaseCycle | None:
    """Return the cycle of a product that a text names, or None.

    If the text as a whole names none, the version in it does, or else its last word.
    """
    resolver = resolver_of(product)
    words = (text, version or text.rsplit(maxsplit=1)[-1])
    return next((found for word in words if (found := resolver.resolve(word, on).cycle)), None)


def _hit(product: Product, cycle: ReleaseCycle | None, typed: set[str], alike: float) -> Hit:
    names = {product.name, product.label.lower(), *(alias.name for alias in product.aliases.all())}
    exact = not names.isdisjoint(typed)
    begins = any(name.startswith(start) for name in names for start in typed)
    return Hit(product, cycle, exact, alike + exact + 0.25 * begins + 0.5 * (cycle is not None))
