"""Release cycles as rows of timelines and tables, with milestone texts and bar positions.

The roadmap is a Gantt chart in HTML tables with equal column widths. Each row has a full-width
`<svg>` without a viewBox, whose coordinates are percentages. The chart therefore reflows without
JavaScript and needs no `style=` attribute. Text is HTML at its real size, so each row is its own
text alternative. Templates define the bands and lines of the axis once, and every row refers to
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneSpec,
    MilestoneValue,
    PartialDate,
    Precision,
)
from releases.domain.lifecycle.status import (
    Lifecycle,
    Status,
    end_reached,
    ends_soon,
    next_end,
    start_reached,
    status_on,
)
from releases.domain.lifecycle.words import when
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Band, Row, Window, bands, draw
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
_MARKS: Final = " '\"“”‘’()-–:"
PAID_ONLY: Final = "Paid only"
"""The word for `EXTENDED` where the product records that extended support is paid."""

MIN_LABEL_DISTANCE = 0.24
"""Distance below which two labels above the axis overlap, as a fraction of its width."""
EDGE = 0.08
"""The part of the axis, at either end, in which a centred label would leave a narrow screen."""
_LABEL_LETTER, _LABEL_PADDING = 7, 12
"""The mean width of a letter of a label above the axis, and the room around the text, in px."""


@dataclass(frozen=True, slots=True)
class Badge:
    """The status of a cycle on a date as a symbol and a word.

    `soon` says when its support ends if that is soon: `ends in 3 months`; else it is empty.
    """

    status: str
    sign: str
    word: str
    soon: str = ""


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
class SupportDates:
    """The ends of a cycle's support in the columns of a timeline.

    Attributes:
        bugs: The end of bug fixes. With one phase of support it is the end of that. None if the
            timeline has no such column.
        bugs_over: True if bug fixes have ended.
        twin: True if `bugs` adds nothing to `security`, so that narrow screens leave it out.
        security: The end of security fixes.
        security_over: True if security fixes have ended.
        label: The label of `security` on narrow screens.
        bugs_label: The label of `bugs` there.
        extended: The extended support after it, such as `Paid to Apr 2032`; empty if there is none.
    """

    bugs: MilestoneCell | None
    bugs_over: bool
    twin: bool
    security: MilestoneCell
    security_over: bool
    label: str
    extended: str = ""
    bugs_label: str = "Bug fixes until"


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
    def name(self) -> str:
        """The title without the codename, which `detail` has."""
        return without_codename(self.title, self.cycle.codename)

    @property
    def full_name(self) -> str:
        """The name with the title of the product: `Ubuntu 24.04`."""
        return joined_title(self.product.label, self.name)

    @property
    def full_title(self) -> str:
        """The title with that of the product: `Ubuntu 24.04 'Noble Numbat'`."""
        return joined_title(self.product.label, self.title)

    @property
    def origin(self) -> str:
        """The codename and the month of the release, or the month in which it is expected."""
        release = self.lifecycle.release
        month = to_the_month(release) if isinstance(release, PartialDate) else ""
        if self.planned:
            return f"Expected {month}" if month else "Not announced"
        codename = self.cycle.codename if self.name != self.title else ""
        return " · ".join(filter(None, (codename, month)))

    @property
    def latest(self) -> str:
        """The latest release; empty if the product hides it, or if nothing is released."""
        return self.cycle.latest if self.product.show_latest and not self.planned else ""

    @property
    def detail(self) -> str:
        """The small text below the name: codename, month of the release, latest release."""
        shown = f"latest {self.latest}" if self.latest not in ("", self.cycle.name) else ""
        return " · ".join(filter(None, (self.origin, shown)))

    @property
    def support(self) -> SupportDates:
        """The ends of support in the columns of a timeline."""
        life, on = self.lifecycle, self.on
        end = life.support_end
        bugs = life.eoas if life.eoas is not None else end
        one, over = bugs == end, end_reached(end, on)
        bugs_over = end_reached(bugs, on)
        runs = life.eoes is not None and life.eoes is not end and not end_reached(life.eoes, on)
        return SupportDates(
            bugs=end_cell(bugs, on),
            bugs_over=bugs_over,
            twin=one or bugs_over,
            security=end_cell(end, on),
            security_over=over,
            label=_security_label(life, one=one, over=over, extended=runs),
            extended=_extended_until(life) if runs else "",
        )

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
class AxisLabel:
    """The label of a day above the axis: a plate of `width` px that begins `left` px from its line.

    `name` is its CSS class.
    """

    name: str
    text: str
    x: float
    left: int
    width: int

    @property
    def middle(self) -> float:
        """The distance of the middle of the text from the line in px."""
        return self.left + self.width / 2


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of a timeline.

    Attributes:
        window: The period that it shows.
        bands: The months, quarters or years of the window.
        today: Today as a fraction of the window; None outside the window.
        on: The date of the page as a fraction; None outside the window or if it is today.
        labels: The labels of these two.
    """

    window: Window
    bands: tuple[Band, ...]
    today: float | None
    on: float | None
    labels: tuple[AxisLabel, ...]


