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

from releases.domain.lifecycle.milestones import PartialDate, month_name
from releases.domain.lifecycle.status import Lifecycle, Period, Phase, periods

MAX_LABELS = 8
"""Maximum number of labelled ticks on an axis."""

_MONTHLY_UP_TO, _QUARTERLY_UP_TO, _YEARLY_UP_TO = 18, 48, 144  # months


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
class Tick:
    """The start of a month, quarter or year on the axis.

    `label` is empty if there are too many ticks to label them all. Labels of `minor` ticks are the
    first to be hidden if space is short.
    """

    x: float
    label: str
    day: date
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The drawing of one cycle: bars from left to right without overlaps, and marks.

    `before` and `after` are True if a period lies entirely before or after the window.
    """

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    before: bool = False
    after: bool = False


def draw(life: Lifecycle, window: Window) -> Row:
    """Return the drawing of a cycle in `window`."""
    parts = periods(life)
    bars = tuple(bar for period in parts if (bar := _bar(period, window)) is not None)
    return Row(
        bars=bars,
        marks=tuple(_marks(life, parts, window)),
        before=any(period.end is not None and period.end <= window.start for period in parts),
        after=any(period.start is not None and period.start >= window.end for period in parts),
    )


def ticks(window: Window) -> tuple[Tick, ...]:
    """Return the ticks of a window; at most `MAX_LABELS` of them have a label.

    Ticks are monthly in windows of up to 18 months, quarterly up to 4 years, yearly up to 12 years,
    and otherwise every 5 years.
    """
    months = window.months
    if months <= _MONTHLY_UP_TO:
        step = 1
    elif months <= _QUARTERLY_UP_TO:
        step = 3
    elif months <= _YEARLY_UP_TO:
        step = 12
    else:
        step = 60
    days = list(_starts(window, step))
    labelled_every = -(-len(days) // MAX_LABELS) or 1
    return tuple(
        Tick(
            x=window.fraction(day),
            label=_label(day, step) if index % labelled_every == 0 else "",
            day=day,
            minor=index % (labelled_every * 2) != 0,
        )
        for index, day in enumerate(days)
    )


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


def _starts(window: Window, step: int) -> Iterator[date]:
    """Yield the days in the window that start an interval of `step` months."""
    year, month = window.start.year, window.start.month
    if step >= 12:
        years = step // 12
        year, month = -(-year // years) * years, 1
    else:
        month = (month - 1) // step * step + 1
    while year <= date.max.year:
        day = date(year, month, 1)
        if day >= window.end:
            return
        if day >= window.start:
            yield day
        months = year * 12 + month - 1 + step
        year, month = divmod(months, 12)
        month += 1


def _label(day: date, step: int) -> str:
    return str(day.year) if step >= 12 or day.month == 1 else f"{month_name(day)} {day.year}"
