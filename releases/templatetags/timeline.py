"""Template tags for the rows of a timeline: link, bars, badge and dates.

A page has hundreds of these, and rendering a template for each would take most of its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import starmap

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from releases.presentation import drawing
from releases.presentation.rows import Axis, Badge, CycleRow, MilestoneCell

register = template.Library()
register.filter("percent", drawing.percent)


@register.simple_tag
@lru_cache(maxsize=4096)
def cycle_url(product: str, cycle: str) -> str:
    """Return the path of the page of a cycle. It is cached, because `reverse` is slow."""
    return reverse("releases:cycle", args=[product, cycle])


@register.simple_tag
def cycle_link(row: CycleRow, product: str, cycle: str) -> SafeString:
    """Return the title of a row and its LTS label.

    The title is a link to the page of the cycle, unless the names `product` and `cycle` are empty.
    """
    title = escape(row.title)
    if cycle:
        title = mark_safe(f'<a href="{escape(cycle_url(product, cycle))}">{title}</a>')
    return mark_safe(f'{title} <span class="lts">{escape(row.lts)}</span>') if row.lts else title


@register.simple_tag
def bars(row: CycleRow, axis: Axis, shade: tuple[float, float] | None = None) -> SafeString:
    """Return the drawing of a row, with `shade` as a marked span of the axis."""
    return drawing.row_drawing(row, axis, shade)


@register.simple_tag
def legend() -> list[drawing.LegendEntry]:
    """Return the entries of the legend of a page."""
    return [*drawing.legend(x=1, width=34), *drawing.legend_of_ends(x=1, width=34)]


@register.filter
@cache
def badge(status: Badge) -> SafeString:
    """Return a status as a sign and a word; it is cached, because there are only a few."""
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
    """Return a milestone as a `<time>` element if it has a date, and a dash if it is empty."""
    text = escape(cell.text or "—")
    return mark_safe(f'<time datetime="{cell.iso}">{text}</time>') if cell.day else text


@register.simple_tag
def date_cells(dates: Iterable[tuple[str, MilestoneCell]]) -> SafeString:
    """Return table cells of milestones, each with its label for narrow screens."""
    return mark_safe("".join(starmap(_date_cell, dates)))


def _date_cell(label: str, cell: MilestoneCell) -> str:
    state = "" if cell.text else " none"
    label = f'<span class="label">{escape(label)}</span>'
    return f'<td class="date{state}">{label} {dated(cell)}</td>'
