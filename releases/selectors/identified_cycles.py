"""The cycles that identifiers of their own name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from releases.domain.identifiers import IdentifierLookup
from releases.models import CycleIdentifier, ReleaseCycle
from releases.models.querysets import LARGE_COLUMNS

MAX_VALUES: Final = 100_000
"""Maximum number of values in a query; SQLite accepts 250,000."""

Cycles = Mapping[tuple[str, str], list[ReleaseCycle]]
"""The cycles by the type and value of their identifiers."""


def identified_cycles(wanted: Collection[tuple[str, IdentifierLookup]]) -> Cycles:
    """Return the public cycles with identifiers, with their products and the categories of those.

    In 1 query for `MAX_VALUES` values.

    Args:
        wanted: The identifiers with their types.
    """
    forms = {form for _, each in wanted for form in (*each.exact, *each.values)}
    values = [form for form in forms if form.isprintable()]
    rows = (
        CycleIdentifier.objects.public()
        .filter(type__in={type_ for type_, _ in wanted})
        .select_related("cycle__product__category")
        .defer(*(f"cycle__product__{name}" for name in LARGE_COLUMNS))
        .order_by("cycle__product__name", "cycle__position", "id")
    )
    found: defaultdict[tuple[str, str], list[ReleaseCycle]] = defaultdict(list)
    for start in range(0, len(values), MAX_VALUES):
        for row in rows.filter(value__in=values[start : start + MAX_VALUES]):
            found[row.type, row.value].append(row.cycle)
    return dict(found)


def cycles_of(cycles: Cycles, type_: str, wanted: IdentifierLookup) -> list[ReleaseCycle]:
    """Return the cycles with an identifier, those with its version before others."""
    forms = ((type_, form) for form in (*wanted.exact, *wanted.values))
    return next((cycles[form] for form in forms if form in cycles), [])
