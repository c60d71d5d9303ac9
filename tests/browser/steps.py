"""Steps and assertions shared by the browser tests."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page, expect

PASSWORD = "a-long-pass-phrase"
"""The password of every user."""

SMALLEST_TEXT = (
    "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.textContent.trim())"
    ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
)


def log_in(page: Page, name: str = "editor", address: str = "/admin/") -> Page:
    """Create a superuser, log in without the form, and open `address`."""
    get_user_model()._default_manager.create_superuser(name, password=PASSWORD)
    return log_in_as(page, name, address)


def log_in_as(page: Page, name: str, address: str = "/admin/") -> Page:
    """Log in as an existing user without the form, and open `address`."""
    add_session(page, name)
    page.goto(address)
    expect(page.get_by_role("button", name=f"Account: {name}")).to_be_visible()
    return page


def add_session(page: Page, name: str) -> None:
    """Give the browser the cookie of a session of an existing user."""
    client = Client()
    client.force_login(get_user_model()._default_manager.get_by_natural_key(name))
    cookie = client.cookies["sessionid"]
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}]
    )


def wait_for_htmx(page: Page) -> None:
    """Wait until the page is loaded and htmx waits for no response, as leaving would abort it."""
    page.wait_for_load_state()
    expect(page.locator(".htmx-request")).to_have_count(0)


def save_and_continue(page: Page) -> None:
    """Save a form from the menu beside the button, and stay on the form."""
    page.locator(".submit-row summary").click()
    page.get_by_role("button", name="Save and continue editing").click()


def assert_fits(page: Page, width: int) -> None:
    """Assert that nothing scrolls sideways and that no text is smaller than 12 px."""
    assert page.evaluate("innerWidth") == width
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.evaluate(SMALLEST_TEXT) >= 12, page.url


def at_every_width(page: Page) -> Iterator[int]:
    """Resize the page to the widths that people have and those beside a change of the layout."""
    for width in (320, 375, 640, 768, 959, 960, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        yield width
