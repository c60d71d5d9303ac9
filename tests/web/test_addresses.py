"""Addresses that clients of the public site ask for lead to the ones of this site, and never to
another host."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from releases.models import Product
from releases.views.site import robots
from releases.web.middleware import single_slashes
from releases.web.page_keys import page_key
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

HERE = "http://testserver"

PATHS = st.text(alphabet="/\\.@:?#%&=;\t\r\n\0 aé☃", max_size=40) | st.text(max_size=40)


@pytest.fixture
def django() -> Product:
    product = make_product("django", aliases=["dj"])
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30")
    return product


def ask(client: Client, address: str) -> Any:
    """The answer to an address as a server hands it on; the client would take `//a` for a host."""
    path, _, query = address.partition("?")
    return client.get("/", PATH_INFO=unquote(path, "latin-1"), QUERY_STRING=query)


def moved(client: Client, address: str) -> str:
    """Where an address leads for good; pages of other sites may follow."""
    response = ask(client, address)
    assert response.status_code == 301, (address, response.status_code)
    assert response["Access-Control-Allow-Origin"] == "*"
    return str(response["Location"])


# ---- double slashes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("//api/v1/products/django/", "/api/v1/products/django/"),
        ("//api/v1/products/django/?on=2027-01-01", "/api/v1/products/django/?on=2027-01-01"),
        ("/api//v1///products//django", "/api/v1/products/django"),
        ("/api/v1/products/dj//", "/api/v1/products/dj/"),
        ("//django/?q=a//b&q=%2F%2F", "/django/?q=a//b&q=%2F%2F"),
        ("//static//site.css", "/static/site.css"),
        ("//", "/"),
    ],
)
def test_double_slashes_become_single_ones(client: Client, address: str, leads_to: str) -> None:
    """With the query as it was sent."""
    assert moved(client, address) == leads_to


def test_double_slashes_lead_to_the_answer(client: Client, django: Product) -> None:
    """As repo-review-endoflife asks; by an alias, too."""
    for name in ("django", "dj"):
        address = moved(client, f"//api/v1/products/{name}/?on=2027-01-01")
        response = client.get(address, follow=True)
        assert response.json()["result"]["name"] == "django"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example/",
        "//evil.example/..//",
        "//\\evil.example",
        "/\\/evil.example//",
        "//%5Cevil.example",
        "/%2F/evil.example",
        "/%2F%2Fevil.example",
        "//%09/evil.example",
        "/%0A//evil.example",
        "//%0D%0ALocation:%20https://evil.example",
        "/.//evil.example",
        "//user@evil.example",
        "/https://evil.example",
        "//javascript:alert(1)//",
        "//%3F//evil.example",
        "//%23//evil.example",
        "//%252F%252Fevil.example",
        "//%E2%81%84evil.example",
    ],
)
def test_double_slashes_never_lead_to_another_host(client: Client, path: str) -> None:
    """However a browser reads the answer."""
    assert_here(moved(client, path))


@given(PATHS)
def test_no_path_leads_to_another_host(text: str) -> None:
    """Of whatever characters it is, and it leads to the end in one step."""
    path = f"//{text}".encode().decode("latin-1")
    request = RequestFactory().get("/", PATH_INFO=path)
    response = single_slashes(robots)(request)
    assert response.status_code == 301
    location = str(response["Location"])
    assert_here(location)
    assert "//" not in unquote(urlsplit(location).path)


def assert_here(location: str) -> None:
    """The address is of this host to a browser, which takes `\\` for `/` and drops what is not
    seen."""
    assert location.isascii()
    assert not set(location) & set("\\\t\r\n\0 ")
    assert urlsplit(urljoin(f"{HERE}/a/", location)).netloc == "testserver"
    assert not location.startswith("//")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reads_are_redirected(client: Client, method: str) -> None:
    """A browser would send a form anew as a read."""
    response = getattr(client, method)("/", PATH_INFO="//api/v2/check")
    assert response.status_code == 404


def test_a_very_long_address_is_refused(client: Client) -> None:
    assert ask(client, "//" + "%C3%A9" * 4000).status_code == 400


def test_no_page_is_kept_under_double_slashes() -> None:
    """So a page that is kept costs nothing more."""
    environ = RequestFactory().get("/").environ
    assert page_key(environ | {"PATH_INFO": "/products/"})
    for path in ("//products/", "/products//", "//api/v1/products", "/api//openapi.json"):
        assert page_key(environ | {"PATH_INFO": path}) is None


# ---- addresses of the public site ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["django", "dj"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_v0_without_json(client: Client, django: Product, name: str, slash: str) -> None:
    """`/api/django` leads to `/api/django.json`, as eol-check asks."""
    assert moved(client, f"/api/{name}{slash}") == "/api/django.json"
    address = f"/api/{name}{slash}?on=2027-01-01&planned=1"
    assert moved(client, address) == "/api/django.json?on=2027-01-01&planned=1"


def test_v0_without_json_of_a_draft(client: Client, django: Product) -> None:
    """Is not there."""
    Product.objects.update(draft=True)
    for name in ("django", "dj"):
        assert client.get(f"/api/{name}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/nope", "/api/%00", "/api/..", "/api/%2e%2e%2f", "/api/Django", "/api/a%0Ab"]
)
def test_v0_without_json_of_nothing(client: Client, django: Product, path: str) -> None:
    """404 as at any other address of the API."""
    response = client.get(path)
    assert response.status_code == 404
    assert response.json()["message"] == "There is nothing at this address."


@pytest.mark.parametrize("name", ["django", "dj"])
def test_a_calendar_at_the_root(client: Client, django: Product, name: str) -> None:
    """`/django.ics` leads to the calendar, by an alias in two steps."""
    assert moved(client, f"/{name}.ics?planned=1") == f"/calendar/{name}.ics?planned=1"
    response = client.get(f"/{name}.ics?planned=1", follow=True)
    assert response["Content-Type"].startswith("text/calendar")
    assert response.redirect_chain[-1] == ("/calendar/django.ics?planned=1", 301)


def test_a_calendar_at_the_root_of_nothing(client: Client) -> None:
    assert client.get("/nope.ics", follow=True).status_code == 404
    assert moved(client, "/%5Cevil.example.ics") == "/calendar/%5Cevil.example.ics"


def test_the_document_of_v1(client: Client) -> None:
    """The public site has it as YAML, which JSON is, too."""
    assert moved(client, "/docs/api/v1/openapi.yml?x=1") == "/api/v1/openapi.json?x=1"
    assert client.get("/docs/api/v1/openapi.yml", follow=True).json()["openapi"]


@pytest.mark.parametrize("path", ["/django.ics", "/docs/api/v1/openapi.yml"])
def test_redirects_answer_reads(client: Client, path: str) -> None:
    assert client.post(path).status_code in (403, 405)
    assert client.head(path).status_code == 301
