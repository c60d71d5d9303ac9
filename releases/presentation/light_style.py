"""Style sheets for renderers that know neither layers, nor variables, nor `light-dark()`.

Cards have the colours and the patterns of `static/bars.css`, which stays their only source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_MEDIA: Final = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE: Final = re.compile(r"([^{};]+)\{([^{}]*)\}")
_TOKEN: Final = re.compile(r"(--[\w-]+):\s*light-dark\(([^,()]+),[^()]*\)")
_VARIABLE: Final = re.compile(r"var\((--[\w-]+)\)")
_COMMA: Final = re.compile(r",(?![^()]*\))")
_ANY_OF: Final = re.compile(r":is\(([^()]*)\)")


def light_tokens(css: str) -> dict[str, str]:
    """Return the light colours of the variables that a style sheet defines by `light-dark()`."""
    return {name: colour.strip() for name, colour in _TOKEN.findall(css)}


def light_style(css: str) -> str:
    """Return a style sheet with light colours, in CSS 2.

    Layers and media queries are left out, `:is()` becomes a list of selectors, and variables become
    their values.

    Raises:
        KeyError: The style sheet does not define a variable that it uses.
    """
    css = _COMMENT.sub("", css)
    tokens = light_tokens(css)
    rules = [
        (", ".join(_selectors(selectors)), _VARIABLE.sub(lambda name: tokens[name[1]], declared))
        for selectors, declared in _RULE.findall(_MEDIA.sub("", css))
        if ":root" not in selectors
    ]
    return "\n".join(f"{selectors} {{ {declared.strip()} }}" for selectors, declared in rules)


def _selectors(text: str) -> Iterator[str]:
    for selector in _COMMA.split(text):
        yield from _without_any_of(selector.strip())


def _without_any_of(selector: str) -> Iterator[str]:
    found = _ANY_OF.search(selector)
    if found is None:
        yield selector
        return
    for option in found[1].split(","):
        yield from _without_any_of(
            selector[: found.start()] + option.strip() + selector[found.end() :]
        )
