"""Tools that CI files and containers for development install."""

from __future__ import annotations

import re
from typing import Final

from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.tools import PRODUCTS, add_tool
from releases.formats.stack.variables import UNKNOWN

_RANGE: Final = re.compile(r"[<>=~^|]|\d\s+-\s+\d")
_MOVING: Final = re.compile(
    r"(?:highest|newest|oldstable|beta|canary|edge|next|none|rc|tip|nightly|stable)(?:[/-].*)?|[*x]"
)
_OTHER_PYTHON: Final = re.compile("pypy|graalpy")
"""Implementations whose version follows that of Python: `pypy-3.9-v7.3.12`."""
_JDKS: Final = {
    "amzn": "corretto",
    "graalce": "graalvm-community",
    "librca": "liberica",
    "ms": "microsoft",
    "sapmchn": "sapmachine",
    "tem": "temurin",
}
"""The names of builds of Java by those of SDKMAN."""


def add_setup(stack: Stack, tool: str, text: str, line: int) -> None:
    """Add a tool in the version, range or channel that an action or feature installs.

    A channel such as `stable`, and a variable whose value is not known, have no version. A text
    that is not understood adds nothing.
    """
    product = PRODUCTS[tool]
    text = text.removesuffix("-dev")  # the newest pre-release of a line
    if other := _OTHER_PYTHON.match(text):
        stack.add_named(other[0], "", line)
    elif UNKNOWN in text or _MOVING.fullmatch(text):
        stack.add_named(product, "", line)
    elif not add_tool(stack, tool, text, line) and _RANGE.search(text):
        stack.add_named(product, "", line, wanted=Range("npm", text))


def add_setup_of_java(stack: Stack, distribution: str, text: str, line: int) -> None:
    """Add a build of Java by its name in `actions/setup-java` or SDKMAN."""
    build = _JDKS.get(distribution.lower(), distribution.lower()) or "unknown"
    if UNKNOWN in text + build or not add_tool(stack, "java", f"{build}-{text}", line):
        stack.add("java", "", "", line)
