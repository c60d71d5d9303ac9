"""The drawing of bars: one source for the pages, the images and the admin's preview.

The markup is in `templates/svg/`, the look in `static/bars.css`.

A page has hundreds of bars, and rendering a template for each would take most of its time. So each
template is rendered once for each kind of bar, and the result is a format string for coordinates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Phase, Status
from releases.domain.roadmap.timeline import Bar, MarkKind
from releases.presentation.rows import CycleRow

MAX_KINDS: Final = 0 if settings.DEBUG else 256
"""Maximum number of kinds whose markup is kept. None in development, where templates change."""

HALF_HEIGHTS: Final = {Phase.ACTIVE: 10, Phase.SECURITY: 10, Phase.EXTENDED: 5}
"""Half of the height of a bar in px: extended support has half as much bar."""

MIN_AXIS, MIN_AXIS_OF_LATE = 458, 266
"""The width of the narrowest axis with labels, and of the narrowest with those in the middle."""
MIN_LIFELINE: Final = 832
"""The width of the narrowest lifeline with labels, which is as wide as its page."""
LETTER_WIDTH: Final = 6.6
"""The mean width of a letter of a label in px."""

Coordinate = Callable[[float], object]
"""Returns a number of a timeline as a coordinate in SVG."""

_SWATCH: Final = Bar(Phase.ACTIVE, 1, 30)
_PHASES: Final = {
    Status.SECURITY: Phase.SECURITY,
    Status.FREE_EXTENDED: Phase.EXTENDED,
    Status.EXTENDED: Phase.EXTENDED,
}
"""The phases of the bars of statuses; the others have the shape of active support."""
_STATES: Final = {Status.PLANNED: "planned", Status.END_OF_LIFE: "ended"}
"""The CSS classes of rows by status."""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A shape and its meaning; `state` is the CSS class of its row."""

    label: str
    swatch: SafeString
    state: str = ""


def legend(rows: Collection[CycleRow]) -> list[LegendEntry]:
    """Return what the drawings of some rows show, in the order of a lifecycle."""
    running = [row for row in rows if not row.state]
    phases = {bar.phase for row in running for bar in row.drawing.bars}
    bars = [bar for row in rows for bar in row.drawing.bars]
    marks = {mark.kind for row in rows for mark in row.drawing.marks}
    entries = [
        status_entry(status, label)
        for status, label, drawn in (
            (Status.ACTIVE, "Active: bug and security fixes", Phase.ACTIVE in phases),
            (Status.SECURITY, "Security fixes only", Phase.SECURITY in phases),
            (Status.EXTENDED, _extended_label(running), Phase.EXTENDED in phases),
            (Status.PLANNED, "Planned", any(row.planned for row in rows)),
            (Status.END_OF_LIFE, "End of life", any(row.ended for row in rows)),
        )
        if drawn
    ]
    if any(bar.approximate_start or bar.approximate_end for bar in bars):
        entries.append(ragged_entry())
    if any(bar.cut_end or bar.open_end for bar in bars):
        entries.append(continued_entry())
    for kind, label in (
        (MarkKind.DISCONTINUED, "Discontinued"),
        (MarkKind.UNKNOWN_END, "Ended on a day that is not known"),
    ):
        if kind in marks:
            entries.append(LegendEntry(label, _mark(kind.value, 12)))
    return entries


def status_entry(status: Status, label: str) -> LegendEntry:
    """Return the bar of a status."""
    bar = replace(_SWATCH, phase=_PHASES.get(status, Phase.ACTIVE))
    swatch = _swatch(bar, planned=status is Status.PLANNED)
    return LegendEntry(label, swatch, _STATES.get(status, ""))


def ragged_entry() -> LegendEntry:
    """Return a bar whose end is not known to the day."""
    ragged = Bar(Phase.ACTIVE, 1, 26, approximate_end=True)
    return LegendEntry("Ragged edge: not known to the day", _swatch(ragged))


def continued_entry() -> LegendEntry:
    """Return the mark of a bar that continues after the view."""
    return LegendEntry("Continues after this view", _mark("goes-on", 24))


def _extended_label(rows: Collection[CycleRow]) -> str:
    """Return the label of extended support: whether it is paid or free depends on the rows."""
    terms = {
        row.lifecycle.extended.terms
        for row in rows
        if any(bar.phase is Phase.EXTENDED for bar in row.drawing.bars)
    }
    if ExtendedTerms.FREE in terms:
        return "Extended support"
    return "Paid support only" if terms == {ExtendedTerms.PAID} else "Extended support only"


def _swatch(bar: Bar, *, planned: bool = False) -> SafeString:
    return mark_safe("".join(_bar(bar, planned, "{:g}".format, "{:g}".format)))


def _mark(kind: str, x: int) -> SafeString:
    return mark_safe(_mark_markup(kind).format(x=x))


