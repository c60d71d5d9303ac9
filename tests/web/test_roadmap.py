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


def headings(html: str) -> list[str]:
    """Return the titles of the sections on the page, in order."""
    found = re.findall(r'<section class="product".*?<h2 id="[^"]*">(.*?)</h2>', html, re.DOTALL)
    return [re.sub("<[^>]*>", "", each).strip() for each in found]


def test_roadmap_shows_supported_next_and_last_ended_cycles(
    client: Client, django: Product
) -> None:
    html = page(client, "/")
    assert names(html) == ["6.1", "5.2", "6.2", "5.1"]
    assert "2 releases supported" in html
    assert " ".join(html.split()).count("Django 6.2 LTS, Apr 2027") == 1
    assert '<a class="all" href="?all=django#h-django"\n  >All 5 releases</a>' in html


def test_bars_are_positioned_in_percent(client: Client, django: Product) -> None:
    """Geometry is in attributes, never in a style, as the policy requires."""
    html = page(client, "/?status=active")
    assert '<rect class="bar active" x="37.036%" width="10.52%"' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/?all=django", ["6.1", "5.2", "6.2", "5.1", "5.0"]),
        ("/?status=active", ["6.1"]),
        ("/?status=planned&status=eol", ["6.2", "5.1", "5.0"]),
        ("/?lts=1", ["5.2", "6.2"]),
        ("/?ends=soon", []),
        ("/?ends=soon&on=2028-03-01", ["5.2"]),
        ("/?on=2028-05-01", ["6.2", "5.2"]),
        ("/?q=djan", ["6.1", "5.2", "6.2", "5.1"]),
        ("/?q=rails", []),
        ("/?category=framework&tag=web&status=active", ["6.1"]),
        ("/?category=os", []),
        ("/?product=nope", []),
    ],
)
def test_filters_select_cycles(
    client: Client, django: Product, path: str, expected: list[str]
) -> None:
    """A category or product that does not exist matches nothing."""
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


@pytest.mark.parametrize("name", ["product", "category", "tag"])
def test_unknown_name_is_reported_with_a_way_out(
    client: Client, django: Product, name: str
) -> None:
    html = page(client, f"/?{name}=nope")
    assert f"There is no {name} “nope” here." in html
    assert 'No release matches. <a href="/">Clear all filters</a>' in html
    assert f'aria-label="Remove filter: {"Nope" if name == "category" else "nope"}"' in html


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
    """20 per page: featured products first, then by title."""
    for number in range(30):
        make_product(f"p{number:02}", label=f"Product {number:02}")
    make_product("zeta", featured=1)
    first, second = (headings(page(client, path)) for path in ("/", "/?page=2"))
    assert first == ["Zeta", *(f"Product {number:02}" for number in range(19))]
    assert second == [f"Product {number:02}" for number in range(19, 30)]
    assert 'rel="next" href="?page=2"' in page(client, "/")
    assert "31 products, 20 on this page" in page(client, "/")


def test_group_shows_at_most_twelve_rows(client: Client) -> None:
    """A link leads to the others, and another one back."""
    product = make_product("phones")
    for number in range(20):
        make_cycle(product, f"phone-{number}", release="2025-01-01", eol="no")
    html = page(client, "/")
    assert len(names(html)) == 12
    assert ">All 20 releases</a>" in html
    every = page(client, "/?all=phones")
    assert len(names(every)) == 20
    assert '<a class="all" href="?#h-phones">Show fewer</a>' in every


def test_further_planned_and_extended_cycles_are_folded(client: Client) -> None:
    """Extended support has a group of its own, which is named by its terms."""
    product = make_product("ubuntu", extended_terms="paid")
    for year in (2027, 2028, 2029):
        make_cycle(product, f"{year}", release=f"{year}-04-01")
    for year in (2014, 2016, 2018):
        make_cycle(product, f"{year}", release=f"{year}-04-01", eol=f"{year + 5}-04-01", eoes="no")
    html = page(client, "/")
    first, *folds = html.split('<details class="fold">')
    assert names(first) == ["2027", "2014", "2016"]
    assert '<th scope="rowgroup" colspan="3">Paid support only</th>' in first
    assert [names(fold) for fold in folds] == [["2028", "2029"], ["2018"]]
    assert "2 more planned" in folds[0]
    assert "1 more paid only" in folds[1]
    Product.objects.update(extended_terms="")
    html = page(client, "/")
    assert "Extended support only" in html
    assert "aid" not in "".join(re.findall(r">([^<]*)<", html.split("<main")[1])).replace(
        "said", ""
    )


