"""The page of a product: its declared columns and its three groups of cycles."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from releases.domain.roadmap.columns import Column
from releases.models import Product
from releases.services.imports.import_products import BUNDLED, import_products
from releases.web import clock
from tests.conftest import CATALOGUE, ON
from tests.factories import make_custom_field, make_cycle, make_product

pytestmark = pytest.mark.django_db


def heads(html: str, title: str) -> list[str]:
    """Return the column headers of the table below a title."""
    table = html.split(f"<h2>{title}</h2>")[1].split("</thead>", maxsplit=1)[0]
    cells = [cell.split("</th>")[0] for cell in table.split('scope="col">')[1:]]
    return [cell.removesuffix("</a>").rsplit(">", 1)[-1] for cell in cells]


def import_file(path: Path) -> None:
    list(import_products([path], on=clock.today()))


def test_cycles_are_in_three_groups(client: Client) -> None:
    """Supported, planned, and no longer supported."""
    product = make_product()
    make_cycle(product, "6.2", release="2027-04")
    make_cycle(product, "6.1", release="2026-08-05", eol="2027-12-31")
    make_cycle(product, "5.1", release="2024-08-07", eol="2025-12-03")
    html = client.get("/django/").content.decode()
    places = [
        html.index(f"<h2>{title}</h2>") for title in ("Supported", "Planned", "No longer supported")
    ]
    assert places == sorted(places)
    rows = [html.index(f'id="cycle-{name}"') for name in ("6.1", "6.2", "5.1")]
    assert places[0] < rows[0] < places[1] < rows[1] < places[2] < rows[2]


def test_columns_are_as_declared_by_the_product(client: Client) -> None:
    """Built-in columns can be hidden and renamed; custom fields have declared positions."""
    product = make_product()
    product.columns = {"eoas": Column(True, "Bug fixes"), "latest": Column(False)}
    product.save()
    for name, display in (
        ("a", "after-release-column"),
        ("b", "after-latest-column"),
        ("c", "api-only"),
    ):
        make_custom_field(product, name, display=display)
    make_cycle(product, custom={"a": "3.12"}, release="2025-04-02", eol="2028-04-30")
    html = client.get("/django/").content.decode()
    assert heads(html, "Supported") == [
        "Release",
        "Status",
        "a",
        "Released",
        "Bug fixes",
        "Security Support",
        "b",
    ]
    assert '<span class="label">a</span> 3.12' in html


def test_every_column_can_be_shown(client: Client) -> None:
    """A product that shows all columns has a cell of each in every row."""
    names = Product().columns
    shown: dict[str, Any] = {f"show_{name}": True for name in names}
    product = make_product(**shown)
    make_cycle(product, release="2025-04-02", eol="2028-04-30")
    html = client.get("/django/").content.decode()
    assert len(heads(html, "Supported")) == 2 + len(names)


def test_markup_in_labels_is_removed(client: Client) -> None:
    """Files may contain markup in labels; the page shows the text."""
    product = make_product(show_eol=True, eol_label='Debian <abbr title="x">LTS</abbr>')
    make_cycle(product, release="2025-04-02")
    assert "Debian LTS" in heads(client.get("/django/").content.decode(), "Supported")


def test_bundled_django_page(client: Client) -> None:
    """Links to release notes, Python versions and planned cycles."""
    import_file(BUNDLED / "django.md")
    html = client.get("/django/").content.decode()
    assert "https://docs.djangoproject.com/en/5.2/releases/5.2.19/" in html
    assert "3.10 - 3.14" in html
    assert heads(html, "Planned")[2] == "Python"


def test_alias_redirects_to_the_product(client: Client) -> None:
    """The redirect is permanent and keeps the query string."""
    make_product("postgresql", aliases=["postgres"])
    response = client.get("/postgres/?on=2028-01-01")
    assert response.status_code == 301
    assert response["Location"] == "/postgresql/?on=2028-01-01"


def test_unknown_product_is_404(client: Client) -> None:
    """The error page has the design of the site."""
    response = client.get("/nope/")
    assert response.status_code == 404
    assert b"There is nothing at this address" in response.content


def test_product_without_cycles(client: Client) -> None:
    make_product()
    assert b"No release cycles yet" in client.get("/django/").content


def test_query_budget(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """The count does not depend on the number of cycles."""
    import_file(BUNDLED / "python.md")
    # product, tags, aliases, custom fields, identifiers, cycles, releases, last change
    with django_assert_num_queries(8):
        client.get("/python/")


@pytest.mark.catalogue
def test_catalogue_pages_match_the_public_api(client: Client) -> None:
    """All 60 pages have the columns, labels and links of the public API.

    They contain no raw templates or markup.
    """
    list(import_products(sorted((CATALOGUE / "products").glob("*.md")), on=ON))
    expected = json.loads((CATALOGUE / "expected" / "api-v1-products-full.json").read_text())
    assert len(expected) == Product.objects.count() == 60
    for product in expected:
        page = client.get(f"/{product['name']}/").content.decode()
        text = re.sub("<code[^>]*>.*?</code>", "", page, flags=re.DOTALL)  # may hold braces
        for raw in ("{{", "{%", "{:", "__RELEASE", "__LATEST", "&lt;abbr", "<img"):
            assert raw not in text, (product["name"], raw)
        for label in filter(None, product["labels"].values()):
            assert f'scope="col">{escape(label)}</th>' in page, product["name"]
        for release in product["releases"]:
            latest = release["latest"]
            if latest and latest["link"]:
                link = f'<a href="{escape(latest["link"])}" rel="noopener nofollow">'
                assert f"{link}{escape(latest['name'])}</a>" in page, release["name"]
