"""Reads for OpenEoX statements: times of last changes, and imported statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import prefetch_related_objects

from releases.domain.history.changes import first_moment
from releases.domain.openeox import Core, core_from
from releases.models import Product, ReleaseCycle
from releases.selectors.history.changes import public_histories

IMPORTED_KEY: Final = "openeox"
"""The key of the last imported statements in `Product.imported`.

It has a merge base. Each of its cycles also has `statement`, the JSON object, and `imported_at`.
"""


@dataclass(frozen=True, slots=True)
class StatementTimes:
    """The times of a statement about a cycle.

    Attributes:
        changed_at: The time since which its current state is public.
        stated: The statement that was imported after this time; None if there is none.
    """

    changed_at: datetime
    stated: Core | None = None


def statement_times(
    cycles: Collection[ReleaseCycle], known_on: date | None = None
) -> Mapping[int, StatementTimes]:
    """Return the times of statements about cycles by primary key, in 2 queries.

    A cycle without a public history has no entry.

    Args:
        cycles: Public cycles, with their products.
        known_on: The day at whose end the cycles are shown; None for the present ones.
    """
    if not cycles:
        return {}
    end = first_moment(known_on + timedelta(days=1)) if known_on else None
    imported = {} if known_on else _imported({cycle.product_id for cycle in cycles})  # 1 query
    histories = public_histories(cycles)  # 1 query
    found = {}
    for cycle in cycles:
        states = histories[cycle.pk].states if cycle.pk in histories else []
        times = [state.at for state in states if end is None or state.at < end]
        if times:
            stored = imported.get(cycle.product_id, {}).get(cycle.name, {})
            found[cycle.pk] = StatementTimes(times[-1], _stated(stored, times[-1]))
    return found


def read_identifiers(products: Collection[Product], cycles: Collection[ReleaseCycle]) -> None:
    """Prefetch the identifiers of products and of cycles, in 2 queries; in none without any."""
    prefetch_related_objects(list(products), "identifiers")
    prefetch_related_objects(list(cycles), "identifiers")


def _imported(products: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the imported statements about the cycles of products, by primary key and name."""
    rows = Product.objects.filter(pk__in=products, imported__has_key=IMPORTED_KEY).order_by()
    return dict(rows.values_list("pk", f"imported__{IMPORTED_KEY}__cycles"))


def _stated(stored: Mapping[str, Any], changed_at: datetime) -> Core | None:
    """Return an imported statement, unless the cycle was changed after the import."""
    if not stored or changed_at > datetime.fromisoformat(stored["imported_at"]):
        return None
    return core_from(stored["statement"])
