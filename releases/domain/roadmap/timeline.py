"""Timeline geometry: the positions of the periods of a cycle in a window of time.

All positions are fractions of the window, from 0 (its first day) to 1 (the day after its last day),
so that templates can use percentages and no code needs a width in pixels. Phases are half-open,
`[start, end + 1 day)`, so that bars touch and never overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneValue,
    PartialDate,
    month_name,
)
from releases.domain.lifecycle.status import Lifecycle, Period, Phase, periods

MAX_LABELS = 8
"""Maximum number of labels on a narrow axis; further labels are minor ones."""

ROOM_AFTER = timedelta(days=60)
"""The time after `on` that `lifetime_window` shows at least, so that there is room for labels."""
MAX_YEARS_AFTER = 2
"""Maximum number of years between the end of a cycle and today in `lifetime_window`."""

_STEPS = {18: 1, 36: 3, 144: 12}
"""The lengths of bands in months, by the maximum length of the window in months."""


@dataclass(frozen=True, slots=True)
class Window:
    """A period of time: `start` is its first day, `end` the day after its last day."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"A window must end after it starts: {self.start} to {self.end}.")

    @property
    def days(self) -> int:
        """The length in days."""
        return (self.end - self.start).days

    @property
    def months(self) -> int:
        """The length in whole months, rounded up."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return months + (1 if self.end.day > self.start.day else 0)

    @property
    def last_day(self) -> date:
        """The last day, inclusive."""
        return self.end - timedelta(days=1)

    def fraction(self, day: date) -> float:
        """Return the position of the beginning of `day`; below 0 or above 1 outside the window."""
        return (day - self.start).days / self.days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def default_window(on: date) -> Window:
    """Return the window from two years before the year of `on` to four years after it."""
    return Window(date(on.year - 2, 1, 1), date(on.year + 5, 1, 1))


def window_of(lifecycles: Iterable[Lifecycle], on: date) -> Window:
    """Return whole years that cover the dated periods of `lifecycles` and the years around `on`.

    The window extends at most 10 years before the year of `on` and 12 years after it.
    """
    years = [on.year - 1, on.year + 1]
    for life in lifecycles:
        for period in periods(life):
            years += [period.start.year] if period.start else []
            years += [(period.end - timedelta(days=1)).year] if period.end else []
    first, last = max(min(years), on.year - 10), min(max(years), on.year + 12)
    return Window(date(first, 1, 1), date(last + 1, 1, 1))


def lifetime_window(life: Lifecycle, days: Iterable[date], on: date) -> Window:
    """Return whole years that cover the lifetime of one cycle, and the year of `on`.

    The year of `on` is left out if everything ended more than `MAX_YEARS_AFTER` years before it.
    The window ends at most 12 years after `on`, and shows a year more if no end is announced.

    Args:
        life: The milestones of the cycle.
        days: Further days to show, such as those of its releases.
        on: The date of the page.
    """
    milestones = [getattr(life, name) for name in MILESTONES]
    dates = [value for value in milestones if isinstance(value, PartialDate)]
    years = [day.year for value in dates for day in (value.first_day, value.date)]
    years += [day.year for day in days]
    if not isinstance(life.support_end, PartialDate):
        years.append(max([on.year, *years]) + 1)
    if not years or max(years) >= on.year - MAX_YEARS_AFTER:
        years += [on.year, (on + ROOM_AFTER).year]
    first, last = min(years), min(max(years), on.year + 12)
    return Window(date(min(first, last), 1, 1), date(last + 1, 1, 1))


@dataclass(frozen=True, slots=True)
class Bar:
    """The visible part of a period.

    Attributes:
        phase: The phase of the period.
        x: The left end as a fraction of the window.
        width: The width as a fraction of the window.
        cut_start: True if the period starts before the window.
        cut_end: True if the period ends after the window.
        open_start: True if the start is not known.
        open_end: True if no end is announced.
        approximate_start: True if the start is visible and not known to the day.
        approximate_end: True if the end is visible and not known to the day.
    """

    phase: Phase
    x: float
    width: float
    cut_start: bool = False
    cut_end: bool = False
    open_start: bool = False
    open_end: bool = False
    approximate_start: bool = False
    approximate_end: bool = False

    @property
    def end(self) -> float:
        return self.x + self.width


class MarkKind(StrEnum):
    """The kind of a mark."""

    DISCONTINUED = "discontinued"
    UNKNOWN_END = "unknown-end"


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked point in time. `x` is inside the window."""

    kind: MarkKind
    x: float


