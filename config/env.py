"""Typed readers of environment variables.

A wrong value raises `ImproperlyConfigured`, which names the variable and the expected values.
"""

from __future__ import annotations

import os
import re

from django.core.exceptions import ImproperlyConfigured

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})
_DIGITS = 10
_MAX_SHOWN = 50
"""Maximum number of characters of a wrong value in a message."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def text(name: str, default: str = "") -> str:
    """Return a variable without surrounding whitespace, or `default` if it is missing or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return a variable that is 1 or 0 (true, yes, on; false, no, off)."""
    value = os.environ.get(name, "").strip().lower()
    if name not in os.environ:
        return default
    if value in _YES or value in _NO:
        return value in _YES
    raise _wrong(name, value, "1 or 0")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    """Return a whole number from `least` to `most`, inclusive."""
    value = text(name)
    if not value:
        return default
    digits = value.isascii() and value.isdigit() and len(value) <= _DIGITS
    if not digits or not least <= int(value) <= most:
        raise _wrong(name, value, f"a whole number from {least} to {most}")
    return int(value)


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return a list of words that are separated by commas or whitespace."""
    return text(name).replace(",", " ").split() or list(default)


def choice(name: str, allowed: tuple[str, ...]) -> str:
    """Return one of the words `allowed`, ignoring case; the first one is the default."""
    value = text(name, allowed[0]).lower()
    if value not in allowed:
        raise _wrong(name, value, f"one of: {', '.join(allowed)}")
    return value


def slug(name: str, default: str) -> str:
    """Return a path segment: lower-case letters and digits, with - or _ between them."""
    value = text(name, default)
    if not _SLUG.fullmatch(value):
        raise _wrong(name, value, "small letters and digits, with - or _ between them")
    return value


def colour(name: str) -> str:
    """Return a colour such as `#1457a8` in lower case; empty if the variable is not set."""
    value = text(name).lower()
    if value and not _COLOUR.fullmatch(value):
        raise _wrong(name, value, "a colour such as #1457a8")
    return value


def workers() -> int:
    """Return the number of processes of the server."""
    return number("WEB_CONCURRENCY", 2, least=1, most=64)


def threads() -> int:
    """Return the number of threads of each process of the server."""
    return number("WEB_THREADS", 4, least=1, most=64)


def _wrong(name: str, value: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is “{value[:_MAX_SHOWN]}”; expected {expected}.")
