"""Finds a product and its cycle from what a person types, typing mistakes included."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, FloatField, Max, Q, Value
from django.db.models.functions import Coalesce, Greatest

from releases.domain.versions import match_cycle
from releases.models import Product, ReleaseCycle
from releases.models.functions import Similarity
from releases.selectors.heavy import HEAVY

LEAST_SIMILARITY = 0.25
MOST_HITS = 20
MOST_TEXT = 100
LEAST_OF_A_CODENAME = 4
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


def search(text: str) -> list[Hit]:
    """What is meant by `text`, the likeliest first, in 3 queries at most.

    A cycle is found by its version (`postgres 14`) or its codename (`ubuntu noble`).
    """
    text = " ".join(text.split())[:MOST_TEXT].replace("\x00", "")
    if not text:
        return []
    name, version = split_version(text)
    products = _products(text, name)
    cycles = _of_version(products, version) if version else _of_codename(products, text)
    typed = {text.lower(), name.lower(), text.lower().split()[0]}
    hits = [_hit(product, cycles.get(product.pk), typed) for product in products]
    return sorted(hits, key=lambda hit: (-hit.score, hit.product.label))[:MOST_HITS]


def split_version(text: str) -> tuple[str, str]:
    """The name and the version in a text; the version is empty where there is none."""
    found = _WITH_VERSION.fullmatch(text)
    return (found["name"].strip(), found["version"]) if found else (text, "")


def _products(text: str, name: str) -> list[Product]:
    alike = [
        Similarity(F(field), Value(typed))
        for typed in {text, name} - {""}
        for field in ("name", "label")
    ]
    of_alias = [
        Coalesce(Max(Similarity(F("aliases__name"), Value(typed))), Value(0.0))
        for typed in {text, name} - {""}
    ]
    begins = Q(name__istartswith=name) | Q(label__istartswith=name) if name else Q(pk=None)
    return list(
        Product.objects.public()
        .defer(*HEAVY)
        .annotate(alike=Greatest(*alike, *of_alias, Value(0.0), output_field=FloatField()))
        .filter(Q(alike__gte=LEAST_SIMILARITY) | begins | Q(cycles__name=text))
        .distinct()
        .prefetch_related("aliases")
        .order_by("-alike", "label")[: MOST_HITS * 2]
    )


def _of_version(products: list[Product], version: str) -> dict[int, ReleaseCycle]:
    by_product: dict[int, dict[str, ReleaseCycle]] = defaultdict(dict)
    for cycle in ReleaseCycle.objects.public().filter(product__in=products).order_by("-position"):
        by_product[cycle.product_id][cycle.name] = cycle
    matches = {pk: match_cycle(version, cycles) for pk, cycles in by_product.items()}
    return {pk: by_product[pk][name] for pk, name in matches.items() if name}


def _of_codename(products: list[Product], text: str) -> dict[int, ReleaseCycle]:
    word = text.rsplit(maxsplit=1)[-1]
    if len(word) < LEAST_OF_A_CODENAME:
        return {}
    cycles = ReleaseCycle.objects.public().filter(product__in=products, codename__icontains=word)
    return {cycle.product_id: cycle for cycle in cycles.order_by("-position")}


def _hit(product: Product, cycle: ReleaseCycle | None, typed: set[str]) -> Hit:
    names = {product.name, product.label.lower(), *(alias.name for alias in product.aliases.all())}
    exact = not names.isdisjoint(typed)
    begins = any(name.startswith(start) for name in names for start in typed if start)
    score: float = getattr(product, "alike", 0.0)
    return Hit(product, cycle, exact, score + exact + 0.25 * begins + 0.5 * (cycle is not None))
