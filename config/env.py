"""Typed readers of environment variables: a wrong value stops the start and names the variable."""

from __future__ import annotations

import os
import re

from django.core.exceptions import ImproperlyConfigured

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})
_DIGITS = 10
_SHOWN = 50
"""So much of a wrong value is quoted."""

_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def text(name: str, default: str = "") -> str:
    """The variable without space around it; `default` where it is missing or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """A variable that is 1 or 0 (true, yes, on; false, no, off)."""
    value = os.environ.get(name, "").strip().lower()
    if name not in os.environ:
        return default
    if value in _YES or value in _NO:
        return value in _YES
    raise _wrong(name, value, "1 or 0")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    """A whole number from `least` to `most`, both included."""
    value = text(name)
    if not value:
        return default
    digits = value.isascii() and value.isdigit() and len(value) <= _DIGITS
    if not digits or not least <= int(value) <= most:
        raise _wrong(name, value, f"a whole number from {least} to {most}")
    return int(value)


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list of words, separated by commas or space."""
    return text(name).replace(",", " ").split() or list(default)


def choice(name: str, allowed: tuple[str, ...]) -> str:
    """One of the words `allowed`, in small or capital letters; the first one is the default."""
    value = text(name, allowed[0]).lower()
    if value not in allowed:
        raise _wrong(name, value, f"one of: {', '.join(allowed)}")
    return value


def slug(name: str, default: str) -> str:
    """One part of an address: small letters and digits, with - or _ between them."""
    value = text(name, default)
    if not _SLUG.fullmatch(value):
        raise _wrong(name, value, "small letters and digits, with - or _ between them")
    return value


def workers() -> int:
    """The processes that serve."""
    return number("WEB_CONCURRENCY", 2, least=1, most=64)


def threads() -> int:
    """The threads of each process that serves."""
    return number("WEB_THREADS", 4, least=1, most=64)


def _wrong(name: str, value: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is “{value[:_SHOWN]}”; expected {expected}.")
