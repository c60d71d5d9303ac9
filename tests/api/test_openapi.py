"""The OpenAPI document declares exactly the answers of the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, assume, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from config.wsgi import application
from releases.api.openapi import document
from releases.services.editing.roles import RELEASE_MANAGER
from tests.api.conftest import Ask
from tests.tokens import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled")]

OPERATIONS = {
    details["operationId"]: (path, details, method)
    for path, methods in document()["paths"].items()
    for method, details in methods.items()
}
every_operation = pytest.mark.parametrize("name", OPERATIONS)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
EXAMPLES = 8
"""Number of generated requests of each kind per operation."""


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """Keep the test's database connection open during requests, as the test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def test_document_is_served(ask: Ask) -> None:
    """It is OpenAPI 3.1, with the URL of this site."""
    served = ask("/api/openapi.json")
    assert served["openapi"].startswith("3.1")
    assert served["servers"] == [{"url": "http://testserver"}]
    assert served["paths"] == document()["paths"]


def test_operation_ids_are_unique_in_all_versions() -> None:
    assert {tag["name"] for tag in document()["tags"]} == {"v0", "v1", "v2"}
    assert {tag for _, each, _ in OPERATIONS.values() for tag in each["tags"]} == {"v0", "v1", "v2"}
    assert len(OPERATIONS) == sum(map(len, document()["paths"].values()))


@pytest.mark.parametrize("version", ["", "v0", "v1", "v2"])
def test_document_is_valid(ask: Ask, version: str) -> None:
    """Defaults and references are validated, for all versions together and for each alone."""
    served = ask(f"/api/{version}/openapi.json" if version else "/api/openapi.json")
    validate(served)
    described = {tag for methods in served["paths"].values() for tag in tags(methods)}
    assert described == ({version} if version else {"v0", "v1", "v2"})
    assert {tag["name"] for tag in served["tags"]} == described
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(served)))
    assert used == served["components"]["schemas"].keys()


def tags(methods: dict[str, Any]) -> Iterator[str]:
    for details in methods.values():
        yield from details["tags"]


def test_titles_are_unique() -> None:
    """Client generators name a class after the title of its schema."""
    titles = [each["title"] for each in document()["components"]["schemas"].values()]
    assert len(titles) == len(set(titles))


def test_schemas_are_well_formed() -> None:
    """They are JSON Schema 2020-12, and every reference resolves."""
    for name, schema in document()["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema)
        jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}"} | document())


@every_operation
def test_operation_has_descriptions(name: str) -> None:
    """The operation, its parameters and its errors are described."""
    details = OPERATIONS[name][1]
    assert details["summary"]
    assert details["description"]
    assert {"200", "400", "500", "503"} <= details["responses"].keys()
    for parameter in details["parameters"]:
        assert parameter["description"], parameter["name"]
        assert "null" not in json.dumps(parameter["schema"])
        if parameter["in"] == "path":
            assert parameter["example"]
            assert "404" in details["responses"]


def has_query(name: str) -> bool:
    return any(each["in"] == "query" for each in OPERATIONS[name][1]["parameters"])


FILE_TYPES = ("application/octet-stream", "multipart/form-data")


def needs_token(name: str) -> bool:
    return "security" in OPERATIONS[name][1]


@pytest.mark.parametrize(
    ("name", "mode", "role"),
    [(name, GenerationMode.POSITIVE, "") for name in OPERATIONS]
    + [(name, GenerationMode.NEGATIVE, "") for name in OPERATIONS if has_query(name)]
    + [(name, mode, RELEASE_MANAGER) for name in OPERATIONS if needs_token(name) for mode in MODES],
)
def test_schemathesis_finds_no_problem(name: str, mode: GenerationMode, role: str) -> None:
    """Valid requests get the declared answer, and invalid ones are rejected.

    With a role, they have a token of a user with that role.
    """
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    path, _, method = OPERATIONS[name]
    operation = schema[path][method.upper()]
    headers = {"Accept-Encoding": "identity"}
    # No schema says which version belongs to a cycle, or which dates are in order.
    excluded = [CHECKS.get_one("positive_data_acceptance")] if role else []
    if role:
        headers["Authorization"] = f"Bearer {make_token(role)}"

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def check(case: Any) -> None:
        # No schema says what is a good file for the stack check.
        assume(name != "v2_check" or case.media_type not in FILE_TYPES)
        cache.clear()  # the throttle counts in it
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    check()


def test_error_bodies_match_the_schema(client: Client) -> None:
    for path, schema in (("v2/cycles", "ProblemDetails"), ("v1/products/full", "Error")):
        body = client.get(f"/api/{path}?on=x").json()
        jsonschema_rs.validate({"$ref": f"#/components/schemas/{schema}"} | document(), body)
