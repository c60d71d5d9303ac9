"""A cycle as a row: the words for its milestones, and the positions of its bars.

The roadmap is a Gantt table: one table per product with equal column widths, and in each row an
`<svg>` of full width without a viewBox whose shapes stand in percent. So it reflows without
JavaScript, text stays HTML at its real size, the row is its own text alternative, and no `style=`
is needed. Templates define the lines of the axis once, and every row uses them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate
from releases.domain.lifecycle.status import (
    Lifecycle,
    Status,
    ends_soon,
    start_reached,
    status_on,
)
from releases.domain.lifecycle.words import when
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Row, Tick, Window, draw, ticks
from releases.formats.labels import cycle_title, latest_link, lts_words
from releases.models import Product, ReleaseCycle

BADGES = {
    Status.ACTIVE: ("●", "Active"),
    Status.SECURITY: ("▲", "Security only"),
    Status.FREE_EXTENDED: ("■", "Extended, free"),
    Status.EXTENDED: ("◆", "Extended only"),
    Status.END_OF_LIFE: ("✕", "End of life"),
    Status.PLANNED: ("◌", "Planned"),
}

LABELS_APART = 0.24
"""Two labels over the axis that are nearer than this part of it would run into each other."""


@dataclass(frozen=True, slots=True)
class Badge:
    """The status of a cycle on a date: a sign, a word, and whether it ends soon."""

    status: str
    sign: str
    word: str
    soon: bool = False


@dataclass(frozen=True, slots=True)
class MilestoneCell:
    """A milestone in a cell: the text; and where there is a date, that, and the day it is seen
    from."""

    text: str
    day: PartialDate | None = None
    on: date | None = None

    @property
    def iso(self) -> str:
        """The date for machines."""
        return self.day.date.isoformat() if self.day else ""

    @property
    def near(self) -> str:
        """How far away it is. Not every page says so."""
        return when(self.day, self.on) if self.on else ""


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A cycle as a row of a timeline or table."""

    product: Product
    cycle: ReleaseCycle
    title: str
    lts: str
    badge: Badge
    drawing: Row
    lifecycle: Lifecycle
    on: date

    def milestone(self, name: str) -> MilestoneCell:
        """Return the cell of a milestone."""
        spec, value = MILESTONES[name], getattr(self.lifecycle, name)
        if spec.is_start:
            return start_cell(value, self.on)
        reached, not_reached = spec.flag_words
        return end_cell(value, self.on, reached=reached, not_reached=not_reached)

    @property
    def latest_link(self) -> str:
        """Where the notes of its latest release are. Not of every row: a template costs time."""
        return latest_link(self.product, self.cycle)

    @property
    def planned(self) -> bool:
        return self.badge.status == Status.PLANNED.value

    @property
    def ended(self) -> bool:
        return self.badge.status == Status.END_OF_LIFE.value

    @property
    def state(self) -> str:
        """The CSS class of a drawing that differs as a whole; empty for the usual one."""
        return "planned" if self.planned else "ended" if self.ended else ""

    @property
    def extended_only(self) -> bool:
        return self.badge.status == Status.EXTENDED.value


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of a timeline. `today` and `on` are fractions, None outside the window; `on` is
    None too where it is today."""

    window: Window
    ticks: tuple[Tick, ...]
    today: float | None
    on: float | None

    @property
    def today_side(self) -> str:
        """On which side of its line the label of today stands (empty: above it)."""
        return self._side(self.today, self.on)

    @property
    def on_side(self) -> str:
        """The same for the label of the day that is asked about."""
        return self._side(self.on, self.today)

    @staticmethod
    def _side(x: float | None, other: float | None) -> str:
        if x is None:
            return ""
        if other is not None and abs(x - other) < LABELS_APART:
            return "end" if x < other else "start"
        if x > 1 - LABELS_APART / 2:
            return "end"
        return "start" if x < LABELS_APART / 2 else ""


def axis_of(query: RoadmapQuery, window: Window) -> Axis:
    """The axis of `window`, with the lines of today and of the day that is asked about."""
    today, on = query.today, query.on
    return Axis(
        window=window,
        ticks=ticks(window),
        today=window.fraction(today) if today in window else None,
        on=window.fraction(on) if on != today and on in window else None,
    )


def badge_of(life: Lifecycle, on: date) -> Badge:
    """The badge of a cycle. Free extended support is called as its product calls it."""
    status = status_on(life, on)
    sign, word = BADGES[status]
    if status is Status.FREE_EXTENDED and life.extended.label:
        word = life.extended.title
    return Badge(status.value, sign, word, soon=ends_soon(life, on))


def row_of(product: Product, cycle: ReleaseCycle, window: Window, on: date) -> CycleRow:
    """The row of a cycle on a date, with its latest release of then."""
    cycle = cycle.as_of(on)
    life = cycle.lifecycle
    return CycleRow(
        product=product,
        cycle=cycle,
        title=cycle_title(product, cycle),
        lts=lts_words(product, cycle, on) if life.lts else "",
        badge=badge_of(life, on),
        drawing=draw(life, window),
        lifecycle=life,
        on=on,
    )


def rows_of(
    product: Product, cycles: Iterable[ReleaseCycle], window: Window, on: date
) -> list[CycleRow]:
    return [row_of(product, cycle, window, on) for cycle in cycles]


def start_cell(value: MilestoneValue, on: date) -> MilestoneCell:
    """A start in a cell; empty where it does not apply."""
    if isinstance(value, PartialDate):
        return MilestoneCell(str(value), value, on)
    if value is None:
        return MilestoneCell("")
    return MilestoneCell("date not known" if start_reached(value, on) else "not announced")


def end_cell(
    value: MilestoneValue,
    on: date,
    *,
    reached: str = "ended, date not known",
    not_reached: str = "no end announced",
) -> MilestoneCell:
    """An end in a cell; empty where it does not apply."""
    if isinstance(value, PartialDate):
        return MilestoneCell(str(value), value, on)
    if value is None:
        return MilestoneCell("")
    return MilestoneCell(reached if value else not_reached)


def milestone_text(value: MilestoneValue) -> str:
    """Return a milestone as lists of the admin show it."""
    if isinstance(value, PartialDate):
        return str(value)
    return {True: "yes", False: "no", None: "–"}[value]
