"""Cards: pictures of 1200 x 630 px that social networks and chats show beside a link.

A card is drawn as SVG with the bars of the pages (`presentation.drawing`, `static/bars.css`) and
then rendered as PNG with the fonts of this package alone, so that it is the same on every server.
Letters that Inter lacks are boxes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, zip_longest
from pathlib import Path
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from resvg_py import svg_to_bytes

from releases import selectors
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import count, support_sentence
from releases.domain.roadmap.overlap import overlap, overlap_sentence
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Window, lifetime_window
from releases.models import Product, ReleaseCycle
from releases.presentation.badge_image import text_width
from releases.presentation.drawing import LegendEntry, legend, shapes
from releases.presentation.image import shorten
from releases.presentation.light_style import light_style
from releases.presentation.present import TITLE, chosen_products, day_words
from releases.presentation.product import timeline_of, window_for
from releases.presentation.roadmap import applied_words, count_words
from releases.presentation.rows import Axis, CycleRow, axis_of, full_title, row_of, rows_of
from releases.selectors import Roadmap

WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT = 56, 1144
PLOT_X, PLOT_WIDTH = 330, 640
ROWS_Y, ROW_HEIGHT = 300, 52
SCALE: Final = 1.5
"""The size of bars beside that of pages."""
MAX_ROWS: Final = 5

TITLE_SIZES, SENTENCE_SIZES = (72, 56, 44, 38), (32, 28, 24)
LETTER, BOLD_LETTER = 0.5, 0.58
"""The mean widths of letters, as parts of the size of the font."""
MAX_SITE_LETTERS, MAX_NAME_LETTERS, MIN_HEAD_LETTERS = 36, 16, 4

FONT: Final = str(Path(__file__).parent / "fonts" / "inter.ttf")
STYLE: Final = light_style(
    (settings.BASE_DIR / "static" / "bars.css").read_text(encoding="utf-8")
    + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
)

_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Words:
    """The title of a card, one sentence, and the names of its rows."""

    title: str
    sentence: str
    name: Callable[[CycleRow], str]


@dataclass(frozen=True, slots=True)
class SizedText:
    """A line of text, with the size at which it fits the card in px."""

    text: str
    size: int


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row of a card; `y` is the middle of its bar, `until` its last date."""

    y: int
    row: CycleRow
    name: str
    until: str
    current: bool
    shapes: SafeString

    @property
    def quiet(self) -> bool:
        return not self.current or bool(self.row.state)


def png(svg: str) -> bytes:
    """Return a card as PNG."""
    return bytes(svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=[FONT]))


def view_card(query: RoadmapQuery) -> str:
    """Return the card of a view of the roadmap: the compared cycles, or some of each product."""
    found = selectors.roadmap(query)
    each = [[(rows.product, cycle) for cycle in rows.cycles] for rows in found.rows[:MAX_ROWS]]
    flat = [(cycle.product, cycle) for cycle in found.pinned or found.flat]
    cycles = (flat or _in_turn(each))[:MAX_ROWS]
    rows = [row_of(product, cycle, query.window, query.on) for product, cycle in cycles]
    labels = [row.full_name for row in rows] if found.pinned else chosen_products(query, found)
    words = Words(", ".join(labels) or TITLE, _view_sentence(query, found), _short_name)
    return _svg(words, rows, query, query.window)


def product_card(product: Product, query: RoadmapQuery) -> str:
    """Return the card of a product: its rows in the order of the roadmap."""
    cycles = list(product.cycles.all())
    window = window_for(query, cycles)
    rows = rows_of(product, cycles, window, query.on)
    shown = timeline_of(rows, query)[0][:MAX_ROWS]
    return _svg(Words(product.label, _product_sentence(rows), _name), shown, query, window)


