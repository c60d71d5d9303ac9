"""Parsers for the files of version managers that are about one tool: `.nvmrc`, `.ruby-version`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.tools import add_tool
from releases.formats.stack.values import quoted


def _read(content: Content, *, kind: str, tool: str, example: str) -> Stack:
    stack = Stack(kind)
    for line, text in content.logical_lines():
        for version in text.split():
            if not add_tool(stack, tool, version, line):
                stack.problem(f"“{quoted(version)}” is no version such as {example}.", line)
    return stack


def _recognise(content: Content, pattern: re.Pattern[str]) -> bool:
    lines = content.logical_lines()
    return bool(lines) and all(pattern.fullmatch(text) for _, text in lines)


def _kind(label: str, tool: str, example: str, *files: str, own: str = "") -> Kind:
    """Return a kind.

    Args:
        label: What people call the tool.
        tool: The name of the tool, as in `PRODUCTS`.
        example: A version.
        files: The names of the files, the usual one first.
        own: A pattern of the versions that name the tool; a bare 3.2 may be of anything.
    """
    recognise: Callable[[Content], bool] = partial(_recognise, pattern=re.compile(own))
    return Kind(
        name=files[0],
        files=files,
        read=partial(_read, kind=files[0], tool=tool, example=example),
        finds=f"the version of {label}",
        recognise=recognise if own else None,
    )


KINDS: Final = (
    _kind("Python", "python", "3.13", "runtime.txt", own=r"python-\d\S*"),
    _kind(
        "Python", "python", "3.13", ".python-version", "python-version", own=r"(?:cpython|pypy)\S+"
    ),
    _kind("Node.js", "node", "v22 or lts/jod", ".nvmrc", own=r"lts/(?:\*|-\d|[a-z]+)"),
    _kind("Node.js", "node", "22.11.0", ".node-version"),
    _kind("Ruby", "ruby", "3.3.6", ".ruby-version", own=r"(?:j|truffle)?ruby-\d\S*"),
    _kind(
        "Java; without a vendor it is of no product",
        "java",
        "temurin-21",
        ".java-version",
        own=r"(?:corretto|liberica|openjdk|oracle|sapmachine|temurin|zulu)(?:64)?-\d\S*",
    ),
    _kind("Go", "go", "1.23.4", ".go-version", own=r"go\d+\.\d\S*"),
    _kind("Terraform", "terraform", "1.9.8", ".terraform-version"),
    _kind("PHP", "php", "8.3", ".php-version"),
)
