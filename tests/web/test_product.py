"""The page of a product: its declared columns and its three groups of cycles."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Column
from releases.models import Product
from releases.services.imports.import_products import BUNDLED, import_products
from releases.web import clock
from tests.conftest import CATALOGUE, ON
from tests.factories import make_custom_field, make_cycle, make_product
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db


def tables(html: str) -> tuple[str, str]:
    """Return the part of a page with the bars, and that with the ended releases."""
    bars, _, ended = html.partition('id="releases"')[2].partition('id="ended"')
    return bars.partition('id="policy"')[0], ended.partition("</details>")[0]


def heads(table: str) -> list[str]:
    """Return the column headers of the first table in a part of a page."""
    return re.findall('<th scope="col">([^<]*)</th>', table.partition("</thead>")[0])


def names(table: str) -> list[str]:
    """Return the names of the cycles in a part of a page."""
    return re.findall('<tr[^>]* id="cycle-([^"]+)"', table)


def import_file(path: Path) -> None:
    list(import_products([path], on=clock.today()))


def test_each_cycle_has_one_row(client: Client) -> None:
    """Supported, the next planned, further planned ones (folded), and no longer supported."""
    product = make_product()
    make_cycle(product, "7.1", release="2028-04")
    make_cycle(product, "7.0", release="2027-12")
    make_cycle(product, "6.2", release="2027-04")
    make_cycle(product, "6.1", release="2026-08-05", eol="2027-12-31")
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30")
    make_cycle(product, "5.1", release="2024-08-07", eol="2025-12-03")
    bars, ended = tables(client.get("/django/").content.decode())
    visible, planned = bars.split("2 more planned</summary>")
    assert names(visible) == ["6.1", "5.2", "6.2"]
    assert names(planned) == ["7.0", "7.1"]
    assert names(ended) == ["5.1"]
    assert "1 no longer supported" in ended


def test_extended_support_only_is_a_group(client: Client) -> None:
    product = make_product(show_eoes=True)
    make_cycle(product, "3", release="2025-01-01", eol="2028-01-01")
    make_cycle(product, "2", release="2020-01-01", eol="2025-01-01", eoes="2030-01-01")
    make_cycle(product, "4", release="2027-01-01")
    bars, _ = tables(client.get("/django/").content.decode())
    supported, extended = bars.split(">Extended support only</th>")
    assert names(supported) == ["3", "4"]
    assert names(extended) == ["2"]


def test_older_ended_releases_are_behind_a_link(client: Client) -> None:
    """The link keeps the parameters of the page, and opens the table."""
    product = make_product()
    make_cycle(product, "99", release="2026-01-01")
    for name in range(30, 0, -1):
        make_cycle(product, str(name), release="2010-01-01", eol="2012-01-01")
    html = client.get("/django/?on=2027-01-01&version=30").content.decode()
    _, ended = tables(html)
    assert len(names(ended)) == 10
    assert "30 no longer supported" in ended
    assert "20 older releases" in words_of(ended)
    assert " open>" not in ended.partition("<summary>")[0]
    found = re.search('class="all" href="([^"]*)"', ended)
    assert found
    link = unescape(found[1])
    assert link == "?on=2027-01-01&all=django&version=30#ended"
    _, ended = tables(client.get(f"/django/{link}").content.decode())
    assert len(names(ended)) == 30
    assert " open>" in ended.partition("<summary>")[0]
    assert "older release" not in ended


def test_columns_are_as_declared_by_the_product(client: Client) -> None:
    """Built-in columns can be hidden and renamed; custom fields come after the bars."""
    product = make_product()
    product.columns = {"eoas": Column(True, "Bug fixes"), "latest": Column(False)}
    product.save()
    for name, display in (
        ("a", "after-release-column"),
        ("b", "after-latest-column"),
        ("c", "api-only"),
    ):
        make_custom_field(product, name, display=display)
    make_cycle(product, custom={"a": "3.12"}, release="2025-04-02", eol="2028-04-30", latest="5.9")
    make_cycle(product, "4", release="2020-04-02", eol="2022-04-30", latest="4.9")
    html = client.get("/django/").content.decode()
    bars, ended = tables(html)
    own = ["Bug fixes", "Security fixes until"]
    assert heads(bars) == ["Release", "Status", "Timeline", "a", "b", *own]
    assert heads(ended) == ["Release", "a", "Released", "Bug fixes", "Support ended", "b"]
    assert re.search(r'class="label">a</span>\s*3.12', bars)
    assert '<td class="with none"' in bars
    assert "5.9" not in bars
    assert "4.9" not in ended


def test_one_phase_of_support_has_one_column(client: Client) -> None:
    """A second phase of any cycle gives its end a column, whether it is declared or not."""
    product = make_product()
    make_cycle(product, release="2025-04-02", eol="2028-04-30")
    url = "/django/"
    assert heads(client.get(url).content.decode())[3:] == ["Supported until"]
    make_cycle(product, "4", release="2024-04-02", eoas="2027-01-01", eol="2027-04-30")
    assert heads(client.get(url).content.decode())[3:] == [
        "Bug fixes until",
        "Security fixes until",
    ]


def test_columns_without_room_are_in_the_small_text(client: Client) -> None:
    product = make_product()
    for name in "abcde":
        make_custom_field(product, name, display="after-release-column")
    make_cycle(product, custom=dict.fromkeys("abce", "<b>"), release="2025-04-02")
    bars, _ = tables(client.get("/django/").content.decode())
    assert heads(bars)[3:] == ["a", "b", "Supported until"]
    assert "<small>e: &lt;b&gt;</small>" in bars
    assert "<small>d:" not in bars


def test_dates_of_ended_cycles_that_are_not_known(client: Client) -> None:
    product = make_product()
    make_cycle(product, "2", release="2025-04-02", eol="yes")
    _, ended = tables(client.get("/django/").content.decode())
    assert "Support ended not known" in words_of(ended)


def test_every_column_can_be_shown(client: Client) -> None:
    """A product that shows all columns has a cell of each in every row."""
    columns = Product().columns
    shown: dict[str, Any] = {f"show_{name}": True for name in columns}
    product = make_product(**shown)
    make_cycle(product, release="2025-04-02", eol="2028-04-30")
    html = client.get("/django/").content.decode()
    bars, _ = tables(html)
    # Release, latest release and further columns are in the small text of the first column.
    assert heads(bars)[3:] == [
        "Bug fixes until",
        "Security fixes until",
        "Extended support until",
        "Discontinued",
    ]
    _, ended = tables(client.get("/django/?on=2035-01-01").content.decode())
    assert len(heads(ended)) == 1 + len(columns)


def test_markup_in_labels_is_removed(client: Client) -> None:
    """Files may contain markup in labels; the page shows the text."""
    product = make_product(show_eol=True, eol_label='Debian <abbr title="x">LTS</abbr>')
    make_cycle(product, release="2025-04-02")
    assert "Debian LTS" in heads(client.get("/django/").content.decode())


def test_bundled_django_page(client: Client) -> None:
    """Links to release notes, Python versions and planned cycles."""
    import_file(BUNDLED / "django.md")
    html = client.get("/django/").content.decode()
    assert "https://docs.djangoproject.com/en/5.2/releases/5.2.19/" in html
    assert "3.10 - 3.14" in html
    assert heads(html)[3] == "Python"
    assert "<title>Django: which versions are supported? · Release Roadmap</title>" in html
    assert '<a href="/changes/?product=django">Changes</a>' in html
    assert "The Python versions that this Django runs on" in words_of(
        html.partition('id="facts"')[2]
    )


def test_cards(client: Client) -> None:
    """The newest, the LTS and the next cycle have a card each, if there is one."""
    import_file(BUNDLED / "django.md")
    html = client.get("/django/").content.decode()
    cards = [
        words_of(card) for card in re.findall('<section class="card fact".*?</section>', html, re.S)
    ]
    assert [re.sub(r"^aria.*?>", "", card) for card in cards] == [
        "Newest 6.1 Active Bug fixes until 30 Apr 2027, security fixes until 31 Dec 2027",
        "Long-term support 5.2 LTS Security only Security fixes until 30 Apr 2028, in 17 months",
        "Next 6.2 LTS Planned Expected Apr 2027, supported until Apr 2030",
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"release": "2027-01-01"}, "No release of Django is supported yet."),
        ({"eol": "2025-01-01"}, "No release of Django is supported any more."),
        ({"eol": "2025-01-01", "eoes": "2030"}, "No release of Django is supported any more."),
        ({"eol": "2030"}, ""),
    ],
)
def test_page_says_that_no_release_is_supported(
    client: Client, days: dict[str, str], words: str
) -> None:
    make_cycle(make_product(), **days)
    html = client.get("/django/").content.decode()
    assert (words or "No release of") in words_of(html) if words else "No release of" not in html


def test_ended_releases_alone_are_open(client: Client) -> None:
    make_cycle(make_product(), eol="2025-01-01")
    bars, ended = tables(client.get("/django/").content.decode())
    assert "<table" not in bars
    assert " open>" in ended.partition("<summary>")[0]


def test_subscribe_has_an_image_and_a_badge_to_copy(client: Client) -> None:
    """The badge is that of the newest supported cycle."""
    import_file(BUNDLED / "django.md")
    html = client.get("/django/").content.decode()
    found = dict(re.findall('<input id="([a-z-]+)" readonly value="([^"]*)">', html))
    page = "http://testserver/django/"
    assert unescape(found["embed-html"]) == (
        f'<a href="{page}"><img src="http://testserver/django.svg" alt="Django timeline"></a>'
    )
    image = "http://testserver/badges/django/6.1.svg"
    assert found["badge-markdown"] == f"[![django 6.1]({image})]({page}6.1/)"
    assert 'href="webcal://testserver/calendar/django.ics"' in html


def test_unconfirmed_dates_are_marked(client: Client) -> None:
    make_cycle(make_product(), eol="2030", unconfirmed=True)
    assert "Dates to be confirmed" in tables(client.get("/django/").content.decode())[0]


def test_window_of_the_page(client: Client) -> None:
    """It fits the cycles, unless the query names its months."""
    make_cycle(make_product(), release="2025-04-02", eol="2031-04-30")
    html = client.get("/django/").content.decode()
    assert ">2031</text>" in html
    html = client.get("/django/?from=2020-01&to=2024-12").content.decode()
    assert ">2020</text>" in html
    assert ">2031</text>" not in html


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
    assert b"Page not found" in response.content


def test_product_without_cycles(client: Client) -> None:
    make_product()
    assert b"No release cycles yet" in client.get("/django/").content


def test_main_identifier_is_plain_and_the_others_are_folded(client: Client) -> None:
    product = make_product()
    for purl in ("pkg:deb/debian/django", "pkg:pypi/django"):
        product.identifiers.create(type="purl", value=purl, main=purl == "pkg:pypi/django")
    plain, _, folded = client.get("/django/").content.decode().partition("<summary>1\n")
    assert "<dd>purl: <code>pkg:pypi/django</code>" in plain
    assert "purl: <code>pkg:deb/debian/django</code>" in folded
    assert "pkg:pypi/django" not in folded.partition("</ul>")[0]


def test_identifiers_without_a_main_one_are_folded(client: Client) -> None:
    make_product().identifiers.create(type="cpe", value="cpe:2.3:a:x:django")
    page = client.get("/django/").content.decode()
    assert "1 identifier</summary>" in " ".join(page.split())
    assert "Vendor" not in page


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
        page = client.get(f"/{product['name']}/?all={product['name']}").content.decode()
        own = "<(?:code|pre)[^>]*>.*?</(?:code|pre)>|<img src=./badges/"  # code may hold braces
        text = re.sub(own, "", page, flags=re.DOTALL)
        headings = set(re.findall('<th scope="col">([^<]*)</th>', page))
        for raw in ("{{", "{%", "{:", "__RELEASE", "__LATEST", "&lt;abbr", "<img"):
            assert raw not in text, (product["name"], raw)
        for name, label in product["labels"].items():
            column = SUPPORT_COLUMNS[name]
            usual = {column.heading, column.ended_heading, "Supported until"}
            expected = {label, *(usual if label == column.label else ())}
            assert not label or headings & set(map(escape, expected)), (product["name"], label)
        for release in product["releases"]:
            latest = release["latest"]
            if latest and latest["link"]:
                link = f'<a href="{escape(latest["link"])}" rel="noopener nofollow">'
                assert f"{link}{escape(latest['name'])}</a>" in page, release["name"]
