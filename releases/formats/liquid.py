"""Rendering of labels and links, which product files write as Liquid templates.

Placeholders such as `__LATEST__` are replaced first, then Liquid renders the result. It is lax, as
on the sites that use this format, but reports problems together with the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, wraps
from html import unescape
from typing import Any
from urllib.parse import quote

import nh3
from liquid import Environment, Mode, Token
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError, UnknownFilterError
from liquid.filter import array_filter, string_filter

PLACEHOLDERS = (
    "__RELEASE_CYCLE__",
    "__CODENAME__",
    "__RELEASE_DATE__",
    "__LATEST__",
    "__LATEST_RELEASE_DATE__",
)
_PLACEHOLDER = re.compile("__(?:LATEST_RELEASE_DATE|RELEASE_CYCLE|RELEASE_DATE|CODENAME|LATEST)__")
# Ruby's lax Liquid accepts a colon for the comma between the arguments of a filter.
_LAX_COLON = re.compile(r"""(\|\s*\w+\s*:\s*(?:"[^"]*"|'[^']*'))\s*:\s*(?=["'])""")
_SMALL_RANGE = re.compile(r"\(\s*\d{1,3}\s*\.\.\s*\d{1,3}\s*\)")
MAX_VALUE = 2_000
"""Maximum size of a value.

This is the length of a template with its placeholders replaced, the length of a text or list
between two filters, and the number of bits of a number.
"""

_TOO_MUCH = "The template loops too often or writes too much."
_errors: ContextVar[list[LiquidError]] = ContextVar("liquid_errors")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text.

    `problem` is a sentence, empty on success. `fatal` marks a template that can never work, because
    of an unknown filter or tag or an endless loop; then there is no text.
    """

    text: str
    problem: str = ""
    fatal: bool = False


def render(template: str, values: Mapping[str, str], release: Mapping[str, Any]) -> Rendered:
    """Render a label or link.

    Args:
        template: The template of a product or cycle.
        values: The values of placeholders by name; a missing one is empty.
        release: The variable `r` of Liquid: the cycle's keys as the file has them.
    """
    source = _PLACEHOLDER.sub(lambda found: values.get(found[0], ""), template)
    if "{{" not in source and "{%" not in source:
        return Rendered(source)
    if len(source) > MAX_VALUE:  # tokenizing takes quadratic time
        return Rendered("", _TOO_MUCH, fatal=True)
    if ".." in _SMALL_RANGE.sub("", source).partition("(")[2]:
        # Even measuring a large range takes long, and a variable end can be large.
        return Rendered("", _TOO_MUCH, fatal=True)
    source = _LAX_COLON.sub(r"\1, ", source)
    errors: list[LiquidError] = []
    reset = _errors.set(errors)
    try:
        text = _environment().from_string(source).render(r=dict(release))
    except LiquidError as error:
        errors.append(error)
        text = ""
    except Exception as error:  # filters raise any Python error for an odd argument
        errors.append(LiquidError(f"{type(error).__name__} in a filter", token=None))
        text = ""
    finally:
        _errors.reset(reset)
    if not errors:
        return Rendered(text)
    worst = next(filter(_is_fatal, errors), None)
    if worst:
        return Rendered("", _sentence(worst), fatal=True)
    return Rendered(text, _sentence(errors[0]))


def syntax_problem(template: str) -> str:
    """Return a sentence about an error that no values can prevent, or an empty text."""
    if "{{" not in template and "{%" not in template:
        return ""
    empty = render(template, {}, {})
    if empty.fatal:
        return empty.problem
    errors: list[LiquidError] = []
    reset = _errors.set(errors)
    try:
        _environment().from_string(_LAX_COLON.sub(r"\1, ", template))
    except LiquidError as error:
        errors.append(error)
    finally:
        _errors.reset(reset)
    return _sentence(errors[0]) if errors else ""


def plain_text(html: str) -> str:
    """Return a label without markup: `LTS` for `<abbr title="...">LTS</abbr>`."""
    if "<" not in html and "&" not in html:
        return html
    return unescape(nh3.clean(html, tags=set()))


class _Environment(Environment):
    """A Liquid environment with resource limits that collects errors."""

    loop_iteration_limit = 1_000
    output_stream_limit = 10_000
    local_namespace_limit = 10_000
    context_depth_limit = 10

    def error(
        self,
        exc: type[LiquidError] | LiquidError,
        msg: str | None = None,
        token: Token | None = None,
    ) -> None:
        error = exc if isinstance(exc, LiquidError) else exc(msg, token=token)
        _errors.get().append(error)


@cache
def _environment() -> Environment:
    environment = _Environment(tolerance=Mode.LAX, strict_filters=True)
    environment.filters |= _FILTERS
    environment.filters["cgi_escape"] = environment.filters["url_encode"]
    environment.filters["xml_escape"] = environment.filters["escape"]
    environment.filters = {name: _bounded(it) for name, it in environment.filters.items()}
    for name in ("include", "render", "tablerow"):  # nothing to include, no tables
        environment.tags.pop(name, None)
    return environment


def _is_fatal(error: LiquidError) -> bool:
    unknown_tag = isinstance(error, LiquidSyntaxError) and "unexpected tag" in str(error)
    return unknown_tag or isinstance(error, UnknownFilterError | ResourceLimitError)


def _sentence(error: LiquidError) -> str:
    if isinstance(error, ResourceLimitError):
        return _TOO_MUCH
    return f"The template has an error: {str(error).splitlines()[0]}."


def _bounded(apply: Callable[..., object]) -> Callable[..., object]:
    """Wrap a filter with a check of the size of its arguments and result."""

    @wraps(apply)
    def bounded(*args: object, **kwargs: object) -> object:
        for value in args:
            _check_size(value)
        result = apply(*args, **kwargs)
        _check_size(result)
        return result

    return bounded


def _check_size(value: object) -> None:
    size = len(value) if isinstance(value, Sized) else 0
    if isinstance(value, int):
        size = value.bit_length()
    if size > MAX_VALUE:
        raise ResourceLimitError("a value is too large", token=None)


@array_filter
def _pop(items: list[object], count: int = 1) -> list[object]:
    return items[: max(0, len(items) - count)]


@array_filter
def _shift(items: list[object], count: int = 1) -> list[object]:
    return items[max(0, count) :]


@array_filter
def _push(items: list[object], item: object) -> list[object]:
    return [*items, item]


@array_filter
def _unshift(items: list[object], item: object) -> list[object]:
    return [item, *items]


@array_filter
def _sentence_of(items: list[object], connector: str = "and") -> str:
    words = [str(item) for item in items]
    if len(words) < 3:
        return f" {connector} ".join(words)
    return f"{', '.join(words[:-1])}, {connector} {words[-1]}"


@string_filter
def _slugify(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-")


@string_filter
def _date(text: str, form: str = "%Y-%m-%d") -> str:
    """Format a date. Liquid's own filter reads the clock for `now` and for missing values."""
    try:
        return date.fromisoformat(text).strftime(form)
    except ValueError:
        return text


@string_filter
def _drop_zero_patch(text: str) -> str:
    """Remove a trailing `.0`; the only filter that endoflife.date adds to Jekyll's."""
    return text.removesuffix(".0")


@string_filter
def _normalize_whitespace(text: str) -> str:
    return " ".join(text.split())


@string_filter
def _to_integer(text: str) -> int:
    found = re.match(r"\s*-?\d{1,18}", text)
    return int(found[0]) if found else 0


@string_filter
def _uri_escape(text: str) -> str:
    return quote(text, safe=";/?:@&=+$,[]!'()*#-._~%")


@string_filter
def _number_of_words(text: str) -> int:
    return len(text.split())


_FILTERS = {
    "array_to_sentence_string": _sentence_of,
    "date": _date,
    "drop_zero_patch": _drop_zero_patch,
    "normalize_whitespace": _normalize_whitespace,
    "number_of_words": _number_of_words,
    "pop": _pop,
    "push": _push,
    "shift": _shift,
    "slugify": _slugify,
    "to_integer": _to_integer,
    "unshift": _unshift,
    "uri_escape": _uri_escape,
}
