"""Lists of products, site maps and robots.txt."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.models import Product
from releases.views.site import PageMap
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def products() -> list[Product]:
    django = make_product("django", category="framework", tags=["python-runtime"])
    python = make_product("python", category="lang")
    postgresql = make_product("postgresql", label="PostgreSQL", aliases=["postgres", "pg"])
    ubuntu = make_product("ubuntu")
    make_product("3proxy", label="3proxy")
    make_cycle(django, "5.2", release="2025-04-02", eol="2028-04-30")
    make_cycle(django, "5.1", release="2024-08-07", eol="2025-12-03")
    make_cycle(python, "3.9", release="2020-10-05", eol="2025-10-31")
    make_cycle(python, "3.15", release="2026-10-01", eol="2031-10-31")
    make_cycle(postgresql, "14", release="2021-09-30", eol="2026-11-12")
    make_cycle(ubuntu, "24.04", codename="Noble Numbat", release="2024-04-25", eol="2027-01-31")
    return [django, python, postgresql, ubuntu]


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_products_are_listed_by_letter(client: Client, products: list[Product]) -> None:
    """Each product has the number of its supported cycles."""
    html = text_of(client, "/products/")
    places = [html.index(f'id="letter-{letter}"') for letter in ("0-9", "D", "P", "U")]
    assert places == sorted(places)
    assert "1 of 2 supported" in html
    assert "No releases yet" in html
    assert "5 products" in html


def test_long_list_is_paginated(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorting spans all pages, links keep the date, and the total is shown."""
    monkeypatch.setattr("releases.selectors.lists.PRODUCTS_A_LIST", 2)
    for name in ("perl", "Ada", "cobol", "Basic", "3proxy"):
        make_product(name.lower(), label=name, category="lang")
    first = text_of(client, "/categories/lang/?on=2028-01-01")
    last = text_of(client, "/categories/lang/?page=9")
    assert "5 products" in first
    assert "Page 1 of 3" in first
    assert 'rel="next" href="?on=2028-01-01&amp;page=2"' in first
    assert 'href="/3proxy/"' in first
    assert 'href="/basic/"' not in first
    assert "Page 3 of 3" in last
    assert 'href="/perl/"' in last
    assert 'rel="next"' not in last


def test_category_and_tag_pages(client: Client, products: list[Product]) -> None:
    """They list the products with that category or tag; unknown ones are 404."""
    assert "Django" in text_of(client, "/categories/framework/")
    assert 'href="/python/"' not in text_of(client, "/tags/python-runtime/")
    assert "framework" in text_of(client, "/categories/")
    assert "1 product" in text_of(client, "/tags/")
    assert client.get("/categories/nope/").status_code == 404
    assert client.get("/tags/nope/").status_code == 404


def test_names_are_those_that_people_use(client: Client, products: list[Product]) -> None:
    """Addresses keep the short names; pages link to the roadmap and the dates of their products."""
    assert "<h1>Frameworks</h1>" in text_of(client, "/categories/framework/")
    assert 'href="/categories/lang/">Languages</a>' in text_of(client, "/categories/")
    assert 'href="/categories/lang/">Languages' in text_of(client, "/products/")
    for kind, name in (("category", "framework"), ("tag", "python-runtime")):
        plural = {"category": "categories", "tag": "tags"}[kind]
        html = text_of(client, f"/{plural}/{name}/")
        assert f'href="/?{kind}={name}">Show on the roadmap' in html
        assert f'href="/calendar/?{kind}={name}"' in html
        assert f'<a href="/{plural}/">' in html


@pytest.mark.parametrize(
    ("path", "way_out"),
    [("/products/", "/"), ("/categories/", "/products/"), ("/tags/", "/products/")],
)
def test_empty_lists_have_a_way_out(client: Client, path: str, way_out: str) -> None:
    empty = text_of(client, path).split('class="empty"')[1]
    assert f'<a href="{way_out}">' in empty


def test_sitemap_lists_every_page(client: Client, products: list[Product]) -> None:
    """Each entry has its last change; URLs with a query string are left out."""
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = {url.findtext(f"{name}loc"): url.findtext(f"{name}lastmod") for url in root}
    assert found["http://testserver/django/5.2/"]
    assert "http://testserver/calendar/" in found
    assert len(found) == len(PageMap().items()) + 5 + 6


def test_large_sitemap_is_split(
    client: Client, products: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index lists the parts, which contain every page exactly once."""
    monkeypatch.setattr("releases.views.site.ProductMap.limit", 4)
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [each.text or "" for each in index.iter(f"{name}loc")]
    assert [part.removeprefix("http://testserver/") for part in parts] == [
        "sitemap-pages.xml",
        "sitemap-products.xml",
        "sitemap-products.xml?p=2",
        "sitemap-products.xml?p=3",
    ]
    found = [
        each.text
        for part in parts
        for each in ElementTree.fromstring(client.get(part).content).iter(f"{name}loc")
    ]
    assert len(found) == len(set(found)) == len(PageMap().items()) + 5 + 6
    assert client.get("/sitemap-products.xml?p=4").status_code == 404
    assert client.get("/sitemap-nope.xml").status_code == 404


def test_robots_txt(client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert "Sitemap: http://testserver/sitemap.xml" in lines
    assert "Allow: /sitemap-" in lines  # the URLs of further pages have a query string


def test_structured_data_is_escaped(client: Client) -> None:
    """Markup in a title cannot close the JSON-LD script element."""
    make_product("evil", label="</script><script>alert(1)</script>")
    html = text_of(client, "/evil/")
    assert "<script>alert" not in html
    data = html.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert json.loads(data)["itemListElement"][1]["name"].startswith("</script>")


def test_canonical_url_has_no_query(client: Client, products: list[Product]) -> None:
    html = text_of(client, "/django/?on=2028-01-01")
    assert '<link rel="canonical" href="http://testserver/django/">' in html


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # categories, number of products, products with categories, counts of their cycles
        ("/products/", 4),
        # number of products, products, counts
        ("/categories/framework/", 3),
        ("/tags/", 1),
        # number of products, number of cycles, products, cycles
        ("/sitemap.xml", 4),
    ],
)
def test_query_budgets(
    client: Client,
    products: list[Product],
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
) -> None:
    with django_assert_num_queries(queries):
        client.get(path)