def test_home_page_has_the_question_and_popular_products(client: Client, django: Product) -> None:
    """Any query leads to the roadmap alone, with one heading."""
    html, query = page(client, "/"), page(client, "/?lts=1")
    assert "<h1>Is your version still supported?</h1>" in html
    assert '<a class="chip" href="/django/">Django</a>' in html
    assert "All 1 products" not in html
    assert "<h1>Roadmap</h1>" in query
    for each in (html, query):
        assert each.count("<h1") == 1


def test_applied_filters_can_be_removed_one_by_one(client: Client, django: Product) -> None:
    html = page(client, "/?product=django&status=security&status=planned&lts=1&q=5")
    removed = dict(re.findall(r'remove" href="(.*?)"\s+aria-label="Remove filter: (.*?)"', html))
    assert {word: address for address, word in removed.items()} == {
        "“5”": "?product=django&amp;status=security&amp;status=planned&amp;lts=1",
        "Django": "?status=security&amp;status=planned&amp;lts=1&amp;q=5",
        "Security only": "?product=django&amp;status=planned&amp;lts=1&amp;q=5",
        "Planned": "?product=django&amp;status=security&amp;lts=1&amp;q=5",
        "LTS": "?product=django&amp;status=security&amp;status=planned&amp;q=5",
    }


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/?lts=1", "1 product, 2 releases"),
        ("/?status=active", "1 product, 1 release"),
        ("/?group=none", "3 releases"),
        ("/?on=2027-01-01", "1 product"),
    ],
)
def test_count_says_what_the_page_shows(
    client: Client, django: Product, path: str, count: str
) -> None:
    assert f'<p class="count" role="status">{count}</p>' in page(client, path)


def test_row_says_which_support_ends_when(client: Client) -> None:
    """A past date is quiet, and a single phase has the same date in both columns."""
    product = make_product("ubuntu", extended_terms="paid", show_latest=True)
    make_cycle(
        product, "22.04", release="2022-04-21", eoas="2024-09-30", eol="2027-04-01", eoes="2032-04"
    )
    make_cycle(product, "25.10", release="2025-10-09", eol="2027-07-01", latest="25.10.1")
    two, one = page(client, "/").split('<th scope="row"')[1:3]
    assert (
        '<span class="past"><time datetime="2024-09-30">30 Sep 2024</time></span></td>'
        '<td class="date sec"><span class="label">Security fixes until</span>'
        '<time datetime="2027-04-01">1 Apr 2027</time><small>Paid to Apr 2032</small></td>'
    ) in two
    assert '<td class="date twin">' in one
    assert one.count('<time datetime="2027-07-01">1 Jul 2027</time>') == 2
    assert "<small>Oct 2025 · latest 25.10.1</small>" in one


def test_codename_is_in_the_small_text(client: Client) -> None:
    product = make_product("ubuntu", cycle_label="__RELEASE_CYCLE__ '__CODENAME__'")
    make_cycle(product, "24.04", codename="Noble Numbat", release="2024-04-25", eol="no")
    html = page(client, "/")
    assert names(html) == ["24.04"]
    assert "<small>Noble Numbat · Apr 2024</small>" in html


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
    # page, their cycles, their releases; for the text: the revision and all names
    with django_assert_num_queries(10):
        client.get("/?status=active&q=p&tag=linux")


def test_compared_cycles_come_first(client: Client, django: Product) -> None:
    """They show the time in which both are supported, and each has a link that removes it."""
    make_cycle(make_product("python"), "3.14", release="2025-10-07", eol="2030-10-31")
    html = page(client, "/?pin=django:5.2&pin=python:3.14&status=planned")
    assert names(html)[:2] == ["Django 5.2", "Python 3.14"]
    sentence = "Both are supported until 30 Apr 2028, when security fixes for Django 5.2 end."
    assert f'id="overlap">{sentence}</p>' in html
    assert f"<b>2 selected.</b> {sentence}" in html
    assert 'class="shade"' in html
    assert (
        'href="?pin=python%3A3.14&amp;status=planned#compared"\naria-label="Remove Django 5.2"'
        in html
    )


