"""URLs known from endoflife.date redirect to the ones of this site, and never to another host."""

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
    """Request an address as a server passes it on; the test client would take `//a` for a host."""
    path, _, query = address.partition("?")
    return client.get("/", PATH_INFO=unquote(path, "latin-1"), QUERY_STRING=query)


def redirect_target(client: Client, address: str) -> str:
    """Return the target of a permanent redirect, which other origins may follow."""
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
        ("//static//base.css", "/static/base.css"),
        ("//", "/"),
    ],
)
def test_double_slashes_become_single_ones(client: Client, address: str, leads_to: str) -> None:
    """The query string is kept as it was sent."""
    assert redirect_target(client, address) == leads_to


def test_double_slashes_lead_to_the_answer(client: Client, django: Product) -> None:
    """The path that repo-review-endoflife requests, also under an alias."""
    for name in ("django", "dj"):
        address = redirect_target(client, f"//api/v1/products/{name}/?on=2027-01-01")
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
    """This holds however a browser resolves the `Location` header."""
    assert_here(redirect_target(client, path))


@given(PATHS)
def test_no_path_leads_to_another_host(text: str) -> None:
    """This holds for arbitrary characters, and the target needs no further redirect."""
    path = f"//{text}".encode().decode("latin-1")
    request = RequestFactory().get("/", PATH_INFO=path)
    response = single_slashes(robots)(request)
    assert response.status_code == 301
    location = str(response["Location"])
    assert_here(location)
    assert "//" not in unquote(urlsplit(location).path)


def assert_here(location: str) -> None:
    """Assert that a browser stays on this host.

    Browsers treat `\\` as `/` and drop invisible characters.
    """
    assert location.isascii()
    assert not set(location) & set("\\\t\r\n\0 ")
    assert urlsplit(urljoin(f"{HERE}/a/", location)).netloc == "testserver"
    assert not location.startswith("//")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reads_are_redirected(client: Client, method: str) -> None:
    """A browser would repeat a redirected form submission as a GET."""
    response = getattr(client, method)("/", PATH_INFO="//api/v2/check")
    assert response.status_code == 404


def test_a_very_long_address_is_refused(client: Client) -> None:
    assert ask(client, "//" + "%C3%A9" * 4000).status_code == 400


def test_no_page_is_cached_under_double_slashes() -> None:
    """Cached pages are therefore served without any extra work."""
    environ = RequestFactory().get("/").environ
    assert page_key(environ | {"PATH_INFO": "/products/"})
    for path in ("//products/", "/products//", "//api/v1/products", "/api//openapi.json"):
        assert page_key(environ | {"PATH_INFO": path}) is None


# ---- addresses of the public site ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["django", "dj"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_v0_url_without_json_redirects(
    client: Client, django: Product, name: str, slash: str
) -> None:
    """`/api/django` redirects to `/api/django.json`, as eol-check expects."""
    assert redirect_target(client, f"/api/{name}{slash}") == "/api/django.json"
    address = f"/api/{name}{slash}?on=2027-01-01&planned=1"
    assert redirect_target(client, address) == "/api/django.json?on=2027-01-01&planned=1"


def test_v0_url_without_json_is_404_for_drafts(client: Client, django: Product) -> None:
    Product.objects.update(draft=True)
    for name in ("django", "dj"):
        assert client.get(f"/api/{name}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/nope", "/api/%00", "/api/..", "/api/%2e%2e%2f", "/api/Django", "/api/a%0Ab"]
)
def test_v0_url_without_json_is_404_for_unknown_products(
    client: Client, django: Product, path: str
) -> None:
    """The response is that of every other unknown API path."""
    response = client.get(path)
    assert response.status_code == 404
    assert response.json()["message"] == "There is nothing at this address."


@pytest.mark.parametrize("name", ["django", "dj"])
def test_calendar_at_the_root_redirects(client: Client, django: Product, name: str) -> None:
    """`/django.ics` redirects to the calendar; an alias takes a second redirect."""
    assert redirect_target(client, f"/{name}.ics?planned=1") == f"/calendar/{name}.ics?planned=1"
    response = client.get(f"/{name}.ics?planned=1", follow=True)
    assert response["Content-Type"].startswith("text/calendar")
    assert response.redirect_chain[-1] == ("/calendar/django.ics?planned=1", 301)


def test_calendar_at_the_root_of_an_unknown_product_is_404(client: Client) -> None:
    assert client.get("/nope.ics", follow=True).status_code == 404
    assert redirect_target(client, "/%5Cevil.example.ics") == "/calendar/%5Cevil.example.ics"


def test_openapi_document_of_v1_redirects(client: Client) -> None:
    """endoflife.date publishes it as YAML; JSON is valid YAML."""
    assert redirect_target(client, "/docs/api/v1/openapi.yml?x=1") == "/api/v1/openapi.json?x=1"
    assert client.get("/docs/api/v1/openapi.yml", follow=True).json()["openapi"]


@pytest.mark.parametrize("path", ["/django.ics", "/docs/api/v1/openapi.yml"])
def test_redirects_reject_other_methods(client: Client, path: str) -> None:
    assert client.post(path).status_code in (403, 405)
    assert client.head(path).status_code == 301
