"""Look-up of products and cycles by identifiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from releases.domain.identifiers import IdentifierLookup
from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle
from releases.models.querysets import LARGE_COLUMNS

MAX_VALUES: Final = 100_000
"""Maximum number of values in a query; SQLite accepts 250,000."""

T = TypeVar("T")
Lookup = tuple[str, IdentifierLookup]
"""The type of an identifier, and its values to look up."""
Found = Mapping[tuple[str, str], list[T]]
"""Products or cycles by the type and value of their identifiers."""


def identified_products(wanted: Collection[Lookup]) -> Found[Product]:
    """Return the public products with identifiers, in 1 query for `MAX_VALUES` values."""
    rows = Identifier.objects.public().with_product("product__category").order_by("product__name")
    found: defaultdict[tuple[str, str], list[Product]] = defaultdict(list)
    for row in _having(rows, wanted, {form for _, each in wanted for form in each.values}):
        found[row.type, row.value].append(row.product)
    return dict(found)


def identified_cycles(wanted: Collection[Lookup]) -> Found[ReleaseCycle]:
    """Return the public cycles with identifiers, with their products and the categories of those.

    In 1 query for `MAX_VALUES` values.
    """
    rows = (
        CycleIdentifier.objects.public()
        .select_related("cycle__product__category")
        .defer(*(f"cycle__product__{name}" for name in LARGE_COLUMNS))
        .order_by("cycle__product__name", "cycle__position", "id")
    )
    forms = {form for _, each in wanted for form in (*each.exact, *each.values)}
    found: defaultdict[tuple[str, str], list[ReleaseCycle]] = defaultdict(list)
    for row in _having(rows, wanted, forms):
        found[row.type, row.value].append(row.cycle)
    return dict(found)


def first_match(found: Found[T], wanted: Iterable[Lookup]) -> list[T]:
    """Return the owners of the first known identifier; forms with a version come first."""
    forms = ((type_, form) for type_, each in wanted for form in (*each.exact, *each.values))
    return next((found[form] for form in forms if form in found), [])


def _having(rows: Any, wanted: Iterable[Lookup], forms: Iterable[str]) -> Iterator[Any]:
    """Yield the rows of a table of identifiers with these types and values."""
    rows = rows.filter(type__in={type_ for type_, _ in wanted})
    values = [each for each in forms if each.isprintable()]
    for start in range(0, len(values), MAX_VALUES):
        yield from rows.filter(value__in=values[start : start + MAX_VALUES])
