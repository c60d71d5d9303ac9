"""The page of a product in a browser: copying, printing, folds, and layout with odd data."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits
from tests.factories import make_custom_field, make_cycle, make_product

SHIFT = (
    "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach("
    "e => window.shift += e.value)).observe({type: 'layout-shift', buffered: true})"
)


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("path", ["/django/", "/django/?version=5.2.1"])
def test_nothing_moves_while_the_page_loads(new_page: NewPage, width: int, path: str) -> None:
    page = new_page(width=width)
    page.add_init_script(SHIFT)
    page.goto(path)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") == 0


@pytest.mark.usefixtures("bundled")
def test_html_of_the_image_is_copied(new_page: NewPage) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/django/")
    page.get_by_text("Subscribe", exact=True).first.click()
    page.get_by_role("button", name="Copy HTML").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == page.locator("#embed-html").input_value()
    assert "/django.svg" in text


@pytest.mark.usefixtures("bundled")
def test_texts_to_copy_are_there_without_scripts(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/django/")
    page.get_by_text("Subscribe", exact=True).first.click()
    expect(page.get_by_label("Markdown")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


@pytest.mark.usefixtures("bundled")
def test_printed_page(page: Page) -> None:
    """It has the years above the bars, and the ended releases if they are open."""
    page.goto("/django/")
    page.emulate_media(media="print")
    expect(page.locator(".axis .labels text", has_text="2027")).to_be_visible()
    expect(page.get_by_text("23 no longer supported")).to_be_hidden()
    expect(page.get_by_role("heading", name="Which version do you run?")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_text("23 no longer supported").click()
    page.emulate_media(media="print")
    expect(page.locator("#cycle-4\\.2")).to_be_visible()


@pytest.mark.usefixtures("bundled")
def test_older_releases_are_shown_in_place(page: Page) -> None:
    page.goto("/django/")
    page.get_by_text("23 no longer supported").click()
    page.get_by_role("link", name="13 older releases").click()
    expect(page.locator("#ended tbody tr")).to_have_count(23)
    expect(page.get_by_text("23 no longer supported")).to_be_in_viewport()


@pytest.mark.usefixtures("bundled")
def test_answer_leads_to_a_plan(page: Page) -> None:
    page.goto("/django/?version=4.2.7")
    page.get_by_role("link", name="Plan an upgrade to 5.2").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Upgrade Django 4.2 to 5.2")


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("width", [320, 1280])
def test_odd_data_fits(new_page: NewPage, width: int) -> None:
    """Long names, markup in names, many rows and columns."""
    columns = {f"show_{name}": True for name in ("eoas", "eoes", "discontinued")}
    product = make_product("odd", label="<b>" + "L" * 60, eol_label="E" * 40, **columns)
    for number in range(6):
        make_custom_field(product, "f" * 20 + str(number), display="after-release-column")
    values = {"f" * 20 + str(number): "v" * 50 for number in range(6)}
    make_cycle(product, "n" * 60, release="2026-01-01", eol="2028-01-01", custom=values)
    for number in range(200):
        make_cycle(product, f"{number}", release="2024-01-01", eol="2028-01-01", latest="9" * 40)
    for number in range(200):
        make_cycle(product, f"old {number}" + "o" * 50, release="2020", eol="2021", custom=values)
    page = new_page(width=width)
    page.goto("/odd/?all=odd")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert_fits(page, width)
    expect(page.locator("#ended tbody tr")).to_have_count(200)
