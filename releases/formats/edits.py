"""Replacements of parts of a text that leave everything else unchanged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import AnyStr, NamedTuple


class Edit(NamedTuple):
    """A part of a text, from `start` to before `end`, and what replaces it."""

    start: int
    end: int
    text: str


def apply_edits(source: AnyStr, edits: Iterable[Edit]) -> str:
    """Return a text, or one in UTF-8, with parts replaced. The parts do not overlap."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits):
        pieces += [_text(source[at : edit.start]), edit.text]
        at = edit.end
    return "".join([*pieces, _text(source[at:])])


def _text(part: str | bytes) -> str:
    return part if isinstance(part, str) else part.decode()
