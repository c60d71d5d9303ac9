"""Every page links to its alternate formats, both in its head and visibly."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from releases.models import Identifier, Product
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

PAGES = [
    *("/", "/?q=dj&pin=django:5.2&on=2028-01-01", "/products/", "/calendar/", "/search/?q=d"),
    *("/categories/", "/categories/lang/", "/tags/", "/tags/web/", "/django/", "/django/5.2/"),
    *("/django/6.2/", "/?known_on=2026-11-01", "/changes/", "/changes/?product=django&page=2"),
]


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", category="lang", tags=["web"])
    make_cycle(product, "6.2", release="2027-04", eol="2030-04")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30")
    return product


class Links(HTMLParser):
    """Collects the alternates (type, URL) and the link targets of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.alternates: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and values.get("rel") == "alternate":
            assert values["title"]
            self.alternates.append((values["type"], values["href"]))
        if tag == "a":
            self.links.append(values["href"])


def links(client: Client, path: str) -> Links:
    return Links(client.get(path).content.decode())


@pytest.mark.parametrize("page", [*PAGES, "/nope/"])
def test_every_alternate_exists_with_its_media_type(
    client: Client, django: Product, page: str
) -> None:
    """Every page has at least a feed, a calendar and JSON."""
    found = links(client, page).alternates
    assert len(set(found)) == len(found)
    for media_type, address in found:
        response = client.get(address)
        assert response.status_code == 200
        assert response["Content-Type"].split(";")[0] == media_type
    types = [media_type for media_type, _ in found]
    assert {"application/atom+xml", "text/calendar", "application/json"} <= set(types)
    assert ("application/atom+xml", "/new-products.atom") in found


def test_alternates_of_a_filtered_roadmap(client: Client, django: Product) -> None:
    """All of them keep the parameters of the view."""
    found = links(client, "/?q=dj&pin=django:5.2&on=2028-01-01").alternates[:-1]
    view = "?pin=django%3A5.2&q=dj&on=2028-01-01"
    forms = ("atom", "rss", "ics", "json", "csv", "svg")
    assert [address for _, address in found] == [f"/roadmap.{form}{view}" for form in forms]


def test_alternates_of_changes(client: Client, django: Product) -> None:
    """Feeds cover all pages, data formats the current one; calendars do not filter by kind."""
    view = "?product=django&kind=moved"
    assert [address for _, address in links(client, f"/changes/{view}&page=2").alternates] == [
        f"/changes.atom{view}",
        f"/changes.rss{view}",
        f"/changes.json{view}&page=2",
        f"/changes.csv{view}&page=2",
        "/roadmap.ics?product=django",
        "/new-products.atom",
    ]


def test_alternates_of_a_product(client: Client, django: Product) -> None:
    assert [address for _, address in links(client, "/django/").alternates[:-1]] == [
        "/django.atom",
        "/django.rss",
        "/calendar/django.ics",
        "/api/v1/products/django",
        "/django.svg",
    ]


def test_alternates_of_a_cycle(client: Client, django: Product) -> None:
    """Calendar and feeds are those of a roadmap on which the cycle is pinned."""
    assert [address for _, address in links(client, "/django/5.2/").alternates[:-1]] == [
        "/roadmap.atom?pin=django%3A5.2",
        "/roadmap.rss?pin=django%3A5.2",
        "/roadmap.ics?pin=django%3A5.2",
        "/api/v1/products/django/releases/5.2?planned=1",
        "/badges/django/5.2.svg",
        "/django/5.2.openeox.json",
    ]


def test_openeox_is_announced_where_there_is_a_document(client: Client, django: Product) -> None:
    """It needs a vendor, an identifier and a known end."""
    documents = {
        "/": "/roadmap.openeox.json",
        "/?q=dj": "/roadmap.openeox.json?q=dj",
        "/django/": "/django.openeox.json",
    }
    for page, address in documents.items():
        assert ("application/json", address) not in links(client, page).alternates
    django.vendor = "DSF"
    django.save()
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    make_cycle(django, "1.0", eol="yes")
    for page, address in documents.items():
        found = links(client, page)
        assert ("application/json", address) in found.alternates
        assert address in found.links
        assert client.get(address).status_code == 200
    assert "openeox.json" not in str(links(client, "/django/1.0/").alternates)


def test_pages_say_what_openeox_leaves_out(client: Client, django: Product) -> None:
    django.vendor = "DSF"
    django.save()
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    make_cycle(django, "1.0", eol="yes")
    reason = "Its support ended on an unknown day."
    assert f"Left out: 1.0. {reason}" in client.get("/django/").content.decode()
    assert f"There is no OpenEoX statement: {reason}" in " ".join(
        client.get("/django/1.0/").content.decode().split()
    )
    page = client.get("/django/5.2/").content.decode()
    assert "OpenEoX has no key for the end of active support." in page


@pytest.mark.parametrize("page", ["/", "/?status=active", "/django/", "/django/5.2/"])
def test_visible_links_to_feed_and_calendar(client: Client, django: Product, page: str) -> None:
    """There are links to the feed and the file, and a webcal link, which contains the host."""
    found = links(client, page)
    calendar = next(address for kind, address in found.alternates if kind == "text/calendar")
    feed = next(address for kind, address in found.alternates if kind == "application/atom+xml")
    assert {calendar, feed, f"webcal://testserver{calendar}"} <= set(found.links)
