"""Typed readers of environment variables: a wrong value stops the start and names the variable."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})


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
    raise ImproperlyConfigured(f"{name} is “{value}”; expected 1 or 0.")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    """A whole number from `least` to `most`, both included."""
    value = text(name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} is “{value}”; expected a whole number from {least} to {most}."
        )
    return int(value)


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list of words, separated by commas or space."""
    return text(name).replace(",", " ").split() or list(default)
