"""The roadmap over HTTP: page content, query counts and invalid input."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.models import Product
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", featured=1, category="framework", tags=["web"])
    make_cycle(product, "6.2", release="2027-04", eoas="2027-12", eol="2030-04", lts="yes")
    make_cycle(product, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    make_cycle(product, "5.1", release="2024-08-07", eoas="2025-04-02", eol="2025-12-03")
    make_cycle(product, "5.0", release="2023-12-04", eoas="2024-08-07", eol="2025-04-02")
    return product


def page(client: Client, path: str) -> str:
    response = client.get(path, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def names(html: str) -> list[str]:
    """Return the names of the cycles on the page, in order."""
    parts = html.split('<th scope="row"')[1:]
    return [part.split("</a>")[0].rsplit(">", 1)[1] for part in parts]


def test_roadmap_shows_planned_supported_and_last_ended_cycles(
    client: Client, django: Product
) -> None:
    html = page(client, "/")
    assert names(html) == ["6.2", "6.1", "5.2", "5.1"]
    assert "1 active" in html
    assert "Django 6.2 LTS, Apr 2027" in html
    assert "Show all 5 of Django" in html


def test_bars_are_positioned_in_percent(client: Client, django: Product) -> None:
    """Geometry is in attributes, never in a style, as the policy requires."""
    html = page(client, "/?status=active")
    assert '<rect class="bar active" x="37.0356%" width="10.5201%"' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/?all=django", ["6.2", "6.1", "5.2", "5.1", "5.0"]),
        ("/?status=active", ["6.1"]),
        ("/?status=planned&status=eol", ["6.2", "5.1", "5.0"]),
        ("/?lts=1", ["6.2", "5.2"]),
        ("/?ends=soon", []),
        ("/?ends=soon&on=2028-03-01", ["5.2"]),
        ("/?on=2028-05-01", ["6.2", "6.1"]),
        ("/?q=djan", ["6.2", "6.1", "5.2", "5.1"]),
        ("/?q=rails", []),
        ("/?category=framework&tag=web&status=active", ["6.1"]),
        ("/?category=os", ["6.2", "6.1", "5.2", "5.1"]),
    ],
)
def test_filters_select_cycles(
    client: Client, django: Product, path: str, expected: list[str]
) -> None:
    """An unknown category is ignored."""
    assert names(page(client, path)) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/?on=2028-02-30", "“2028-02-30” is ignored: expected a day"),
        ("/?on=9999-12-31", "expected a date from 1950 to 2199"),
        ("/?from=2030-01&to=2024-01", "must end after it starts"),
        ("/?from=soon", "expected a month such as 2028-01"),
        (
            "/?status=alive",
            "expected one of planned, active, security, extended-free, extended, eol",
        ),
        ("/?page=-1", "expected a page"),
        ("/?product=nope", "there is no such product here"),
        ("/?category=nope", "there is no such category"),
        ("/?tag=%3Cscript%3E", "expected a name such as django"),
        ("/?q=%00", "expected a text"),
    ],
)
def test_invalid_values_are_reported(
    client: Client, django: Product, path: str, message: str
) -> None:
    """They are ignored with status 200 and reported at the form."""
    html = page(client, path)
    assert message in html
    assert "6.1" in names(html)
    assert "<script>" not in html


def test_number_of_parameter_values_is_limited(client: Client, django: Product) -> None:
    """Further values are ignored with a message."""
    html = page(client, "/?" + "&".join(f"product=p{number}" for number in range(900)))
    assert "at most 50 values are read" in html


def test_empty_parameters_are_removed_by_a_redirect(client: Client) -> None:
    """Browsers submit empty form fields."""
    response = client.get("/?q=&category=&status=active&tag=")
    assert response.status_code == 302
    assert response["Location"] == "/?status=active"


def test_alias_selects_its_product(client: Client, django: Product) -> None:
    make_cycle(make_product("postgresql", aliases=["postgres"]), "18", release="2025-09-25")
    assert names(page(client, "/?product=postgres")) == ["18"]


def test_products_are_paginated(client: Client) -> None:
    """25 per page: featured products first, then by title."""
    for number in range(30):
        make_product(f"p{number:02}", label=f"Product {number:02}")
    make_product("zeta", featured=1)
    first, second = page(client, "/"), page(client, "/?page=2")
    assert first.index("Zeta") < first.index("Product 00")
    assert "Product 23" in first
    assert (
        "Product 24"
        not in first.split("<main")[1]
        .split('id="roadmap"')[1]
        .split("<form")[1]
        .split("</form>")[1]
    )
    assert 'href="?page=2"' in first
    assert "Product 29" in second


def test_product_shows_at_most_twelve_rows(client: Client) -> None:
    """A link leads to the others."""
    product = make_product("phones")
    for number in range(20):
        make_cycle(product, f"phone-{number}", release="2025-01-01", eol="no")
    html = page(client, "/")
    assert len(names(html)) == 12
    assert "Show all 20 of Phones" in html
    assert len(names(page(client, "/?all=phones"))) == 20


def test_hostile_text_is_escaped(client: Client) -> None:
    """Markup in titles, labels and names is shown as text or removed."""
    product = make_product("evil", label="<script>alert(1)</script>")
    make_cycle(product, "1", codename="<img src=x onerror=alert(1)>", label="__CODENAME__ x")
    html = page(client, "/")
    assert "<script>alert" not in html
    assert "onerror" not in html


@pytest.mark.parametrize("count", [3, 30])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """The count does not depend on the number of products."""
    for number in range(count):
        product = make_product(
            f"p{number}", category="os", tags=["linux"], aliases=[f"alias{number}"]
        )
        make_cycle(product, "1", release="2026-01-01", eol="2027-01-01")
    # filter choices, categories and tags, counts, next release, number of products, products of the
    # page, their cycles, their releases
    with django_assert_num_queries(8):
        client.get("/?status=active&q=p&tag=linux")


def test_pinned_cycles_come_first(client: Client, django: Product) -> None:
    """They show their common support period, and each has a link to unpin it."""
    make_cycle(make_product("python"), "3.14", release="2025-10-07", eol="2030-10-31")
    html = page(client, "/?pin=django:5.2&pin=python:3.14&status=planned")
    assert names(html)[:2] == ["5.2", "3.14"]
    assert "All supported until 30 Apr 2028." in html
    assert 'class="shade"' in html
    assert 'href="?pin=python%3A3.14&amp;status=planned" aria-label="Unpin Django 5.2"' in html


def test_single_pin_has_no_common_support_period(client: Client, django: Product) -> None:
    html = page(client, "/?pin=django:5.2")
    assert 'id="overlap"' not in html
    assert 'class="shade"' not in html


def test_grouping_by_status(client: Client, django: Product) -> None:
    """Sections follow the order of a lifecycle, and each row names its product."""
    html = page(client, "/?group=status")
    places = [html.index(f'<h2 id="status-{name}">') for name in ("planned", "active", "security")]
    assert places == sorted(places)
    assert names(html) == ["6.2", "6.1", "5.2"]
    assert 'class="release">Django <a' in html


def test_window_links(client: Client, django: Product) -> None:
    """Presets, half a window back and forth, and all; the current one is marked."""
    html = page(client, "/?from=2026-01&to=2026-12")
    for part in (
        'href="?from=2025-07&amp;to=2026-06" aria-label="Half a window earlier"',
        'href="?from=2026-07&amp;to=2027-06" aria-label="Half a window later"',
        '<a href="?from=2026-07&amp;to=2027-06">1 year</a>',
        '<a href="?">7 years</a>',
        '<a href="?from=2023-12&amp;to=2030-04">all</a>',
    ):
        assert part in html
    assert '<a href="?" aria-current="true">7 years</a>' in page(client, "/")


def test_large_catalogue_has_no_product_choices(
    client: Client, django: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts that stop at the limit are marked with a plus sign."""
    module = import_module(
        "releases.selectors.roadmap.page"
    )  # the package has a function of this name
    monkeypatch.setattr(module, "MAX_CHOICES", 1)
    monkeypatch.setattr(module, "MAX_COUNTED", 2)
    monkeypatch.setattr("releases.templatetags.site.MAX_COUNTED", 2)
    monkeypatch.setattr(module, "PRODUCTS_A_PAGE", 2)
    assert "<datalist" in page(client, "/")
    for name in ("a", "b", "c", "d"):
        make_cycle(make_product(name), release="2026-01-01", eol="2026-12-31")
    html = page(client, "/")
    assert "<datalist" not in html
    assert 'list="products"' not in html
    assert "2+ active" in html
    assert "2+ end soon" in html
    assert "Page 1, 2+ products" in html
    assert names(page(client, "/?product=b")) == ["5.2"]


def test_roadmap_is_read_only(client: Client) -> None:
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("extended", [{}, {"eoes": "2033-01-01"}])
def test_the_axis_has_the_columns_of_the_rows(client: Client, extended: dict[str, str]) -> None:
    make_cycle(make_product(), release="2026-01-01", eol="2030-01-01", **extended)
    axis, rows = page(client, "/").split('<table class="gantt')[1:3]
    columns = re.findall(r'<td class="date">(.*?)</td>', axis)
    assert columns == re.findall(r'<th scope="col">(.*?)</th>', rows)[2:-1]
    assert ("Extended until" in columns) is bool(extended)
