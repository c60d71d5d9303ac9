"""Recommendations and the upgrade planner in a browser, with and without JavaScript."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits, at_every_width

pytestmark = pytest.mark.usefixtures("bundled_with_notes")

both = pytest.mark.parametrize("javascript", [True, False])


@both
def test_recommendation_for_a_typed_version(new_page: NewPage, javascript: bool) -> None:
    """The recommendation has its own URL, and the back button works."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/django/")
    page.get_by_label("Your version of Django").fill("5.2.1")
    page.get_by_role("button", name="Check").click()
    page.wait_for_url("**/django/?version=5.2.1")
    answer = page.get_by_role("region", name="No need to upgrade. Install the patch 5.2.19.")
    expect(answer).to_contain_text("You are missing 14 security releases")
    expect(answer).to_contain_text('python -m pip install "Django==5.2.19"')
    expect(page.get_by_label("Your version of Django")).to_have_value("5.2.1")
    page.get_by_label("Your version of Django").fill("6.1.3")
    page.get_by_label("Your version of Django").press("Enter")
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
        page.get_by_label("Your version of Ubuntu").fill("22.04.3")
        page.get_by_role("button", name="Check").click()
        page.wait_for_url("**/?version=22.04.3")
        expect(page.locator("#headline")).to_be_visible()
        answers.append(page.locator("#verdict .row").last.inner_html())
    assert answers[0] == answers[1]


def test_recommendation_is_announced_and_keeps_focus(page: Page) -> None:
    page.goto("/django/")
    field = page.get_by_label("Your version of Django")
    field.fill("4.2.7")
    field.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Yes. Support ended on 7 Apr 2026.")
    expect(field).to_be_focused()


def test_command_is_copied(new_page: NewPage) -> None:
    """The button also works in content that htmx swapped in."""
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/django/")
    page.get_by_label("Your version of Django").fill("5.2.1")
    page.get_by_role("button", name="Check").click()
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
    page.get_by_label("You run Django").fill("1.11")
    page.get_by_label("on Python").fill("2.7")
    page.get_by_label("Upgrade to").select_option("lts")
    page.get_by_role("button", name="Plan the upgrade").click()
    page.wait_for_url("**/upgrade/django/?from=1.11&python=2.7&to=lts*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Upgrade Django 1.11 to 5.2 LTS")
    expect(page.get_by_label("You run Django")).to_have_value("1.11")
    expect(page.locator(".step")).to_have_count(15)
    step = page.get_by_role("region", name="Python 2.7 to 3.7")
    expect(step.get_by_role("heading", name="Change to Python 3 on 1.11")).to_be_visible()


class Clicks:
    """A page whose clicks are counted. Typing and choosing an option of a field are none."""

    def __init__(self, page: Page) -> None:
        self.page, self.number = page, 0

    def click(self, role: Literal["link", "button"], name: str) -> None:
        self.page.locator("main").get_by_role(role, name=name, exact=True).first.click()
        self.number += 1