def cycle_card(product: Product, cycle: ReleaseCycle, query: RoadmapQuery) -> str:
    """Return the card of a release cycle: its bar among those of the cycles around it."""
    cycles = list(product.cycles.all())
    first = max(0, min(cycles.index(cycle) - MAX_ROWS // 2, len(cycles) - MAX_ROWS))
    window = lifetime_window(cycle.as_of(query.on).lifecycle, (), query.on)
    rows = rows_of(product, cycles[first : first + MAX_ROWS], window, query.on)
    (this,) = (row for row in rows if row.cycle.pk == cycle.pk)
    title = f"{this.full_title} {this.lts}".rstrip()
    words = Words(title, support_sentence(this.lifecycle, query.on), _name)
    return _svg(words, rows, query, window, current=this)


def _svg(
    words: Words,
    rows: Sequence[CycleRow],
    query: RoadmapQuery,
    window: Window,
    current: CycleRow | None = None,
) -> str:
    axis = axis_of(query, window)
    context = {
        "style": STYLE,
        "site": shorten(settings.SITE_NAME, MAX_SITE_LETTERS),
        "logo": settings.SITE_LOGO,
        "day": day_words(query),
        "title": _sized(words.title, TITLE_SIZES, BOLD_LETTER),
        "sentence": _sized(words.sentence, SENTENCE_SIZES, LETTER),
        "rows": [
            _row(place, row, words.name(row), current in (None, row))
            for place, row in enumerate(rows)
        ],
        "bottom": ROWS_Y + ROW_HEIGHT * len(rows),
        "bands": [
            (plot_x(band.x), round(band.width * PLOT_WIDTH, 2))
            for band in axis.bands
            if band.shaded
        ],
        "ticks": [
            (plot_x(band.middle), band.label)
            for band in axis.bands
            if band.label and not band.minor
        ],
        "line": _line(axis),
        "line_label": str(PartialDate(query.on)) if query.what_if else "Today",
        "what_if": query.what_if,
        "legend": list(_legend(rows)),
    }
    return _NOT_IN_XML.sub("", render_to_string("releases/card.svg", context))


def plot_x(fraction: float) -> float:
    """Return the x coordinate of a fraction of the window in px."""
    return round(PLOT_X + fraction * PLOT_WIDTH, 2)


def _row(place: int, row: CycleRow, name: str, current: bool) -> CardRow:
    until = row.drawing.until
    return CardRow(
        y=ROWS_Y + ROW_HEIGHT * place + ROW_HEIGHT // 2,
        row=row,
        name=name,
        until=str(until) if isinstance(until, PartialDate) else "",
        current=current,
        shapes=shapes(
            row,
            lambda fraction: round(plot_x(fraction) / SCALE, 2),
            lambda fraction: round(fraction * PLOT_WIDTH / SCALE, 2),
        ),
    )


def _line(axis: Axis) -> float | None:
    """Return the x coordinate of the day of the card; None if it is outside of the window."""
    fraction = axis.today if axis.on is None else axis.on
    return None if fraction is None else plot_x(fraction)


def _legend(rows: Sequence[CycleRow]) -> Iterable[tuple[int, LegendEntry]]:
    """Yield the entries of the legend that fit, each with its x coordinate."""
    entries = legend(rows)
    widths = [84 + text_width(entry.label) * 2 for entry in entries]
    ends = list(accumulate(widths))
    for entry, width, end in zip(entries, widths, ends, strict=True):
        if end <= RIGHT - LEFT + 40:
            yield LEFT + end - width, entry


def _sized(text: str, sizes: Sequence[int], letter: float) -> SizedText:
    """Return a text at the largest size at which it fits, or else shortened.

    Args:
        text: The text.
        sizes: The sizes in px, the largest first.
        letter: The mean width of a letter, as a part of the size.
    """
    for size in sizes:
        letters = int((RIGHT - LEFT) / (size * letter))
        if shorten(text, letters) == text:
            break
    return SizedText(shorten(text, letters), size)


def _in_turn(
    lists: Iterable[Sequence[tuple[Product, ReleaseCycle]]],
) -> list[tuple[Product, ReleaseCycle]]:
    """Return the first cycles of each product, as many of each as there is room for."""
    lists = list(lists)
    ranked = chain.from_iterable(zip_longest(*lists))
    chosen = [each for each in ranked if each][:MAX_ROWS]
    return [each for own in lists for each in own if each in chosen]


def _name(row: CycleRow) -> str:
    """Return the name of a row, with its LTS label if there is room."""
    labelled = f"{row.name} {row.lts}".rstrip()
    return labelled if _fits(labelled) else _short(row.name)


def _short_name(row: CycleRow) -> str:
    """Return the name of a row with that of its product."""
    return _short(row.full_name)


def _short(name: str) -> str:
    """Return a name that fits its column: `Microsoft… 2016` keeps the last word, the version."""
    head, _, last = name.rpartition(" ")
    room = MAX_NAME_LETTERS - len(last) - 1
    if _fits(name) or not head or room < MIN_HEAD_LETTERS:
        return shorten(name, MAX_NAME_LETTERS)
    return f"{shorten(head, room)} {last}"


def _fits(name: str) -> bool:
    return shorten(name, MAX_NAME_LETTERS) == name


def _view_sentence(query: RoadmapQuery, found: Roadmap) -> str:
    if len(found.pinned) > 1:
        lives = {full_title(cycle): cycle.lifecycle for cycle in found.pinned}
        return overlap_sentence(overlap(lives.values()), lives, query.on)
    words = applied_words(query, found)
    if words:
        return f"{', '.join(words)}: {count_words(query, found)}."
    supported, soon = map(_counted, (found.answer.supported, found.answer.ends_soon))
    noun = "release is" if found.answer.supported == 1 else "releases are"
    return f"{supported} {noun} supported, {soon} ending soon."


def _counted(number: int) -> str:
    most = selectors.MAX_COUNTED
    return f"{most:,}+" if number > most else f"{number:,}"


def _product_sentence(rows: Sequence[CycleRow]) -> str:
    """Return how many releases are supported, and until when the last one is."""
    supported = [row for row in rows if not (row.planned or row.ended or row.extended_only)]
    if not rows:
        return "No release cycles yet."
    if not supported:
        return (
            f"No release is supported {'yet' if all(row.planned for row in rows) else 'any more'}."
        )
    ends = [row.lifecycle.supported_until for row in supported]
    dated = [end for end in ends if isinstance(end, PartialDate)]
    number = (
        f"{count(len(supported), 'release')} {'is' if len(supported) == 1 else 'are'} supported"
    )
    if len(dated) < len(ends):
        return f"{number}."
    last = max(dated, key=lambda end: end.date)
    return f"{number}, {'the last one ' if len(supported) > 1 else ''}until {last}."