def test_boxes_of_compared_cycles_are_ticked(client: Client, django: Product) -> None:
    """The form that compares keeps the filters."""
    html = page(client, "/?pin=django:5.2&lts=1")
    boxes = re.findall(r'value="(django:[^"]*)" form="compare"( checked)?', html)
    assert boxes == [("django:5.2", " checked"), ("django:6.2", "")]
    form = html.split('id="compare"')[1].split("</form>")[0]
    assert '<input type="hidden" name="lts" value="1">' in form


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Windows Server 2016", "Microsoft Windows Server 2016"),
        ("2016", "Microsoft Windows Server 2016"),
    ],
)
def test_name_of_the_product_is_not_repeated(client: Client, label: str, title: str) -> None:
    product = make_product("windows-server", label="Microsoft Windows Server")
    make_cycle(product, "2016", label=label, release="2016-10-15", eol="2027-01-12")
    assert names(page(client, "/?group=none")) == [title]


def test_single_pin_has_no_common_support_period(client: Client, django: Product) -> None:
    html = page(client, "/?pin=django:5.2")
    assert 'id="overlap"' not in html
    assert 'class="shade"' not in html


def test_grouping_by_status(client: Client, django: Product) -> None:
    """Sections follow the order of a lifecycle, and each row names its product."""
    html = page(client, "/?group=status")
    assert headings(html) == ["Planned", "Active", "Security only"]
    assert names(html) == ["Django 6.2", "Django 6.1", "Django 5.2"]


def test_window_links(client: Client, django: Product) -> None:
    """Presets, half a window back and forth, and all; the current one is marked."""
    html = page(client, "/?from=2026-01&to=2026-12")
    for part in (
        '<a href="?from=2025-07&amp;to=2026-06" aria-label="Earlier">',
        '<a href="?from=2026-07&amp;to=2027-06" aria-label="Later">',
        '<a href="?from=2026-07&amp;to=2027-06">1 year</a>',
        '<a href="?">7 years</a>',
        '<a href="?from=2023-12&amp;to=2030-04">All years</a>',
    ):
        assert part in html.replace('"\n  aria', '" aria').replace('"\n    >', '">')
    assert 'aria-current="true"\n    >7 years</a>' in page(client, "/")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "2024 to 2030"),
        ("/?from=2026-01&to=2026-12", "2026"),
        ("/?from=2026-02&to=2027-06", "Feb 2026 to Jun 2027"),
    ],
)
def test_window_in_words(client: Client, django: Product, path: str, words: str) -> None:
    assert f'class="chip text">{words}<svg' in page(client, path)


def test_row_outside_the_window_says_where_it_is(client: Client, django: Product) -> None:
    html = page(client, "/?product=django&from=2026-12&to=2027-02&status=planned&status=eol")
    assert ">from Apr 2027</text>" in html
    assert ">ended 3 Dec 2025</text>" in html


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
    monkeypatch.setattr("releases.selectors.MAX_COUNTED", 2)
    monkeypatch.setattr(module, "PRODUCTS_A_PAGE", 2)
    assert '<select id="product"' in page(client, "/")
    for name in ("a", "b", "c", "d"):
        make_cycle(make_product(name), release="2026-01-01", eol="2026-12-31")
    html = page(client, "/")
    assert '<select id="product"' not in html
    assert '<input id="product"' in html
    assert "2+ releases supported" in html
    assert "2+ ending soon" in html
    assert "2+ products, 2 on this page" in html
    assert '<span class="small">Page 1</span>' in html
    assert names(page(client, "/?product=b")) == ["5.2"]


def test_roadmap_is_read_only(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_the_axis_has_the_columns_of_the_rows(client: Client, django: Product) -> None:
    axis, rows = page(client, "/").split('<table class="gantt')[1:3]
    columns = [text.replace("<br>", " ") for text in re.findall(r"<td[^>]*>([^<].*?)</td>", axis)]
    headers = re.findall(r'<th scope="col">(.*?)</th>', rows)
    assert columns == [each for each in headers if each not in ("Compare", "Timeline")]
    assert axis.count("<col class") == rows.count("<col class") == len(headers)
