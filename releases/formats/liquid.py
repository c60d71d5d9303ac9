"""Labels and links that a product file writes as templates.

Placeholders such as `__LATEST__` are put in first, then Liquid runs on the result: laxly, as the
sites that use this format do, but never silently. What went wrong comes back with the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, wraps
from html import escape, unescape
from typing import Any
from urllib.parse import quote, quote_plus

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
# Ruby's lax Liquid takes a colon for the comma between the arguments of a filter.
_LAX_COLON = re.compile(r"""(\|\s*\w+\s*:\s*(?:"[^"]*"|'[^']*'))\s*:\s*(?=["'])""")
_SMALL_RANGE = re.compile(r"\(\s*\d{1,3}\s*\.\.\s*\d{1,3}\s*\)")
MAX_VALUE = 2_000
"""How long a template is when its placeholders are filled in, how long a text or list between
two filters, and how large a number, in bits."""

_TOO_MUCH = "The template loops too often or writes too much."
_errors: ContextVar[list[LiquidError]] = ContextVar("liquid_errors")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text. `problem` is a sentence, empty if all went well; `fatal` says that the
    template can never work (an unknown filter or tag, a loop without end), and gives no text."""

    text: str
    problem: str = ""
    fatal: bool = False


def render(template: str, values: Mapping[str, str], release: Mapping[str, Any]) -> Rendered:
    """Renders a label or link.

    `values` are the placeholders by name (a missing one is empty), `release` is what Liquid sees
    as `r`: the cycle's keys as the file has them.
    """
    source = _PLACEHOLDER.sub(lambda found: values.get(found[0], ""), template)
    if "{{" not in source and "{%" not in source:
        return Rendered(source)
    if len(source) > MAX_VALUE:  # the tokenizer takes the square of the length
        return Rendered("", _TOO_MUCH, fatal=True)
    if ".." in _SMALL_RANGE.sub("", source).partition("(")[2]:
        # A large range, or one that only the rendering knows: even to look at it takes long.
        return Rendered("", _TOO_MUCH, fatal=True)
    source = _LAX_COLON.sub(r"\1, ", source)
    errors: list[LiquidError] = []
    reset = _errors.set(errors)
    try:
        text = _environment().from_string(source).render(r=dict(release))
    except LiquidError as error:
        errors.append(error)
        text = ""
    except Exception as error:  # a filter raises whatever Python does with an odd argument
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


def plain_text(html: str) -> str:
    """A label without its markup: `<abbr title="...">LTS</abbr>` is `LTS`."""
    if "<" not in html and "&" not in html:
        return html
    return unescape(nh3.clean(html, tags=set()))


class _Environment(Environment):
    """Liquid within bounds, which notes errors where others would print a warning or nothing."""

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
    environment.filters.update(_FILTERS)
    environment.filters = {name: _bounded(it) for name, it in environment.filters.items()}
    for name in ("include", "render", "tablerow"):  # there is nothing to include, nor a table
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
    """The filter, which takes and gives nothing that was made to grow without end."""

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
    """A date in another form. Liquid's own reads the clock: for `now`, and for what is missing."""
    try:
        return date.fromisoformat(text).strftime(form)
    except ValueError:
        return text


@string_filter
def _drop_zero_patch(text: str) -> str:
    """Removes a trailing `.0`, the one filter that endoflife.date adds to Jekyll's."""
    return text.removesuffix(".0")


@string_filter
def _normalize_whitespace(text: str) -> str:
    return " ".join(text.split())


@string_filter
def _to_integer(text: str) -> int:
    found = re.match(r"\s*-?\d{1,18}", text)
    return int(found[0]) if found else 0


@string_filter
def _xml_escape(text: str) -> str:
    return escape(text)


@string_filter
def _cgi_escape(text: str) -> str:
    return quote_plus(text)


@string_filter
def _uri_escape(text: str) -> str:
    return quote(text, safe=";/?:@&=+$,[]!'()*#-._~%")


@string_filter
def _number_of_words(text: str) -> int:
    return len(text.split())


_FILTERS = {
    "array_to_sentence_string": _sentence_of,
    "cgi_escape": _cgi_escape,
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
    "xml_escape": _xml_escape,
}
