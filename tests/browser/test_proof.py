"""Measurements of the roadmap page: geometry, statuses, print, colours, hostile data."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from io import BytesIO
from itertools import combinations, pairwise

import pytest
from playwright.sync_api import Page, Route, expect
from pypdf import PdfReader

from releases.domain.lifecycle.status import status_on
from releases.domain.roadmap.timeline import Bar, default_window, draw
from releases.models import ReleaseCycle
from releases.presentation.rows import BADGES
from tests.browser.conftest import NewPage
from tests.conftest import ON
from tests.factories import make_cycle, make_product

WINDOW = default_window(ON)

ROWS = "#roadmap table:not(.axis) tbody tr:not(.part)"
BARS = """rows => rows.map(row => ({
    name: row.querySelector('th a').getAttribute('href'),
    width: row.querySelector('svg.bars').getBoundingClientRect().width,
    bars: [...row.querySelectorAll('rect.bar, line.dash[y1^="-"]')].map(bar => bar.x
        ? [bar.x.baseVal.value, bar.width.baseVal.value]
        : [bar.x1.baseVal.value, bar.x2.baseVal.value - bar.x1.baseVal.value]),
}))"""


def drawn(page: Page) -> list[dict[str, object]]:
    """Return the rows on the page with their bars in pixels."""
    rows: list[dict[str, object]] = page.locator(ROWS).evaluate_all(BARS)
    return rows


def bars_of(address: str) -> tuple[Bar, ...]:
    _, product, name, _ = address.split("/")
    return draw(ReleaseCycle.objects.get(product__name=product, name=name).lifecycle, WINDOW).bars


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize("width", [375, 1280])
def test_bars_match_their_dates(new_page: NewPage, width: int) -> None:
    """Bars are exact to a pixel."""
    page = new_page(width=width)
    page.goto("/")
    rows = drawn(page)
    assert len(rows) > 50
    for row in rows:
        full = float(str(row["width"]))
        expected = [(bar.x * full, bar.width * full) for bar in bars_of(str(row["name"]))]
        found = row["bars"]
        assert isinstance(found, list)
        assert len(found) == len(expected), row["name"]
        for (x, wide), (left, span) in zip(found, expected, strict=True):
            assert abs(x - left) < 1, row["name"]
            assert abs(wide - span) < 1, row["name"]


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize(
    "day", [date(2025, 12, 3), date(2027, 4, 30), date(2028, 4, 30), date(2027, 12, 31)]
)
def test_status_changes_on_the_day(page: Page, day: date) -> None:
    """Each row has the computed status on the day before, the day and the day after."""
    for on in (day - timedelta(days=1), day, day + timedelta(days=1)):
        page.goto(f"/?product=django&all=django&on={on}")
        for cycle in ReleaseCycle.objects.filter(product__name="django"):
            _, word = BADGES[status_on(cycle.lifecycle, on)]
            row = page.locator(
                "#roadmap tr", has=page.locator(f'th a[href="/django/{cycle.name}/"]')
            )
            expect(row.locator("td.status")).to_contain_text(word)


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize(
    "path",
    [
        "/?q=python",
        "/?status=active&sort=eol",
        "/?group=status&lts=1",
        "/?pin=django:5.2&pin=python:3.14",
        "/?from=2020-01&to=2040-12&product=django",
        "/?on=2028-01-01",
        "/?page=2",
    ],
)
def test_rows_are_the_same_without_javascript(new_page: NewPage, path: str) -> None:
    rows = []
    for javascript in (True, False):
        page = new_page(java_script_enabled=javascript)
        page.goto(path)
        # Not the rendered text: it is empty in sections that Chromium has not laid out.
        rows.append([text.split() for text in page.locator(ROWS).all_text_contents()])
    assert rows[0] == rows[1] != []


@pytest.mark.usefixtures("bundled")
def test_htmx_shows_the_same_rows_as_a_reload(page: Page) -> None:
    """Back and forward work, too."""
    page.goto("/")
    page.get_by_text("More filters").click()
    page.get_by_label("Group by").select_option("status")
    page.wait_for_url("**/?group=status")
    page.get_by_label("Sort by").select_option("eol")
    page.wait_for_url("**/?group=status&sort=eol")
    expect(page.locator("#roadmap section.product h2").first).to_have_text("Planned")
    swapped = page.locator(ROWS).all_text_contents()
    page.reload()
    assert page.locator(ROWS).all_text_contents() == swapped
    page.go_back()
    expect(page.get_by_label("Sort by")).to_have_value("")
    page.go_forward()
    expect(page.get_by_label("Sort by")).to_have_value("eol")


@pytest.mark.usefixtures("bundled")
def test_compared_cycles_show_their_common_support_period(page: Page) -> None:
    page.goto("/?pin=django:5.2&pin=python:3.14")
    expect(page.locator(".compared tbody tr")).to_have_count(2)
    expect(page.locator(".compared rect.shade")).to_have_count(2)


@pytest.mark.usefixtures("bundled")
def test_rows_have_headers_and_tab_order_follows_them(new_page: NewPage) -> None:
    """On a phone, where rows are displayed as cards, they keep their table roles."""
    for width in (375, 1280):
        page = new_page(width=width)
        page.goto("/?product=django")
        expect(page.get_by_role("rowheader")).to_have_count(5)
        names = page.get_by_role("rowheader").get_by_role("link").all_inner_texts()
        page.get_by_role("link", name=names[0], exact=True).focus()
        for name in names[1:]:
            page.keyboard.press("Tab")  # the box that compares it
            expect(page.get_by_label(f"Compare Django {name}", exact=True)).to_be_focused()
            page.keyboard.press("Tab")
            expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()


@pytest.mark.usefixtures("bundled")
def test_printed_page(new_page: NewPage) -> None:
    """Light theme, twelve rows on the first page, with query and date but without the form."""
    page = new_page(color_scheme="dark")
    page.goto("/?product=django&product=python&product=postgresql")
    file = BytesIO(page.pdf(print_background=True, format="A4", landscape=True))
    pages = PdfReader(file).pages
    first, last = pages[0].extract_text(), pages[-1].extract_text()
    assert "?product=django&product=python" in first.replace("\n", "")
    assert "21 Nov 2026" in first
    assert len(re.findall(r"Planned|Active\b(?! until)|Security only|End of life", first)) >= 12
    assert "Ragged edge" in last
    assert len(pages) == 2
    assert "2027" in first
    assert "Filter" not in first
    assert "Subscribe" not in first
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phases_are_distinguishable_with_colour_vision_deficiency(
    new_page: NewPage, scheme: str
) -> None:
    """The colours of the phases differ by at least 10 (OKLab x 100)."""
    page = new_page(color_scheme=scheme)
    page.goto("/?product=ubuntu")
    colours = page.evaluate(
        """() => ['--active', '--security', '--extended'].map(name => {
            const probe = document.createElement('i');
            document.body.append(probe);
            probe.style.color = `var(${name})`;
            return getComputedStyle(probe).color.match(/[0-9.]+/g).slice(0, 3).map(Number);
        })"""
    )
    for deficiency in SEEN:
        seen = [oklab(simulate_deficiency(deficiency, colour)) for colour in colours]
        for one, other in combinations(seen, 2):
            assert math.dist(one, other) * 100 >= 10, deficiency


# Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB; achromatopsia is luminance.
SEEN = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "achromatopsia": ((0.2126, 0.7152, 0.0722),) * 3,
}


def simulate_deficiency(deficiency: str, colour: list[float]) -> list[float]:
    """Return an sRGB colour (0 to 255) as seen with a deficiency, in linear RGB."""
    linear = [_linear(part / 255) for part in colour]
    rows = SEEN[deficiency]
    return [sum(w * part for w, part in zip(row, linear, strict=True)) for row in rows]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def oklab(rgb: list[float]) -> tuple[float, float, float]:
    """Return the OKLab values of a linear RGB colour (Ottosson 2020)."""
    r, g, b = rgb
    lms = (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    )
    long, medium, short = (math.copysign(abs(part) ** (1 / 3), part) for part in lms)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


@pytest.mark.usefixtures("bundled")
def test_chosen_theme_is_remembered(new_page: NewPage) -> None:
    """It is applied before the first paint and overrides the system setting."""
    page = new_page(color_scheme="light")
    page.goto("/")
    switch = page.get_by_role("button", name="Switch between light and dark")
    switch.click()
    page.goto("/django/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 24)"
    switch.click()
    assert page.evaluate("localStorage.getItem('theme')") is None
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def continue_late(page: Page, route: Route) -> None:
    """Continue a request after 600 ms."""
    page.wait_for_timeout(600)
    route.continue_()


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("path", ["/", "/django/", "/django/5.2/"])
def test_no_layout_shift(new_page: NewPage, path: str, width: int) -> None:
    """This holds with a font that comes late, too."""
    page = new_page(width=width)
    page.route("**/inter*.woff2", lambda route: continue_late(page, route))
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "e => window.shift += e.value)).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(path)
    page.wait_for_timeout(900)
    assert page.evaluate("window.shift") == 0


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_data_does_not_break_the_layout(new_page: NewPage, width: int) -> None:
    """Long names, many rows, no dates, no end, a release on its last day, 29 February, 2100."""
    product = make_product("p" * 40, label="L" * 40)
    make_cycle(product, "n" * 40, release="2024-02-29", eol="2028-02-29", latest="9" * 40)
    make_cycle(product, "same", release="2026-01-01", eoas="2026-01-01", eol="2026-01-01")
    make_cycle(product, "never", release="2026-01-01", eol="no")
    make_cycle(product, "unknown", eol="yes")
    make_cycle(product, "nothing")
    make_cycle(product, "far", release="2025", eoas="2099-Q3", eol="2100", eoes="2100-12-31")
    make_product("empty")
    many = make_product("many")
    for number in range(200):
        make_cycle(many, f"{number}", release="2025-01-01", eoas="2026", eol="2027-02-28")
    page = new_page(width=width)
    page.goto(f"/?all=many&all={product.name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    rows = drawn(page)
    assert len(rows) == 206
    for row in rows:
        bars = row["bars"]
        assert isinstance(bars, list)
        for (x, wide), (right, _) in pairwise(bars):
            assert x + wide <= right + 0.01
        assert all(x >= 0 and x + wide <= float(str(row["width"])) + 0.01 for x, wide in bars)
