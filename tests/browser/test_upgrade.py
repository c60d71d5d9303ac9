"""Recommendations and the upgrade planner in a browser, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits

pytestmark = pytest.mark.usefixtures("bundled_with_notes")

both = pytest.mark.parametrize("javascript", [True, False])


@both
def test_recommendation_for_a_typed_version(new_page: NewPage, javascript: bool) -> None:
    """The recommendation has its own URL, and the back button works."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/django/")
    page.get_by_label("I run version").fill("5.2.1")
    page.get_by_role("button", name="Should I upgrade?").click()
    page.wait_for_url("**/django/?version=5.2.1")
    answer = page.get_by_role("region", name="No need to upgrade. Install the patch 5.2.19.")
    expect(answer).to_contain_text("You are missing 14 security releases")
    expect(answer).to_contain_text('python -m pip install "Django==5.2.19"')
    expect(page.get_by_label("I run version")).to_have_value("5.2.1")
    page.get_by_label("I run version").fill("6.1.3")
    page.get_by_label("I run version").press("Enter")
    page.wait_for_url("**/django/?version=6.1.3")
    expect(page.get_by_role("region", name="No need to upgrade. 6.1 gets support")).to_be_visible()
    page.go_back()
    page.wait_for_url("**/django/?version=5.2.1")
    expect(answer).to_be_visible()


def test_recommendation_is_the_same_without_javascript(new_page: NewPage) -> None:
    """htmx swaps in the same fragment that the page contains."""
    answers = []
    for javascript in (True, False):
        page = new_page(java_script_enabled=javascript)
        page.goto("/ubuntu/")
        page.get_by_label("I run version").fill("22.04.3")
        page.get_by_role("button", name="Should I upgrade?").click()
        page.wait_for_url("**/?version=22.04.3")
        expect(page.locator("#headline")).to_be_visible()
        answers.append(page.locator("#verdict .links").inner_html())
    assert answers[0] == answers[1]


def test_recommendation_is_announced_and_keeps_focus(page: Page) -> None:
    page.goto("/django/")
    field = page.get_by_label("I run version")
    field.fill("4.2.7")
    field.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Yes. Support ended on 7 Apr 2026.")
    expect(field).to_be_focused()


def test_command_is_copied(new_page: NewPage) -> None:
    """The button also works in content that htmx swapped in."""
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/django/")
    page.get_by_label("I run version").fill("5.2.1")
    page.get_by_role("button", name="Should I upgrade?").click()
    button = page.locator("#verdict").get_by_role("button", name="Copy")
    button.click()
    expect(page.locator("#verdict").get_by_role("button", name="Copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == 'python -m pip install "Django==5.2.19"'


@both
def test_plan_from_the_form(new_page: NewPage, javascript: bool) -> None:
    """This is the worked example of the upgrade guide."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/upgrade/django/")
    page.get_by_label("I run Django").fill("1.11")
    page.get_by_label("on Python").fill("2.7")
    page.get_by_label("and want to go to").select_option("lts")
    page.get_by_role("button", name="Plan it").click()
    page.wait_for_url("**/upgrade/django/?from=1.11&python=2.7&to=lts")
    table = page.get_by_role("region", name="At a glance").get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(16)
    expect(table.get_by_role("row").nth(1)).to_contain_text("1. Python 2.7 → 3.7")
    expect(page.get_by_label("I run Django")).to_have_value("1.11")
    step = page.get_by_role("region", name="1. Python 2.7 → 3.7")
    expect(step.get_by_role("heading", name="Change to Python 3 on 1.11")).to_be_visible()
    table.get_by_role("link", name="14. Django 5.1 → 5.2").click()
    expect(page.get_by_role("region", name="14. Django 5.1 → 5.2")).to_be_in_viewport()


@both
def test_error_is_reported_at_its_field(new_page: NewPage, javascript: bool) -> None:
    page = new_page(java_script_enabled=javascript)
    page.goto("/upgrade/django/")
    page.get_by_label("I run Django").fill("9")
    page.get_by_role("button", name="Plan it").click()
    field = page.get_by_label("I run Django")
    expect(field).to_have_accessible_description(
        "No release of Django that is known here is called “9”."
        " The newest supported ones are 6.1, 6.0, 5.2."
    )
    expect(field).to_have_value("9")


def test_recommendation_links_to_the_plan(page: Page) -> None:
    page.goto("/django/?version=4.2.7")
    page.get_by_role("link", name="Plan the upgrade to 5.2").click()
    expect(page.get_by_role("heading", name="Django 4.2 → 5.2", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="checklist to paste")).to_have_attribute(
        "href", "/upgrade/django.md?from=4.2&to=lts"
    )


@pytest.mark.parametrize("width", [320, 375, 768, 959, 960, 1280, 1920])
def test_pages_fit_every_width(new_page: NewPage, width: int) -> None:
    """Nothing scrolls sideways, and no text is smaller than 12 px."""
    page = new_page(width=width)
    for path in (
        "/django/?version=5.2.1",
        "/upgrade/django/?from=1.6&to=lts&python=2.7",
        "/upgrade/django/?from=9&to=x&python=y&every=z&on=w",
    ):
        page.goto(path)
        assert_fits(page, width)


def test_printed_plan(page: Page) -> None:
    """It contains the plan without the form."""
    page.goto("/upgrade/django/?from=4.2&to=lts&python=3.12")
    page.emulate_media(media="print")
    expect(page.locator("#question")).to_be_hidden()
    expect(page.get_by_role("heading", name="1. Django 4.2 → 5.0")).to_be_visible()
    expect(page.get_by_text("The plan of 21 Nov 2026")).to_be_visible()
