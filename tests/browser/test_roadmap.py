"""The roadmap in a browser: bars, statuses and filters, with and without JavaScript."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from releases.domain.roadmap.timeline import default_window
from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits, at_every_width

pytestmark = pytest.mark.usefixtures("bundled")

WINDOW = default_window(date(2026, 11, 21))
PIXEL = 1.0


def row_of(page: Page, product: str, cycle: str) -> Locator:
    section = page.get_by_role("table", name=product, exact=True)
    header = page.get_by_role("rowheader", name=cycle)
    return section.get_by_role("row").filter(has=header).first


def test_cycle_has_status_dates_and_bars(page: Page) -> None:
    page.goto("/")
    row = row_of(page, "Django", "5.2")
    expect(row).to_contain_text("Security only")
    expect(row).to_contain_text("30 Apr 2028")
    expect(row.locator("rect.bar")).to_have_count(2)


def test_bars_match_their_dates(page: Page) -> None:
    """Position and width are exact to a pixel."""
    page.goto("/")
    drawing = row_of(page, "Django", "5.2").locator("svg.bars")
    box = drawing.bounding_box()
    assert box
    ends = [date(2025, 4, 2), date(2025, 12, 4), date(2028, 5, 1)]
    edges = [box["x"] + WINDOW.fraction(day) * box["width"] for day in ends]
    for bar, left, right in zip(drawing.locator("rect.bar").all(), edges, edges[1:], strict=False):
        found = bar.evaluate("e => [e.x.baseVal.value, e.width.baseVal.value]")
        assert abs(box["x"] + found[0] - left) < PIXEL
        assert abs(found[1] - (right - left)) < PIXEL


def test_today_line_is_aligned_and_labelled_once(page: Page) -> None:
    """The line of each row, of the compared ones too, is below the label of the axis."""
    page.goto("/?pin=django:5.2&pin=python:3.14&product=django")
    places = page.locator(".bars").evaluate_all(
        """drawings => drawings.filter(drawing => drawing.checkVisibility())
            .map(drawing => drawing.getBoundingClientRect().x
            + drawing.getBoundingClientRect().width
            * parseFloat(document.querySelector('#now .now').getAttribute('x1')) / 100)"""
    )
    axis = page.locator(".axis line.now").bounding_box()
    assert axis
    assert max(abs(place - axis["x"] - axis["width"] / 2) for place in places) < PIXEL
    expect(page.locator("text.now-text")).to_have_count(1)


@pytest.mark.parametrize(
    ("path", "width", "height"),
    [("/", 1280, 620), ("/?product=django&product=python", 375, 900)],
)
def test_first_supported_release_is_on_the_first_screen(
    new_page: NewPage, path: str, width: int, height: int
) -> None:
    page = new_page(width=width)
    page.goto(path)
    row = page.locator("#roadmap tr.active").first.bounding_box()
    assert row
    assert row["y"] < height


def test_pages_fit_every_width(page: Page) -> None:
    """No page scrolls sideways, and no text is smaller than 12 px."""
    for path in ("/", "/django/", "/ubuntu/"):
        page.goto(path)
        for width in at_every_width(page):
            assert_fits(page, width)


@pytest.mark.parametrize("width", [320, 375, 640, 1280])
def test_open_panels_fit_every_width(new_page: NewPage, width: int) -> None:
    page = new_page(width=width)
    for path in ("/", "/?lts=1", "/django/", "/calendar/"):
        page.goto(path)
        for panel in page.locator("main .drop").all():
            panel.locator("summary").click()
            shown = panel.locator(".panel").bounding_box()
            assert shown
            assert shown["x"] >= 0
            assert_fits(page, width)
            page.keyboard.press("Escape")


@pytest.mark.parametrize("javascript", [True, False])
def test_filters_work_with_and_without_javascript(new_page: NewPage, javascript: bool) -> None:
    """A filter changes URL and rows, and the back button restores them."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/")
    page.get_by_text("More filters").click()
    page.get_by_label("Security only").check()
    if not javascript:
        page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url("**/?status=security")
    expect(page.get_by_role("heading", level=1)).to_have_text("Roadmap")
    expect(page.get_by_role("rowheader", name="5.2 LTS")).to_be_visible()
    expect(page.get_by_role("link", name="6.1", exact=True)).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("link", name="6.1", exact=True)).to_be_visible()


def test_htmx_keeps_focus_and_updates_the_status_line(page: Page) -> None:
    page.goto("/")
    page.get_by_text("More filters").click()
    field = page.get_by_label("Category")
    field.focus()
    field.select_option("Languages")
    page.wait_for_url("**/?category=lang")
    expect(page.get_by_label("Category")).to_be_focused()
    expect(page.get_by_role("status").first).to_contain_text("releases")
    expect(page.get_by_role("link", name="Remove filter: Languages")).to_be_visible()


