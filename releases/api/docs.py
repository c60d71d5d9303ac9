"""The page `/api/`, rendered from the OpenAPI document. Its examples are requested during the
render, so their answers are real."""

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

from releases.api.openapi import Json, document
from releases.web.cached_views import cached

LINES_SHOWN: Final = 40
"""So many lines of an answer are shown."""
_VERSION: Final = re.compile(r"^V\d+")
_WORDS: Final = {
    "string": "text",
    "integer": "number",
    "boolean": "true or false",
    "date-time": "date and time",
}
"""Types in words, where another one is plainer."""


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter of an operation, or a field of an answer. `schema` is the id of what it is made
    of, if it is described on the page."""

    name: str
    type: str
    description: str
    schema: str = ""
    default: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; `example` is an address without host, `body` what is sent to it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    answer: Row
    example: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """What an answer is made of."""

    id: str
    name: str
    description: str
    fields: list[Row]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the API with its operations, and what its answers are made of."""

    name: str
    description: str
    operations: list[Operation]
    schemas: list[Schema]

    @property
    def document(self) -> str:
        """The address of its OpenAPI document."""
        return reverse(f"releases:openapi_{self.name}")


@dataclass(frozen=True, slots=True)
class ExampleResponse:
    """What the example of an operation answers, and how many more lines it has than are shown."""

    url: str
    text: str
    more: int


@cached()
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`/api/`."""
    context = {
        "versions": [
            (version, [(each, _answer(request, each)) for each in version.operations])
            for version in versions()
        ],
        "errors": [_schema("", name) for name in ("ProblemDetails", "Error", "Problem")],
    }
    return render(request, "releases/api.html", context)


@cache
def versions() -> list[Version]:
    """What the document says, by version."""
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
    )


def _body(details: Json) -> str:
    """An example of what is sent; empty where nothing is."""
    for content in details.get("requestBody", {}).get("content", {}).values():
        properties = content["schema"].get("properties", {})
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
    words = schema.get("description", "")
    return Schema(f"schema-{name}", _plain(name.removeprefix(prefix)), words, fields)


def _plain(name: str) -> str:
    """`ListAnswer_Uri_`, which is how pydantic writes it, as `ListAnswer of Uri`."""
    return name.strip("_").replace("_", " of ")


def _row(name: str, schema: Json) -> Row:
    """A field of this schema; its type in words."""
    refs = [each["$ref"].rpartition("/")[2] for each in _parts(schema) if "$ref" in each]
    linked = [ref for ref in refs if "properties" in document()["components"]["schemas"][ref]]
    return Row(
        name=name,
        type=_type(schema),
        description=schema.get("description", ""),
        schema=f"schema-{linked[0]}" if linked else "",
    )


def _parts(schema: Json) -> Iterator[Json]:
    """A schema and the ones in it that its type is made of."""
    yield schema
    inner = (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ()))
    for each in inner:
        if isinstance(each, dict):
            yield from _parts(each)


def _type(schema: Json) -> str:
    """The type of a schema in words."""
    match schema:
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            found = document()["components"]["schemas"][name]
            return _type(found) if "enum" in found else _plain(_VERSION.sub("", name))
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
    return _WORDS.get(word, word)


def _answer(request: HttpRequest, operation: Operation) -> ExampleResponse:
    """What the API answers to the example just now."""
    lines = json.dumps(_ask(request, operation), ensure_ascii=False, indent=2).splitlines()
    return ExampleResponse(
        url=request.build_absolute_uri(operation.example),
        text="\n".join(lines[:LINES_SHOWN]),
        more=max(0, len(lines) - LINES_SHOWN),
    )


def _ask(request: HttpRequest, operation: Operation) -> Any:
    """The answer to an example, as data, without the way through a server. Raises
    `OperationalError` where it cannot be had: the page would be kept without it."""
    path, _, query = operation.example.partition("?")
    asked = copy.copy(request)
    asked.method, asked.path, asked.path_info = operation.method, path, unquote(path)
    asked._body = operation.body.encode()
    asked.META = request.META | {"QUERY_STRING": query}
    asked.GET = QueryDict(query)
    found = resolve(asked.path_info)
    response = found.func(asked, *found.args, **found.kwargs)
    if response.status_code >= 500:
        raise OperationalError(f"The example {operation.example} was not answered.")
    return json.loads(response.content)
