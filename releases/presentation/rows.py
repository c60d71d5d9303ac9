"""Release cycles as rows of timelines and tables, with milestone texts and bar positions.

The roadmap is a Gantt chart in HTML tables with equal column widths. Each row has a full-width
`<svg>` without a viewBox, whose coordinates are percentages. The chart therefore reflows without
JavaScript and needs no `style=` attribute. Text is HTML at its real size, so each row is its own
text alternative. Templates define the lines of the axis once, and every row references them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneSpec,
    MilestoneValue,
    PartialDate,
)
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

MIN_LABEL_DISTANCE = 0.24
"""Distance below which two labels above the axis overlap, as a fraction of its width."""


@dataclass(frozen=True, slots=True)
class Badge:
    """The status of a cycle on a date as a symbol and a word. `soon`: its support ends soon."""

    status: str
    sign: str
    word: str
    soon: bool = False


@dataclass(frozen=True, slots=True)
class MilestoneCell:
    """A milestone in a table cell.

    Attributes:
        text: The text; empty if the milestone does not apply.
        day: Its date; None if it has none.
        on: The date of the page.
    """

    text: str
    day: PartialDate | None = None
    on: date | None = None

    @property
    def iso(self) -> str:
        """The date in ISO format; empty if there is none."""
        return self.day.date.isoformat() if self.day else ""

    @property
    def near(self) -> str:
        """The time from `on` to the date in words, computed only if a template shows it."""
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
        return milestone_cell(MILESTONES[name], getattr(self.lifecycle, name), self.on)

    @property
    def latest_link(self) -> str:
        """The URL of the latest release's notes, rendered only if a template shows it."""
        return latest_link(self.product, self.cycle)

    @property
    def planned(self) -> bool:
        return self.badge.status == Status.PLANNED.value

    @property
    def ended(self) -> bool:
        return self.badge.status == Status.END_OF_LIFE.value

    @property
    def state(self) -> str:
        """The CSS class of the drawing of a planned or ended cycle; empty for any other."""
        return "planned" if self.planned else "ended" if self.ended else ""

    @property
    def extended_only(self) -> bool:
        return self.badge.status == Status.EXTENDED.value


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of a timeline.

    Attributes:
        window: The period that it shows.
        ticks: Its lines.
        today: Today as a fraction of the window; None outside the window.
        on: The date of the page as a fraction; None outside the window or if it is today.
    """

    window: Window
    ticks: tuple[Tick, ...]
    today: float | None
    on: float | None

    @property
    def today_side(self) -> str:
        """The edge of the "today" label that is at its line: "start", "end", or "" if centred."""
        return self._side(self.today, self.on)

    @property
    def on_side(self) -> str:
        """The same for the label of the date of the page."""
        return self._side(self.on, self.today)

    @staticmethod
    def _side(x: float | None, other: float | None) -> str:
        if x is None:
            return ""
        if other is not None and abs(x - other) < MIN_LABEL_DISTANCE:
            return "end" if x < other else "start"
        if x > 1 - MIN_LABEL_DISTANCE / 2:
            return "end"
        return "start" if x < MIN_LABEL_DISTANCE / 2 else ""


def axis_of(query: RoadmapQuery, window: Window) -> Axis:
    """Return the axis of a window, with the lines of today and of the date of the page."""
    today, on = query.today, query.on
    return Axis(
        window=window,
        ticks=ticks(window),
        today=window.fraction(today) if today in window else None,
        on=window.fraction(on) if on != today and on in window else None,
    )


def badge_of(lifecycle: Lifecycle, on: date) -> Badge:
    """Return the status of a cycle on a date as a badge.

    The badge shows the product's own name for free extended support, if it has one.
    """
    status = status_on(lifecycle, on)
    sign, word = BADGES[status]
    if status is Status.FREE_EXTENDED and lifecycle.extended.label:
        word = lifecycle.extended.title
    return Badge(status.value, sign, word, soon=ends_soon(lifecycle, on))


def row_of(product: Product, cycle: ReleaseCycle, window: Window, on: date) -> CycleRow:
    """Return the row of a cycle, with its status and latest release on a date."""
    cycle = cycle.as_of(on)
    lifecycle = cycle.lifecycle
    return CycleRow(
        product=product,
        cycle=cycle,
        title=cycle_title(product, cycle),
        lts=lts_words(product, cycle, on) if lifecycle.lts else "",
        badge=badge_of(lifecycle, on),
        drawing=draw(lifecycle, window),
        lifecycle=lifecycle,
        on=on,
    )


def rows_of(
    product: Product, cycles: Iterable[ReleaseCycle], window: Window, on: date
) -> list[CycleRow]:
    """Return the rows of several cycles of a product."""
    return [row_of(product, cycle, window, on) for cycle in cycles]


def start_cell(value: MilestoneValue, on: date) -> MilestoneCell:
    """Return the cell of a start, such as the release; empty if it does not apply."""
    if isinstance(value, PartialDate):
        return MilestoneCell(str(value), value, on)
    if value is None:
        return MilestoneCell("")
    return MilestoneCell("date not known" if start_reached(value, on) else "not announced")


def full_title(cycle: ReleaseCycle) -> str:
    """Return the labels of a cycle's product and of the cycle: `Ubuntu 24.04 'Noble Numbat'`."""
    return f"{cycle.product.label} {cycle_title(cycle.product, cycle)}"


def milestone_cell(spec: MilestoneSpec, value: MilestoneValue, on: date) -> MilestoneCell:
    """Return the cell of the milestone that `spec` describes; empty if it does not apply."""
    if spec.is_start:
        return start_cell(value, on)
    reached, not_reached = spec.flag_words
    return end_cell(value, on, reached=reached, not_reached=not_reached)


def end_cell(
    value: MilestoneValue,
    on: date,
    *,
    reached: str = "ended, date not known",
    not_reached: str = "no end announced",
) -> MilestoneCell:
    """Return the cell of an end; empty if it does not apply.

    Args:
        value: The milestone.
        on: The date of the page.
        reached: The text for an end that is reached, on an unknown date.
        not_reached: The text for an end that is not reached and has no date.
    """
    if isinstance(value, PartialDate):
        return MilestoneCell(str(value), value, on)
    if value is None:
        return MilestoneCell("")
    return MilestoneCell(reached if value else not_reached)


def milestone_text(value: MilestoneValue) -> str:
    """Return a milestone as text for the change lists of the admin."""
    if isinstance(value, PartialDate):
        return str(value)
    return {True: "yes", False: "no", None: "–"}[value]
