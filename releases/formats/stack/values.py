"""Access to values of parsed files, which may have any type, and quotations of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from releases.domain.lifecycle.words import one_line

MAX_QUOTED_LENGTH: Final = 80


def text_of(value: Any) -> str:
    """Return a value as text without surrounding blanks; empty if it is no text."""
    return value.strip() if isinstance(value, str) else ""


def table_of(value: Any) -> Mapping[str, Any]:
    """Return a value that is a mapping; empty if it is none."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: Any) -> list[Any]:
    """Return a value that is a list; empty if it is none."""
    return value if isinstance(value, list) else []


def quoted(text: str) -> str:
    """Return a text on one line and truncated, to quote it in a sentence."""
    line = one_line(text)
    return line if len(line) <= MAX_QUOTED_LENGTH else f"{line[:MAX_QUOTED_LENGTH]}…"
