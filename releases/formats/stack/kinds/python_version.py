"""runtime.txt and .python-version: versions of Python."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import quoted

_PYTHON: Final = re.compile(
    r"(?:c?python[-@])?(?P<version>\d+(?:\.\d+){0,2}(?:-dev|(?:a|b|rc)\d+)?)t?(?:[-+][\w.-]*)?"
)
_PYPY: Final = re.compile(r"pypy@?\d[\d.]*(?:-v?(?P<version>\d[\d.]*))?")


def _read(content: Content, *, kind: str) -> Stack:
    stack = Stack(kind)
    for line, text in content.logical_lines():
        if found := _PYTHON.fullmatch(text):
            stack.add_named("python", found["version"], line)
        elif found := _PYPY.fullmatch(text):
            stack.add_named("pypy", found["version"] or "", line)
        else:
            stack.problem(f"“{quoted(text)}” is no version of Python such as 3.13.", line)
    return stack


def _is_named(content: Content, start: str | tuple[str, ...]) -> bool:
    """Return True if each line is a version that names Python; a bare 3.13 may be anything."""
    lines = content.logical_lines()
    return bool(lines) and all(
        text.startswith(start) and (_PYTHON.fullmatch(text) or _PYPY.fullmatch(text))
        for _, text in lines
    )


KINDS: Final = (
    Kind(
        name="runtime.txt",
        files=("runtime.txt",),
        read=partial(_read, kind="runtime.txt"),
        finds="the version of Python",
        recognise=partial(_is_named, start="python-"),
    ),
    Kind(
        name=".python-version",
        files=(".python-version", "python-version"),
        read=partial(_read, kind=".python-version"),
        finds="each version of Python",
        recognise=partial(_is_named, start=("cpython", "pypy")),
    ),
)