@both
def test_way_from_django_3_2_to_5_2_takes_three_clicks(new_page: NewPage, javascript: bool) -> None:
    """The task: how do I get from Django 3.2 to 5.2? It begins on the home page."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/")
    clicks = Clicks(page)
    page.locator("main a[href='/upgrade/']").click()
    page.get_by_label("Product", exact=True).fill("django")
    page.get_by_label("You run").fill("3.2")
    page.get_by_label("Upgrade to").select_option("latest LTS")
    clicks.click("button", "Plan the upgrade")
    expect(page.get_by_role("heading", level=1)).to_have_text("Upgrade Django 3.2 to 5.2 LTS")
    expect(page.get_by_role("region", name="Django 5.1 to 5.2")).to_be_visible()
    assert 1 + clicks.number <= 3


def test_way_from_the_roadmap_takes_two_clicks(page: Page) -> None:
    """Each product of the roadmap links to its plan."""
    page.goto("/")
    clicks = Clicks(page)
    page.get_by_role("region", name="Django").get_by_role("link", name="Plan an upgrade").click()
    page.get_by_label("You run Django").fill("3.2")
    page.get_by_label("Upgrade to").select_option("5.2")
    clicks.click("button", "Plan the upgrade")
    expect(page.get_by_role("heading", level=1)).to_have_text("Upgrade Django 3.2 to 5.2 LTS")
    assert 1 + clicks.number == 2


def test_popular_product_leads_to_its_form(page: Page) -> None:
    page.goto("/upgrade/")
    page.get_by_role("list", name="Popular products").get_by_role("link", name="Django").click()
    expect(page.get_by_label("You run Django")).to_be_visible()


@both
def test_error_is_reported_at_its_field(new_page: NewPage, javascript: bool) -> None:
    page = new_page(java_script_enabled=javascript)
    page.goto("/upgrade/django/")
    page.get_by_label("You run Django").fill("9")
    page.get_by_role("button", name="Plan the upgrade").click()
    field = page.get_by_label("You run Django")
    expect(field).to_have_accessible_description(
        "No release of Django that is known here is called “9”."
        " The newest supported ones are 6.1, 6.0, 5.2."
    )
    expect(field).to_have_value("9")
    page.goto("/upgrade/?product=djnago&from=3.2")
    field = page.get_by_label("Product", exact=True)
    expect(field).to_have_accessible_description("There is no product “djnago” here.")
    page.get_by_role("link", name="Django", exact=True).first.click()
    page.wait_for_url("**/upgrade/django/?from=3.2")


PLAN = "/upgrade/django/?from=4.2&to=lts&python=3.12"


def test_ticks_are_kept_for_each_plan(page: Page) -> None:
    """They are set by mouse or keyboard, and last until they are taken away."""
    page.goto(PLAN)
    expect(page.get_by_text("Your ticks are kept in this browser only.")).to_be_visible()
    page.get_by_label("Step 2 done: Django 5.0 to 5.1").check()
    backup = page.get_by_label("There is a backup, and you have restored it once.")
    backup.focus()
    page.keyboard.press("Space")
    page.reload()
    expect(page.get_by_label("Step 2 done: Django 5.0 to 5.1")).to_be_checked()
    expect(backup).to_be_checked()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    page.goto(PLAN.replace("4.2", "5.0"))
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    page.goto(PLAN)
    for box in page.get_by_role("checkbox", checked=True).all()[::-1]:
        box.uncheck()
    page.reload()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("stored", ["no JSON", "null", "7"])
def test_foreign_ticks_are_ignored(page: Page, stored: str) -> None:
    page.goto(PLAN)
    page.evaluate(
        "text => localStorage.setItem(`plan ${document.querySelector('[data-plan]').dataset.plan}`,"
        " text)",
        stored,
    )
    page.reload()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    page.get_by_label("Step 1 done: Django 4.2 to 5.0").check()
    page.reload()
    expect(page.get_by_label("Step 1 done: Django 4.2 to 5.0")).to_be_checked()


def test_ticks_without_javascript(new_page: NewPage) -> None:
    """Boxes can be ticked; the page does not claim to keep them."""
    page = new_page(java_script_enabled=False)
    page.goto(PLAN)
    page.get_by_label("Step 1 done: Django 4.2 to 5.0").check()
    expect(page.get_by_text("Your ticks are kept in this browser only.")).to_be_hidden()


def test_checklist_and_commands_are_copied(new_page: NewPage) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(PLAN)
    page.get_by_text("Save this plan").click()
    page.locator("[data-copy-from]").click()
    expect(page.locator("[data-copy-from]")).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("# Upgrade Django 4.2 to 5.2\n")
    page.keyboard.press("Escape")
    step = page.get_by_role("region", name="Django 5.1 to 5.2")
    step.get_by_role("button", name="Copy").click()
    expect(step.get_by_role("button", name="Copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == 'python -m pip install "Django==5.2.19"'


def test_routine_stays_in_view(page: Page) -> None:
    """It stands beside the steps, wherever the visitor is."""
    page.goto("/upgrade/django/?from=1.11&to=lts&python=2.7")
    page.get_by_role("region", name="Django 5.1 to 5.2").scroll_into_view_if_needed()
    expect(page.get_by_role("complementary", name="At every step")).to_be_in_viewport()


def test_recommendation_links_to_the_plan(page: Page) -> None:
    page.goto("/stack/?of=django:4.2.7")
    page.get_by_role("link", name="Plan an upgrade of Django 4.2.7").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Upgrade Django 4.2 to 6.1")
    page.get_by_text("Save this plan").click()
    expect(page.get_by_role("link", name="Download .md")).to_have_attribute(
        "href", "/upgrade/django.md?from=4.2&to=latest"
    )


def test_pages_fit_every_width(page: Page) -> None:
    """Nothing scrolls sideways, and no text is smaller than 12 px."""
    for path in (
        "/django/?version=5.2.1",
        "/upgrade/",
        "/upgrade/?product=djnago&from=3.2",
        "/upgrade/django/?from=1.6&to=lts&python=2.7",
        "/upgrade/django/?from=9&to=x&python=y&every=z&on=w",
    ):
        page.goto(path)
        for width in at_every_width(page):
            assert_fits(page, width)


def test_printed_plan(page: Page) -> None:
    """It contains the plan without form and buttons, on few pages."""
    page.goto("/upgrade/django/?from=4.2&to=lts&python=3.12")
    page.emulate_media(media="print")
    expect(page.locator("#question")).to_be_hidden()
    expect(page.get_by_role("heading", name="Django 4.2 to 5.0")).to_be_visible()
    expect(page.get_by_text("The plan of 21 Nov 2026")).to_be_visible()
    expect(page.get_by_role("heading", name="At every step")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    for query in ("", "&database=PostgreSQL 11"):
        page.goto(f"/upgrade/django/?from=2.2&to=lts&python=3.7{query}")
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") <= 3
