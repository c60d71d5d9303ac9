"""The API documentation page, `/api/`, rendered from the OpenAPI document.

The example requests run while the page is rendered, so their responses are real.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from urllib.parse import quote, unquote

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.views.decorators.http import require_safe

from releases.api.addresses import address_sections
from releases.api.openapi import Json, document
from releases.web.cached_views import cached

LINES_SHOWN: Final = 40
"""Maximum number of lines of an example response."""
_VERSION: Final = re.compile(r"^V\d+")
_TYPE_NAMES: Final = {
    "string": "text",
    "integer": "number",
    "boolean": "true or false",
    "date-time": "date and time",
}
"""Readable names of JSON Schema types and formats."""


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter of an operation, or a field of a response.

    `schema` is the HTML id of the schema of its type, or empty.
    """

    name: str
    type: str
    description: str
    schema: str = ""
    default: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API.

    `example` is the path and query of the example request, and `body` is its body. The example of
    an operation that needs a token does not run.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    answer: Row
    example: str
    body: str = ""
    needs_token: bool = False

    def command(self, url: str) -> str:
        """Return the request as a command."""
        options = []
        if self.method not in ("GET", "POST"):
            options.append(f"-X {self.method}")
        if self.needs_token:
            options.append('-H "Authorization: Bearer $TOKEN"')
        if self.method == "PATCH":
            options.append("""-H 'If-Match: "STATE"'""")
        if self.method == "PUT":
            options.append("--data-binary @FILE")
        if self.body:
            options.append(f"--json '{self.body}'")
        return " ".join(["curl", *options, f"'{url}'"])


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of a response or a part of it."""

    id: str
    name: str
    description: str
    fields: list[Row]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the API with its operations and schemas."""

    name: str
    description: str
    operations: list[Operation]
    schemas: list[Schema]

    @property
    def document(self) -> str:
        """The path of its OpenAPI document."""
        return reverse(f"releases:openapi_{self.name}")


@dataclass(frozen=True, slots=True)
class ExampleResponse:
    """The response to the example of an operation.

    Attributes:
        url: The URL of the request; that of the path with placeholders if the example fails.
        command: The request as a command.
        text: The first lines; empty if the catalogue lacks what the example asks for.
        more: The number of lines not shown.
    """

    url: str
    command: str
    text: str = ""
    more: int = 0


