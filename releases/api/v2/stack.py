"""The stack check of API v2. The request body is a file as it is, a form of files, or parts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from releases.api.errors import BadRequest
from releases.api.v2 import answers
from releases.api.v2.parameters import CheckQuery
from releases.domain.baseline import Baseline
from releases.domain.policy import Policy
from releases.domain.roadmap.query import MAX_TEXT, RoadmapQuery
from releases.domain.stack import MAX_PARTS, OF, fits, query_of, read_parts
from releases.formats.errors import FormatError
from releases.formats.stack import LIMITS
from releases.formats.stack.baseline import read_baseline
from releases.formats.stack.kinds import KINDS
from releases.formats.stack.policy import read_exceptions
from releases.presentation.stack.formats import CYCLONEDX, FORMATS, MEDIA_TYPES, report_file
from releases.presentation.stack.report import (
    StackOptions,
    StackReport,
    report_on,
    report_on_parts,
    stack_file,
)
from releases.presentation.stack.rows import StackRow
from releases.web import clock
from releases.web.api_refusals import Problem

BODY: Final = "body"
"""The name of problems of the file."""

PART: Final = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}:[!-~](?:[ -~]{0,98}[!-~])?$"
"""A part: the name of a product and a version of printable ASCII characters."""

DATES_HEADER: Final = "X-Lifecycle-Dates"
"""The response header of CycloneDX files with the numbers of components and dates."""

EXAMPLE: Final = '{"of": ["django:5.2.1"]}'
_FORM: Final = "multipart/form-data"
_FILE: Final = {"type": "string", "format": "binary"}

REQUEST_BODY: Final[dict[str, Any]] = {
    "required": True,
    "description": "A file as it is, a form of files, or a list of parts. The media type of a file"
    f" does not matter. {LIMITS};"
    f" nothing of it is stored. Kinds of files: {', '.join(kind.name for kind in KINDS)}.",
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
        "application/octet-stream": {"schema": _FILE | {"description": "The file."}},
        _FORM: {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "array",
                        "items": _FILE,
                        "description": "The files; the name of each tells its kind.",
                    },
                    "exceptions": {
                        "type": "array",
                        "items": _FILE,
                        "description": "Files with `exceptions:`, the parts that may break the"
                        " rules until a day, with the reason. A stack.yaml may have them itself.",
                    },
                    "baseline": _FILE
                    | {"description": "An earlier answer. Only what is new since is reported."},
                },
            }
        },
    },
}

RESPONSES: Final[dict[int, Any]] = {
    200: {
        "headers": {
            DATES_HEADER: {
                "description": "The number of components with dates, and of dates that are left"
                " out, in a CycloneDX file.",
                "schema": {"type": "string"},
            }
        },
        "content": {
            media_type: {"schema": {"type": "string"}}
            for media_type, form in MEDIA_TYPES.items()
            if form != "json"
        },
    }
}


def checked(request: HttpRequest, asked: CheckQuery) -> answers.CheckedStack | HttpResponse:
    """Return the response to files or a list of parts. Raises `BadRequest`."""
    report = _report(request, asked)
    form = asked.format or _preferred_format(request)
    if form != "json":
        with _refusing(BODY):
            file = report_file(report, form)
        response = HttpResponse(file.text, content_type=f"{file.media_type}; charset=utf-8")
        if form == CYCLONEDX:
            response[DATES_HEADER] = report.enriched.summary
        return response
    day = asked.on if report.query.what_if else None
    stack = query_of(report.parts, day, report.options.policy.accepted)
    links = {
        name: request.build_absolute_uri(reverse(f"releases:{view}") + stack)
        for name, view in (
            ("permalink", "stack"),
            ("badge", "stack_badge_svg"),
            ("calendar", "stack_ics"),
            ("feed", "stack_atom"),
        )
    }
    kept = bool(report.parts) and fits(links["permalink"])
    data = report.data | {"items": [_part(request, report, row) for row in report.rows]}
    kinds = [file.kind for file in report.files]
    return answers.CheckedStack(
        **data,
        kind=kinds[0] if len(kinds) == 1 else None,
        **(links if kept else dict.fromkeys(links)),
    )


def _preferred_format(request: HttpRequest) -> str:
    """Return the format that the header `Accept` prefers, or JSON."""
    accepted = request.get_preferred_type([FORMATS["json"].media_type, *MEDIA_TYPES])
    return MEDIA_TYPES[accepted] if accepted else "json"


def _report(request: HttpRequest, asked: CheckQuery) -> StackReport:
    """Return the report on the body of a request. Raises `BadRequest`."""
    query = RoadmapQuery(today=clock.today(), on=asked.on)
    options = StackOptions(query, Policy(tuple(asked.fail_on), tuple(asked.accepted)), asked.strict)
    if request.content_type == _FORM:
        policy = sum(_exceptions(request), options.policy)
        options = replace(options, baseline=_baseline(request), policy=policy)
        return _of_files(_uploads(request, "file"), options)
    if request.content_type == "application/json" and not request.body.lstrip().startswith(b"{"):
        message = f"expected an object, as its type says JSON: a file of one, or {EXAMPLE}."
        raise BadRequest(Problem(name=BODY, message=message))
    if (texts := _parts(request.body)) is None:
        return _of_files([(asked.name, request.body)], options)
    parts, problems = read_parts(texts)
    if problems:
        raise BadRequest(*(Problem(name=each.name, message=each.message) for each in problems))
    return report_on_parts(parts, options)


def _of_files(files: Sequence[tuple[str, bytes]], options: StackOptions) -> StackReport:
    """Return the report on files by name. Raises `BadRequest`."""
    if not files:
        raise BadRequest(Problem(name="file", message="it is missing."))
    read = []
    for name, raw in files:
        with _refusing(name or BODY):
            read.append(stack_file(raw, name))
    with _refusing(BODY):
        return report_on(read, options)


def _baseline(request: HttpRequest) -> Baseline | None:
    """Return the earlier answer in a form. Raises `BadRequest`."""
    with _refusing("baseline"):
        return next((read_baseline(raw) for _, raw in _uploads(request, "baseline")), None)


def _exceptions(request: HttpRequest) -> list[Policy]:
    """Return the policies of the files of exceptions in a form. Raises `BadRequest`."""
    with _refusing("exceptions"):
        return [read_exceptions(raw, name) for name, raw in _uploads(request, "exceptions")]


def _uploads(request: HttpRequest, field: str) -> list[tuple[str, bytes]]:
    """Return the names and contents of the files in a field of a form."""
    return [(each.name or "", each.read()) for each in request.FILES.getlist(field)]


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Raise `BadRequest` with the problems of a `FormatError`, under a name."""
    try:
        yield
    except FormatError as error:
        problems = (Problem(name=name, message=str(each)) for each in error.problems)
        raise BadRequest(*problems) from None


def _parts(body: bytes) -> list[str] | None:
    """Return the parts that a request body lists, or None if it is no list of parts."""
    if len(body) > LIMITS.file_bytes or not body.lstrip().startswith(b"{"):
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


def _part(request: HttpRequest, report: StackReport, row: StackRow) -> dict[str, Any]:
    return report.row_data(row) | {
        "page": request.build_absolute_uri(row.address),
        "plan": request.build_absolute_uri(row.plan) if row.plan else None,
    }