def axis_of(query: RoadmapQuery, window: Window) -> Axis:
    """Return the axis of a window, with the lines of today and of the date of the page."""
    today = window.fraction(query.today) if query.today in window else None
    on = window.fraction(query.on) if query.what_if and query.on in window else None
    labels = []
    if today is not None:
        labels.append(_axis_label("now", "Today", today, on))
    if on is not None:
        labels.append(_axis_label("on", str(PartialDate(query.on)), on, today))
    return Axis(window, bands(window), today, on, tuple(labels))


def _axis_label(name: str, text: str, x: float, other: float | None) -> AxisLabel:
    """Return a label that is centred at its line, or beside it if space is short."""
    width = _LABEL_LETTER * len(text) + _LABEL_PADDING
    left = -width // 2
    if other is not None and abs(x - other) < MIN_LABEL_DISTANCE:
        left = -width if x < other else 0
    elif not EDGE < x < 1 - EDGE:
        left = 0 if x < EDGE else -width
    return AxisLabel(name, text, x, left, width)


def badge_of(lifecycle: Lifecycle, on: date) -> Badge:
    """Return the status of a cycle on a date as a badge.

    The badge shows the product's own name for free extended support, if it has one.
    """
    status = status_on(lifecycle, on)
    sign, word = BADGES[status]
    if status is Status.FREE_EXTENDED and lifecycle.extended.label:
        word = lifecycle.extended.title
    if status is Status.EXTENDED and lifecycle.extended.terms is ExtendedTerms.PAID:
        word = PAID_ONLY
    soon = when(next_end(lifecycle, on), on) if ends_soon(lifecycle, on) else ""
    return Badge(status.value, sign, word, f"ends {soon}" if soon else "")


def to_the_month(day: PartialDate) -> str:
    """Return a date without its day: `Apr 2028`; a less precise date as it is."""
    exact = day.precision is Precision.DAY
    return str(PartialDate(day.date, Precision.MONTH) if exact else day)


def _security_label(life: Lifecycle, *, one: bool, over: bool, extended: bool) -> str:
    if not over:
        return "Supported until" if one else "Security fixes until"
    if extended and life.extended.terms is ExtendedTerms.PAID:
        return "Free fixes ended"
    return "Security fixes ended" if extended and life.extended.free else "Support ended"


def _extended_until(life: Lifecycle) -> str:
    """Return the extended support after ordinary support: `Paid to Apr 2032`."""
    terms = life.extended.terms
    words = {ExtendedTerms.PAID: "Paid", ExtendedTerms.FREE: life.extended.title}
    word = words.get(terms, "Extended")
    if isinstance(life.eoes, PartialDate):
        return f"{word} to {to_the_month(life.eoes)}"
    return f"{word}, no end date"


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
    return joined_title(cycle.product.label, cycle_title(cycle.product, cycle))


def without_codename(title: str, codename: str) -> str:
    """Return a title without its codename at the end or the beginning, and the marks around it.

    `24.04 'Noble Numbat'` is `24.04`. A title that is nothing but the codename stays as it is.
    """
    if not codename or not (title.startswith(codename) or codename in title[1:]):
        return title
    rest = title.replace(codename, "").strip(_MARKS)
    return rest if rest and not set(rest) & set("'\"“”‘’()") else title


def joined_title(product: str, cycle: str) -> str:
    """Return the labels of a product and its cycle, without the words that both have.

    `Microsoft Windows Server` and `Windows Server 2016` are `Microsoft Windows Server 2016`.
    """
    owner, own = product.split(), cycle.split()
    for size in range(min(len(owner), len(own)), 0, -1):
        if [word.lower() for word in owner[-size:]] == [word.lower() for word in own[:size]]:
            return " ".join([*owner, *own[size:]])
    return f"{product} {cycle}"


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
