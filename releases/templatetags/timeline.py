"""Template tags for the rows of a timeline: link, bars, status and dates.

A page has hundreds of these, and rendering a template for each would take most of its time.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, lru_cache

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from releases.domain.lifecycle.status import Status
from releases.presentation import drawing
from releases.presentation.rows import Badge, CycleRow, MilestoneCell, SupportDates
from releases.templatetags.site import icon

register = template.Library()
register.filter("percent", drawing.percent)


@register.simple_tag
@lru_cache(maxsize=4096)
def cycle_url(product: str, cycle: str) -> str:
    """Return the path of the page of a cycle. It is cached, because `reverse` is slow."""
    return reverse("releases:cycle", args=[product, cycle])


@register.simple_tag
def cycle_link(row: CycleRow, product: str, cycle: str, title: str = "") -> SafeString:
    """Return the name of a row, or another title, and its LTS label.

    It is a link to the page of the cycle, unless the names `product` and `cycle` are empty.
    """
    text = escape(title or row.name)
    if cycle:
        text = mark_safe(f'<a href="{escape(cycle_url(product, cycle))}">{text}</a>')
    return mark_safe(f"{text} {lts(row.lts)}") if row.lts else text


@register.simple_tag
def latest(row: CycleRow) -> SafeString:
    """Return the latest release of a row, as a link to its notes if they have an address."""
    text, link = escape(row.cycle.latest), row.latest_link
    return (
        mark_safe(f'<a href="{escape(link)}" rel="noopener nofollow">{text}</a>') if link else text
    )


@register.filter
@lru_cache(maxsize=256)
def lts(words: str) -> SafeString:
    """Return the label of long-term support; only the common word is explained."""
    title = ' title="Long-term support"' if words == "LTS" else ""
    return mark_safe(f'<abbr class="lts"{title}>{escape(words)}</abbr>' if words else "")


@register.simple_tag
def bars(row: CycleRow, shade: tuple[float, float] | None = None) -> SafeString:
    """Return the drawing of a row, with `shade` as a marked span of the axis."""
    return drawing.row_drawing(row, shade)


@register.simple_tag
def lifeline(row: CycleRow) -> SafeString:
    """Return the drawing of a row that is as wide as its page."""
    return drawing.row_drawing(row, axis=drawing.MIN_LIFELINE)


@register.simple_tag
def legend(rows: Collection[CycleRow]) -> list[drawing.LegendEntry]:
    """Return the entries of the legend of some rows."""
    return drawing.legend(rows)


@register.filter
@cache
def pill(status: Badge) -> SafeString:
    """Return a status as a sign and a word on a tint; it is cached, because there are only a few.

    Below it is the time that is left, if support ends soon.
    """
    html = (
        f'<span class="pill {escape(status.status)}">'
        f"{icon(f's-{status.status}', 'sign')}{escape(status.word)}</span>"
    )
    if status.soon:
        html += f'<span class="soon">{icon("s-warn", "sign")}{escape(status.soon)}</span>'
    return mark_safe(html)


@register.simple_tag
@cache
def status_pill(status: Status, word: str) -> SafeString:
    """Return the pill of a status with another word."""
    return pill(Badge(status.value, "", word))


@register.filter
def dated(cell: MilestoneCell) -> SafeString:
    """Return a milestone as a `<time>` element if it has a date, and a dash if it is empty."""
    text = escape(cell.text or "—")
    return mark_safe(f'<time datetime="{cell.iso}">{text}</time>') if cell.day else text


@register.filter
def support_cells(dates: SupportDates) -> SafeString:
    """Return the table cells of the ends of support, with labels for narrow screens."""
    extended = f"<small>{escape(dates.extended)}</small>" if dates.extended else ""
    return mark_safe(
        f"{_bugs_cell(dates)}"
        f'<td class="date sec"><span class="label">{escape(dates.label)}</span>'
        f"{_date(dates.security, over=dates.security_over)}{extended}</td>"
    )


def _bugs_cell(dates: SupportDates) -> str:
    if dates.bugs is None:
        return ""
    twin = " twin" if dates.twin else ""
    label = f'<span class="label">{escape(dates.bugs_label)}</span>'
    return f'<td class="date{twin}">{label}{_date(dates.bugs, over=dates.bugs_over)}</td>'


def _date(cell: MilestoneCell, *, over: bool) -> str:
    return f'<span class="past">{dated(cell)}</span>' if over else dated(cell)
