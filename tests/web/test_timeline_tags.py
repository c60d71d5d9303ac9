"""The markup of timeline rows: drawings, badges and dates; no database."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.extended_support import ExtendedSupport, ExtendedTerms
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.lifecycle.status import Lifecycle, Phase, Status
from releases.domain.roadmap.timeline import Window, default_window
from releases.models import Product, ReleaseCycle
from releases.presentation.drawing import legend, percent, shapes
from releases.presentation.image import STYLE, plot_width, plot_x
from releases.presentation.rows import Badge, CycleRow, MilestoneCell, SupportDates, row_of
from releases.templatetags.timeline import bars, dated, lts, pill, support_cells
from tests.conftest import ON
from tests.domain.strategies import days, lives, windows
from tests.lifecycles import make_lifecycle

MARKS = settings.BASE_DIR / "templates" / "svg" / "marks.svg"
DEFINED = {
    *(f"#{name}" for name in re.findall('id="([^"]*)"', MARKS.read_text("utf-8"))),
    *("#bands", "#now"),
}
"""The shapes that the drawings of rows may refer to."""
HOSTILE = "<script>&\"'</script>"
WINDOW = default_window(ON)


def row(life: Lifecycle, window: Window = WINDOW, on: date = ON) -> CycleRow:
    cycle = ReleaseCycle(name="1")
    for name in MILESTONES:
        setattr(cycle, name, getattr(life, name))
    return row_of(Product(name="acme"), cycle, window, on)


def drawn(life: Lifecycle) -> list[str]:
    """Return the bars and the shapes at their ends, in the order in which they are drawn."""
    svg = ET.fromstring(bars(row(life)))
    shapes_of = svg.findall("svg")[0]
    return [str(each.get("class") or each.get("href")) for each in shapes_of]


def label(life: Lifecycle, window: Window = WINDOW) -> str:
    """Return the text at the end of the bars of a row; empty if there is none."""
    text = ET.fromstring(bars(row(life, window))).find(".//text")
    return "" if text is None else text.text or ""


@given(lives, windows, days)
def test_every_row_can_be_drawn(life: Lifecycle, window: Window, on: date) -> None:
    """The SVG is well-formed; bars and marks are inside the axis, and their shapes are defined."""
    line = row(life, window, on)
    svg = ET.fromstring(bars(line, shade=(0, 1)))
    found = [
        each.get("class", "").split()[1]
        for each in svg.iterfind(".//*[@class]")
        if each.get("class", "").split()[0] in ("bar", "dash") and each.tag != "use"
    ]
    phases = [bar.phase.value for bar in line.drawing.bars for _ in range(1 + line.planned)]
    assert found == phases
    places = [each.get(name, "0%") for each in svg.iter() for name in ("x", "x1", "width")]
    shares = [float(place.removesuffix("%")) for place in places if place.endswith("%")]
    assert all(0 <= share <= 100 for share in shares)
    assert {each.get("href") for each in svg.iter("use")} <= DEFINED


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        ({"release": "2025-01-01", "eol": "2027-12-31"}, ["bar active"]),
        ({"release": "2025-01-01", "eol": "no"}, ["bar active", "#goes-on"]),
        ({"eol": "2027-12-31"}, ["bar active", "#goes-left"]),
        ({"release": "2001-01-01", "eol": "2099-12-31"}, ["bar active", "#goes-on"]),
        (
            {"release": "2025-01-01", "eol": "2026-12-31", "eoes": "no"},
            ["bar active", "bar extended", "#goes-on"],
        ),
        (
            {"release": "2025-01", "eoas": "2026-Q2", "eol": "2027-12-31"},
            ["bar active", "bar security", "ragged active", "ragged active", "ragged security"],
        ),
        (
            {"release": "2027-04", "eol": "2028-01-31"},
            ["dash active", "dash active", "ragged active", "dash active"],
        ),
        (
            {"release": "2025-01-01", "eol": "yes", "discontinued": "2026-01-01"},
            ["mark", "mark"],
        ),
    ],
)
def test_marks_at_the_ends_of_bars(milestones: dict[str, str], expected: list[str]) -> None:
    """Continues outside the window, no end announced, approximate, and marks without a bar."""
    assert drawn(make_lifecycle(**milestones)) == expected


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        ({"release": "2025-01-01", "eol": "2027-12-31"}, "31 Dec 2027"),
        ({"release": "2025-01-01", "eol": "2028-Q2"}, "Q2 2028"),
        ({"release": "2025-01-01", "eol": "2040-12-31"}, "31 Dec 2040"),
        ({"release": "2025-01-01", "eol": "no"}, "no end announced"),
        ({"release": "2025-01-01", "eol": "2026-01-01", "eoes": "2029-01-01"}, "1 Jan 2029"),
        ({"release": "2025-01-01", "eoas": "2026-01-01", "eol": "yes"}, ""),
        ({"release": "no"}, ""),
        ({"release": "2001-01-01", "eol": "2004-01-01"}, "ended 1 Jan 2004"),
        ({"release": "2041-05", "eol": "2044-01-01"}, "from May 2041"),
    ],
)
def test_label_says_when_the_support_ends(milestones: dict[str, str], expected: str) -> None:
    """A row whose bars are all outside the window says where they are."""
    assert label(make_lifecycle(**milestones)) == expected


def test_label_is_beside_the_bar_on_a_plate_or_at_the_edge() -> None:
    """It depends on the room to the right of the bar."""
    places = [
        re.findall(
            'class="(end-mark|elsewhere|plate[^"]*|end[^"]*)"', bars(row(make_lifecycle(**each)))
        )
        for each in (
            {"release": "2025-01-01", "eol": "2027-12-31"},
            {"release": "2025-01-01", "eol": "2030-10-31"},
            {"release": "2025-01-01", "eol": "2031-10-31"},
        )
    ]
    assert places == [
        ["end"],
        ["end-mark", "plate", "end inside"],
        ["end-mark", "plate far", "end inside"],
    ]


def test_extended_support_has_half_as_much_bar() -> None:
    svg = bars(row(make_lifecycle(release="2025-01-01", eol="2026-12-31", eoes="2028-01-01")))
    heights = re.findall('class="bar ([a-z]+)".*?height="([0-9]+)"', svg)
    assert heights == [("active", "20"), ("extended", "10")]


def test_planned_and_ended_rows_have_their_own_class() -> None:
    classes = {
        text: ET.fromstring(bars(row(make_lifecycle(**milestones)))).get("class")
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
    assert abs(float(text.removesuffix("%")) - fraction * 100) <= 0.001
    assert len(text) <= len("12.345%")
    assert not text.endswith(("0%", ".%")) or float(text.removesuffix("%")) % 10 == 0


def test_pill_has_a_sign_and_a_word() -> None:
    """Below it is the time that is left, if support ends soon."""
    plain = Badge(Status.ACTIVE.value, "●", "Active")
    soon = Badge(Status.ACTIVE.value, "●", "Active", soon="ends in 12 days")
    assert re.fullmatch(
        '<span class="pill active"><svg class="sign" [^>]*>'
        '<use href="[^"]*#s-active"/></svg>Active</span>',
        pill(plain),
    )
    assert pill(soon).startswith(f"{pill(plain)}<span")
    assert pill(soon).endswith("</svg>ends in 12 days</span>")


def test_every_status_has_a_sign() -> None:
    sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text("utf-8")
    signs = set(re.findall('id="s-([^"]*)"', sprite))
    assert {status.value for status in Status} <= signs


def test_only_the_common_word_for_long_term_support_is_explained() -> None:
    assert lts("LTS") == '<abbr class="lts" title="Long-term support">LTS</abbr>'
    assert lts("ESR") == '<abbr class="lts">ESR</abbr>'
    assert lts("") == ""


def test_date_is_machine_readable() -> None:
    """An approximate date becomes its last day, words are unchanged, and nothing is a dash."""
    moment = MilestoneCell("Apr 2028", PartialDate(date(2028, 4, 30)))
    assert dated(moment) == '<time datetime="2028-04-30">Apr 2028</time>'
    assert dated(MilestoneCell("no end announced")) == "no end announced"
    assert dated(MilestoneCell("")) == "—"


def test_support_cells_have_labels() -> None:
    """A cell that says the same as another has a class, so that narrow screens can hide it."""
    end = MilestoneCell("2028")
    dates = SupportDates(end, True, True, end, False, "Supported until", "Paid to Apr 2032")
    assert support_cells(dates) == (
        '<td class="date twin"><span class="label">Bug fixes until</span>'
        '<span class="past">2028</span></td>'
        '<td class="date sec"><span class="label">Supported until</span>2028'
        "<small>Paid to Apr 2032</small></td>"
    )


def test_hostile_text_is_escaped() -> None:
    """This covers labels, cell texts and the names of statuses."""
    cell = MilestoneCell(HOSTILE)
    context = {
        "dates": SupportDates(cell, False, False, cell, True, "Supported until", HOSTILE),
        "cell": MilestoneCell(HOSTILE, PartialDate(ON)),
        "badge": Badge(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        "words": HOSTILE,
    }
    tags = "{{ dates|support_cells }}{{ cell|dated }}{{ badge|pill }}{{ words|lts }}"
    html = Template("{% load timeline %}" + tags).render(Context(context))
    assert "<script" not in html
    assert html.count("&lt;script&gt;&amp;&quot;&#x27;&lt;/script&gt;") >= 8


def test_page_and_image_draw_the_same_shapes() -> None:
    """Only the coordinates differ."""
    line = row(make_lifecycle(release="2025-01", eoas="2026-Q2", eol="2099-12-31"))
    of_page = shapes(line, percent, percent)
    of_image = shapes(line, plot_x, plot_width)
    numbers = re.compile(r' (x|width)="[\d.]+%?"')
    assert numbers.sub(r" \1", of_page) == numbers.sub(r" \1", of_image)
    assert of_page.count("<use") == 4


def test_every_phase_has_its_look() -> None:
    """A rule of the style sheet, and the pattern that it refers to."""
    patterns = render_to_string("svg/patterns.svg")
    for phase in Phase:
        assert f".bar.{phase.value}" in STYLE
    for pattern in re.findall(r"url\(#(.+?)\)", STYLE):
        assert f'<pattern id="{pattern}"' in patterns


def legend_of(*lifecycles: Lifecycle, window: Window = WINDOW) -> list[str]:
    return [each.label for each in legend([row(each, window) for each in lifecycles])]


def test_legend_lists_only_what_is_drawn() -> None:
    security = make_lifecycle(release="2024-01-01", eoas="2025-01-01", eol="2027-12-31")
    planned = make_lifecycle(release="2027-04", eol="2030-04-30")
    ended = make_lifecycle(release="2024-01-01", eoas="2025-01-01", eol="2026-01-01")
    long = make_lifecycle(release="2024-01-01", eol="no", discontinued="2026-01-01")
    unknown = make_lifecycle(release="2024-01-01", eol="yes")
    assert legend_of() == []
    assert legend_of(security) == ["Active: bug and security fixes", "Security fixes only"]
    assert legend_of(planned) == ["Planned", "Ragged edge: not known to the day"]
    assert legend_of(ended) == ["End of life"]
    assert legend_of(long) == [
        "Active: bug and security fixes",
        "Continues after this view",
        "Discontinued",
    ]
    assert legend_of(unknown) == ["End of life", "Ended on a day that is not known"]


@pytest.mark.parametrize(
    ("terms", "label"),
    [
        ("paid", "Paid support only"),
        ("", "Extended support only"),
        ("contract", "Extended support only"),
        ("free", "Extended support"),
    ],
)
def test_legend_says_what_extended_support_is(terms: str, label: str) -> None:
    """It is called paid only if that is recorded."""
    extended = ExtendedSupport(ExtendedTerms(terms))
    life = replace(
        make_lifecycle(release="2020-01-01", eol="2026-01-01", eoes="2028-01-01"), extended=extended
    )
    line = replace(row(life), lifecycle=life)
    assert label in [each.label for each in legend([line])]


def test_image_embeds_the_style_sheet_of_the_pages() -> None:
    assert STYLE.startswith((settings.BASE_DIR / "static" / "bars.css").read_text("utf-8"))
