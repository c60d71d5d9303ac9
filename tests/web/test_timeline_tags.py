"""The markup of timeline rows: drawings, badges and dates; no database."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.lifecycle.status import Lifecycle, Phase, Status
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Window, default_window
from releases.models import Product, ReleaseCycle
from releases.presentation.drawing import PHASES, legend, percent, shapes
from releases.presentation.image import STYLE, plot_width, plot_x
from releases.presentation.rows import Axis, Badge, CycleRow, MilestoneCell, axis_of, row_of
from releases.templatetags.timeline import badge, bars, date_cells, dated
from tests.conftest import ON
from tests.domain.strategies import days, lives, windows
from tests.lifecycles import make_lifecycle

HOSTILE = "<script>&\"'</script>"
WINDOW = default_window(ON)
TODAY = axis_of(RoadmapQuery.parse({}, ON), WINDOW)


def row(life: Lifecycle, window: Window = WINDOW, on: date = ON) -> CycleRow:
    cycle = ReleaseCycle(name="1")
    for name in MILESTONES:
        setattr(cycle, name, getattr(life, name))
    return row_of(Product(name="acme"), cycle, window, on)


def drawn(life: Lifecycle) -> list[str]:
    """Return the classes of the shapes that are specific to this lifecycle.

    A referenced shape has its own class, or else that of the `use` element.
    """
    marks = ET.fromstring(f"<svg>{render_to_string('svg/marks.svg')}</svg>")
    found = []
    for each in ET.fromstring(bars(row(life), TODAY)):
        if each.tag == "rect":
            found.append(each.get("class", ""))
        elif each.tag == "use" and each.get("class"):
            mark = marks.find(f"*[@id='{each.get('href', '').removeprefix('#')}']")
            assert mark is not None
            found += [path.get("class", each.get("class", "")) for path in mark.iter("path")]
    return found


@given(lives, windows, days)
def test_every_row_can_be_drawn(life: Lifecycle, window: Window, on: date) -> None:
    """The SVG is well-formed, with all bars and marks inside the axis."""
    line = row(life, window, on)
    svg = ET.fromstring(bars(line, Axis(window, (), today=0.25, on=0.5), shade=(0, 1)))
    assert [each.get("class", "").split()[1] for each in svg.iterfind("rect[@y='8']")] == [
        bar.phase.value for bar in line.drawing.bars
    ]
    assert len(svg.findall("use[@class]")) >= len(line.drawing.marks)
    places = [each.get(name, "0%") for each in svg.iter() for name in ("x", "x1", "width")]
    assert all(0 <= float(place.removesuffix("%")) <= 100 for place in places)
    assert [each.get("class") for each in svg.iterfind("line")] == ["today", "on"]


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        ({"release": "2025-01-01", "eol": "2027-12-31"}, ["bar active"]),
        ({"release": "2025-01-01", "eol": "no"}, ["bar active", "open-end"]),
        ({"eol": "2027-12-31"}, ["bar active", "goes-on"]),
        ({"release": "2001-01-01", "eol": "2099-12-31"}, ["bar active", "goes-on", "goes-on"]),
        (
            {"release": "2025-01", "eoas": "2026-Q2", "eol": "2027-12-31"},
            [
                *("bar active", "ragged", "edge active", "ragged", "edge active"),
                *("bar security", "ragged", "edge security"),
            ],
        ),
        (
            {"release": "2025-01-01", "eol": "yes", "discontinued": "2026-01-01"},
            ["mark discontinued", "mark unknown-end"],
        ),
    ],
)
def test_marks_at_the_ends_of_bars(milestones: dict[str, str], expected: list[str]) -> None:
    """Continues outside the window, no end announced, approximate, and marks without a bar."""
    assert drawn(make_lifecycle(**milestones)) == expected


def test_planned_and_ended_rows_have_their_own_class() -> None:
    classes = {
        text: ET.fromstring(bars(row(make_lifecycle(**milestones)), TODAY)).get("class")
        for text, milestones in {
            "planned": {"release": "2027-01-01"},
            "active": {"release": "2025-01-01"},
            "ended": {"release": "2024-01-01", "eol": "2025-01-01"},
        }.items()
    }
    assert classes == {"planned": "bars planned", "active": "bars", "ended": "bars ended"}


@given(st.floats(0, 1))
def test_percentage_is_short(fraction: float) -> None:
    """It is exact to the visible precision and has no trailing zeros."""
    text = percent(fraction)
    assert abs(float(text.removesuffix("%")) - fraction * 100) <= 0.0001
    assert len(text) <= len("12.3456%")
    assert not text.endswith(("0%", ".%")) or float(text.removesuffix("%")) % 10 == 0


def test_badge_has_a_sign_and_a_word() -> None:
    """A second badge is added if support ends soon."""
    plain = Badge(Status.ACTIVE.value, "●", "Active")
    soon = Badge(Status.ACTIVE.value, "●", "Active", soon=True)
    active = (
        '<span class="badge active"><span class="sign" aria-hidden="true">●</span> Active</span>'
    )
    assert badge(plain) == active
    assert badge(soon).startswith(f"{active} <span")
    assert "⚠</span> Ends soon" in badge(soon)


def test_date_is_machine_readable() -> None:
    """An approximate date becomes its last day, words are unchanged, and nothing is a dash."""
    moment = MilestoneCell("Apr 2028", PartialDate(date(2028, 4, 30)))
    assert dated(moment) == '<time datetime="2028-04-30">Apr 2028</time>'
    assert dated(MilestoneCell("no end announced")) == "no end announced"
    assert dated(MilestoneCell("")) == "—"


def test_date_cells_have_labels() -> None:
    """Empty cells have a class, so that narrow screens can hide them."""
    assert date_cells(
        [("Released", MilestoneCell("2026")), ("Active until", MilestoneCell(""))]
    ) == (
        '<td class="date"><span class="label">Released</span> 2026</td>'
        '<td class="date none"><span class="label">Active until</span> —</td>'
    )


def test_hostile_text_is_escaped() -> None:
    """This covers labels and cell texts."""
    cells = "{% load timeline %}{% date_cells dates %}{{ moment|dated }}{{ badge|badge }}"
    moment = MilestoneCell(HOSTILE, PartialDate(ON))
    context = {
        "dates": [(HOSTILE, moment)],
        "moment": MilestoneCell(HOSTILE),
        "badge": Badge(HOSTILE, HOSTILE, HOSTILE),
    }
    html = Template(cells).render(Context(context))
    assert "<script" not in html
    assert html.count("&lt;script&gt;&amp;&quot;&#x27;&lt;/script&gt;") == 6


def test_page_and_image_draw_the_same_shapes() -> None:
    """Only the coordinates differ."""
    drawing = row(make_lifecycle(release="2025-01", eoas="2026-Q2", eol="2099-12-31")).drawing
    of_page = shapes(drawing, percent, percent)
    of_image = shapes(drawing, plot_x, plot_width)
    numbers = re.compile(r' (x|width)="[\d.]+%?"')
    assert numbers.sub(r" \1", of_page) == numbers.sub(r" \1", of_image)
    assert of_page.count("<use") == 4


def test_every_phase_has_its_look() -> None:
    """An entry in the legend, a rule of the style sheet, and the pattern that its bars refer to."""
    patterns = render_to_string("svg/patterns.svg")
    for phase in Phase:
        entry = next(each for each in legend(0, 32) if each.bar.phase is phase)
        assert entry.label == PHASES[phase].label
        assert f".bar.{phase.value}" in STYLE
        for pattern in re.findall(r"url\(#(.+?)\)", entry.swatch):
            assert f'<pattern id="{pattern}"' in patterns


def test_image_embeds_the_style_sheet_of_the_pages() -> None:
    assert STYLE.startswith((settings.BASE_DIR / "static" / "bars.css").read_text("utf-8"))
