"""The brand of an installation: accent, logo, and their checks."""

from __future__ import annotations

import re

import pytest
from django.core.checks import run_checks
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from releases.presentation import brand
from releases.presentation.brand import contrast, lightened, mix, weakest
from releases.web.refusals import refusal
from tests.factories import make_product

PURPLE = "#7a1f5c"
LINK = re.compile(r'<link rel="stylesheet" href="(/brand\.css\?v=[0-9a-f]{12})">')


def errors() -> dict[str, str]:
    return {each.id or "": each.msg for each in run_checks(tags=["serving"])}


# ---- contrast ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("colour", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#ffffff", 4.00),
    ],
)
def test_contrast_is_that_of_wcag(colour: str, other: str, ratio: float) -> None:
    """The values are those of published contrast checkers; the order makes no difference."""
    assert contrast(colour, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, colour) == contrast(colour, other)


def test_mix_is_between_its_colours() -> None:
    assert mix("#ffffff", "#000000", 0) == "#000000"
    assert mix("#ffffff", "#000000", 1) == "#ffffff"
    assert mix("#ff0000", "#0000ff", 0.5) == "#800080"


@given(st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_every_accent_has_a_readable_one_for_the_dark_scheme(colour: str) -> None:
    assert weakest(lightened(colour), brand.DARK)[0] >= brand.MIN_CONTRAST


def test_accent_that_is_readable_in_the_dark_stays_as_it_is() -> None:
    assert lightened("#84bdf7") == "#84bdf7"


def test_accents_of_the_style_sheets_are_readable(settings: Settings) -> None:
    """The same rule holds for the colours of the project."""
    settings.SITE_ACCENT, settings.SITE_ACCENT_DARK = brand.accents()
    assert list(brand.contrast_problems()) == []


# ---- checks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "colour", "message"),
    [
        (
            "SITE_ACCENT",
            "#ff7f00",
            "SITE_ACCENT is #ff7f00: its contrast with the background #fff4e9 is 2.33:1,"
            " and at least 4.5:1 is needed.",
        ),
        (
            "SITE_ACCENT_DARK",
            "#1457a8",
            "SITE_ACCENT_DARK is #1457a8: its contrast with the background #111e2e is 2.36:1,"
            " and at least 4.5:1 is needed.",
        ),
    ],
)
def test_unreadable_accent_stops_the_start(
    settings: Settings, name: str, colour: str, message: str
) -> None:
    setattr(settings, name, colour)
    assert errors() == {"releases.E004": message}


@pytest.mark.parametrize(
    ("logo", "valid"),
    [
        ("", True),
        ("icon.svg", True),
        ("nope.svg", False),
        ("base.css", False),
        ("../README.md", False),
        ("../../etc/logo.svg", False),
        ("/etc/logo.png", False),
    ],
)
def test_logo_must_be_an_image_among_the_static_files(
    settings: Settings, logo: str, valid: bool
) -> None:
    settings.SITE_LOGO = logo
    assert set(errors()) == (set() if valid else {"releases.E005"})


# ---- pages ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_site_without_a_brand_has_no_style_sheet_of_it(client: Client) -> None:
    html = client.get("/").text
    assert "brand.css" not in html
    assert '<a class="brand" href="/"><svg' in html
    assert client.get("/brand.css").status_code == 404


@pytest.mark.django_db
def test_accent_comes_in_a_style_sheet_that_browsers_keep(
    client: Client, settings: Settings
) -> None:
    """It stands after the tokens that it replaces, and its address changes with its content."""
    settings.SITE_ACCENT = PURPLE
    html = client.get("/").text
    found = LINK.search(html)
    assert found
    assert html.index("tokens.css") < found.start() < html.index("base.css")
    response = client.get(found[1])
    assert response["Content-Type"] == "text/css"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.text == (
        f"@layer tokens {{ :root {{ --accent: light-dark({PURPLE}, {lightened(PURPLE)});"
        " --accent-tint: light-dark(#f4ecf1, #28232c); } }\n"
    )
    assert client.get("/brand.css?v=old")["Cache-Control"] == "public, no-cache"
    settings.SITE_ACCENT_DARK = "#ffc0e0"
    assert found[1] not in client.get("/").text
    assert "#ffc0e0" in client.get("/brand.css").text


@pytest.mark.django_db
def test_dark_accent_alone_keeps_the_light_one(client: Client, settings: Settings) -> None:
    settings.SITE_ACCENT_DARK = "#ffc0e0"
    assert "--accent: light-dark(#1457a8, #ffc0e0);" in client.get("/brand.css").text


@pytest.mark.django_db
def test_logo_stands_for_the_sign_in_header_footer_and_errors(
    client: Client, settings: Settings
) -> None:
    settings.SITE_LOGO, settings.SITE_ACCENT = "icon.svg", PURPLE
    make_product()
    for html in (client.get("/django/").text, refusal(400, "No", "No.").text):
        brands = re.findall(r'<a class="brand".*?</a>', html, re.DOTALL)
        assert brands
        assert all('src="/static/icon.svg"' in each and "<svg" not in each for each in brands)
        assert LINK.search(html)
    assert client.get("/cards/django.png").status_code == 200