@dataclass(frozen=True, slots=True)
class Band:
    """The visible part of a month, quarter, year or number of years on the axis.

    Attributes:
        x: The left end as a fraction of the window.
        width: The width as a fraction of the window.
        label: The text in the middle; empty if there is no room for it.
        shaded: True for every other band.
        minor: True if the label is among the first to be hidden if space is short.
    """

    x: float
    width: float
    label: str
    shaded: bool
    minor: bool = False

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Row:
    """The drawing of one cycle: bars from left to right without overlaps, and marks.

    `before` and `after` are True if a period lies entirely before or after the window. `until` is
    the milestone that ends the last period; None without a period.
    """

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    before: bool = False
    after: bool = False
    until: MilestoneValue = None


def draw(life: Lifecycle, window: Window) -> Row:
    """Return the drawing of a cycle in `window`."""
    parts = periods(life)
    bars = tuple(bar for period in parts if (bar := _bar(period, window)) is not None)
    return Row(
        bars=bars,
        marks=tuple(_marks(life, parts, window)),
        before=any(period.end is not None and period.end <= window.start for period in parts),
        after=any(period.start is not None and period.start >= window.end for period in parts),
        until=parts[-1].until if parts else None,
    )


def bands(window: Window) -> tuple[Band, ...]:
    """Return the bands of a window, from left to right without gaps.

    A band is a month in windows of up to 18 months, a quarter up to 3 years, a year up to 12 years,
    5 years up to 60 years, and longer beyond that. A band that is mostly outside has no label.
    """
    step = next((step for most, step in _STEPS.items() if window.months <= most), 60)
    while step >= 60 and window.months > 12 * step:
        step *= 2
    spans = list(_spans(window, step))
    many = len(spans) > MAX_LABELS
    return tuple(_band(index, step, start, end, window, many) for index, start, end in spans)


def _band(index: int, step: int, start: date, end: date, window: Window, many: bool) -> Band:
    left, right = max(start, window.start), min(end, window.end)
    width = window.fraction(right) - window.fraction(left)
    whole = (right - left) * 2 >= end - start
    label, minor = _label(start, step, many)
    return Band(window.fraction(left), width, label if whole else "", index % 2 == 1, minor)


def _bar(period: Period, window: Window) -> Bar | None:
    start = period.start or window.start
    end = period.end or window.end
    left, right = max(start, window.start), min(end, window.end)
    if left >= right:
        return None
    x = window.fraction(left)
    return Bar(
        phase=period.phase,
        x=x,
        width=window.fraction(right) - x,
        cut_start=period.start is not None and period.start < window.start,
        cut_end=period.end is not None and period.end > window.end,
        open_start=period.start is None,
        open_end=period.end is None,
        approximate_start=period.imprecise_start and start == left,
        approximate_end=period.imprecise_end and end == right,
    )


def _marks(life: Lifecycle, parts: tuple[Period, ...], window: Window) -> Iterator[Mark]:
    if isinstance(life.discontinued, PartialDate) and life.discontinued.date in window:
        yield Mark(MarkKind.DISCONTINUED, window.fraction(life.discontinued.date))
    end = life.support_end
    if end is True or (life.eoes is True and isinstance(end, PartialDate)):
        # The day is not known, so the mark is at the end of the known periods.
        release = life.release.first_day if isinstance(life.release, PartialDate) else None
        known = parts[-1].end if parts else release
        if known is not None and window.start <= known <= window.end:
            yield Mark(MarkKind.UNKNOWN_END, window.fraction(known))


def _spans(window: Window, step: int) -> Iterator[tuple[int, date, date]]:
    """Yield the intervals of `step` months in a window: number, first day, day after the last."""
    first = (window.start.year * 12 + window.start.month - 1) // step
    last = ((window.last_day.year * 12) + window.last_day.month - 1) // step
    for index in range(first, last + 1):
        yield index, _first_of(index * step), _first_of((index + 1) * step)


def _first_of(months: int) -> date:
    """Return the first day of a month, counted from January of year 0, within the calendar."""
    year, month = divmod(months, 12)
    if year < date.min.year:
        return date.min
    return date(year, month + 1, 1) if year <= date.max.year else date.max


def _label(start: date, step: int, many: bool) -> tuple[str, bool]:
    """Return the label of an interval, and if it is a minor one; `many` intervals are shown."""
    quarter = (start.month + 2) // 3
    if step == 1:
        return (
            f"{month_name(start)} {start.year}" if start.month % 3 == 1 else ""
        ), quarter % 2 == 0
    if step == 3:
        return ("" if many and quarter % 2 == 0 else f"Q{quarter} {start.year}"), quarter != 1
    return str(start.year), many and start.year * 12 // step % 2 == 1
