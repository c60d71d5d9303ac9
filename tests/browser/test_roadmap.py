"""The roadmap in a browser: bars, statuses and filters, with and without JavaScript."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from releases.domain.roadmap.timeline import default_window
from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits

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
    page.goto("/")
    places = page.locator("line.today").evaluate_all(
        "lines => lines.filter(l => l.closest('.bars')).map(l => l.getBoundingClientRect().x)"
    )
    assert len({round(place, 1) for place in places}) == 1
    expect(page.locator("text.today-label")).to_have_count(1)


@pytest.mark.parametrize("width", [320, 375, 768, 959, 960, 1280, 1920])
def test_pages_fit_every_width(new_page: NewPage, width: int) -> None:
    """No page scrolls sideways, and no text is smaller than 12 px."""
    page = new_page(width=width)
    for path in ("/", "/django/", "/ubuntu/"):
        page.goto(path)
        assert_fits(page, width)


@pytest.mark.parametrize("javascript", [True, False])
def test_filters_work_with_and_without_javascript(new_page: NewPage, javascript: bool) -> None:
    """A filter changes URL and rows, and the back button restores them."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/")
    page.get_by_label("▲ Security only").check()
    if not javascript:
        page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/?status=security")
    expect(page.get_by_role("rowheader", name="5.2 LTS")).to_be_visible()
    expect(page.get_by_role("rowheader", name="6.1", exact=True)).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("rowheader", name="6.1", exact=True)).to_be_visible()


def test_htmx_keeps_focus_and_updates_the_status_line(page: Page) -> None:
    page.goto("/")
    field = page.get_by_label("Category")
    field.focus()
    field.select_option("lang")
    page.wait_for_url("**/?category=lang")
    expect(page.get_by_label("Category")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("Jan 2024 to Dec 2030")


def test_roadmap_as_of_another_date(page: Page) -> None:
    """Every status is recomputed, and a banner links back to today."""
    page.goto("/?on=2028-05-01")
    expect(row_of(page, "Django", "6.2")).to_contain_text("Security only")
    expect(page.locator("#what-if")).to_contain_text("Support as of 1 May 2028")
    page.get_by_role("link", name="Back to today").click()
    expect(page.locator("#what-if")).to_have_count(0)


def test_invalid_value_is_reported_and_ignored(page: Page) -> None:
    page.goto("/?on=2028-02-30&status=security")
    expect(page.locator(".problem")).to_contain_text("2028-02-30")
    expect(page.get_by_role("rowheader", name="5.2 LTS")).to_be_visible()


def test_first_tab_stop_is_the_skip_link(page: Page) -> None:
    """It leads to the answer line."""
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".answer a").first).to_be_focused()


def test_show_all_link(page: Page) -> None:
    """The link below a product shows the rest of its cycles."""
    page.goto("/?product=django")
    page.get_by_role("link", name="Show all 30 of Django").click()
    expect(page.get_by_role("rowheader")).to_have_count(30)


def test_phases_differ_in_forced_colours(new_page: NewPage) -> None:
    """Patterns, outlines and words distinguish them."""
    page = new_page(forced_colors="active")
    page.goto("/?product=django")
    row = row_of(page, "Django", "5.2")
    assert row.locator("rect.security").get_attribute("fill") == "url(#security-pattern)"
    colours = row.locator("rect.bar").evaluate_all("e => e.map(b => getComputedStyle(b).fill)")
    assert len(set(colours)) == 2


def test_no_request_leaves_the_site(page: Page) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto("/")
    page.goto("/django/")
    assert len(hosts) == 1
