"""Middleware: request ids, timing, size limits and compression."""

from __future__ import annotations

import re

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from releases.web.middleware import GZipMiddleware
from releases.web.request_ids import REQUEST_ID, request_id
from tests.factories import make_cycle, make_product

FORM = "application/x-www-form-urlencoded"


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(REQUEST_ID.get())


@pytest.mark.parametrize("given", ["01234567-89ab-cdef-0123-456789abcdef", "a.b_C-9", "x" * 64])
def test_request_id_of_the_router_is_used(rf: RequestFactory, given: str) -> None:
    """It is logged and returned."""
    response = request_id(plain)(rf.get("/", headers={"x-request-id": given}))
    assert response["X-Request-ID"] == given
    assert REQUEST_ID.get() == given


@given(st.text(max_size=80).filter(lambda text: not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", text)))
def test_invalid_request_id_is_replaced(text: str) -> None:
    """Only valid ids reach logs and headers."""
    response = request_id(plain)(RequestFactory().get("/", HTTP_X_REQUEST_ID=text))
    assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-ID"])


@pytest.mark.django_db
def test_every_response_has_its_own_id(client: Client) -> None:
    """Cached pages have one, too."""
    ids = {client.get("/robots.txt")["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.django_db
def test_server_timing_in_development(client: Client) -> None:
    """It contains the total time and that of the database (tests use development settings)."""
    make_cycle(make_product())
    timing = client.get("/django/")["Server-Timing"]
    found = re.fullmatch(r'total;dur=([\d.]+), db;dur=([\d.]+);desc="(\d+) queries"', timing)
    assert found
    assert float(found[1]) > float(found[2]) > 0
    assert int(found[3]) > 1


def test_large_request_is_rejected_unread(client: Client) -> None:
    """The `Content-Length` header alone is sufficient for a 413, which names the limit."""
    response = client.post("/nothing/here/", b"x" * (12 << 20) + b"x", content_type=FORM)
    assert response.status_code == 413
    assert b"larger than 12 MB" in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["", "0", "-1", "x", "²", str(12 << 20)])
def test_other_content_lengths_are_accepted(client: Client, length: str) -> None:
    """Invalid values count as no length, as in Django."""
    assert client.get("/robots.txt", CONTENT_LENGTH=length).status_code == 200


@pytest.mark.django_db
def test_largest_admin_form_fits_into_the_field_limit(
    admin_client: Client, settings: Settings
) -> None:
    """The largest form has at least a third of the allowed number of fields."""
    product = make_product()
    for number in range(60):
        make_cycle(product, f"{number}", release="2025")
    address = reverse("admin:releases_product_change", args=[product.pk])
    html = admin_client.get(address).content.decode()
    fields = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', html)
    assert any(name.startswith("cycles-59-") for name in fields)
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS is not None
    assert len(fields) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS < 3 * len(fields)


@pytest.mark.django_db
def test_too_many_fields_are_rejected(admin_client: Client, settings: Settings) -> None:
    """The error page states the reason."""
    limit = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or 0
    data = {f"f{number}": "x" for number in range(limit + 1)}
    response = admin_client.post(reverse("admin:releases_product_add"), data)
    assert response.status_code == 400
    assert b"more fields than this site accepts" in response.content


def test_file_responses_are_not_compressed(rf: RequestFactory) -> None:
    """Static files are precompressed if useful, and a partial response must stay unchanged."""

    def part(request: HttpRequest) -> HttpResponseBase:
        return FileResponse([b"x" * 5000], status=206, headers={"Content-Length": "5000"})

    request = rf.get("/", headers={"accept-encoding": "gzip"})
    answer = GZipMiddleware(part).process_response(request, part(request))
    assert not answer.has_header("Content-Encoding")
    assert answer["Content-Length"] == "5000"


@pytest.mark.every_case
@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/{}/", "/django/{}/", "/categories/{}/", "/tags/{}/", "/upgrade/{}/", "/{}.svg"]
)
def test_path_with_nul_is_not_found(client: Client, path: str) -> None:
    """PostgreSQL does not accept it in a text."""
    assert client.get(path.format("%00")).status_code == 404
