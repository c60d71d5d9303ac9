"""The tables of a product's releases: with bars, and of those that are no longer supported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from releases.domain.lifecycle.milestones import MILESTONES, MilestoneKind
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Display
from releases.domain.roadmap.query import RoadmapQuery
from releases.formats.liquid import plain_text
from releases.models import CustomField, Product
from releases.presentation.rows import CycleRow, MilestoneCell, SupportDates
from releases.presentation.upgrade.verdict import VERSION

MAX_ENDED: Final = 10
"""Maximum number of cycles in the table of ended ones; a link shows the others."""
MAX_OWN_COLUMNS: Final = 2
"""Maximum number of own columns beside bars; the values of others are in the first column."""
ONE_PHASE: Final = "Supported until"
"""The heading of the end of support if no cycle has an earlier end of bug fixes."""
NOT_KNOWN: Final = MilestoneCell("not known")
IN_TIMELINE: Final = ("release", "eoas", "eol", "latest")
"""The columns that each timeline has."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: a milestone, the latest release, or a custom field.

    `minor` is True if narrow screens leave it out.
    """

    name: str
    label: str
    field: CustomField | None = None
    minor: bool = False

    def cell(self, row: CycleRow) -> MilestoneCell:
        if self.field:
            return MilestoneCell(str(row.cycle.custom.get(self.field.name, "")))
        if self.name == "latest":
            return MilestoneCell(row.cycle.latest)
        if row.ended and MILESTONES[self.name].kind is MilestoneKind.SUPPORT_END:
            # The heading says that it has ended.
            reached = getattr(row.lifecycle, self.name) is True
            return NOT_KNOWN if reached else row.milestone(self.name)
        return row.milestone(self.name)


Cells = list[tuple[TableColumn, MilestoneCell]]
"""Cells of a row with their columns."""


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A row of a table of releases.

    Attributes:
        row: The cycle.
        before: The cells after the bar, or after the name of an ended cycle.
        after: The cells after the ends of support.
        small: The cells in the small text below the name.
        support: The ends of support.
    """

    row: CycleRow
    before: Cells
    after: Cells
    small: Cells
    support: SupportDates


@dataclass(frozen=True, slots=True)
class TimelineColumns:
    """The columns beside the bars of a product's cycles.

    Attributes:
        before: The custom fields.
        after: The milestones beside the ends of bug and security fixes.
        small: The columns for which there is no room.
        bugs: The label of the end of bug fixes; empty if all cycles have one phase of support.
        security: The label of the end of security fixes.
        own: The labels of both that the product gives itself.
    """

    before: list[TableColumn]
    after: list[TableColumn]
    small: list[TableColumn]
    bugs: str
    security: str
    own: Mapping[str, str]

    @property
    def beside(self) -> int:
        """The number of columns after the bars."""
        return self.extra + (2 if self.bugs else 1)

    @property
    def extra(self) -> int:
        """The number of columns that the roadmap does not have."""
        return len(self.before) + len(self.after)

    def line(self, row: CycleRow) -> ReleaseLine:
        support = row.support
        return ReleaseLine(
            row,
            before=_cells(self.before, row),
            after=_cells(self.after, row),
            small=[each for each in _cells(self.small, row) if each[1].text],
            support=replace(
                support,
                bugs=support.bugs if self.bugs else None,
                bugs_label=self.bugs,
                label=self.own.get("eol") or support.label,
                extended="" if self._shows("eoes") else support.extended,
            ),
        )

    def _shows(self, milestone: str) -> bool:
        return any(each.name == milestone for each in (*self.after, *self.small))


@dataclass(frozen=True, slots=True)
class EndedTable:
    """The cycles that are no longer supported.

    Attributes:
        columns: The columns after the name.
        lines: The visible rows.
        total: The number of all rows.
        expanded: True if all of them are shown on request.
        all_url: The query string of the page that shows all of them.
    """

    columns: list[TableColumn]
    lines: list[tuple[CycleRow, Cells]]
    total: int
    expanded: bool
    all_url: str

    @property
    def older(self) -> int:
        """The number of rows that are left out."""
        return self.total - len(self.lines)


def timeline_columns(product: Product, rows: Sequence[CycleRow]) -> TimelineColumns:
    """Return the columns beside the bars of the rows of a product."""
    two_phases = product.columns["eoas"].shown or any(
        row.lifecycle.eoas not in (None, row.lifecycle.support_end) for row in rows
    )
    others = [each for each in columns_of(product) if each.field or each.name not in IN_TIMELINE]
    visible = others[:MAX_OWN_COLUMNS]
    own = _own_labels(product)
    phases = [SUPPORT_COLUMNS[name].heading for name in ("eoas", "eol")]
    return TimelineColumns(
        before=[each for each in visible if each.field],
        after=[each for each in visible if not each.field],
        small=others[MAX_OWN_COLUMNS:],
        bugs=own.get("eoas", phases[0]) if two_phases else "",
        security=own.get("eol", phases[1] if two_phases else ONE_PHASE),
        own=own,
    )


def ended_table(
    product: Product, rows: Sequence[CycleRow], query: RoadmapQuery, version: str
) -> EndedTable:
    """Return the table of the cycles that are no longer supported.

    `version` is the one that the page assesses, which the link to all of them keeps.
    """
    columns = columns_of(product, ended=True)
    ended = [row for row in rows if row.ended]
    visible = ended if query.expanded else ended[:MAX_ENDED]
    params = query.params(expanded=(product.name,)) + ([(VERSION, version)] if version else [])
    return EndedTable(
        columns=columns,
        lines=[(row, _cells(columns, row)) for row in visible],
        total=len(ended),
        expanded=bool(query.expanded),
        all_url=f"?{urlencode(params)}",
    )


def columns_of(product: Product, *, ended: bool = False) -> list[TableColumn]:
    """Return the columns that a product shows, in their order.

    Their labels are the product's own; the others depend on whether the cycles have ended.
    """
    custom: dict[str, list[TableColumn]] = {display.value: [] for display in Display}
    for field in product.custom_fields.all():
        custom[field.display].append(TableColumn(field.name, str(field), field))
    own = _own_labels(product)
    standard = [
        TableColumn(name, own.get(name) or _heading(name, ended), minor=name in ("release", "eoas"))
        for name, column in product.columns.items()
        if column.shown
    ]
    before_latest = [column for column in standard if column.name != "latest"]
    latest = [column for column in standard if column.name == "latest"]
    return [
        *custom[Display.AFTER_RELEASE],
        *before_latest,
        *custom[Display.BEFORE_LATEST],
        *latest,
        *custom[Display.AFTER_LATEST],
    ]


def _own_labels(product: Product) -> dict[str, str]:
    """Return the labels that a product gives its columns."""
    labels = {name: plain_text(column.label) for name, column in product.columns.items()}
    return {name: label for name, label in labels.items() if label}


def _heading(name: str, ended: bool) -> str:
    column = SUPPORT_COLUMNS[name]
    return (column.ended_heading if ended else column.heading) or column.label


def _cells(columns: Sequence[TableColumn], row: CycleRow) -> Cells:
    return [(column, column.cell(row)) for column in columns]
