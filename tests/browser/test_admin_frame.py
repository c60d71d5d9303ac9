"""The frame of the admin: the theme of the public pages, the line of tables, and messages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from releases.models import Product
from tests.browser.conftest import NewPage
from tests.browser.steps import log_in

pytestmark = pytest.mark.usefixtures("bundled")

SCHEME = "getComputedStyle(document.documentElement).colorScheme"


def test_theme_is_the_same_on_the_site_and_in_the_admin(new_page: NewPage) -> None:
    """One switch with one stored value, which a visit to the admin keeps."""
    page = new_page(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Switch between light and dark").click()
    log_in(page)
    assert page.evaluate(SCHEME) == "dark"
    page.goto("/")
    assert page.evaluate(SCHEME) == "dark"
    page.goto("/admin/")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.goto("/")
    assert page.evaluate(SCHEME) != "dark"
    assert page.evaluate("localStorage.getItem('theme')") is None


def test_line_of_tables_marks_the_current_one(page: Page) -> None:
    """On the pages of a row, too; the breadcrumbs lead back to the desk."""
    editor = log_in(page)
    key = Product.objects.get(name="django").pk
    for path in ("", f"{key}/change/", f"{key}/history/", f"{key}/delete/", "deleted/"):
        editor.goto(f"/admin/releases/product/{path}")
        current = editor.get_by_role("navigation", name="Editing").locator("[aria-current]")
        expect(current).to_have_text("Products")
        crumbs = editor.get_by_role("navigation", name="Breadcrumbs")
        expect(crumbs.get_by_role("link", name="Desk")).to_be_visible()


def test_actions_appear_with_the_first_tick(page: Page) -> None:
    editor = log_in(page)
    editor.goto("/admin/releases/product/")
    action = editor.locator("select[name=action]")
    expect(action).to_be_hidden()
    for box in editor.locator("input[name=_selected_action]").all()[:3]:
        box.check()
    expect(action).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_filters_open_one_at_a_time(new_page: NewPage, width: int) -> None:
    """On a narrow page they are behind one button."""
    page = log_in(new_page(width=width))
    page.goto("/admin/releases/releasecycle/")
    if width < 992:
        page.get_by_role("button", name="Filters").click()
    page.locator("summary", has_text="Status today").click()
    page.locator("summary", has_text="Visibility").click()
    expect(page.locator(".filter[open]")).to_have_count(1)
    page.get_by_role("link", name="Draft", exact=True).click()
    expect(page.get_by_text("No release cycles match the search and the filters.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
