"""Steps and assertions shared by the browser tests."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

PASSWORD = "a-long-pass-phrase"
"""The password of every user."""

SMALLEST_TEXT = (
    "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.textContent.trim())"
    ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
)


def log_in(page: Page, name: str = "editor", address: str = "/admin/") -> Page:
    """Create a superuser and log in on the way to `address`."""
    get_user_model()._default_manager.create_superuser(name, password=PASSWORD)
    return log_in_as(page, name, address)


def log_in_as(page: Page, name: str, address: str = "/admin/") -> Page:
    """Log in as an existing user."""
    page.goto(address)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name=f"Account: {name}")).to_be_visible()
    expect(page.get_by_role("link", name="Release cycles", exact=True).first).to_be_visible()
    return page


def save_and_continue(page: Page) -> None:
    """Save a form from the menu beside the button, and stay on the form."""
    page.locator(".submit-row summary").click()
    page.get_by_role("button", name="Save and continue editing").click()


def assert_fits(page: Page, width: int) -> None:
    """Assert that nothing scrolls sideways and that no text is smaller than 12 px."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.evaluate(SMALLEST_TEXT) >= 12, page.url
