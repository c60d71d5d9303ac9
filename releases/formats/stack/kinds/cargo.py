"""Parsers for Cargo.toml and Cargo.lock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from releases.domain.identifiers import build_purl
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import KeyLines, lines_of_packages
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import list_of, table_of, text_of

_SECTIONS: Final = ("dependencies", "dev-dependencies", "build-dependencies")
_REGISTRY: Final = re.compile(r"(?:registry|sparse)\+")


def read(content: Content) -> Stack:
    """Parse a Cargo.toml: the dependencies, and the lowest version of Rust.

    Crates of the workspace itself are left out. The edition is no version of Rust.
    """
    stack = Stack(KINDS[0].name)
    document, lines = content.toml(), KeyLines.of_toml(content.text)
    workspace = table_of(document.get("workspace"))
    for package in (document.get("package"), workspace.get("package")):
        if version := text_of(table_of(package).get("rust-version")):
            wanted = Range("cargo", f">={version}")
            stack.add_named("rust", "", lines.line("rust-version"), wanted=wanted)
    for section, dependencies in _sections(document):
        for name, entry in table_of(dependencies).items():
            _add(stack, name, entry, lines.line(section, name))
    return stack


def read_lock(content: Content) -> Stack:
    """Parse a Cargo.lock. Crates without a source belong to the workspace and are left out."""
    stack = Stack(KINDS[1].name)
    packages = map(table_of, list_of(content.toml().get("package")))
    for package, line in zip(packages, lines_of_packages(content.text), strict=False):
        name = text_of(package.get("name"))
        if text_of(package.get("source")):
            version = text_of(package.get("version"))
            stack.add(name, version, build_purl("cargo", name), line)
    return stack


def _sections(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    targets = table_of(document.get("target")).values()
    for table in (document, *map(table_of, targets)):
        for section in _SECTIONS:
            yield section, table.get(section)
    yield "workspace.dependencies", table_of(document.get("workspace")).get("dependencies")


def _add(stack: Stack, name: str, entry: Any, line: int) -> None:
    table = table_of(entry)
    wanted = text_of(entry) or text_of(table.get("version"))
    if table.get("workspace") is True or "path" in table:
        return
    name = text_of(table.get("package")) or name
    in_range = Range("cargo", wanted) if wanted and wanted != "*" else None
    stack.add(name, "", build_purl("cargo", name), line, wanted=in_range)


def _recognise(content: Content) -> bool:
    document = content.toml()
    package = table_of(document.get("package"))
    workspace = table_of(document.get("workspace"))
    named = package.keys() >= {"name", "version"} or "edition" in package
    return (named and "build-system" not in document) or "members" in workspace


def _recognise_lock(content: Content) -> bool:
    packages = list_of(content.toml().get("package"))
    return any(_REGISTRY.match(text_of(table_of(package).get("source"))) for package in packages)


KINDS: Final = (
    Kind(
        name="Cargo.toml",
        files=("cargo.toml",),
        read=read,
        finds="dependencies; Rust (`rust-version` is a lower bound)",
        recognise=_recognise,
    ),
    Kind(
        name="Cargo.lock",
        files=("cargo.lock",),
        read=read_lock,
        finds="all locked crates",
        recognise=_recognise_lock,
    ),
)