@cached()
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Render `/api/`."""
    context = {
        "versions": [
            (version, [(each, _example_response(request, each)) for each in version.operations])
            for version in versions()
        ],
        "sections": address_sections(request.build_absolute_uri),
        "errors": [_schema("", name) for name in ("ProblemDetails", "Error", "Problem")],
    }
    return render(request, "releases/api.html", context)


@cache
def versions() -> list[Version]:
    """Return the versions of the OpenAPI document."""
    return [_version(tag["name"], tag["description"]) for tag in document()["tags"]]


def _version(name: str, description: str) -> Version:
    operations = [
        _operation(path, method, details)
        for path, methods in document()["paths"].items()
        for method, details in methods.items()
        if name in details["tags"]
    ]
    prefix = name.upper()
    schemas = [
        _schema(prefix, each)
        for each in document()["components"]["schemas"]
        if each.startswith(prefix)
    ]
    return Version(name, description, operations, schemas)


def _operation(path: str, method: str, details: Json) -> Operation:
    example = path
    for each in details["parameters"]:
        if each["in"] == "path":
            example = example.replace(f"{{{each['name']}}}", quote(each["example"]))
    answer = details["responses"]["200"]["content"]["application/json"]["schema"]
    return Operation(
        id=details["operationId"],
        method=method.upper(),
        path=path,
        summary=details["summary"],
        description=details.get("description", ""),
        parameters=[_parameter(each) for each in details["parameters"]],
        answer=_row("", answer),
        example=example + details.get("x-example", ""),
        body=_body(details),
        needs_token="security" in details,
    )


def _body(details: Json) -> str:
    """Return an example of the request body, or "" if the operation has none."""
    for content in details.get("requestBody", {}).get("content", {}).values():
        if "example" in content:
            return json.dumps(content["example"])
        properties = content["schema"].get("properties", {})
        if properties:
            return json.dumps({name: each["example"] for name, each in properties.items()})
    return ""


def _parameter(parameter: Json) -> Row:
    row = _row(parameter["name"], parameter["schema"])
    example = parameter.get("example", "")
    return replace(
        row,
        description=parameter.get("description", ""),
        default=str(parameter["schema"].get("default") or ""),
        example=" ".join(example) if isinstance(example, list) else example,
    )


def _schema(prefix: str, name: str) -> Schema:
    schema = document()["components"]["schemas"][name]
    fields = [_row(each, value) for each, value in schema.get("properties", {}).items()]
    description = schema.get("description", "")
    return Schema(f"schema-{name}", _readable_name(name.removeprefix(prefix)), description, fields)


def _readable_name(name: str) -> str:
    """Return a readable form of a pydantic name: `ListAnswer of Uri` for `ListAnswer_Uri_`."""
    return name.strip("_").replace("_", " of ")


def _row(name: str, schema: Json) -> Row:
    """Return a parameter or field, with its type in words."""
    refs = [each["$ref"].rpartition("/")[2] for each in _nested_schemas(schema) if "$ref" in each]
    linked = [ref for ref in refs if "properties" in document()["components"]["schemas"][ref]]
    return Row(
        name=name,
        type=_type(schema),
        description=schema.get("description", ""),
        schema=f"schema-{linked[0]}" if linked else "",
    )


def _nested_schemas(schema: Json) -> Iterator[Json]:
    """Yield a schema and, recursively, the schemas nested in it."""
    yield schema
    inner = (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ()))
    for each in inner:
        if isinstance(each, dict):
            yield from _nested_schemas(each)


def _type(schema: Json) -> str:
    """Return the type of a schema in words."""
    match schema:
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            found = document()["components"]["schemas"][name]
            return _type(found) if "enum" in found else _readable_name(_VERSION.sub("", name))
        case {"anyOf": [*choices]}:
            return " or ".join(map(_type, choices))
        case {"enum": values}:
            return " or ".join(values)
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"type": "object", "additionalProperties": {} as values} if values:
            return f"{_type(values)} by name"
        case {"minimum": least, "maximum": most}:
            return f"number from {least} to {most}"
    word: str = schema.get("const") or schema.get("format") or schema.get("type", "anything")
    return _TYPE_NAMES.get(word, word)


def _example_response(request: HttpRequest, operation: Operation) -> ExampleResponse:
    """Run the example request of an operation, and return the start of its response."""
    url = request.build_absolute_uri(operation.example)
    if operation.needs_token:
        return ExampleResponse(url, operation.command(url))
    answer = _run_example(request, operation)
    if answer is None:
        url = request.build_absolute_uri("/").removesuffix("/") + operation.path
        return ExampleResponse(url, operation.command(url))
    lines = json.dumps(answer, ensure_ascii=False, indent=2).splitlines()
    return ExampleResponse(
        url=url,
        command=operation.command(url),
        text="\n".join(lines[:LINES_SHOWN]),
        more=max(0, len(lines) - LINES_SHOWN),
    )


def _run_example(request: HttpRequest, operation: Operation) -> Any:
    """Call the view of an example request, and return its response as parsed JSON.

    Returns None if the catalogue lacks what the example asks for.

    Raises:
        OperationalError: The view failed. The error keeps an incomplete page out of the cache.
    """
    path, _, query = operation.example.partition("?")
    example_request = copy.copy(request)
    example_request.method = operation.method
    example_request.path, example_request.path_info = path, unquote(path)
    example_request._body = operation.body.encode()
    example_request.META = request.META | {"QUERY_STRING": query}
    example_request.GET = QueryDict(query)
    found = resolve(example_request.path_info)
    response = found.func(example_request, *found.args, **found.kwargs)
    if response.status_code >= 500:
        raise OperationalError(f"The example request {operation.example} failed.")
    return json.loads(response.content) if response.status_code == 200 else None
