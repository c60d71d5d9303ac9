"""The presentation of a view on screens and on paper, and the brand of an installation."""

from __future__ import annotations

from io import BytesIO
from typing import Literal

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from pytest_django import Settings

from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.usefixtures("bundled")

VIEW = "product=django&product=python&product=postgresql"


def test_presentation_fits_a_projector(new_page: NewPage) -> None:
    """Sixteen rows of three products, with the legend, without scrolling; a link leads back."""
    page = new_page(width=1920, height=1080)
    page.goto(f"/?{VIEW}")
    page.get_by_text("Subscribe", exact=True).first.click()
    page.get_by_role("link", name="Present or print").click()
    page.wait_for_url("**view=present")
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    expect(page.get_by_role("rowheader")).to_have_count(16)
    page.get_by_role("link", name="Back to the roadmap").click()
    expect(page).to_have_url(page.url.partition("&view")[0])
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280, 1920])
def test_presentation_is_accessible(
    new_page: NewPage, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = new_page(width=width, color_scheme=scheme)
    page.goto(f"/?{VIEW}&pin=django:5.2&pin=python:3.14&on=2027-01-01&view=present")
    assert_fits(page, width)
    assert violations(page) == []


def test_presentation_is_one_printed_page(new_page: NewPage) -> None:
    page = new_page(color_scheme="dark")
    page.goto(f"/?{VIEW}&view=present")
    printed = page.pdf(print_background=True, format="A4", landscape=True)
    (sheet,) = PdfReader(BytesIO(printed)).pages
    text = sheet.extract_text()
    assert "21 Nov 2026 (UTC)" in text
    assert "Security fixes only" in text
    assert "Back to the roadmap" not in text


@pytest.mark.parametrize(
    ("scheme", "accent"), [("light", "rgb(122, 31, 92)"), ("dark", "rgb(255, 192, 224)")]
)
def test_brand_colours_links_and_nothing_of_the_phases(
    new_page: NewPage, settings: Settings, scheme: Literal["light", "dark"], accent: str
) -> None:
    settings.SITE_ACCENT, settings.SITE_ACCENT_DARK = "#7a1f5c", "#ffc0e0"
    settings.SITE_LOGO = "icon.svg"
    page = new_page(color_scheme=scheme)
    page.goto("/?lts=1&product=python&product=django")
    colour = "element => getComputedStyle(element).color"
    assert page.get_by_role("link", name="Clear all").first.evaluate(colour) == accent
    bars = page.locator("rect.bar.active").first
    fill = bars.evaluate("element => getComputedStyle(element).fill")
    assert fill == {"light": "rgb(20, 87, 168)", "dark": "rgb(132, 189, 247)"}[scheme]
    assert page.locator("header .brand img").evaluate("image => image.naturalWidth > 0")
    assert violations(page) == []
