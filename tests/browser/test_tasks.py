"""What people come for, in at most three clicks from the home page; typing is free."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.usefixtures("bundled")

MAX_CLICKS = 3


class Visitor:
    """A visitor of the home page who counts clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        page.goto("/")

    def click(self, target: Locator) -> None:
        self.clicks += 1
        assert self.clicks <= MAX_CLICKS
        target.click()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def visitor(request: pytest.FixtureRequest, new_page: NewPage) -> Visitor:
    return Visitor(new_page(java_script_enabled=request.param))


def test_is_django_4_2_supported(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("searchbox", name="Product and version").last.fill("is django 4.2 supported")
    visitor.click(page.get_by_role("button", name="Check"))
    answer = page.locator(".answer")
    expect(answer).to_contain_text("End of life")
    expect(answer).to_contain_text("7 Apr 2026")


def test_when_does_node_22_end(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("searchbox", name="Product and version").last.fill("node 22")
    visitor.click(page.get_by_role("button", name="Check"))
    expect(page.locator(".answer")).to_contain_text("30 Apr 2027")


def test_when_does_node_22_end_by_links_alone(visitor: Visitor) -> None:
    page = visitor.page
    visitor.click(page.get_by_role("list", name="Popular products").get_by_text("Node.js"))
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="22", exact=True))
    expect(row).to_contain_text("30 Apr 2027")


def test_subscribe_to_the_calendar_of_python(visitor: Visitor) -> None:
    page = visitor.page
    visitor.click(page.get_by_role("list", name="Popular products").get_by_text("Python"))
    visitor.click(page.locator("summary", has_text="Subscribe"))
    link = page.get_by_role("link", name="Subscribe", exact=True)
    expect(link).to_be_visible()
    address = link.get_attribute("href") or ""
    assert address.startswith("webcal://")
    assert address.endswith("/calendar/python.ics")
