"""Security headers on every kind of response, and what errors and URLs do not reveal."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import reload
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path, reverse
from pytest_django import Settings

from config import urls
from releases.web.middleware import PERMISSIONS_POLICY
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


def failing_view(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the code")


urlpatterns = [path("broken/", failing_view), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)

STRICT = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}
SECURE = STRICT | {"Strict-Transport-Security": "max-age=31536000"}


@pytest.fixture
def site(settings: Settings) -> Client:
    """A client of the site in production with a failing view; the router reports https."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.WHITENOISE_USE_FINDERS = True
    settings.ROOT_URLCONF = __name__
    settings.PAGE_CACHE_MB = 1
    make_cycle(make_product("django", aliases=["dj"]), release="2025-04-02")
    return Client(raise_request_exception=False, headers={"x-forwarded-proto": "https"})


def fetch(site: Client, address: str, **headers: str) -> Any:
    """Return the response of `address`, with a file read to its end."""
    response = site.get(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response.getvalue()
    return response


def missing(response: Any, expected: dict[str, str]) -> dict[str, str | None]:
    """Return the expected headers that differ in the response, with their actual values."""
    return {
        name: response.get(name) for name, value in expected.items() if response.get(name) != value
    }


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/django/", 200),
        ("/nope/", 404),
        ("/broken/", 500),
        ("/dj/", 301),
        ("/django", 301),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/static/base.css", 200),
        ("/robots.txt", 200),
        ("/healthz", 200),
        ("/roadmap.json", 200),
    ],
)
def test_every_kind_of_response_has_security_headers(
    site: Client, address: str, status: int
) -> None:
    """Pages, errors, redirects and files; none of them can be framed."""
    response = fetch(site, address)
    assert response.status_code == status
    assert missing(response, SECURE | {"X-Frame-Options": "DENY"}) == {}
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Request-ID"]


@pytest.mark.parametrize("address", ["/robots.txt", "/static/base.css"])
def test_304_has_security_headers(site: Client, address: str) -> None:
    """A 304 has the headers of its 200."""
    first = fetch(site, address)
    tag, moment = first.get("ETag", ""), first.get("Last-Modified", "")
    again = fetch(site, address, if_none_match=tag, if_modified_since=moment)
    assert again.status_code == 304
    assert missing(again, SECURE) == {}


def test_redirect_to_https_has_security_headers(site: Client) -> None:
    """There is a single redirect to the same URL. RFC 6797 forbids HSTS over http."""
    response = site.get("/django/?on=2028-01-01", headers={"x-forwarded-proto": "http"})
    assert response.status_code == 301
    assert response["Location"] == "https://testserver/django/?on=2028-01-01"
    assert missing(response, STRICT | {"X-Frame-Options": "DENY"}) == {}
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_response_to_a_disallowed_host_has_security_headers(site: Client, scheme: str) -> None:
    """The 400 does not reveal anything else about the site."""
    response = site.get("/nope/", headers={"host": "evil.example", "x-forwarded-proto": scheme})
    assert response.status_code == 400
    assert missing(response, STRICT | {"X-Frame-Options": "DENY"}) == {}
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert b"This site has no such host name." in response.content
    assert b"evil" not in response.content


def test_too_large_request_has_security_headers(site: Client) -> None:
    response = site.post("/admin/login/", b"x" * (13 << 20), content_type="text/plain")
    assert response.status_code == 413
    assert missing(response, SECURE | {"X-Frame-Options": "DENY"}) == {}


@pytest.mark.parametrize("address", ["/roadmap.svg", "/django.svg"])
def test_images_can_be_embedded(site: Client, address: str) -> None:
    """Any site can embed them, and they contain no scripts."""
    response = site.get(address)
    assert missing(response, SECURE) == {}
    assert not response.has_header("X-Frame-Options")
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("address", "sharing"),
    [
        ("/", "same-origin"),
        ("/admin/login/", "same-origin"),
        ("/static/base.css", "same-origin"),
        ("/roadmap.json", "cross-origin"),
        ("/roadmap.csv", "cross-origin"),
        ("/dj.svg", "cross-origin"),
    ],
)
def test_only_images_and_data_are_cross_origin(site: Client, address: str, sharing: str) -> None:
    """This includes redirects from an alias or http, but no pages and static files."""
    response = fetch(site, address)
    assert response["Cross-Origin-Resource-Policy"] == sharing
    assert response.has_header("Access-Control-Allow-Origin") == (sharing == "cross-origin")
    first = site.get(address, headers={"x-forwarded-proto": "http"})
    assert (first.status_code, first["Cross-Origin-Resource-Policy"]) == (301, "cross-origin")


def test_error_pages_reveal_nothing(site: Client) -> None:
    """They contain no words of the code, the settings or versions."""
    for address in ("/broken/", "/nope/", "/static/nope.css"):
        text = site.get(address).content.decode()
        for word in (
            "secret",
            "Traceback",
            "Django Version",
            "RuntimeError",
            "settings",
            "urlconf",
        ):
            assert word not in text


def test_form_without_csrf_token_is_rejected(site: Client) -> None:
    """The error page follows the content security policy."""
    strict = Client(enforce_csrf_checks=True, headers={"x-forwarded-proto": "https"})
    response = strict.post("/admin/login/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    html = response.content.decode()
    assert "The form was not accepted" in html
    assert "<style" not in html
    assert missing(response, SECURE) == {}


def test_missing_permission_is_explained(site: Client) -> None:
    """Logged-in users without the permission see a plain page."""
    site.force_login(User.objects.create_user("ann", is_staff=True))
    response = site.get(reverse("admin:releases_product_add"))
    assert response.status_code == 403
    assert b"Your account is not allowed to do this" in response.content
    assert missing(response, SECURE) == {}


@pytest.mark.parametrize("after", ["", "https://evil.example/", "//evil.example/"])
def test_login_with_a_rejected_next_redirects_to_the_index(client: Client, after: str) -> None:
    User.objects.create_user("ann", password="correct horse", is_staff=True)
    sent = {"username": "ann", "password": "correct horse", "next": after}
    assert client.post(reverse("admin:login"), sent)["Location"] == reverse("admin:index")


def test_cookies_are_http_only_and_same_site(site: Client, admin_user: object) -> None:
    cookie = site.get("/admin/login/").cookies["csrftoken"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
    form = {"username": "admin", "password": "password", "next": "/admin/"}
    cookie = site.post("/admin/login/", form).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


def test_default_admin_url_is_public(client: Client) -> None:
    """The footer links to it, and robots.txt disallows it."""
    make_product()
    assert '<a href="/admin/">Edit releases</a>' in client.get("/").content.decode()
    assert "Disallow: /admin/" in client.get("/robots.txt").content.decode()


@pytest.fixture
def hidden_admin_client(settings: Settings) -> Iterator[Client]:
    """The site with a hidden admin URL."""
    settings.ADMIN_PATH, settings.ADMIN_HIDDEN = "office", True
    clear_url_caches()
    reload(urls)
    yield Client()
    settings.ADMIN_PATH = "admin"
    clear_url_caches()
    reload(urls)


def test_hidden_admin_url_is_not_revealed(hidden_admin_client: Client) -> None:
    """No page and no site map contains it, and the default URL is a 404."""
    make_product()
    for address in ("/", "/django/", "/nope/", "/robots.txt", "/sitemap.xml", "/products/"):
        text = hidden_admin_client.get(address).content.decode()
        assert "office" not in text
        assert "admin" not in text
    assert hidden_admin_client.get("/office/login/").status_code == 200
    assert hidden_admin_client.get("/admin/login/").status_code == 404
