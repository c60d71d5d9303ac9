"""The page of the API and the pages about the site in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits, at_every_width

pytestmark = pytest.mark.usefixtures("bundled")

OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true })"
PATHS = ("/api/", "/about/data/", "/about/statuses/", "/about/accessibility/", "/about/privacy/")


def test_contents_stay_beside_the_text(page: Page) -> None:
    """They are in sight at the end of the page, too, and lead to each section."""
    page.goto("/api/#embeds")
    contents = page.get_by_role("navigation", name="Contents")
    expect(contents).to_be_in_viewport()
    contents.get_by_role("link", name="Should I upgrade?").click()
    expect(page.get_by_role("heading", name="Should I upgrade?")).to_be_in_viewport()
    expect(contents).to_be_in_viewport()


def test_contents_are_a_fold_on_a_phone(new_page: NewPage) -> None:
    page = new_page(width=375, java_script_enabled=False)
    page.goto("/api/")
    link = page.get_by_role("navigation", name="Contents").get_by_role("link", name="Feeds")
    expect(link).to_be_hidden()
    page.get_by_text("Contents", exact=True).click()
    link.click()
    expect(page.get_by_role("heading", name="Feeds")).to_be_in_viewport()


def test_pages_fit_with_everything_open(page: Page) -> None:
    for path in PATHS:
        page.goto(path)
        page.evaluate(OPEN_ALL)
        for width in at_every_width(page):
            assert_fits(page, width)


def test_address_is_copied_in_full(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/api/#feeds")
    row = page.get_by_role("row", name="/roadmap.atom")
    row.get_by_role("button", name="Copy").click()
    expect(row.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == row.get_by_role("link").get_attribute("href")
    assert copied.endswith("/roadmap.atom?lts=1")
