"""The geometry of a timeline as a standalone image, in the units of its viewBox.

`templates/releases/roadmap.svg` writes these numbers. Fractions of the window come from
`domain.roadmap.timeline`, bars and legend from `presentation.drawing`. Other sites may embed
images, so their responses have a policy of their own, which allows the one style by its hash and
nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from unicodedata import east_asian_width

from django.conf import settings
from django.utils.safestring import SafeString

from releases.domain.lifecycle.status import support_ended_on
from releases.domain.lifecycle.words import status_sentence
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Band
from releases.models import Product
from releases.presentation.badge_image import text_width
from releases.presentation.drawing import LegendEntry, legend, shapes
from releases.presentation.rows import Axis, CycleRow

WIDTH = 960
PLOT_X, PLOT_WIDTH = 396, 548
HEADER, LABEL_HEIGHT = 46, 16
"""The height of the axis, and of the line of labels that a second date adds to it."""
HEADING, ROW, LEGEND = 34, 36, 44
MAX_NAME_LETTERS, MAX_HEADING_LETTERS = 24, 36
"""Maximum lengths of names and headings; wide letters count twice."""

STYLE = "".join(
    path.read_text(encoding="utf-8")
    for path in (settings.BASE_DIR / "static" / "bars.css", Path(__file__).with_name("image.css"))
)
"""The style sheet of an image: the look of bars, which the pages have too, and its own rules."""
STYLE_HASH = f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
"""The source expression that allows `STYLE` in a Content-Security-Policy, and no other style."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """A cycle to draw; with the name of its product if `named`."""

    product: Product
    row: CycleRow
    named: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading, with a note beside it.

    `shade` is a span of the plot to mark: its start and width as fractions.
    """

    title: str
    lines: Sequence[ImageRow]
    note: str = ""
    shade: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class PlacedBand:
    """A band of the axis, with its label in the middle."""

    x: float
    width: float
    middle: float
    label: str
    shaded: bool


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """The line of a date; `anchor` is the alignment of its label."""

    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A cycle: `name` shortened to its column, `detail` below it, `until` below its status."""

    y: int
    row: CycleRow
    name: str
    detail: str
    until: str
    shapes: SafeString


@dataclass(frozen=True, slots=True)
class PlacedGroup:
    """A heading with its rows; `y` is its top edge."""

    y: int
    title: str
    note: str
    rows: list[PlacedRow]
    shade: tuple[float, float] | None = None

    @property
    def rows_height(self) -> int:
        return ROW * len(self.rows)


@dataclass(frozen=True, slots=True)
class Image:
    """A whole image; `sentences` describe it, one per cycle."""

    title: str
    sentences: list[str]
    height: int
    top: int
    bottom: int
    bands: list[PlacedBand]
    today: PlacedLine | None
    on: PlacedLine | None
    groups: list[PlacedGroup]
    legend: list[tuple[int, LegendEntry]]


def plot_x(fraction: float) -> float:
    """Return the x coordinate of a fraction of the window."""
    return round(PLOT_X + fraction * PLOT_WIDTH, 2)


def plot_width(fraction: float) -> float:
    """Return a fraction of the window as a width in the image."""
    return round(fraction * PLOT_WIDTH, 2)


def shorten(text: str, letters: int) -> str:
    """Return a text cut to a number of letters of usual width; East Asian ones count double."""
    sizes = accumulate(2 if east_asian_width(each) in "WF" else 1 for each in text)
    fitting = sum(size <= letters for size in sizes)
    return text if fitting == len(text) else f"{text[: fitting - 1].rstrip()}…"


def image(title: str, groups: Iterable[Group], axis: Axis, query: RoadmapQuery) -> Image:
    """Return the image of groups of cycles, one below the other, on one axis."""
    groups = [group for group in groups if group.lines]
    top = HEADER + (LABEL_HEIGHT if axis.on is not None else 0)
    heights = [HEADING + ROW * len(group.lines) for group in groups]
    starts = list(accumulate(heights, initial=top))
    bottom = max(starts[-1], top + ROW) + 6
    return Image(
        title=title,
        sentences=[_sentence(line, query) for group in groups for line in group.lines],
        height=bottom + LEGEND,
        top=top,
        bottom=bottom,
        bands=[_band(band) for band in axis.bands],
        today=_line(axis.today),
        on=_line(axis.on),
        groups=[_group(group, y, query) for group, y in zip(groups, starts, strict=False)],
        legend=_legend([line.row for group in groups for line in group.lines]),
    )


def _group(group: Group, y: int, query: RoadmapQuery) -> PlacedGroup:
    rows = [
        _row(line, y + HEADING + ROW * number, query) for number, line in enumerate(group.lines)
    ]
    shade = (plot_x(group.shade[0]), plot_width(group.shade[1])) if group.shade else None
    return PlacedGroup(y, shorten(group.title, MAX_HEADING_LETTERS), group.note, rows, shade)


def _row(line: ImageRow, y: int, query: RoadmapQuery) -> PlacedRow:
    row = line.row
    latest = f"latest {row.cycle.latest}" if row.cycle.latest else ""
    return PlacedRow(
        y=y,
        row=row,
        name=shorten(_name(line), MAX_NAME_LETTERS),
        detail=shorten(" · ".join(filter(None, (row.lts, latest))), MAX_NAME_LETTERS + 2),
        until=_until(row, query),
        shapes=shapes(row, plot_x, plot_width),
    )


def _legend(rows: list[CycleRow]) -> list[tuple[int, LegendEntry]]:
    """Return the entries of the legend with their x, each with room for its label."""
    entries = legend(rows)
    widths = (75 + text_width(entry.label) * 12 // 11 for entry in entries)
    return list(zip(accumulate(widths, initial=0), entries, strict=False))


def _name(line: ImageRow) -> str:
    return f"{line.product.label} {line.row.title}" if line.named else line.row.title


def _until(row: CycleRow, query: RoadmapQuery) -> str:
    """Return the time in the status sentence of a row, in short: `until 30 Apr 2028`."""
    if row.extended_only:
        ended = support_ended_on(row.cycle.lifecycle, query.on)
        return f"ended {ended}" if ended else "ended, date not known"
    last = status_sentence(row.cycle.lifecycle, query.on).rpartition(", ")[2]
    if row.badge.soon:
        return f"⚠ ends soon, {last.removeprefix('until ')}"
    return last.removeprefix("Planned ").removeprefix("End of life ")


def _sentence(line: ImageRow, query: RoadmapQuery) -> str:
    lts = f" ({line.row.lts})" if line.row.lts else ""
    stands = status_sentence(line.row.cycle.lifecycle, query.on)
    return f"{line.product.label} {line.row.title}{lts}: {stands}."


def _band(band: Band) -> PlacedBand:
    label = "" if band.minor else band.label
    x, width = plot_x(band.x), plot_width(band.width)
    return PlacedBand(x, width, plot_x(band.middle), label, band.shaded)


def _line(fraction: float | None) -> PlacedLine | None:
    if fraction is None:
        return None
    anchor = "end" if fraction > 0.9 else "middle" if fraction > 0.1 else "start"
    return PlacedLine(plot_x(fraction), anchor)
