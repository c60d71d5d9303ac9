"""Lists of dates and products in Chromium: filters, keyboard, widths, without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits, at_every_width

pytestmark = pytest.mark.usefixtures("bundled")

PATHS = [
    *("/calendar/", "/calendar/?list=ended", "/calendar/?list=released&q=nothing", "/changes/"),
    *("/products/", "/categories/", "/categories/os/", "/tags/"),
]
SMALL_TARGETS = """
    size => [...document.querySelectorAll('main :is(.chip, button, .button, .tabs a, .letters a)')]
    .filter(e => e.offsetParent && (e.offsetHeight < size || e.offsetWidth < 24))
    .map(e => e.outerHTML)
"""


def test_what_will_have_ended_by_june_2028_takes_two_clicks(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Upcoming").click()
    page.get_by_role("link", name="2 years").click()
    heading = page.get_by_role("heading", name="April 2028")
    expect(heading).to_be_visible()
    ended = page.locator("section", has=heading).get_by_role("listitem")
    expect(ended.filter(has_text="Django 5.2")).to_contain_text("Security fixes end")
    months = page.locator("h2.month").all_inner_texts()
    assert {"April 2027", "April 2028"} <= set(months)


def test_filters_apply_at_once(page: Page) -> None:
    """By keyboard, too: the focus stays on the box."""
    page.goto("/calendar/?to=2028-11")
    every = page.get_by_role("status").inner_text()
    page.locator("#kind-release").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("kind=support&kind=bugs"))
    expect(page.get_by_role("status")).not_to_have_text(every)
    expect(page.locator("#kind-release")).to_be_focused()
    expect(page.locator("#kind-release")).not_to_be_checked()
    page.get_by_label("Category").select_option("Operating systems")
    expect(page).to_have_url(re.compile("category=os"))
    expect(page.locator(".agenda").first).to_contain_text("Ubuntu")
    expect(page.locator("main")).not_to_contain_text("Django 6")


def test_filters_without_javascript(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/calendar/?list=ended&from=2025-01")
    page.get_by_label("Bug fixes ended").uncheck()
    page.get_by_role("searchbox", name="Filter by product or release").fill("django")
    page.get_by_role("button", name="Apply filters").click()
    expect(page).to_have_url(re.compile(r"list=ended&from=2025-01.*|q=django"))
    assert "list=ended" in page.url
    assert "from=2025-01" in page.url
    expect(page.locator(".agenda").first).to_contain_text("Django")
    expect(page.locator(".agenda").first).not_to_contain_text("Bug fixes")
    page.get_by_role("link", name="Changes").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Changes")


def test_subscribe_panel_opens_by_keyboard(page: Page) -> None:
    page.goto("/calendar/?kind=release")
    page.get_by_text("Subscribe").first.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Download .ics")
    expect(link).to_be_visible()
    assert (link.get_attribute("href") or "").startswith("/roadmap.ics?kind=release")
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_repeated_day_is_in_the_markup_only(page: Page) -> None:
    page.goto("/calendar/?list=ended&from=2015-01")
    repeated = page.locator(".same time").first
    assert repeated.inner_text().strip()
    assert repeated.evaluate("e => getComputedStyle(e).opacity") == "0"


def test_month_stays_in_sight(page: Page) -> None:
    page.goto("/calendar/?list=ended&from=2015-01")
    top = page.evaluate(
        """() => {
          const months = [...document.querySelectorAll("section")];
          const longest = months.reduce((a, b) => (a.offsetHeight > b.offsetHeight ? a : b));
          const y = longest.getBoundingClientRect().y + scrollY + 60;
          scrollTo({ top: y, behavior: "instant" });
          return longest.querySelector(".month").getBoundingClientRect().y;
        }"""
    )
    assert abs(top) < 1


def test_lists_fit(page: Page) -> None:
    """Controls are large enough for a finger on phones."""
    for path in PATHS:
        page.goto(path)
        for width in at_every_width(page):
            assert_fits(page, width)
            assert page.evaluate(SMALL_TARGETS, 44 if width < 640 else 24) == [], path
