"""The stack check in a browser, with and without JavaScript, and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits, at_every_width

pytestmark = pytest.mark.usefixtures("bundled")

both = pytest.mark.parametrize("javascript", [True, False])

FILES = Path(__file__).parents[1] / "stacks"
DOCKERFILE = "FROM python:3.12-slim\nFROM postgres:13.4\nFROM acme/thing:1\n"


def rows(page: Page) -> Locator:
    """Return the rows of the report."""
    table = page.get_by_role("table", name="What to do, most urgent first")
    return table.get_by_role("row").filter(has=page.get_by_role("rowheader"))


@both
def test_pasted_text_is_reported(new_page: NewPage, javascript: bool) -> None:
    """The most urgent row comes first, and the permalink shows the same report."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/")
    page.get_by_role("link", name="Check your stack").click()
    page.get_by_label("Paste the text of the file").fill(DOCKERFILE)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="Your stack")).to_be_visible()
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("PostgreSQL 13.4")
    expect(rows(page).first).to_contain_text("line 2")
    expect(rows(page).first).to_contain_text("Upgrade to 18 now")
    expect(page.get_by_role("link", name="1 not recognised")).to_be_visible()
    answers = rows(page).get_by_role("link").all_inner_texts()
    page.get_by_role("link", name="address of this stack").click()
    page.wait_for_url("**/stack/?of=postgresql:13.4&of=python:3.12")
    assert rows(page).get_by_role("link").all_inner_texts() == answers
    page.reload()
    assert rows(page).get_by_role("link").all_inner_texts() == answers


@both
def test_recognised_text_leads_to_its_address(new_page: NewPage, javascript: bool) -> None:
    """It can be reloaded, and the way back leads to the form."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/check/")
    page.get_by_label("Paste the text of the file").fill("FROM python:3.12\n")
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_url("**/stack/?of=python:3.12")
    page.reload()
    expect(rows(page)).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("heading", name="Check your stack")).to_be_visible()


@both
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("requirements/pip/pip-freeze.txt", "requirements.txt"),
        ("uv-lock/project/uv.lock", "uv.lock"),
        ("cyclonedx/python/environment.cdx.json", "CycloneDX"),
    ],
)
def test_uploaded_file_is_reported(
    new_page: NewPage, javascript: bool, name: str, kind: str
) -> None:
    page = new_page(java_script_enabled=javascript)
    page.goto("/check/")
    page.get_by_label("Or upload files").set_input_files(FILES / name)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text(f"{kind}, ")).to_be_visible()
    expect(rows(page).filter(has_text="Django 4.2.7")).to_contain_text("Upgrade to 6.1 now")


@both
def test_rejected_text_can_be_corrected(new_page: NewPage, javascript: bool) -> None:
    """The pasted text is kept, and the question is answered by a choice."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/check/")
    page.get_by_label("Paste the text of the file").fill("3.10")
    page.get_by_role("button", name="Check", exact=True).click()
    field = page.get_by_label("Paste the text of the file")
    expect(page.get_by_role("alert")).to_contain_text("What is the file called?")
    expect(field).to_have_value("3.10")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Kind of file").select_option(".python-version")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(rows(page)).to_contain_text("Python 3.10")


def test_form_and_report_work_by_keyboard(page: Page) -> None:
    """The keyboard reaches the form, the report and the upgrade plan."""
    page.goto("/check/")
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.matches('#pasted')"):
        page.keyboard.press("Tab")
    page.keyboard.type("Django==4.2.7\n")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Or upload files")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Kind of file")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Options", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    plan = page.get_by_role("link", name="Plan an upgrade of Django 4.2.7")
    expect(plan).to_be_visible()
    while not plan.evaluate("link => link === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/upgrade/django/?from=4.2&to=latest")


def test_address_embed_and_badge_are_copied(new_page: NewPage) -> None:
    """Each button copies the text beside it, with the signs of HTML as they are."""
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/stack/?of=django:4.2.7&of=python:3.12")
    origin = page.evaluate("location.origin")
    address, query = page.url, "of=django:4.2.7&amp;of=python:3.12"
    page.get_by_text("Embed the timeline").click()
    page.get_by_text("Badge for a README").click()
    copied = {}
    for name in ("permalink", "embed", "badge-markdown"):
        page.locator(f"[data-copy={name}]").click()
        expect(page.locator(f"[data-copy={name}]")).to_have_text("Copied")
        copied[name] = page.evaluate("navigator.clipboard.readText()")
    assert copied["permalink"] == address
    assert copied["embed"] == (
        f'<a href="{origin}/stack/?{query}"><img src="{origin}/stack.svg?{query}"'
        ' alt="Timeline of a stack"></a>'
    )
    assert copied["badge-markdown"] == (
        f"[![stack]({origin}/badges/stack.svg?{query})]({origin}/stack/?{query})"
    )
    assert page.get_by_role("img", name="stack").evaluate("image => image.naturalWidth") > 50


@pytest.mark.parametrize("width", [375, 1280])
def test_timeline_follows_the_table(new_page: NewPage, width: int) -> None:
    """A bar of each cycle is drawn, beside its dates or below them."""
    page = new_page(width=width)
    page.goto("/stack/?of=django:4.2.7&of=python:3.12")
    table = page.get_by_role("table", name="Timeline")
    expect(table.get_by_role("rowheader")).to_have_count(2)
    for drawing in table.locator("svg.bars").all():
        box = drawing.bounding_box()
        assert box
        assert box["width"] > 250
        assert box["height"] > 30


def test_printed_stack_has_what_to_do(page: Page) -> None:
    """Buttons and menus are left out."""
    page.goto("/stack/?of=django:4.2.7&of=python:3.12")
    page.emulate_media(media="print")
    expect(rows(page)).to_have_count(2)
    for button in page.get_by_role("button").all():
        expect(button).to_be_hidden()
    expect(page.get_by_role("navigation")).to_have_count(0)


def test_pages_fit_every_width(page: Page) -> None:
    """Nothing scrolls sideways, and no text is smaller than 12 px."""
    for path in (
        "/check/",
        "/stack/?of=django:4.2.7&of=mongodb:6.0.5&of=ubuntu:noble&of=nope:1&on=2027-05-01",
    ):
        page.goto(path)
        for width in at_every_width(page):
            assert_fits(page, width)
