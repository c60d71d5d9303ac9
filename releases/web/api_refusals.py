"""The bodies of all API responses that are errors.

The API uses them, and so does middleware that refuses a request before any view sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from pydantic import BaseModel, Field

from releases.web.responses import json_response

API_ROOT: Final = "api"
"""The first segment of the path of every API address."""


class Problem(BaseModel):
    """A parameter that cannot be read."""

    name: str = Field(description="The parameter.")
    message: str = Field(description="What is wrong with its value, and what was expected.")


_STATUS: Final[Any] = Field(description="The HTTP status.")
_SENTENCE: Final[Any] = Field(description="What went wrong, as a sentence.")
_PROBLEMS: Final[Any] = Field(default=[], description="The parameters that cannot be read (400).")


class Error(BaseModel):
    """The body of every answer of v0 and v1 that is an error."""

    status: int = _STATUS
    message: str = _SENTENCE
    problems: list[Problem] = _PROBLEMS
    suggestions: list[str] = Field(
        default=[], description="Similar names, or paths of this API (404)."
    )


class ProblemDetails(BaseModel):
    """The body of every answer of v2 that is an error: problem details of RFC 9457."""

    type: str = Field(
        default="about:blank",
        description="The type of the problem: about:blank, as the HTTP status says all.",
    )
    title: str = Field(description="The name of the HTTP status.")
    status: int = _STATUS
    detail: str = _SENTENCE
    problems: list[Problem] = _PROBLEMS
    suggestions: list[str] = Field(
        default=[],
        description="Similar names, or paths of this API (404); similar parameters (400).",
    )


PROBLEM_JSON: Final = "application/problem+json"
"""The media type of `ProblemDetails`: https://www.rfc-editor.org/rfc/rfc9457"""


def api_refusal(
    request: HttpRequest,
    status: int,
    message: str,
    *,
    problems: Sequence[Problem] = (),
    suggestions: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an error response of the API version that was asked: problem details in v2."""
    named: dict[str, Any] = {"problems": list(problems), "suggestions": list(suggestions)}
    body: Error | ProblemDetails
    if of_v2 := f"{request.path}/".startswith(reverse("releases:v2_index") + "/"):
        title = HTTPStatus(status).phrase
        body = ProblemDetails(title=title, status=status, detail=message, **named)
    else:
        body = Error(status=status, message=message, **named)
    media_type = PROBLEM_JSON if of_v2 else "application/json"
    return json_response(body.model_dump(), status, content_type=media_type, headers=headers)
