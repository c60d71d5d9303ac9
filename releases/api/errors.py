"""Errors of the API: always JSON, always with a sentence.

Views raise `NotFound`, `BadRequest` or `Moved`; `answer` makes a response of any exception.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent
from django.core.signals import got_request_exception
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
)
from django.utils.log import log_response
from ninja.errors import HttpError, Throttled, ValidationError

from releases import selectors
from releases.domain.similarity import similarity
from releases.web import clock
from releases.web.api_refusals import Problem, api_refusal
from releases.web.database import DATABASE_ERRORS
from releases.web.redirects import moved_to
from releases.web.refusals import RETRY_AFTER

MIN_SIMILARITY: Final = 0.25
SUGGESTIONS: Final = 3
MAX_SHOWN: Final = 100
"""Maximum number of characters of a value in a message."""

MAX_PROBLEMS: Final = 10
"""Maximum number of unknown parameters that a response names."""

_EXPECTED: Final = {
    "missing": "it is missing.",
    "value_error": "{error}",
    "enum": "expected {expected}.",
    "literal_error": "expected {expected}.",
    "greater_than_equal": "expected {ge} or more.",
    "less_than_equal": "expected {le} or less.",
    "string_too_long": "expected at most {max_length} characters.",
    "too_long": "expected at most {max_length} values.",
}
"""Sentences by the type of pydantic's errors, formatted with the error's context."""


_OF_LIBRARIES: Final = (
    (TooManyFieldsSent, 400, "The request has too many parameters."),
    (SuspiciousOperation, 400, "The request cannot be read."),
    (Throttled, 429, "The token has made too many requests."),  # ninja adds Retry-After
    (HttpError, 400, "The body is no JSON."),
)
"""Exceptions of libraries with their status and sentence; the first that fits counts."""


class NotFound(Http404):
    """The requested object does not exist; `suggestions` are similar names or paths."""

    def __init__(self, message: str, suggestions: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.suggestions = list(suggestions)


class BadRequest(Exception):  # noqa: N818 - named after the answer, like NotFound
    """Parameters cannot be read; `suggestions` are similar names of parameters."""

    def __init__(self, *problems: Problem, suggestions: Iterable[str] = ()) -> None:
        super().__init__(*problems)
        self.problems = list(problems)
        self.suggestions = list(suggestions)


class Moved(Exception):  # noqa: N818
    """The requested object has another path now, `path`; the redirect keeps the query."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Refused(Exception):  # noqa: N818
    """The request is refused with this status, one of 401 to 428, and a sentence."""

    def __init__(
        self,
        status: int,
        message: str,
        problems: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message
        self.problems, self.headers = list(problems), dict(headers or {})


def unknown(kind: str, name: str, choices: Iterable[str]) -> NotFound:
    """Return the error for an unknown `kind` ("category", ...), with similar ones of `choices`."""
    return NotFound(f"There is no {kind} “{_shown(name)}”.", alike(name, choices))


def unknown_parameters(names: Iterable[str], known: Collection[str]) -> BadRequest:
    """Return the error for parameters that are not `known`.

    Each is named with the most similar known one, or with all known ones.
    """
    problems, suggestions = [], []
    for name in islice(names, MAX_PROBLEMS):
        meant = get_close_matches(name[:MAX_SHOWN], sorted(known), n=1)
        expected = meant or sorted(known) or ["none"]
        found = f"Did you mean “{meant[0]}”?" if meant else f"Expected {', '.join(expected)}."
        problems.append(Problem(name=_shown(name), message=f"unknown parameter. {found}"))
        suggestions += meant
    return BadRequest(*problems, suggestions=dict.fromkeys(suggestions))


def unknown_product(name: str) -> NotFound:
    """Return the error for an unknown product, with similar ones, in at most 8 queries."""
    hits = selectors.search(name, clock.today()).hits[:SUGGESTIONS]
    return NotFound(f"There is no product “{_shown(name)}”.", [hit.product.name for hit in hits])


def alike(text: str, choices: Iterable[str]) -> list[str]:
    """Return the choices that are most similar to a text, the most similar first."""
    scores = {choice: similarity(text[:MAX_SHOWN], choice) for choice in choices}
    near = [choice for choice, score in scores.items() if score >= MIN_SIMILARITY]
    return sorted(near, key=lambda choice: (-scores[choice], choice))[:SUGGESTIONS]


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the response to an exception of any kind."""
    match error:
        case Moved():
            return moved_to(request, error.path)
        case Http404():
            suggestions = getattr(error, "suggestions", ())
            return api_refusal(request, 404, str(error), suggestions=suggestions)
        case BadRequest():
            return bad_request(request, error.problems, error.suggestions)
        case Refused():
            return api_refusal(
                request,
                error.status,
                error.message,
                problems=error.problems,
                headers=error.headers,
            )
        case ValidationError():
            return bad_request(request, [_problem(each) for each in error.errors])
    for kind, status, message in _OF_LIBRARIES:
        if isinstance(error, kind):
            return api_refusal(request, status, message)
    respond = _unavailable if isinstance(error, DATABASE_ERRORS) else _failed
    return respond(request, error)


def bad_request(
    request: HttpRequest, problems: Sequence[Problem], suggestions: Sequence[str] = ()
) -> HttpResponse:
    """Return a response with status 400 that names each parameter and what was expected."""
    named = " ".join(f"{each.name}: {each.message}" for each in problems)
    return api_refusal(request, 400, named, problems=problems, suggestions=suggestions)


def not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    """Return a response with status 405 and the allowed methods."""
    methods = ", ".join(allowed)
    return api_refusal(request, 405, f"Use {methods}.", headers={"Allow": methods})


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    message = "The database cannot be reached. Try again later."
    reply = api_refusal(request, 503, message, headers={"Retry-After": RETRY_AFTER})
    log_response("%s: %s", request.path, error, response=reply, request=request, exception=error)
    return reply


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return a response with status 500, without details; log and signal it as Django does."""
    got_request_exception.send(sender=None, request=request)
    reply = api_refusal(request, 500, "Something went wrong. The error has been logged.")
    log_response("%s: %s", request.path, error, response=reply, request=request, exception=error)
    return reply


def _problem(error: Mapping[str, Any]) -> Problem:
    """Return an error of pydantic as a sentence that names what was expected."""
    names = [each for each in error["loc"][1:] if isinstance(each, str)]
    return Problem(name=names[-1] if names else "", message=_expected(error))


def _expected(error: Mapping[str, Any]) -> str:
    template = _EXPECTED.get(error["type"])
    return template.format(**error.get("ctx", {})) if template else str(error["msg"])


def _shown(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
