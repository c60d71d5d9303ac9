"""Finds a product and its cycle from what a person types, typing mistakes included."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Lower

from releases.models import Alias, Product, ReleaseCycle
from releases.models.functions import MayBeAlike, Similarity
from releases.selectors.resolver import read_cycles, resolver_of

MIN_SIMILARITY = 0.25
MAX_HITS = 20
MAX_COMPARED = 5_000
"""So many of the products that may be alike are compared; where half of all names have a word in
common, that would be each of them."""
MAX_LIKELY = 200
"""So many products, for each reason to think that they were meant, are ranked together."""
MAX_TEXT = 100
# A name and the version behind it, glued together or apart: postgres 14, py3.9, Django==4.2.7.
_WITH_VERSION = re.compile(
    r"(?P<name>.*?)(?:^|[\s=~^<>@/:_-]+|(?<=[^\W\d_]))v?(?P<version>\d[\w.+-]*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was perhaps meant, and the cycle of it, where a version was typed. `exact`:
    the name was typed without a mistake."""

    product: Product
    cycle: ReleaseCycle | None
    exact: bool
    score: float

    @property
    def url(self) -> str:
        """The path of the page of what was found: of the cycle, if there is one."""
        return (self.cycle or self.product).get_absolute_url()


def search(text: str, on: date) -> list[Hit]:
    """What is meant by `text`, the likeliest first, in 6 queries at most.

    A cycle is found by its version (`postgres 14`) or its codename (`ubuntu noble`). Where a name
    was typed without a mistake, nothing else was meant.
    """
    text = " ".join(text.split())[:MAX_TEXT].replace("\x00", "")
    if not text:
        return []
    name, version = split_version(text)
    typed = {text.lower(), name.lower(), text.lower().split()[0]} - {""}
    products = _exact(typed) or _alike(text, name)
    read_cycles(products)
    hits = [_hit(product, _cycle(product, text, version, on), typed) for product in products]
    return sorted(hits, key=lambda hit: (-hit.score, hit.product.label))[:MAX_HITS]


def split_version(text: str) -> tuple[str, str]:
    """The name and the version in a text; the version is empty where there is none."""
    found = _WITH_VERSION.fullmatch(text)
    return (found["name"].strip(), found["version"]) if found else (text, "")


def _exact(typed: set[str]) -> list[Product]:
    """The products that have one of these names or titles."""
    of_alias = Alias.objects.filter(name__in=typed).order_by().values("product")
    found = _products().alias(title=Lower("label"))
    found = found.filter(Q(name__in=typed) | Q(title__in=typed) | Q(pk__in=of_alias))
    return list(found.order_by("label")[:MAX_HITS])


def _alike(text: str, name: str) -> list[Product]:
    """The products that are named like one of two texts, or have a cycle of that name."""
    typed = {text, name} - {""}
    word = name or text  # digits are alike in too many names to go by them alone
    score = Greatest(_score("name", typed), _score("label", typed), output_field=FloatField())
    products = Product.objects.public().annotate(alike=score)
    aliases = Alias.objects.annotate(alike=_score("name", typed))
    cycles = ReleaseCycle.objects.public().filter(name__iexact=text).order_by("product_id")
    of_this = aliases.filter(product=OuterRef("pk")).order_by("-alike").values("alike")[:1]
    found = _products().annotate(
        alike=Greatest(score, Coalesce(Subquery(of_this), Value(0.0)), output_field=FloatField())
    )
    return list(
        found.filter(
            Q(pk__in=_likeliest(products, word, "name", "label").values("pk"))
            | Q(pk__in=_likeliest(aliases, word, "name").values("product"))
            | Q(pk__in=_begins(name).values("pk")[:MAX_LIKELY])
            | Q(pk__in=cycles.values("product")[:MAX_LIKELY])
        ).order_by("-alike", "label")[: MAX_HITS * 2]
    )


def _likeliest(rows: QuerySet[Any, Any], word: str, *fields: str) -> QuerySet[Any, Any]:
    """The rows that are `alike` most, of those that share a trigram of a word."""
    shared = reduce(or_, (Q(MayBeAlike(F(field), Value(word))) for field in fields))
    some = rows.model._default_manager.filter(shared).order_by().values("pk")[:MAX_COMPARED]
    likely = rows.filter(pk__in=some, alike__gte=MIN_SIMILARITY)
    return likely.order_by("-alike", "pk")[:MAX_LIKELY]


def _products() -> QuerySet[Product, Product]:
    return Product.objects.public().without_large_columns().prefetch_related("aliases")


def _begins(name: str) -> QuerySet[Product, Product]:
    """The products whose name or title begins with a text."""
    found = Q(name__istartswith=name) | Q(label__istartswith=name) if name else Q(pk=None)
    return Product.objects.public().filter(found).order_by(Lower("label"), "name")


def _score(field: str, typed: Iterable[str]) -> Combinable:
    """How alike a column is to the one of some texts to which it is most alike."""
    alike = [Similarity(F(field), Value(text)) for text in typed]
    return Greatest(*alike, Value(0.0), output_field=FloatField())


def _cycle(product: Product, text: str, version: str, on: date) -> ReleaseCycle | None:
    """The cycle of a product that the text means, or the version or last word in it where the
    product's name is not typed as it is."""
    resolver = resolver_of(product)
    words = (text, version or text.rsplit(maxsplit=1)[-1])
    return next((found for word in words if (found := resolver.resolve(word, on).cycle)), None)


def _hit(product: Product, cycle: ReleaseCycle | None, typed: set[str]) -> Hit:
    names = {product.name, product.label.lower(), *(alias.name for alias in product.aliases.all())}
    exact = not names.isdisjoint(typed)
    begins = any(name.startswith(start) for name in names for start in typed if start)
    score: float = getattr(product, "alike", 0.0)
    return Hit(product, cycle, exact, score + exact + 0.25 * begins + 0.5 * (cycle is not None))
