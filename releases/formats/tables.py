"""The columns of all tables of release cycles for spreadsheets.

Columns have the names of API v2. As a table has no nested objects, a milestone is one column, named
as in `milestones`, and the latest release is two columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO
from typing import Any, Final, Protocol

from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, format_milestone
from releases.domain.lifecycle.status import ends_soon, is_maintained, status_on
from releases.formats.labels import CycleLike, ProductLike, cycle_label, latest_link

Facts = Mapping[str, str | MilestoneValue]
"""The values of a cycle by column."""

FORMER_COLUMNS: Final = {
    "cycle": "name",
    "title": "product_label",
    "released": "release",
    "active_until": "eoas",
    "security_until": "eol",
    "extended_until": "eoes",
}
"""The new names of columns by their former names.

Both are written until 30 June 2027, as announced in docs/exports.md.
"""

_ROADMAP_POSITIONS: Final = (
    "product",
    "cycle",
    "label",
    "status",
    "ends_soon",
    "lts",
    "released",
    "active_until",
    "security_until",
    "extended_until",
    "latest",
    "latest_date",
    # Added later. The columns above keep their positions, on which readers may rely.
    "name",
    "codename",
    "maintained",
    "unconfirmed",
    "release",
    "eoas",
    "eol",
    "eoes",
    "discontinued",
)
_CATALOGUE_POSITIONS: Final = (
    "product",
    "title",
    "category",
    "cycle",
    "codename",
    "release",
    "lts",
    "eoas",
    "eol",
    "eoes",
    "discontinued",
    "latest",
    "latest_date",
    "latest_link",
    # Added later, as above.
    "product_label",
    "name",
    "unconfirmed",
    "extended_terms",
)

ROADMAP_COLUMNS: Final = tuple(dict.fromkeys((*_ROADMAP_POSITIONS, *MILESTONES)))
"""The columns of the tables of views, which are as of a date. New ones come last."""

CATALOGUE_COLUMNS: Final = tuple(dict.fromkeys((*_CATALOGUE_POSITIONS, *MILESTONES)))
"""The columns of the table of the whole catalogue. Only the latest release depends on the date."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class ProductRow(ProductLike, Protocol):
    """A product in a table."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def category(self) -> Any: ...
    @property
    def extended_terms(self) -> str: ...


class CycleRow(CycleLike, Protocol):
    """A cycle in a table."""

    @property
    def unconfirmed(self) -> bool: ...
    def as_of(self, on: date) -> CycleRow:
        """Return the cycle with its latest release on a date."""


def roadmap_facts(product: ProductRow, cycle: CycleRow, on: date) -> Facts:
    """Return the values of a cycle as of a date for the table of a view, by v2's names."""
    cycle = cycle.as_of(on)
    life = cycle.lifecycle
    return _facts(product, cycle) | {
        "label": cycle_label(product, cycle, on),
        "status": status_on(life, on).value,
        "ends_soon": ends_soon(life, on),
        "maintained": is_maintained(life, on),
    }


def catalogue_facts(product: ProductRow, cycle: CycleRow, on: date) -> Facts:
    """Return the values of a cycle as of a date for the catalogue's table, by v2's names."""
    cycle = cycle.as_of(on)
    return _facts(product, cycle) | {
        "product_label": product.label,
        "category": product.category.name if product.category else "",
        "latest_link": latest_link(product, cycle),
        "extended_terms": product.extended_terms,
    }


def table_row(facts: Facts, columns: Iterable[str]) -> list[str]:
    """Return the cells of a cycle; `columns` may contain former names."""
    return [cell(facts[FORMER_COLUMNS.get(column, column)]) for column in columns]


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as CSV, with CRLF line ends."""
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def cell(value: str | MilestoneValue) -> str:
    """Return a value as the text of a cell, escaped where a spreadsheet would see a formula."""
    text = value if isinstance(value, str) else format_milestone(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _facts(product: ProductRow, cycle: CycleRow) -> dict[str, str | MilestoneValue]:
    return {
        "product": product.name,
        "name": cycle.name,
        "codename": cycle.codename,
        "unconfirmed": cycle.unconfirmed,
        **{name: getattr(cycle.lifecycle, name) for name in MILESTONES},
        "latest": cycle.latest,
        "latest_date": cycle.latest_date.isoformat() if cycle.latest_date else "",
    }
