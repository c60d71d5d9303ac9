"""The order of a product's release cycles, on pages and in images, and what of it is folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from releases import selectors
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.presentation.rows import CycleRow
from releases.selectors import GROUPS, ProductRows, RowGroup

VISIBLE_EXTENDED: Final = 2
"""Number of rows with extended support only that the roadmap shows; more are folded."""

Line = TypeVar("Line")
"""A row of a page: a `CycleRow`, with what the page adds to it."""


@dataclass(frozen=True, slots=True)
class RowPart(Generic[Line]):
    """Rows of a table under a title of their own, or under none."""

    title: str
    lines: Sequence[Line]

    @property
    def parts(self) -> list[RowPart[Line]]:
        """The rows alone, for a table of their own."""
        return [RowPart("", self.lines)]


def grouped(rows: Iterable[CycleRow]) -> dict[RowGroup, list[CycleRow]]:
    """Return the rows of a product, which are in its order, by group.

    Planned cycles come in the order of their dates.
    """
    groups: dict[RowGroup, list[CycleRow]] = {group: [] for group in RowGroup}
    for row in rows:
        groups[GROUPS.get(Status(row.badge.status), RowGroup.SUPPORTED)].append(row)
    groups[RowGroup.PLANNED].sort(key=_release_date)
    return groups


def leave_last_ended(groups: dict[RowGroup, list[CycleRow]], on: date) -> None:
    """Remove the ended rows, except the one that ended last.

    That one is removed, too, if it ended long ago and there are other rows.
    """
    ended = max(groups[RowGroup.ENDED], key=_end, default=None)
    groups[RowGroup.ENDED] = []
    if ended and (not any(groups.values()) or selectors.ended_recently(ended.cycle, on)):
        groups[RowGroup.ENDED] = [ended]


def folded(
    groups: Mapping[RowGroup, list[Line]],
    product: Product,
    visible: int | None = None,
    wanted: Callable[[Line], bool] = lambda line: False,
) -> tuple[list[RowPart[Line]], list[RowPart[Line]]]:
    """Return the parts of a product's table that are visible, and those that are folded.

    Supported rows come first, then the next planned one, ended ones, and at last those with
    extended support only. The titles of the folded ones say how many there are.

    Args:
        groups: The rows by group.
        product: Their product.
        visible: Maximum number of visible rows with extended support only; None for all.
        wanted: Returns True for further rows that are visible.
    """
    supported, planned, extended, ended = (groups[group] for group in RowGroup)
    only = extended_only(product)
    planned, later = _split(planned, 1, wanted)
    extended, hidden = _split(extended, visible, wanted)
    parts = [
        RowPart("", [*supported, *planned, *ended]),
        RowPart(f"{only} support only", extended),
    ]
    folds = [
        RowPart(f"{len(later)} more planned", later),
        RowPart(f"{len(hidden)} more {only.lower()} only", hidden),
    ]
    return [part for part in parts if part.lines], [part for part in folds if part.lines]


def roadmap_parts(
    rows: ProductRows, query: RoadmapQuery, line: Callable[[ReleaseCycle], Line]
) -> tuple[list[RowPart[Line]], list[RowPart[Line]]]:
    """Return the parts of a product's table on the roadmap, visible and folded ones.

    Nothing is folded if the query expands the product, filters its cycles or sorts them. Cycles
    that the search names are visible.

    Args:
        rows: The cycles of the product.
        query: The view.
        line: Makes a cycle a row of the page.
    """
    folds: list[RowPart[ReleaseCycle]] = []
    groups = {group: rows.groups.get(group, []) for group in RowGroup}
    if query.sort:
        parts = [RowPart("", rows.cycles)]
    elif rows.product.name not in query.expanded and not query.filters_cycles:
        parts, folds = folded(
            groups, rows.product, VISIBLE_EXTENDED, lambda cycle: cycle.pk in rows.called
        )
    else:
        supported, planned, extended, ended = (groups[group] for group in RowGroup)
        parts = [
            RowPart("", [*supported, *planned]),
            RowPart(f"{extended_only(rows.product)} support only", extended),
            RowPart("No longer supported" if supported or planned or extended else "", ended),
        ]
    shown, hidden = (
        [RowPart(part.title, list(map(line, part.lines))) for part in some if part.lines]
        for some in (parts, folds)
    )
    return shown, hidden


def _split(
    rows: list[Line], count: int | None, wanted: Callable[[Line], bool]
) -> tuple[list[Line], list[Line]]:
    """Return the first rows, all if `count` is None, with those that are wanted; and the others."""
    first: list[Line] = []
    others: list[Line] = []
    for place, row in enumerate(rows):
        (first if count is None or place < count or wanted(row) else others).append(row)
    return first, others


def extended_only(product: Product) -> str:
    """Return the word for extended support that is not free: `Paid` if that is recorded."""
    return "Paid" if product.extended_terms == ExtendedTerms.PAID else "Extended"


def _release_date(row: CycleRow) -> date:
    release = row.lifecycle.release
    return release.date if isinstance(release, PartialDate) else date.max


def _end(row: CycleRow) -> date:
    end = row.lifecycle.supported_until
    return end.date if isinstance(end, PartialDate) else date.min
