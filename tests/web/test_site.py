"""Properties of every page: policy, compression, site name, errors and cookies."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from pytest_django import Settings

from releases.web.refusals import server_error
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/django/", "/nope/", "/admin/login/"])
def test_content_security_policy_is_strict(client: Client, path: str) -> None:
    """It allows no inline scripts or styles and no other origins."""
    make_product()
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_pages_are_compressed(client: Client) -> None:
    make_cycle(make_product())
    response = client.get("/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(response.content)


def test_site_name_and_strap_line_are_settings(client: Client, settings: Settings) -> None:
    settings.SITE_NAME, settings.SITE_STRAP_LINE = "Acme releases", "What Acme runs."
    html = client.get("/").content.decode()
    assert "Acme releases" in html
    assert "What Acme runs." in html


def test_server_error_page(rf: RequestFactory, settings: Settings) -> None:
    """It needs no database and does not reveal the error."""
    request: HttpRequest = rf.get("/")
    response = server_error(request)
    assert response.status_code == 500
    assert b"Something went wrong" in response.content


def test_public_pages_set_no_cookies(client: Client) -> None:
    """They are the same for every visitor."""
    make_product()
    for path in ("/", "/django/"):
        assert not client.get(path).cookies


def test_htmx_configuration_follows_the_policy() -> None:
    html = render_to_string("404.html")
    assert '"includeIndicatorStyles":false' in html
    assert '"allowEval":false' in html
