"""axe-core finds no violations on any kind of page, in both themes, on phone and desktop."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.usefixtures("bundled_with_notes")

PATHS = [
    "/",
    "/?status=security&on=2028-01-01&tag=nope",
    "/?q=nothing-has-this-name",
    "/?view=present&product=django&product=python&pin=django:5.2&on=2028-01-01&tag=nope",
    "/?view=present&product=django&product=python&pin=django:5.2",
    "/?pin=django:5.2&pin=python:3.14&on=2028-01-01",
    "/?group=status&sort=eol",
    "/django/",
    "/ubuntu/",
    "/django/5.2/",
    "/django/6.2/",
    "/django/?version=5.2.1",
    "/ubuntu/?version=17",
    "/upgrade/",
    "/upgrade/?product=djnago&from=3.2",
    "/upgrade/django/",
    "/upgrade/django/?from=1.6&to=lts&python=2.7",
    "/upgrade/django/?from=2.2&to=lts&python=3.7&database=PostgreSQL%2011",
    "/upgrade/django/?from=9&to=x&python=y&every=z&on=w",
    "/upgrade/postgresql/?from=9.6&on=2028-01-01",
    "/check/",
    "/stack/?of=django:4.2.7&of=django:77&of=python:3.12&of=nope:1&of=bad&on=2027-05-01",
    "/products/",
    "/tags/",
    "/categories/",
    "/categories/os/",
    "/calendar/",
    "/calendar/?list=ended&from=2024-01",
    "/calendar/?q=nothing&product=nope&on=2027-01-01&list=bad",
    "/changes/",
    "/changes/?product=django&product=nope",
    "/?known_on=2026-11-20&group=status",
    "/?known_on=2020-01-01&on=2020-01-01",
    "/api/",
    "/about/data/",
    "/about/statuses/",
    "/about/accessibility/",
    "/about/privacy/",
    "/subscribe/?view=/django/",
    "/subscribe/?view=/%3Fpin%3Ddjango:5.2&channel=webhook",
    "/subscribe/sent/",
    "/search/?q=djnago",
]

STACK = "Django==4.2.7\nRedis>=4\n"


# Rules of axe whose result depends on colours.
COLOURS = ("color-contrast", "link-in-text-block")

# The narrowest page that must work, and a wide one: those between differ in no element or style
# that axe reads.
widths = pytest.mark.parametrize("width", [320, 1280])


@widths
def test_pages_have_no_violations(new_page: NewPage, width: int) -> None:
    page = new_page(width=width)
    for path in PATHS:
        page.goto(path)
        assert violations_in_both_themes(page) == [], path


@widths
def test_check_responses_have_no_violations(new_page: NewPage, width: int) -> None:
    """A report with known and unknown parts, and a rejected file."""
    page = new_page(width=width)
    for text in (f"{STACK}unknown==1\n./x\n", "no stack\n"):
        page.goto("/check/")
        page.get_by_label("Paste the text of the file").fill(text)
        page.get_by_role("button", name="Check", exact=True).click()
        page.wait_for_load_state()
        assert violations_in_both_themes(page) == [], text


def test_printed_pages_have_no_violations(new_page: NewPage) -> None:
    page = new_page()
    page.emulate_media(media="print")
    for path in ("/?product=django", "/upgrade/django/?from=4.2&python=3.12"):
        page.goto(path)
        assert violations(page, targets=False) == [], path


def test_pages_scroll_smoothly_unless_people_prefer_reduced_motion(new_page: NewPage) -> None:
    for options, behaviour in (({"reduced_motion": "no-preference"}, "smooth"), ({}, "auto")):
        page = new_page(**options)
        page.goto("/")
        found = page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")
        assert found == behaviour


def test_404_page_has_no_violations(new_page: NewPage) -> None:
    page = new_page()
    html = page.request.get("/no/such/page/").text()
    # The browser reports the status 404 as an error.
    page.route("**/no/such/page/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("/no/such/page/")
    assert violations(page) == []


def violations_in_both_themes(page: Page) -> list[str]:
    """Return the violations in the light theme, and those of colours in the dark one."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += violations(page, rules=COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def violations(page: Page, *, targets: bool = True, rules: tuple[str, ...] = ()) -> list[str]:
    """Return the violations on a page.

    Args:
        page: The page.
        targets: Whether to check the size of targets, too.
        rules: The rules to check, all if empty.
    """
    # axe is injected, not served, so it needs no exception in the policy. Preloading is off because
    # axe would inline the style sheets it fetches, which the policy forbids.
    options: dict[str, object] = {
        "resultTypes": ["violations"],
        "preload": False,
        "rules": {"target-size": {"enabled": targets}},  # of WCAG 2.2, off by default
    }
    if rules:
        options["runOnly"] = list(rules)
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(RUN_AXE, options)
    return found


RUN_AXE = """options => axe.run(options).then(({violations}) => violations.map(
  ({id, nodes}) => `${id}: ${nodes.map(node => node.html.slice(0, 120)).join(" ")}`))"""