def test_roadmap_as_of_another_date(page: Page) -> None:
    """Every status is recomputed, and a banner links back to today."""
    page.goto("/?on=2028-05-01")
    expect(row_of(page, "Django", "6.2")).to_contain_text("Security only")
    expect(page.locator("#what-if")).to_contain_text("Showing support as of 1 May 2028")
    page.get_by_role("link", name="Back to today").click()
    expect(page.locator("#what-if")).to_have_count(0)


def test_invalid_value_is_reported_and_ignored(page: Page) -> None:
    page.goto("/?on=2028-02-30&status=security")
    expect(page.locator("#problems")).to_contain_text("2028-02-30")
    expect(page.get_by_role("rowheader", name="5.2 LTS")).to_be_visible()


def test_first_tab_stop_is_the_skip_link(page: Page) -> None:
    """It leads to the question of the home page."""
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="Product and version").last).to_be_focused()


def test_all_releases_and_back_keep_the_place(page: Page) -> None:
    """The heading of the product stays in sight."""
    page.goto("/")
    page.locator("[aria-labelledby=h-python]").get_by_role("link", name="All").click()
    page.wait_for_url("**/?all=python#h-python")
    expect(page.get_by_role("heading", name="Python")).to_be_in_viewport()
    section = page.locator("[aria-labelledby=h-python]").first
    assert section.get_by_role("rowheader").count() > 15
    section.get_by_role("link", name="Show fewer").click()
    page.wait_for_url("**/?#h-python")
    expect(page.get_by_role("heading", name="Python")).to_be_in_viewport()


def test_folded_releases_open_without_a_request(page: Page) -> None:
    page.goto("/?product=django")
    expect(page.get_by_role("rowheader", name="2028")).to_be_hidden()
    page.get_by_text("3 more planned").click()
    expect(page.get_by_role("rowheader", name="2028")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_ticked_releases_are_compared(new_page: NewPage, javascript: bool) -> None:
    """The bar appears with the first tick, by the style sheet alone."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/?product=django&product=python")
    bar = page.get_by_role("form", name="Compare releases")
    expect(bar).to_be_hidden()
    page.get_by_label("Compare Django 5.2").check()
    page.get_by_label("Compare Python 3.14").check()
    bar.get_by_role("button", name="Compare").click()
    expect(page.locator("#overlap")).to_have_text(
        "Both are supported until 30 Apr 2028, when security fixes for Django 5.2 end."
    )
    expect(page.get_by_label("Compare Django 5.2")).to_be_checked()
    page.get_by_role("link", name="Remove Python 3.14").click()
    expect(page.locator("#overlap")).to_have_count(0)
    expect(page.get_by_role("heading", name="Compared")).to_be_visible()


def test_menu_is_a_popover_on_a_phone(new_page: NewPage) -> None:
    """It works without JavaScript; Escape closes it."""
    page = new_page(width=375, java_script_enabled=False)
    page.goto("/")
    expect(page.get_by_role("link", name="Upcoming")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Upcoming")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Upcoming")).to_be_hidden()


def test_current_page_is_marked_in_the_menu(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#menu [aria-current=page]")).to_have_text("Roadmap")
    page.goto("/django/")
    expect(page.locator("#menu [aria-current=page]")).to_have_text("Products")


def test_panel_closes_with_escape_and_a_click_elsewhere(page: Page) -> None:
    page.goto("/")
    panel = page.locator(".subscribe .panel")
    button = page.locator(".subscribe summary")
    button.click()
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    page.get_by_role("heading", level=1).click()
    expect(panel).to_be_hidden()


def test_recorded_day_is_two_clicks_from_the_home_page(page: Page) -> None:
    """The link in the footer opens the filters at the field."""
    page.goto("/")
    page.get_by_role("link", name="As recorded on a day").click()
    expect(page.get_by_label("As recorded on")).to_be_visible()


def test_phases_differ_in_forced_colours(new_page: NewPage) -> None:
    """Patterns, outlines and words distinguish them."""
    page = new_page(forced_colors="active")
    page.goto("/?product=django")
    row = row_of(page, "Django", "5.2")
    fills = row.locator("rect.bar").evaluate_all("e => e.map(b => getComputedStyle(b).fill)")
    assert len(set(fills)) == 2
    assert "p-security" in fills[1]


def test_no_request_leaves_the_site(page: Page) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto("/")
    page.goto("/django/")
    assert len(hosts) == 1