def percent(fraction: float) -> str:
    """Return a fraction as a percentage for SVG: 0.25 -> 25%."""
    return f"{fraction * 100:.3f}".rstrip("0").rstrip(".") + "%"


def row_drawing(
    row: CycleRow, shade: tuple[float, float] | None = None, axis: int = MIN_AXIS
) -> SafeString:
    """Return the drawing of a row on a page: an SVG element that fills its cell.

    Args:
        row: The row.
        shade: Start and width of a span to mark, as fractions of the axis.
        axis: The width in px of the narrowest axis on which its label is seen.
    """
    label = end_label(row, axis)
    markup = _row_markup(row.state, shade)
    return mark_safe(markup.format(shapes=shapes(row, percent, percent), label=label))


def shapes(row: CycleRow, position: Coordinate, length: Coordinate) -> SafeString:
    """Return the bars and marks of a row, with the middle of the bars at y = 0.

    Args:
        row: The row; its drawing is in fractions of the axis.
        position: Places a fraction on the axis.
        length: Scales a fraction of the axis.
    """
    parts = [_bar(bar, row.planned, position, length) for bar in row.drawing.bars]
    marks = [_mark_markup(mark.kind.value).format(x=position(mark.x)) for mark in row.drawing.marks]
    # The ends of a bar are above the bar beside it.
    return mark_safe("".join([*(bar for bar, _ in parts), *(ends for _, ends in parts), *marks]))


def _bar(bar: Bar, planned: bool, position: Coordinate, length: Coordinate) -> tuple[str, str]:
    """Return a bar and its ends."""
    places = {"x": position(bar.x), "width": length(bar.width), "end": position(bar.end)}
    ends = _ends_markup(replace(bar, x=0, width=0), planned)
    return _bar_markup(bar.phase, planned).format(**places), ends.format(**places)


def end_label(row: CycleRow, axis: int = MIN_AXIS) -> SafeString:
    """Return the end of the last bar as text: beside it, on it, or at the edge of the view.

    It is beside the bar where it fits, else on a plate at the end of the bar, and at the edge of
    the view if the bar goes on. A row whose bars are all outside the view says where they are.
    `axis` is the width in px of the narrowest axis on which the label is seen.
    """
    drawing, bars = row.drawing, row.drawing.bars
    until = drawing.until
    text = str(until) if isinstance(until, PartialDate) else "no end announced"
    quiet = row.ended or row.planned
    if not bars:
        if drawing.before:
            return _label("before", f"ended {text}", quiet=quiet)
        if drawing.after:
            return _label("after", f"from {row.lifecycle.release}", quiet=quiet)
        return mark_safe("")
    if any(mark.kind is MarkKind.UNKNOWN_END for mark in drawing.marks):
        return mark_safe("")
    last = bars[-1]
    if drawing.after or last.cut_end or last.open_end:
        return _label("beyond", text, quiet=quiet)
    need = LETTER_WIDTH * len(text) + 9
    place = "beside" if last.end <= 1 - need / axis else "on"
    late = place == "beside" and last.end > 1 - need / MIN_AXIS_OF_LATE
    return _label(place, text, last.end, quiet=quiet, late=late)


def _label(
    place: str, text: str, x: float = 1, *, quiet: bool = False, late: bool = False
) -> SafeString:
    width = round(LETTER_WIDTH * len(text)) + (26 if place == "beyond" else 10)
    classes = (" quiet" if quiet else "") + (" late" if late else "")
    markup = _label_markup(place, classes, width if place in ("on", "beyond") else 0)
    return mark_safe(markup.format(x=percent(x), text=escape(text)))


@lru_cache(maxsize=MAX_KINDS)
def _row_markup(state: str, shade: tuple[float, float] | None) -> str:
    return _rendered("row", state=state, shade=shade)


@lru_cache(maxsize=MAX_KINDS)
def _bar_markup(phase: Phase, planned: bool) -> str:
    return _rendered("bar", phase=phase.value, planned=planned, half=HALF_HEIGHTS[phase])


@lru_cache(maxsize=MAX_KINDS)
def _ends_markup(bar: Bar, planned: bool) -> str:
    flat = ' transform="scale(1 .5)"' if bar.phase is Phase.EXTENDED else ""
    return _rendered("ends", bar=bar, planned=planned, flat=mark_safe(flat))


@lru_cache(maxsize=MAX_KINDS)
def _label_markup(place: str, classes: str, width: int) -> str:
    return _rendered("label", place=place, classes=classes, width=width)


@lru_cache(maxsize=MAX_KINDS)
def _mark_markup(kind: str) -> str:
    return _rendered("mark", kind=kind)


def _rendered(name: str, **context: object) -> str:
    """Return the markup of a template of `svg/`, as a format string for coordinates."""
    lines = render_to_string(f"svg/{name}.svg", context).split("\n")
    return "".join(line.strip() for line in lines)
