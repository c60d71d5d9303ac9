"""Writes what each row of a timeline has: its link, its bars, its badge and its dates.

A page has hundreds of these, and as templates they would take most of its time. The geometry comes
from `domain.roadmap.timeline`: here its numbers are only written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import starmap
from typing import Final

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from releases.domain.roadmap.timeline import Bar, Mark
from releases.presentation.rows import Axis, Badge, CycleRow, MilestoneCell

register = template.Library()

SHAPES: Final = {
    "goes-left": "M9 10 L3 16 L9 22 Z",
    "goes-right": "M-9 10 L-3 16 L-9 22 Z",
    "no-end": "M-12 9 L-4 16 L-12 23",
    "ragged-start": "M-2 6 H2 L5 9 L1 12.5 L5 16 L1 19.5 L5 23 L2 26 H-2 Z",
    "ragged-start-edge": "M4 8 L5 9 L1 12.5 L5 16 L1 19.5 L5 23 L4 24",
    "ragged-end": "M2 6 H-2 L-5 9 L-1 12.5 L-5 16 L-1 19.5 L-5 23 L-2 26 H2 Z",
    "ragged-end-edge": "M-4 8 L-5 9 L-1 12.5 L-5 16 L-1 19.5 L-5 23 L-4 24",
    "discontinued": "M0 4 V28 M-4 4 H4 M-4 28 H4",
    "unknown-end": "M2 11 L12 21 M12 11 L2 21",
}
"""The shapes on a row of 32 units, drawn around x = 0."""


@register.simple_tag
def shape(name: str) -> str:
    """The path of a shape."""
    return SHAPES[name]


@register.simple_tag
@lru_cache(maxsize=4096)
def cycle_url(product: str, cycle: str) -> str:
    """The page of a cycle, by names. Remembered, as reversing it takes as long as drawing it."""
    return reverse("releases:cycle", args=[product, cycle])


@register.simple_tag
def cycle_link(row: CycleRow, product: str, cycle: str) -> SafeString:
    """Return the title of a row and its LTS label.

    The title is a link to the page of the cycle, unless the names `product` and `cycle` are empty.
    """
    title = escape(row.title)
    if cycle:
        title = format_html('<a href="{}">{}</a>', cycle_url(product, cycle), title)
    return format_html('{} <span class="lts">{}</span>', title, row.lts) if row.lts else title


@register.filter
def percent(fraction: float) -> str:
    """A fraction as a percentage for SVG: 0.25 -> 25%."""
    return f"{fraction * 100:.4f}".rstrip("0").rstrip(".") + "%"


@register.simple_tag
def bars(row: CycleRow, axis: Axis, shade: tuple[float, float] | None = None) -> SafeString:
    """A row's drawing, 32 px high and without a viewBox. `shade`: a span of the axis to mark."""
    state = " planned" if row.planned else " ended" if row.ended else ""
    # Numbers and words of the program: there is nothing in them to escape.
    return mark_safe(
        f'<svg class="bars{state}" width="100%" height="32" aria-hidden="true" focusable="false">'
        f'{_shade(*shade) if shade else ""}<use href="#axis-lines"/>'
        f"{''.join(map(_bar, row.drawing.bars))}{''.join(map(_mark, row.drawing.marks))}"
        f"{_day('today', axis.today)}{_day('on', axis.on)}</svg>"
    )


@register.filter
@cache
def badge(status: Badge) -> SafeString:
    """A status as a sign and a word; there are but ten of them."""
    soon = Badge("soon", "⚠", "Ends soon")
    return format_html_join(
        " ",
        '<span class="badge {}"><span class="sign" aria-hidden="true">{}</span> {}</span>',
        [
            (each.status, each.sign, each.word)
            for each in (status, *([soon] if status.soon else []))
        ],
    )


@register.filter
def dated(cell: MilestoneCell) -> SafeString:
    """A milestone with its date for machines, where it has one; a dash where there is nothing."""
    text = escape(cell.text or "—")
    return mark_safe(f'<time datetime="{cell.iso}">{text}</time>') if cell.day else text


@register.simple_tag
def date_cells(dates: Iterable[tuple[str, MilestoneCell]]) -> SafeString:
    """Cells of milestones, each with its label for narrow screens."""
    return mark_safe("".join(starmap(_date_cell, dates)))


def _date_cell(label: str, cell: MilestoneCell) -> str:
    state = "" if cell.text else " none"
    label = f'<span class="label">{escape(label)}</span>'
    return f'<td class="date{state}">{label} {dated(cell)}</td>'


def _shade(x: float, width: float) -> str:
    return f'<rect class="shade" x="{percent(x)}" width="{percent(width)}" y="0" height="100%"/>'


def _bar(bar: Bar) -> str:
    phase, x = bar.phase.value, percent(bar.x)
    pattern = "" if phase == "active" else f' fill="url(#{phase}-pattern)"'
    return (
        f'<rect class="bar {phase}" x="{x}" width="{percent(bar.width)}" y="8" height="16"'
        f"{pattern}/>{''.join(_ends(bar))}"
    )


def _ends(bar: Bar) -> Iterator[str]:
    """What stands at the ends of a bar that are not plain."""
    if bar.cut_start or bar.open_start:
        yield _path("goes-on", "goes-left")
    if bar.ragged_start:
        yield _at(percent(bar.x), _ragged(bar, "ragged-start"))
    if bar.ragged_end:
        yield _at(percent(bar.end), _ragged(bar, "ragged-end"))
    if bar.cut_end:
        yield _at("100%", _path("goes-on", "goes-right"))
    elif bar.open_end:
        yield _at("100%", _path("open-end", "no-end"))


def _mark(mark: Mark) -> str:
    return _at(percent(mark.x), _path(f"mark {mark.kind.value}", mark.kind.value))


def _ragged(bar: Bar, name: str) -> str:
    return _path("ragged", name) + _path(f"edge {bar.phase.value}", f"{name}-edge")


def _path(classes: str, name: str) -> str:
    return f'<path class="{classes}" d="{SHAPES[name]}"/>'


def _at(x: str, shapes: str) -> str:
    """Shapes around a place that is a percentage, which a path cannot have."""
    return f'<svg class="cap" x="{x}">{shapes}</svg>'


def _day(name: str, x: float | None) -> str:
    """The line of a day, if it is on the axis."""
    if x is None:
        return ""
    return f'<line class="{name}" x1="{percent(x)}" x2="{percent(x)}" y1="0" y2="100%"/>'
