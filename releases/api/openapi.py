"""The OpenAPI document of the API (https://spec.openapis.org/oas/v3.1.0), made from its code."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from releases.api.frame import TAGS, answering, api
from releases.web.api_refusals import API_ROOT, PROBLEM_JSON, Error, ProblemDetails
from releases.web.cached_views import cached
from releases.web.page_keys import SAFE_METHODS
from releases.web.responses import json_response

Json = dict[str, Any]

_REF: Final = "#/components/schemas/"
_OTHER: Final = {
    "301": ("Moved", "The product or cycle has another name. `Location` has its address."),
    "400": ("BadRequest", "Parameters cannot be read. Each is named, with what was expected."),
    "401": ("Unauthorized", "There is no valid API token. `WWW-Authenticate` asks for one."),
    "403": ("Forbidden", "The API token may not do this."),
    "404": ("NotFound", "Not found. Similar names are suggested."),
    "405": ("NotAllowed", "The method is not allowed. `Allow` lists the methods that are."),
    "409": ("Conflict", "It is recorded already, with other values."),
    "412": ("Changed", "It was changed after it was read. `ETag` has its state now."),
    "413": ("TooLarge", "The request is larger than this site accepts."),
    "414": ("TooLong", "The address is too long. The web server answers in HTML."),
    "428": ("StateMissing", "If-Match is missing."),
    "429": ("TooMany", "The API token made too many requests. `Retry-After` says when to retry."),
    "500": ("Failed", "Something went wrong. The error has been logged."),
    "503": ("Away", "The database cannot be reached. `Retry-After` says when to try again."),
}
_ERRORS: Final[Json] = {
    "": {"content": {"application/json": {"schema": {"$ref": f"{_REF}Error"}}}},
    "V2": {"content": {PROBLEM_JSON: {"schema": {"$ref": f"{_REF}ProblemDetails"}}}},
}
"""The content of errors, by the prefix of the names of their responses."""
_NO_JSON: Final = frozenset({"301", "414"})
_OF_TOKENS: Final = frozenset({"401", "403", "429"})
"""Responses of operations that need an API token."""
_OF_WRITES: Final[Json] = {
    "409": frozenset({"post", "put"}),
    "412": frozenset({"patch"}),
    "428": frozenset({"patch"}),
}
"""Responses of these methods with an API token."""
_NAMED: Final = frozenset({"product", "category", "tag"})
"""Filters whose unknown values are a 404."""


class Document(OpenAPISchema):
    """An OpenAPI document whose schemas have the version in name and title: `V2Cycle`.

    Generators of clients make a class of each, called by its title.
    """

    def operation_details(self, operation: Operation) -> Json:
        self.schemas, others = {}, self.schemas
        details: Json = super().operation_details(operation)
        own: Json
        version = details["tags"][0].upper()
        details, own = json.loads(json.dumps([details, self.schemas]).replace(_REF, _REF + version))
        self.schemas = others | {
            version + name: schema | {"title": version + schema["title"]}
            for name, schema in own.items()
        }
        details["parameters"] = [_parameter(each) for each in details["parameters"]]
        details["responses"] |= _other_answers(
            details, operation.methods[0].lower(), version if version in _ERRORS else ""
        )
        return details


@cache
def document(version: str = "") -> Json:
    """Return the document without the address of the site. It must not be changed.

    Args:
        version: The version of the API that it describes ("v1"); empty for all of them.
    """
    if version:
        return _of_version(document(), version)
    found: Json = json.loads(json.dumps(Document(api, f"{API_ROOT}/")))
    found["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    schemas = found["components"]["schemas"]
    for model in (Error, ProblemDetails):
        schema = model.model_json_schema(ref_template=f"{_REF}{{model}}")
        schemas |= schema.pop("$defs") | {model.__name__: schema}
    responses = {
        prefix + name: {"description": words} | ({} if status in _NO_JSON else content)
        for prefix, content in _ERRORS.items()
        for status, (name, words) in _OTHER.items()
    }
    return found | {"components": found["components"] | _used(found["paths"], responses, schemas)}


def _of_version(every: Json, version: str) -> Json:
    """Return the part of the document of all versions that describes one of them."""
    paths = {
        path: methods
        for path, methods in every["paths"].items()
        if any(version in details["tags"] for details in methods.values())
    }
    return every | {
        "info": every["info"] | {"title": f"{every['info']['title']}, {version}"},
        "tags": [tag for tag in every["tags"] if tag["name"] == version],
        "paths": paths,
        "components": _of_paths(paths, every["components"]),
    }


@cached()
def openapi(request: HttpRequest, version: str = "") -> HttpResponse:
    """`/api/openapi.json`, and `/api/v1/openapi.json` for one version."""
    servers = [{"url": request.build_absolute_uri("/").removesuffix("/")}]
    return json_response(document(version) | {"servers": servers})


view = answering(SAFE_METHODS, openapi)


def _parameter(parameter: Json) -> Json:
    """Return a parameter whose schema has no null, which no address can hold.

    Its title, description and example are beside the schema, not in it.
    """
    schema = parameter["schema"]
    for choice in schema.pop("anyOf", ()):
        schema |= choice if choice != {"type": "null"} else {}
    for key in ("title", "description", "example"):
        schema.pop(key, None)
    if isinstance(schema.get("default"), bool):  # an address holds text
        schema["default"] = "1" if schema["default"] else "0"
    return parameter


def _other_answers(operation: Json, method: str, prefix: str) -> Json:
    """Return the other responses of an operation: redirects of aliases, and errors.

    Args:
        operation: The operation.
        method: Its method, in small letters.
        prefix: The prefix of the names of these responses.
    """
    parameters = operation["parameters"]
    in_path = {each["name"] for each in parameters if each["in"] == "path"}
    named = in_path | {each["name"] for each in parameters if each["name"] in _NAMED}
    never = (set() if named else {"404"}) | (set() if "product" in in_path else {"301"})
    never |= set() if "requestBody" in operation else {"413"}
    if "security" in operation:
        never |= {"301"}
        never |= {status for status, methods in _OF_WRITES.items() if method not in methods}
    else:
        never |= _OF_TOKENS | _OF_WRITES.keys()
    return {
        status: {"$ref": f"#/components/responses/{prefix}{name}"}
        for status, (name, _) in _OTHER.items()
        if status not in never
    }


def _of_paths(paths: Json, components: Json) -> Json:
    """Return the components that the paths refer to, and the schemes of their authentication."""
    used = _used(paths, components["responses"], components["schemas"])
    schemes = components["securitySchemes"]
    return used | ({"securitySchemes": schemes} if '"security"' in json.dumps(paths) else {})


def _used(paths: Json, responses: Json, schemas: Json) -> Json:
    """Return the components that the paths refer to."""
    named = set(re.findall(r'"#/components/responses/(\w+)"', json.dumps(paths)))
    kept_responses = {name: each for name, each in responses.items() if name in named}
    return {
        "schemas": _referenced([paths, kept_responses], schemas),
        "responses": kept_responses,
    }


def _referenced(parts: list[Json], schemas: Json) -> Json:
    """Return the schemas of responses. The schemas of parameters are beside the parameters."""
    kept: Json = {}
    queue = [*parts]
    while queue:
        for name in re.findall(rf'"{_REF}(\w+)"', json.dumps(queue.pop())):
            if name not in kept:
                kept[name] = schemas[name]
                queue.append(schemas[name])
    return dict(sorted(kept.items()))
