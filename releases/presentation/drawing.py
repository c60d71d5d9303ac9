"""The drawing of bars: one source for the pages, the images and the admin's preview.

The markup is in `templates/svg/`, the look in `static/bars.css`.

A page has hundreds of bars, and rendering a template for each would take most of its time. So each
template is rendered once for each kind of bar, and the result is a format string for coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from releases.domain.lifecycle.status import Phase
from releases.domain.roadmap.timeline import Bar, MarkKind, Row
from releases.presentation.rows import Axis, CycleRow

MAX_KINDS: Final = 0 if settings.DEBUG else 256
"""Maximum number of kinds whose markup is kept. None in development, where templates change."""

Coordinate = Callable[[float], object]
"""Returns a number of a timeline as a coordinate in SVG."""


@dataclass(frozen=True, slots=True)
class PhaseLook:
    """The look of a phase; its CSS class is the value of the phase.

    Attributes:
        label: Its name in the legend.
        note: The words that the legend of a page adds to the name.
        pattern: The id of its pattern in `svg/patterns.svg`; empty for a plain bar.
    """

    label: str
    note: str = ""
    pattern: str = ""


PHASES: Final = {
    Phase.ACTIVE: PhaseLook("Active support", ": fixes of all kinds"),
    Phase.SECURITY: PhaseLook("Security fixes only", pattern="security-pattern"),
    Phase.EXTENDED: PhaseLook("Extended support", pattern="extended-pattern"),
}


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A bar and its meaning; `state` is the CSS class of its row."""

    label: str
    bar: Bar
    note: str = ""
    state: str = ""

    @property
    def swatch(self) -> SafeString:
        """The bar, with its own numbers as coordinates."""
        return mark_safe(_bar(self.bar, "{:g}".format, "{:g}".format))


def legend(x: float, width: float) -> list[LegendEntry]:
    """Return the phases and the states of a row, with bars of `width` at `x`."""
    active = Bar(Phase.ACTIVE, x, width)
    return [
        *(
            LegendEntry(look.label, Bar(phase, x, width), look.note)
            for phase, look in PHASES.items()
        ),
        LegendEntry("Planned", active, state="planned"),
        LegendEntry("End of life", active, state="ended"),
    ]


def legend_of_ends(x: float, width: float) -> list[LegendEntry]:
    """Return the ends that a bar can have, with bars of `width` at `x`."""
    approximate = Bar(Phase.ACTIVE, x, width - 4, approximate_end=True)
    return [
        LegendEntry("No end announced", Bar(Phase.ACTIVE, x, width, open_end=True)),
        LegendEntry("Known to the month, quarter or year", approximate),
    ]


def percent(fraction: float) -> str:
    """Return a fraction as a percentage for SVG: 0.25 -> 25%."""
    return f"{fraction * 100:.4f}".rstrip("0").rstrip(".") + "%"


def row_drawing(row: CycleRow, axis: Axis, shade: tuple[float, float] | None) -> SafeString:
    """Return the drawing of a row on a page: an SVG element, 32 px high and without a viewBox.

    Args:
        row: The row.
        axis: The axis, with the lines of today and of the date that is asked about.
        shade: Start and width of a span to mark, as fractions of the axis.
    """
    markup = _row_markup(row.state, shade, axis.today, axis.on)
    return mark_safe(markup.format(shapes=shapes(row.drawing, percent, percent)))


def shapes(row: Row, position: Coordinate, length: Coordinate) -> SafeString:
    """Return the bars and marks of a row.

    Args:
        row: The row, in fractions of the axis.
        position: Places a fraction on the axis.
        length: Scales a fraction of the axis.
    """
    bars = [_bar(bar, position, length) for bar in row.bars]
    marks = [_mark_markup(mark.kind).format(x=position(mark.x)) for mark in row.marks]
    return mark_safe("".join(bars + marks))


def _bar(bar: Bar, position: Coordinate, length: Coordinate) -> str:
    goes_left = bar.cut_start or bar.open_start
    markup = _bar_markup(
        bar.phase, goes_left, bar.cut_end, bar.open_end, bar.approximate_start, bar.approximate_end
    )
    return markup.format(x=position(bar.x), width=length(bar.width), end=position(bar.end))


@lru_cache(maxsize=MAX_KINDS)
def _row_markup(
    state: str, shade: tuple[float, float] | None, today: float | None, on: float | None
) -> str:
    return _rendered("row", state=state, shade=shade, today=today, on=on)


@lru_cache(maxsize=MAX_KINDS)
def _bar_markup(
    phase: Phase,
    goes_left: bool,
    goes_right: bool,
    no_end: bool,
    approximate_start: bool,
    approximate_end: bool,
) -> str:
    return _rendered(
        "bar",
        phase=phase.value,
        pattern=PHASES[phase].pattern,
        goes_left=goes_left,
        goes_right=goes_right,
        no_end=no_end,
        approximate_start=approximate_start,
        approximate_end=approximate_end,
    )


@lru_cache(maxsize=MAX_KINDS)
def _mark_markup(kind: MarkKind) -> str:
    return _rendered("mark", kind=kind.value)


def _rendered(name: str, **context: object) -> str:
    """Return the markup of a template of `svg/` on one line, as a format string for coordinates."""
    return " ".join(render_to_string(f"svg/{name}.svg", context).split())
