"""The stack check of API v2. The request body is a file as it is, or a list of parts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from releases import selectors
from releases.api.errors import BadRequest
from releases.api.v2 import answers
from releases.api.v2.parameters import CheckQuery
from releases.domain.roadmap.query import MAX_TEXT, RoadmapQuery
from releases.domain.stack import ACCEPT, MAX_PARTS, OF, fits, query_of, read_parts
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import MAX_BYTES, read_stack
from releases.models import Product
from releases.presentation.stack.report import component_data
from releases.presentation.stack.rows import StackRow
from releases.selectors import LocatedComponent, StackCheck
from releases.web import clock
from releases.web.api_refusals import Problem

BODY: Final = "body"
"""The name of problems of the file."""

PART: Final = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}:[!-~](?:[ -~]{0,98}[!-~])?$"
"""A part: the name of a product and a version of printable ASCII characters."""

EXAMPLE: Final = '{"of": ["django:5.2.1"]}'

REQUEST_BODY: Final[dict[str, Any]] = {
    "required": True,
    "description": "A file as it is: requirements.txt, pyproject.toml, uv.lock, poetry.lock,"
    " pylock.toml, package-lock.json, CycloneDX in JSON, a Dockerfile, runtime.txt or"
    " .python-version. Or a list of parts. The media type of a file does not matter. 10 MB at most;"
    " nothing of it is stored.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": [OF],
                "properties": {
                    OF: {
                        "type": "array",
                        "maxItems": MAX_PARTS,
                        "items": {"type": "string", "pattern": PART},
                        "description": "Products, by name or alias, and versions.",
                        "example": ["django:4.2.7", "python:3.14"],
                    }
                },
            }
        },
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary", "description": "The file."}
        },
    },
}


@dataclass(frozen=True, slots=True)
class Sent:
    """The stack of a request body, the kind of its file, and the problems of reading it."""

    check: StackCheck
    kind: str = ""
    unread: Sequence[FormatProblem] = field(default=())


def checked(request: HttpRequest, asked: CheckQuery) -> answers.CheckedStack:
    """Return the response to a file or a list of parts. Raises `BadRequest`."""
    query = RoadmapQuery(today=clock.today(), on=asked.on)
    sent = _read(request.body, asked, of_json=request.content_type == "application/json")
    rows = [StackRow(item, query) for item in sent.check.items]
    parts = [_part(request, row, asked) for row in rows]
    day = asked.on if query.what_if else None
    every = [part for item in sent.check.items for part in item.parts]
    stack = query_of(every, day, asked.accepted)
    links = {
        name: request.build_absolute_uri(reverse(f"releases:{view}") + stack)
        for name, view in (
            ("permalink", "stack"),
            ("badge", "stack_badge_svg"),
            ("calendar", "stack_ics"),
            ("feed", "stack_atom"),
        )
    }
    kept = bool(rows) and fits(links["permalink"])
    return answers.CheckedStack(
        on=asked.on,
        kind=sent.kind or None,
        ok=not any(part.breaks for part in parts),
        items=parts,
        unversioned=[_named(each, product) for each, product in sent.check.unversioned],
        unknown=[_named(component) for component in sent.check.unknown],
        left_out=sent.check.left_out,
        problems=[
            answers.Unread(line=each.line or None, path=each.path or None, message=each.message)
            for each in sent.unread
        ],
        **(links if kept else dict.fromkeys(links)),
    )


def _read(body: bytes, asked: CheckQuery, *, of_json: bool) -> Sent:
    if of_json and not body.lstrip().startswith(b"{"):
        message = f"expected an object, as its type says JSON: a file of one, or {EXAMPLE}."
        raise BadRequest(Problem(name=BODY, message=message))
    if (texts := _parts(body)) is not None:
        parts, problems = read_parts(texts)
        if problems:
            raise BadRequest(*(Problem(name=each.name, message=each.message) for each in problems))
        found = selectors.stack(parts, asked.on, asked.accepted)
        missing = [
            FormatProblem(0, OF, f"There is no product “{each.product}”.") for each in found.missing
        ]
        return Sent(found, unread=[*missing, *_not_accepted(found)])
    try:
        stack = read_stack(body)
    except FormatError as error:
        refused = [Problem(name=BODY, message=str(each)) for each in error.problems]
        raise BadRequest(*refused) from None
    found = selectors.check_components(stack.components, asked.on, asked.accepted)
    return Sent(found, stack.kind, [*stack.problems, *_not_accepted(found)])


def _not_accepted(found: StackCheck) -> list[FormatProblem]:
    return [
        FormatProblem(0, ACCEPT, f"There is no product “{name}”.") for name in found.not_accepted
    ]


def _parts(body: bytes) -> list[str] | None:
    """Return the parts that a request body lists, or None if it is no list of parts."""
    if len(body) > MAX_BYTES or not body.lstrip().startswith(b"{"):
        return None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or OF not in document:
        return None
    listed = document[OF]
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise BadRequest(Problem(name=OF, message="expected a list of texts: django:5.2.1."))
    if wrong := next((each for each in listed if not re.fullmatch(PART, each)), None):
        expected = "expected a product and a version, such as django:5.2.1."
        message = f"“{wrong[:MAX_TEXT]}” cannot be read: {expected}"
        raise BadRequest(Problem(name=OF, message=message))
    return listed


def _part(request: HttpRequest, row: StackRow, asked: CheckQuery) -> answers.StackPart:
    return answers.StackPart(
        **row.facts,
        **row.origin,
        breaks=[str(rule) for rule in row.broken(asked.fail_on)],
        page=request.build_absolute_uri(row.address),
        plan=request.build_absolute_uri(row.plan) if row.plan else None,
    )


def _named(located: LocatedComponent, product: Product | None = None) -> answers.NamedComponent:
    return answers.NamedComponent(
        **component_data(located), product=product.name if product else None
    )
