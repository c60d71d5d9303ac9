"""The presentation of a view: `/?view=present`."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def products() -> None:
    django = make_product("django", label="Django", category="framework")
    make_cycle(django, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(django, "6.3", release="2027-12", eol="2029-04")
    make_cycle(django, "6.2", release="2027-04", eol="2030-04")
    python = make_product("python", label="Python", category="lang")
    make_cycle(python, "3.14", release="2025-10-07", eol="2030-10-31")


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.text


def test_presentation_has_rows_and_legend_but_no_navigation_and_no_form(client: Client) -> None:
    html = page(client, "/?view=present")
    assert '<body class="bare">' in html
    assert "<h1>Release roadmap</h1>" in html
    assert re.findall(r'<th scope="row".*?>([^<]+)</a>', html, re.DOTALL) == ["6.1", "6.2", "3.14"]
    assert 'class="legend"' in html
    for word in ("<form", "<input", "<button", "<nav", "<footer", "<header class", "<details"):
        assert word not in html


def test_rows_of_the_presentation_have_no_column_for_boxes(client: Client) -> None:
    """Each table has as many columns as its head."""
    html = page(client, "/?view=present&pin=django:6.1")
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        assert table.count("<col ") == 5
        assert 'class="pick"' not in table


@pytest.mark.parametrize(
    ("query", "heading", "caption"),
    [
        ("", "Release roadmap", "21 Nov 2026 (UTC)"),
        ("&product=django", "Django", "21 Nov 2026 (UTC)"),
        ("&product=python&product=django", "Release roadmap", "21 Nov 2026 (UTC) · Django, Python"),
        ("&on=2028-01-01", "Release roadmap", "Support as of 1 Jan 2028"),
        (
            "&known_on=2026-11-20",
            "Release roadmap",
            "21 Nov 2026 (UTC), as it was recorded on 20 Nov 2026",
        ),
    ],
)
def test_title_and_date_name_the_view(
    client: Client, query: str, heading: str, caption: str
) -> None:
    html = page(client, f"/?view=present{query}")
    assert f"<h1>{heading}</h1>" in html
    assert f'<p class="lead push">{caption}</p>' in html


def test_long_lists_of_products_are_shortened(client: Client) -> None:
    names = [f"p{number}" for number in range(8)]
    for name in names:
        make_product(name, label=name)
    html = page(client, "/?view=present&" + "&".join(f"product={name}" for name in names))
    assert "p0, p1, p2, p3, p4, p5 and 2 more</p>" in html


def test_view_and_presentation_link_to_each_other(client: Client) -> None:
    """The filters stay; other forms of the view are none of the presentation."""
    query = "product=django&status=active"
    assert f'href="?{query.replace("&", "&amp;")}&amp;view=present"' in page(client, f"/?{query}")
    html = page(client, f"/?{query}&view=present")
    assert f'<a class="back" href="?{query.replace("&", "&amp;")}">' in html
    alternates = re.findall(r'<link rel="alternate"[^>]*>', html)
    assert alternates
    assert not any("view=" in each for each in alternates)


def test_product_page_links_to_its_presentation(client: Client) -> None:
    html = page(client, "/django/?on=2027-05-01")
    assert 'href="/?product=django&amp;on=2027-05-01&amp;view=present"' in html


def test_unknown_view_is_reported(client: Client) -> None:
    html = page(client, "/?view=slides")
    assert "“slides” is ignored: expected one of present." in html
    assert "<h1>Roadmap</h1>" in html


def test_empty_view_says_so(client: Client) -> None:
    html = page(client, "/?view=present&product=nope")
    assert "No release matches." in html
    assert "nope" in html


def test_hostile_text_is_escaped(client: Client) -> None:
    make_cycle(make_product("evil", label="<script>x</script>"), "<b>1", release="2026-01-01")
    for query in ("", "&product=evil", "&product=evil&product=django", "&group=none"):
        html = page(client, f"/?view=present{query}")
        assert "<script>x" not in html
        assert "<b>1" not in html


def test_presentation_costs_no_more_than_the_page(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):
        client.get("/?view=present&product=django&product=python")
