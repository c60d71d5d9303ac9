"""Behaviour shared by all URLs of the API: errors, CORS, slashes and invalid input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from releases.api.frame import path_views, query_parameters
from releases.api.openapi import document
from releases.domain.roadmap.query import MAX_VALUES
from releases.models import Product
from releases.web.page_cache import pages
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

CYCLES = "/api/v2/cycles"


@pytest.fixture
def django() -> Product:
    product = make_product("django", category="framework", aliases=["dj"])
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30")
    return product


def error(response: Any, status: int) -> dict[str, Any]:
    """Return the body of an error, asserting its CORS header, and problem details in v2."""
    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == "*"
    found: dict[str, Any] = json.loads(response.content)
    assert found["status"] == status
    if re.match("/api/v2(/|$)", response.request["PATH_INFO"]):
        assert response["Content-Type"] == "application/problem+json"
        assert (found["type"], found["title"]) == ("about:blank", HTTPStatus(status).phrase)
        assert found["detail"]
    else:
        assert response["Content-Type"] == "application/json"
        assert list(found) == ["status", "message", "problems", "suggestions"]
        assert found["message"]
    return found


def problems(response: Any) -> dict[str, str]:
    return {each["name"]: each["message"] for each in error(response, 400)["problems"]}


@pytest.mark.parametrize("path", ["/api/v2/products", "/api/v2/products/django", CYCLES])
def test_trailing_slash_is_optional(client: Client, django: Product, path: str) -> None:
    """There is no redirect, and pages of other origins may read the answer."""
    plain, slashed = client.get(path), client.get(f"{path}/")
    assert plain.status_code == slashed.status_code == 200
    assert plain.content == slashed.content
    assert plain["Access-Control-Allow-Origin"] == "*"
    assert not plain.cookies


def test_head(client: Client, django: Product) -> None:
    assert client.head(CYCLES).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/api/nope", "/api/v9/", "/api/v20", "/api/%00%0A%FF", "/api/a/b/c/d"),
        *("/api/v2/nope", "/api/v2/%0A", "/api/v1/nope", "/api/v1/products/nope", "/api/nope.json"),
    ],
)
def test_unknown_url_is_not_found(client: Client, path: str) -> None:
    error(client.get(path), 404)


def test_unknown_url_suggests_similar_urls(client: Client) -> None:
    assert error(client.get("/api/v2/cycle"), 404)["suggestions"][0] == "/api/v2/cycles"


def test_unknown_product_suggests_similar_names(client: Client, django: Product) -> None:
    found = error(client.get("/api/v2/products/djnago"), 404)
    assert "djnago" in found["detail"]
    assert found["suggestions"] == ["django"]


@pytest.mark.parametrize("path", [CYCLES, "/api/v2", "/api/nope", "/api/openapi.json"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_other_methods_are_rejected(client: Client, path: str, method: str) -> None:
    response = getattr(client, method)(path)
    error(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [CYCLES, "/api/nope", "/api/openapi.json"])
def test_preflight_request(client: Client, path: str) -> None:
    response = client.options(
        path, headers={"origin": "https://example.org", "access-control-request-method": "GET"}
    )
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("on=soon", "on", "such as 2028-01-31"),
        ("on=2027-02-29", "on", "such as 2028-01-31"),
        ("on=1949-12-31", "on", "from 1950 to 2199"),
        ("on=2027-01-01%00", "on", "such as 2028-01-31"),
        ("on=", "on", "such as 2028-01-31"),
        ("limit=0", "limit", "1 or more"),
        ("limit=501", "limit", "500 or less"),
        ("limit=1e2", "limit", "whole number"),
        ("limit=%C2%B2", "limit", "whole number"),
        (f"limit={'9' * 5000}", "limit", "whole number"),
        ("lts=yes", "lts", "1 or 0"),
        ("status=dead", "status", "'planned', 'active'"),
        ("product=Django%00", "product", "such as django"),
        (f"product={'x' * 101}", "product", "such as django"),
        ("&".join(f"product=p{n}" for n in range(MAX_VALUES + 1)), "product", "at most 50 values"),
        ("on=2027-01-01&on=2027-01-02", "on", "given 2 times"),
    ],
)
def test_invalid_parameter_is_reported(
    client: Client, query: str, name: str, expected: str
) -> None:
    """The status is 400, with the parameter and the expected values."""
    assert expected in problems(client.get(f"{CYCLES}?{query}"))[name]


def test_every_problem_is_reported(client: Client) -> None:
    assert problems(client.get(f"{CYCLES}?on=x&limit=x&status=x")).keys() == {
        "on",
        "limit",
        "status",
    }


def test_thousands_of_parameters_are_rejected(client: Client) -> None:
    error(client.get(f"{CYCLES}?" + "&".join(f"a{n}=1" for n in range(5000))), 400)
    assert problems(client.get(f"{CYCLES}?" + "on=2027-01-01&" * 900))["on"]


@pytest.mark.parametrize("path", ["/api/v1/products/django", "/api/django.json"])
def test_v0_and_v1_ignore_unknown_parameters(client: Client, django: Product, path: str) -> None:
    """They may be repeated."""
    assert client.get(f"{path}?a=1&a=2&%FF=%00").content == client.get(path).content


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("categroy", "category"), ("Status", "status"), ("products", "product")),
        *(("ends-before", "ends_before"), ("form", None), ("x" * 5000, None), ("%00%FF", None)),
    ],
)
def test_v2_rejects_unknown_parameters(client: Client, name: str, meant: str | None) -> None:
    """The error suggests a similar parameter, or lists all of them."""
    found = error(client.get(f"{CYCLES}?lts=1&{name}=x&{name}=y"), 400)
    (problem,) = found["problems"]
    hint = f"Did you mean “{meant}”?" if meant else "Expected category, ends, ends_before, "
    assert problem["message"].startswith(f"unknown parameter. {hint}")
    assert found["suggestions"] == ([meant] if meant else [])
    assert len(problem["name"]) <= 101


def test_v2_lists_only_some_of_many_unknown_parameters(client: Client) -> None:
    query = "&".join(f"a{number}=1" for number in range(500))
    assert len(problems(client.get(f"{CYCLES}?{query}"))) == 10


def test_v2_rejects_unknown_parameters_of_aliases_and_posts(
    client: Client, django: Product
) -> None:
    found = error(client.get("/api/v2/products/dj?x=1"), 400)
    assert found["problems"] == [{"name": "x", "message": "unknown parameter. Expected on."}]
    sent = client.post("/api/v2/check?fail=eol", b"{}", content_type="application/json")
    assert error(sent, 400)["suggestions"] == ["fail_on"]
    assert "Expected none." in problems(client.get("/api/v2?x=1"))["x"]


@pytest.fixture
def page_cache(settings: Settings) -> Iterator[None]:
    """Enable the page cache, as in production."""
    settings.PAGE_CACHE_MB = 1
    pages.clear()
    yield
    pages.clear()


@pytest.mark.usefixtures("page_cache")
def test_v2_rejects_unknown_parameters_despite_a_cached_answer(django: Product) -> None:
    """The cached answer has the same path without the parameters, and its ETag is sent, too."""
    client = Client()
    etag = client.get(CYCLES)["ETag"]
    assert client.get(CYCLES)["Cache-Status"] == "roadmap; hit"
    for headers in ({}, {"if-none-match": etag}):
        error(client.get(f"{CYCLES}?x=1", headers=headers), 400)
    v1 = client.get("/api/v1/products/django")
    assert client.get("/api/v1/products/django?x=1").content == v1.content


def test_v2_index_lists_every_operation(client: Client, django: Product) -> None:
    found = client.get("/api/v2").json()
    assert client.get("/api/v2/").json() == found
    described = {
        (method.upper(), f"http://testserver{path.rstrip('/')}")
        for path, methods in document("v2")["paths"].items()
        for method in methods
    }
    assert {(each["method"], each["url"]) for each in found["items"]} == described
    assert client.get(found["document"]).status_code == 200
    for each in found["items"]:
        if each["method"] == "GET":
            address = each["url"].replace("{product}", "django").replace("{cycle}", "5.2")
            query = "?version=5.2" if each["name"] == "verdict" else ""
            assert client.get(f"{address}{query}").status_code == 200


@pytest.mark.parametrize("name", ["%00", "..", "%2e%2e%2f", "a%0Ab", "%ED%A0%80", "x" * 3000, "'"])
@pytest.mark.parametrize("path", ["/api/v2/products/{}", "/api/v2/products/django/cycles/{}"])
def test_unknown_name_is_not_found(client: Client, django: Product, path: str, name: str) -> None:
    error(client.get(path.format(name)), 404)


def broken(error: Exception) -> Callable[..., Any]:
    """Return a context in which the database answers every query with this error."""

    def execute(*args: Any) -> Any:
        raise error

    return execute


def test_database_outage_answers_503_with_retry_after(client: Client, django: Product) -> None:
    with connection.execute_wrapper(broken(OperationalError("no route to 10.0.0.1"))):
        response = client.get(CYCLES)
    assert "10.0.0.1" not in error(response, 503)["detail"]
    assert response["Retry-After"]


def test_failure_does_not_reveal_its_cause(django: Product) -> None:
    with connection.execute_wrapper(broken(RuntimeError("the secret is 42"))):
        response = Client(raise_request_exception=False).get(CYCLES)
    error(response, 500)
    assert b"42" not in response.content


def test_failure_sends_the_exception_signal(client: Client, django: Product) -> None:
    """Error reporting and the test client listen to the signal, as for pages."""
    with (
        connection.execute_wrapper(broken(RuntimeError("the cause"))),
        pytest.raises(RuntimeError, match="the cause"),
    ):
        client.get(CYCLES)


def test_query_parameters_of_each_url() -> None:
    """They are keyed by method and route."""
    read = {
        (method, route): query_parameters(operation)
        for route, path_view in path_views()
        for operation in path_view.operations
        for method in operation.methods
    }
    assert read["GET", "api/v2/products/<product>"] == {"on"}
    assert read["DELETE", "api/v2/products/<product>"] == {"reason"}
    filters = {"from", "to", "product", "milestone", "limit"}
    assert filters <= read["GET", "api/v2/milestones"]


@pytest.mark.parametrize(
    "path", [CYCLES, f"{CYCLES}/", "/api/v2/identify", "/api/openapi.json", "/api/"]
)
def test_answers_are_cached_like_pages(path: str) -> None:
    """Each view declares the parameters that its answer depends on."""
    assert hasattr(resolve(path).func, "page_parameters")
