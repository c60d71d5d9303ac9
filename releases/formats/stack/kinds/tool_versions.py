"""Parsers for .tool-versions of asdf and mise.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from releases.domain.identifiers import build_purl
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.tools import PRODUCTS, add_tool
from releases.formats.stack.values import quoted, table_of, text_of

_LINE: Final = re.compile(r"(?P<tool>[\w:./@-]+)\s+(?P<versions>\S.*)")
_NAME: Final = re.compile(r"[A-Za-z][\w-]*")
_PACKAGES: Final = {"cargo": "cargo", "gem": "gem", "go": "golang", "npm": "npm", "pipx": "pypi"}
"""The package URL types of mise's backends that install packages."""
_REGISTRIES: Final = frozenset({"", "aqua", "asdf", "core", "vfox"})
"""The backends of mise whose names are those of tools: `aqua:hashicorp/terraform`."""
_KNOWN: Final = {*PRODUCTS, "java", "pnpm", "yarn", "npm"}


def read(content: Content) -> Stack:
    """Parse a .tool-versions. A tool may have several versions, in the order of preference."""
    stack = Stack(KINDS[0].name)
    for number, text in content.logical_lines():
        found = _LINE.fullmatch(text)
        if not found or not _NAME.match(found["tool"]):
            stack.problem(
                f"“{quoted(text)}” is no tool and version such as nodejs 22.11.0.", number
            )
            continue
        for version in found["versions"].split():
            _add(stack, found["tool"], version, number)
    return stack


def read_mise(content: Content) -> Stack:
    """Parse a mise.toml: the tools."""
    stack = Stack(KINDS[1].name)
    lines = KeyLines.of_toml(content.text)
    for tool, entry in table_of(content.toml().get("tools")).items():
        for version in _versions(entry):
            _add(stack, tool, version, lines.line("tools", tool))
    return stack


def _versions(entry: Any) -> Iterator[str]:
    for each in entry if isinstance(entry, list) else [entry]:
        version = text_of(each) or text_of(table_of(each).get("version"))
        if version:
            yield version


def _add(stack: Stack, tool: str, version: str, line: int) -> None:
    backend, _, package = tool.rpartition(":")
    scope, _, name = package.rpartition("/")
    pinned = number if (number := version.removeprefix("v"))[:1].isdigit() else ""
    if backend in _PACKAGES:
        stack.add(package, pinned, build_purl(_PACKAGES[backend], name, scope), line)
    elif backend not in _REGISTRIES or name not in _KNOWN:
        stack.add(package, pinned, "", line, moving=True)
    elif not add_tool(stack, name, version, line):
        stack.problem(f"“{quoted(version)}” is no version of {quoted(tool)}.", line)


def _recognise(content: Content) -> bool:
    """Return True if each line is a tool with versions, and one at least is known."""
    found = [_LINE.fullmatch(text) for _, text in content.logical_lines()]
    return bool(found) and all(
        each and each["tool"] in _KNOWN and re.match(r"v?\d|[a-z]+-\d", each["versions"])
        for each in found
    )


def _recognise_mise(content: Content) -> bool:
    if "[tools]" not in content.text:
        return False
    document = content.toml()
    plain = {
        "alias",
        "env",
        "hooks",
        "min_version",
        "plugins",
        "settings",
        "tasks",
        "tools",
        "vars",
    }
    return document.keys() <= plain and bool(table_of(document.get("tools")).keys() & _KNOWN)


KINDS: Final = (
    Kind(
        name=".tool-versions",
        files=(".tool-versions",),
        read=read,
        finds="every tool; names of asdf and mise are known as products",
        recognise=_recognise,
    ),
    Kind(
        name="mise.toml",
        files=("mise.toml", ".mise.toml", "mise.*.toml", ".mise.*.toml", "mise/config.toml"),
        read=read_mise,
        finds="every tool, and packages of npm, PyPI, Cargo and RubyGems",
        recognise=_recognise_mise,
    ),
)
