"""The stack check in a browser, with and without JavaScript, and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits

pytestmark = pytest.mark.usefixtures("bundled")

both = pytest.mark.parametrize("javascript", [True, False])

FILES = Path(__file__).parents[1] / "formats/stack_files"
DOCKERFILE = "FROM python:3.12-slim\nFROM postgres:13.4\nFROM acme/thing:1\n"


def rows(page: Page) -> Locator:
    """Return the rows of the report."""
    table = page.get_by_role("region", name="What to do, the most urgent first").get_by_role(
        "table"
    )
    return table.get_by_role("row").filter(has=page.get_by_role("rowheader"))


@both
def test_pasted_text_is_reported(new_page: NewPage, javascript: bool) -> None:
    """The most urgent row comes first, and the permalink shows the same report."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/")
    page.get_by_role("link", name="Check your stack").click()
    page.get_by_label("The file as text").fill(DOCKERFILE)
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("heading", name="Your stack")).to_be_visible()
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("PostgreSQL 13.4")
    expect(rows(page).first).to_contain_text("Upgrade now")
    expect(page.get_by_text("1 not in the catalogue")).to_be_visible()
    answers = rows(page).all_inner_texts()
    page.get_by_role("link", name="open it").click()
    page.wait_for_url("**/stack/?of=postgresql:13.4&of=python:3.12")
    assert rows(page).all_inner_texts() == answers
    page.reload()
    assert rows(page).all_inner_texts() == answers


@both
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pip-freeze.txt", "requirements.txt"),
        ("uv.lock", "uv.lock"),
        ("environment.cdx.json", "CycloneDX"),
    ],
)
def test_uploaded_file_is_reported(
    new_page: NewPage, javascript: bool, name: str, kind: str
) -> None:
    page = new_page(java_script_enabled=javascript)
    page.goto("/check/")
    page.get_by_label("or the file itself").set_input_files(FILES / name)
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_text(kind)).to_be_visible()
    expect(rows(page).filter(has_text="Django 4.2.7")).to_contain_text("Upgrade now")


@both
def test_rejected_text_can_be_corrected(new_page: NewPage, javascript: bool) -> None:
    """The pasted text is kept, and the error is at its field."""
    page = new_page(java_script_enabled=javascript)
    page.goto("/check/")
    page.get_by_label("The file as text").fill("no stack")
    page.get_by_role("button", name="Check it").click()
    field = page.get_by_label("The file as text")
    expect(page.get_by_role("alert")).to_contain_text("line 1: “no stack” is no requirement")
    expect(field).to_have_value("no stack")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("Django==4.2.7")
    page.get_by_role("button", name="Check it").click()
    expect(rows(page)).to_have_count(1)


def test_form_and_report_work_by_keyboard(page: Page) -> None:
    """The keyboard reaches the form, the report and the upgrade plan."""
    page.goto("/check/")
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.matches('#pasted')"):
        page.keyboard.press("Tab")
    page.keyboard.type("Django==4.2.7\n")
    page.keyboard.press("Tab")
    expect(page.get_by_label("or the file itself")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check it")).to_be_focused()
    page.keyboard.press("Enter")
    plan = page.get_by_role("link", name="Plan the upgrade")
    expect(plan).to_be_visible()
    while not plan.evaluate("link => link === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/upgrade/django/?from=4.2&to=latest")


def test_badge_snippet_is_shown(page: Page) -> None:
    page.goto("/stack/?of=django:4.2.7&of=python:3.12")
    page.get_by_text("Badge for a readme").click()
    expect(page.get_by_label("Markdown")).to_have_value(
        r"""[![stack](ADDRESS/badges/stack.svg?of=django:4.2.7&amp;of=python:3.12)]"""
        r"""(ADDRESS/stack/?of=django:4.2.7&amp;of=python:3.12)""".replace(
            "ADDRESS", page.evaluate("location.origin")
        )
    )
    assert page.get_by_role("img", name="stack").evaluate("image => image.naturalWidth") > 50


@pytest.mark.parametrize("width", [320, 375, 768, 959, 960, 1280, 1920])
def test_pages_fit_every_width(new_page: NewPage, width: int) -> None:
    """Nothing scrolls sideways, and no text is smaller than 12 px."""
    page = new_page(width=width)
    for path in (
        "/check/",
        "/stack/?of=django:4.2.7&of=mongodb:6.0.5&of=ubuntu:noble&of=nope:1&on=2027-05-01",
    ):
        page.goto(path)
        assert_fits(page, width)
