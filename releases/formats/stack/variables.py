"""Variables in values: those of shells and the placeholders of templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.images import add_image
from releases.formats.stack.values import text_of
from releases.formats.stack.yaml_values import line_of

MAX_VALUE_LENGTH: Final = 500
"""Maximum length of a value before and after its variables are replaced.

Without it, a few lines could expand to a text of any size.
"""
UNKNOWN: Final = "\0"
"""The value of a variable whose value is not known; no text of a file has it."""

_MAX_NESTING: Final = 5
_VARIABLE: Final = re.compile(
    r"\$(?:(?P<plain>\w+)"
    r"|\{(?P<name>\w+)(?:(?P<colon>:?)(?P<sign>[-+?])(?P<other>[^{}$]*))?\}"
    r"|\{[^{}$]*\}|\([^()$]*\))"
)
_PLACEHOLDER: Final = re.compile(r"\{\{.*?\}\}|<<.*?>>")


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its variables replaced.

    Defaults such as `${VERSION:-3.13}` are understood, nested ones included. A variable whose value
    is not known becomes `UNKNOWN`.
    """

    def value(found: re.Match[str]) -> str:
        known = values.get(found["plain"] or found["name"] or "")
        if found["sign"] == "+":
            return found["other"] if known else ""
        if known or (known is not None and not found["colon"]):
            return known
        return found["other"] if found["sign"] == "-" else UNKNOWN

    for _ in range(_MAX_NESTING):
        text, number = _VARIABLE.subn(value, text[:MAX_VALUE_LENGTH])
        if not number:
            break
    return text[:MAX_VALUE_LENGTH].replace("$", UNKNOWN)


def add_image_value(stack: Stack, value: Any, values: Mapping[str, str] | None = None) -> None:
    """Add an image by a value that may have variables and placeholders.

    An image whose name is not known is added by its text, so that the answer names it.
    """
    text = text_of(value)[:MAX_VALUE_LENGTH]
    image = cut_reference(substitute(_PLACEHOLDER.sub(UNKNOWN, text), values or {}))
    if image:
        add_image(stack, image, line_of(value))
    elif text:
        stack.add(text, "", "", line_of(value))


def cut_reference(image: str) -> str:
    """Return the part of an image reference that is known; empty if its name is not.

    A tag is known as far as a dash before the first unknown variable: of `3.12-` and an unknown
    variant, the version is still 3.12.
    """
    known, unknown, rest = image.partition(UNKNOWN)
    if not unknown:
        return image
    path, colon, tag = known.rpartition(":")
    if "@" in tag:
        return known.partition("@")[0]
    if not colon or "/" in tag or "/" in rest:
        return ""
    return known[:-1] if tag.endswith("-") else path
