"""Badges: text, appearance, embedding policy and the snippets to paste."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from markdown_it import MarkdownIt
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.status import Status
from releases.models import Product
from releases.presentation.badges import COLOURS, LABEL_COLOURS, UNKNOWN_COLOURS
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = Path(__file__).with_name("badge.svg")


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", aliases=["djang"])
    make_cycle(product, "6.2", release="2027-04", eol="2030-04")
    make_cycle(product, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30")
    make_cycle(product, "4.2", release="2023-04-03", eol="2026-04-30", eoes="2029")
    make_cycle(product, "1.4", release="2012-03-23", eol="2015-10-01")
    return product


def words(client: Client, path: str) -> list[str]:
    """Return the texts in a badge."""
    root = ET.fromstring(client.get(path).content)
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def data(client: Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(path).content)
    return found


def light(colour: str) -> float:
    """Return the relative luminance of a colour as defined by WCAG."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [*COLOURS.values(), LABEL_COLOURS, UNKNOWN_COLOURS])
def test_text_contrast_is_sufficient(colours: tuple[str, str]) -> None:
    """The ratio is at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    darker, lighter = sorted(map(light, colours))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_status_has_its_own_colour() -> None:
    assert set(COLOURS) == set(Status)
    assert len({ground for ground, _ in COLOURS.values()}) == len(Status)


def test_badge_equals_golden_file(client: Client, django: Product) -> None:
    """The golden file was checked by eye; check the new badge before replacing it."""
    assert client.get("/badges/django/5.2.svg").content.decode() == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize(
    ("cycle", "message"),
    [
        ("6.2", "planned for Apr 2027"),
        ("6.1", "active until 30 Apr 2027"),
        ("5.2", "security until 30 Apr 2028"),
        ("4.2", "security support ended on 30 Apr 2026"),
        ("1.4", "end of life since 1 Oct 2015"),
    ],
)
def test_image_title_and_data_have_the_same_message(
    client: Client, django: Product, cycle: str, message: str
) -> None:
    path = f"/badges/django/{cycle}"
    root = ET.fromstring(client.get(f"{path}.svg").content)
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert root.get("aria-labelledby") == title.get("id")
    assert title.text == f"django {cycle}: {message}"
    assert words(client, f"{path}.svg") == [f"django {cycle}", message]
    found = data(client, f"{path}.json")
    assert (found["label"], found["message"]) == (f"django {cycle}", message)


def test_badge_as_of_another_date(client: Client, django: Product) -> None:
    message = "end of life since 30 Apr 2028"
    assert words(client, "/badges/django/5.2.svg?on=2028-05-01")[1] == message
    assert data(client, "/badges/django/5.2.json?on=2028-05-01")["message"] == message


def test_json_has_the_shields_io_schema(client: Client, django: Product) -> None:
    assert data(client, "/badges/django/5.2.json") == {
        "schemaVersion": 1,
        "label": "django 5.2",
        "message": "security until 30 Apr 2028",
        "color": "#f0b429",
        "labelColor": "#2b3138",
        "cacheSeconds": 3600,
    }


def test_latest_is_the_first_released_cycle(client: Client, django: Product) -> None:
    """Cycles are taken in the order of the product."""
    assert words(client, "/badges/django/latest.svg")[0] == "django 6.1"
    assert words(client, "/badges/django/latest.svg?on=2027-04-30")[0] == "django 6.2"
    assert data(client, "/badges/django/latest.json")["label"] == "django 6.1"
    make_cycle(django, "latest", release="no")
    assert words(client, "/badges/django/latest.svg") == ["django latest", "planned"]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/badges/django/9", "django 9"),
        ("/badges/nope/1", "nope 1"),
        ("/badges/acme/latest", "acme latest"),
        ("/badges/django/%3Cb%3E%0A", "django <b>"),
        ("/badges/django/" + "9" * 500, "django " + "9" * 52 + "…"),
    ],
)
def test_unknown_names_get_a_badge_with_status_404(
    client: Client, django: Product, path: str, label: str
) -> None:
    """A README can still display the badge."""
    make_product("acme")
    response = client.get(f"{path}.svg")
    assert response.status_code == 404
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert words(client, f"{path}.svg") == [label, "not found"]
    response = client.get(f"{path}.json")
    assert response.status_code == 404
    found = json.loads(response.content)
    assert (found["label"], found["message"], found["isError"]) == (label, "not found", True)


def test_hostile_names_are_escaped(client: Client) -> None:
    make_cycle(make_product("evil"), "1&;]](x)", release="no")
    path = "/badges/evil/1%26%3B%5D%5D%28x%29"
    assert words(client, f"{path}.svg")[0] == "evil 1&;]](x)"


def test_badge_can_be_embedded_anywhere(client: Client, django: Product) -> None:
    """It contains no scripts, styles or external resources."""
    for path in ("/badges/django/5.2.svg", "/badges/django/nope.svg"):
        response = client.get(path)
        assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors *"
        assert "X-Frame-Options" not in response
        text = response.content.decode()
        assert "style" not in text
        assert "href" not in text


@pytest.mark.parametrize("form", ["svg", "json"])
def test_badge_is_readable_cross_origin(client: Client, django: Product, form: str) -> None:
    path = f"/badges/django/5.2.{form}"
    response = client.get(path)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Vary" not in response or "Cookie" not in response["Vary"]
    assert not response.cookies
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("form", ["svg", "json"])
def test_alias_redirects_to_the_product(client: Client, django: Product, form: str) -> None:
    response = client.get(f"/badges/djang/5.2.{form}?on=2028-01-01")
    assert response.status_code == 301
    assert response["Location"] == f"/badges/django/5.2.{form}?on=2028-01-01"


@pytest.mark.parametrize("form", ["svg", "json"])
def test_query_budget(
    client: Client,
    django: Product,
    django_assert_num_queries: DjangoAssertNumQueries,
    form: str,
) -> None:
    # product, cycles
    with django_assert_num_queries(2):
        client.get(f"/badges/django/5.2.{form}")


# ---- verdict badges


VERDICT = "/badges/django.{}?version=4.2.1"


def test_verdict_badge_shows_the_recommendation(client: Client, django: Product) -> None:
    """Text and colour are those of the product page."""
    assert words(client, VERDICT.format("svg")) == [
        "django 4.2.1",
        "security support ended on 30 Apr 2026",
    ]
    found = data(client, VERDICT.format("json"))
    assert (found["message"], found["color"]) == (
        "security support ended on 30 Apr 2026",
        "#6b3fa0",
    )
    assert words(client, "/badges/django.svg?version=4.2.1&on=2030-01-01")[1] == "upgrade now"


@pytest.mark.parametrize("version", ["<b>&amp;\n", "9" * 500, "\x00", ""])
def test_hostile_versions_are_escaped(client: Client, django: Product, version: str) -> None:
    response = client.get("/badges/django.svg", {"version": version})
    assert response.status_code == 404
    texts = ["".join(each.itertext()) for each in ET.fromstring(response.content)]
    assert "not found" in " ".join(texts)
    assert b"<b>" not in response.content


@pytest.mark.parametrize("form", ["svg", "json"])
def test_verdict_badge_is_readable_cross_origin(client: Client, django: Product, form: str) -> None:
    response = client.get(VERDICT.format(form))
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies
    assert client.post(VERDICT.format(form)).status_code == 405


@pytest.mark.parametrize("form", ["svg", "json"])
def test_verdict_badge_query_budget(
    client: Client,
    django: Product,
    django_assert_num_queries: DjangoAssertNumQueries,
    form: str,
) -> None:
    # product, cycles with their former names, releases
    with django_assert_num_queries(4):
        client.get(VERDICT.format(form))


def test_verdict_snippets_are_on_the_product_page(client: Client, django: Product) -> None:
    """Without a version, or with an unknown one, there are no snippets."""
    page = "http://testserver/django/?version=4.2.1"
    image = "http://testserver/badges/django.svg?version=4.2.1"
    asked = "/django/?version=4.2.1"
    assert snippet(client, asked, "markdown", "answer") == f"[![django 4.2.1]({image})]({page})"
    assert snippet(client, asked, "html", "answer") == (
        f'<a href="{page}"><img src="{image}" alt="django 4.2.1"></a>'
    )
    for path in ("/django/", "/django/?version=77"):
        assert "answer-markdown" not in client.get(path).text


# ---- snippets


def snippet(client: Client, path: str, name: str, prefix: str = "badge") -> str:
    page = client.get(path).content.decode()
    found = re.search(f'<input id="{prefix}-{name}" readonly value="([^"]*)">', page)
    assert found
    return unescape(found[1])


def test_badge_snippets_are_on_the_cycle_page(client: Client, django: Product) -> None:
    """There are fields with labels for Markdown, HTML and shields.io."""
    image = "http://testserver/badges/django/5.2.svg"
    page = "http://testserver/django/5.2/"
    assert snippet(client, "/django/5.2/", "markdown") == f"[![django 5.2]({image})]({page})"
    assert (
        snippet(client, "/django/5.2/", "html")
        == f'<a href="{page}"><img src="{image}" alt="django 5.2"></a>'
    )
    assert snippet(client, "/django/5.2/", "endpoint") == (
        "https://img.shields.io/endpoint?url=http%3A%2F%2Ftestserver%2Fbadges%2Fdjango%2F5.2.json"
    )


@pytest.mark.parametrize("name", ["1 ]](x)[", "*_~!+&;", "1 (a) &amp; b", "長期"])
def test_snippets_escape_odd_names(client: Client, name: str) -> None:
    """Both render as the same linked image, and both URLs exist."""
    cycle = make_cycle(make_product("odd"), name)
    path = cycle.get_absolute_url()
    rendered = MarkdownIt().render(snippet(client, path, "markdown"))
    for html in (rendered, snippet(client, path, "html")):
        found = re.search('<a href="([^"]*)"><img src="([^"]*)" alt="([^"]*)" ?/?></a>', html)
        assert found
        page, image, alt = map(unescape, found.groups())
        assert alt == f"odd {name}"
        for address in (page, image):
            assert client.get(address.removeprefix("http://testserver")).status_code == 200
