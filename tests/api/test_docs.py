"""The documentation of the API is complete, and its examples are real answers."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest
from django.db import OperationalError, connection
from django.test import Client

from releases.api.addresses import GROUPS, AddressGroup
from releases.api.docs import Operation, versions
from releases.api.openapi import document
from releases.api.urls import urlpatterns as api_urls
from releases.models import Product
from releases.presentation.alternates import TYPES
from releases.urls import urlpatterns

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled")]

OPERATIONS = [operation for version in versions() for operation in version.operations]
READS = [operation for operation in OPERATIONS if not operation.needs_token]
"""The operations whose examples run: those that write nothing."""


def declared(operation: Operation) -> Any:
    """Return the operation of the OpenAPI document."""
    return document()["paths"][operation.path][operation.method.lower()]


def answer_of(client: Client, operation: Operation, address: str) -> Any:
    """Return the answer to an operation, asserting success and the declared schema."""
    ask = getattr(client, operation.method.lower())
    sent = {"data": operation.body, "content_type": "application/json"} if operation.body else {}
    response = ask(address, **sent)
    assert response.status_code == 200, response.content
    content = declared(operation)["responses"]["200"]["content"]
    answer = json.loads(response.content)
    jsonschema_rs.validate(document() | content["application/json"]["schema"], answer)
    return answer


def examples_of_parameters() -> list[tuple[Operation, str]]:
    """Return a URL for each query parameter with an example, with its operation."""
    found = []
    for operation in READS:
        address = operation.example.partition("?")[0]
        examples = [
            (each["name"], each["example"], each.get("required"))
            for each in declared(operation)["parameters"]
            if each["in"] == "query" and "example" in each
        ]
        required = {name: value for name, value, needed in examples if needed}
        for name, value, _ in examples:
            query = urlencode(required | {name: value}, doseq=True)
            found.append((operation, f"{address}?{query}"))
    return found


@pytest.mark.parametrize("operation", READS, ids=lambda each: each.id)
def test_example_of_an_operation(client: Client, operation: Operation) -> None:
    """The answer has data and matches the schema."""
    answer = answer_of(client, operation, operation.example)
    assert answer
    if isinstance(answer, dict):
        assert answer.get("items", True)


@pytest.mark.parametrize(("operation", "address"), examples_of_parameters())
def test_example_of_a_parameter(client: Client, operation: Operation, address: str) -> None:
    answer_of(client, operation, address)


def test_page_shows_every_operation(client: Client) -> None:
    """It has the parameters, and the example with its current answer."""
    html = unescape(client.get("/api/").content.decode())
    for operation in OPERATIONS:
        assert f'<h3 id="{operation.id}">' in html
        assert operation.command(f"http://testserver{operation.example}") in html
    answer = client.get("/api/v2/products/django/cycles/5.2/releases?limit=3").json()
    assert json.dumps(answer, ensure_ascii=False, indent=2) in html


def test_links_lead_to_unique_anchors(client: Client) -> None:
    html = client.get("/api/").content.decode()
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_page_loads_only_files_of_the_site(client: Client) -> None:
    html = client.get("/api/").content.decode()
    sources = re.findall(r'(?:src|<link[^>]*stylesheet[^>]*href)="([^"]+)"', html)
    assert sources
    assert all(source.startswith("/static/") for source in sources)
    assert "style=" not in html


def test_page_for_a_catalogue_without_django(client: Client) -> None:
    """Examples that need the product have neither a response nor a link."""
    Product.objects.all().delete()
    html = unescape(client.get("/api/").content.decode())
    assert '"status": 404' not in html
    assert "curl 'http://testserver/api/v2/products/{product}/verdict'" in html
    links = re.findall('href="http://testserver([^"]*django[^"]*)"', html)
    assert links == ["/api/v2/identify?purl=pkg:pypi/django@5.2.1"]  # may be unknown
    assert 'href="http://testserver/api/v1/products">Try it' in html


def test_reads_have_a_link_to_their_example(client: Client) -> None:
    html = unescape(client.get("/api/").content.decode())
    links = re.findall(r'<a class="button push" href="http://testserver([^"]+)">Try it', html)
    assert links == [each.example for each in OPERATIONS if each.method == "GET"]


def test_every_address_of_data_is_documented() -> None:
    """Each feed, calendar, image and table has a row. Its other forms are named in words."""
    named = {
        str(each.name)
        for each in urlpatterns
        if each.name and str(each.pattern).endswith(tuple(f".{form}" for form in (*TYPES, "md")))
    } - {str(each.name) for each in api_urls}
    documented = {each.route for group in GROUPS for each in group.addresses}
    forms = ("_atom", "_ics", "_svg", "_csv", "_openeox")
    assert {each for each in named if each.endswith(forms)} == documented
    stems = {each.rpartition("_")[0] for each in documented}
    assert {each.rpartition("_")[0] for each in named} == stems


@pytest.mark.parametrize("group", GROUPS, ids=lambda each: each.id)
def test_examples_of_addresses_answer(client: Client, group: AddressGroup) -> None:
    """Each example of a section is linked in full, and its answer has the form of its address."""
    html = unescape(client.get("/api/").content.decode())
    assert f'<h2 id="{group.id}">' in html
    for each in group.addresses:
        assert f"<code>{each.path}</code>" in html
        assert f'href="http://testserver{each.example_path}"' in html
        response = client.get(each.example_path)
        assert response.status_code == 200, each
        form = each.path.rpartition(".")[2]
        assert TYPES[form] in response["Content-Type"]


def test_footer_leads_to_the_sections(client: Client) -> None:
    html = client.get("/api/").content.decode()
    for anchor in ("feeds", "calendars", "embeds"):
        assert f'<a href="/api/#{anchor}">' in html
        assert f'<h2 id="{anchor}">' in html


def test_every_page_links_to_the_documentation(client: Client) -> None:
    assert 'href="/api/">API</a>' in client.get("/").content.decode()


def test_page_accepts_only_reads(client: Client) -> None:
    assert client.post("/api/").status_code == 405
    assert client.get("/api").status_code == 200


def test_page_fails_without_the_database() -> None:
    """A page with errors as examples would be cached."""

    def execute(*args: Any) -> Any:
        raise OperationalError("no route to host")

    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(execute):
        assert client.get("/api/").status_code == 503
