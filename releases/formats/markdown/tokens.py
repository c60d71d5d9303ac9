"""Helpers for rules of markdown-it: tokens of elements, and lines of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token


def element(
    tag: str, nesting: Literal[-1, 0, 1], *, block: bool = True, **attributes: str
) -> Token:
    """Return a markdown-it token that opens (1) or closes (-1) an element.

    `_` in the name of an attribute stands for `-`; a trailing `_` is dropped (`class_`).
    """
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    kind = {1: f"{tag}_open", -1: f"{tag}_close", 0: tag}[nesting]
    return Token(kind, tag, nesting, attrs=dict(names), block=block)


def nested(
    tag: str, *contents: Iterable[Token], block: bool = True, **attributes: str
) -> Iterator[Token]:
    """Yield the tokens of an element with all of its contents."""
    yield element(tag, 1, block=block, **attributes)
    for tokens in contents:
        yield from tokens
    yield element(tag, -1, block=block)


def text(content: str) -> Token:
    """Return a token of plain text."""
    return Token("text", "", 0, content=content)


def line_of(state: StateBlock, line: int) -> str:
    """Return a source line without the markers of the lists and quotes around it.

    It is empty for a line that is code by its indentation.
    """
    if state.is_code_block(line):
        return ""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def skip_past(
    state: StateBlock, start: int, end: int, *, closing: re.Pattern[str], silent: bool
) -> bool:
    """Skip the lines from `start` to the first that contains `closing`. False if none does."""
    missing: set[tuple[str, int]] = state.env.setdefault("missing", set())
    if (closing.pattern, end) in missing:
        return False
    for line in range(start, end):
        if closing.search(state.src, state.bMarks[line], state.eMarks[line]):
            if not silent:
                state.line = line + 1
            return True
    missing.add((closing.pattern, end))
    return False
