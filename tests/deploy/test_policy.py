"""Production in a browser: no page, including the admin, violates the content security policy."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.deploy.servers import PASSWORD, Site

pytestmark = pytest.mark.deploy

PAGES = (
    *("/", "/?status=active&group=status", "/django/", "/django/?version=4.2.7", "/django/5.2/"),
    *("/products/", "/categories/", "/tags/", "/calendar/", "/search/?q=o", "/api/", "/nothing/"),
    *("/upgrade/django/?from=1.11&to=5.2&python=2.7", "/roadmap.svg", "/django.svg"),
    *("/badges/django/5.2.svg", "/django.atom"),
)
ADMIN = (
    *("", "releases/product/", "releases/product/add/", "releases/releasecycle/"),
    *("releases/releasecycle/add/", "releases/upgradenote/", "releases/tag/", "auth/user/"),
)


@pytest.fixture(scope="module")
def page(site: Site, chromium: Browser) -> Iterator[Page]:
    """A page of a site that is served without https."""
    with site.serve(SECURE_SSL_REDIRECT="0") as server:
        page = chromium.new_page(base_url=f"http://127.0.0.1:{server.port}")
        yield page
        page.close()


def console_messages(page: Page, path: str) -> list[str]:
    """Return the console messages and errors of a page, except for its own status."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(path, wait_until="networkidle")
    return [line for line in messages if "the server responded with a status of 404" not in line]


def test_public_pages_follow_the_policy(page: Page) -> None:
    assert {path: messages for path in PAGES if (messages := console_messages(page, path))} == {}


def test_admin_pages_follow_the_policy(page: Page) -> None:
    page.goto("/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    expect(page).to_have_title(re.compile("^Editors’ desk"))
    paths = [f"/admin/{path}" for path in ADMIN]
    for name in ("releases/product", "releases/releasecycle"):
        page.goto(f"/admin/{name}/")
        paths.append(page.locator("#result_list th a").first.get_attribute("href") or "")
    assert {path: messages for path in paths if (messages := console_messages(page, path))} == {}
