"""Parsers for composer.json and composer.lock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from releases.domain.identifiers import build_purl
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import list_of, table_of, text_of

_PHP: Final = frozenset({"php", "php-64bit"})
_STABILITY: Final = re.compile(r"\s?@(?:dev|alpha|beta|RC|stable)\b|#[0-9a-f]+", re.IGNORECASE)
_NO_VERSION: Final = re.compile(r"(?:dev-|self\.version|.*-dev$|\*?$)")


def read(content: Content) -> Stack:
    """Parse a composer.json: PHP and the required packages. Extensions of PHP are left out."""
    stack = Stack(KINDS[0].name)
    document, lines = table_of(content.json()), KeyLines(content.text)
    _add_platform(stack, table_of(document.get("config")).get("platform"), lines, "config")
    for section in ("require", "require-dev"):
        for name, wanted in table_of(document.get(section)).items():
            _add(stack, name, text_of(wanted), lines.line(section, name))
    return stack


def read_lock(content: Content) -> Stack:
    """Parse a composer.lock: the locked packages, and the version of PHP.

    Packages in a folder of the project are left out.
    """
    stack = Stack(KINDS[1].name)
    document, lines = table_of(content.json()), KeyLines(content.text)
    packages = KeyLines.of_names(content.text)
    _add_platform(stack, document.get("platform-overrides"), lines)
    for section in ("platform", "platform-dev"):
        for name, wanted in table_of(document.get(section)).items():
            _add(stack, name, text_of(wanted), lines.line(section, name))
    for package in (*list_of(document.get("packages")), *list_of(document.get("packages-dev"))):
        table = table_of(package)
        name, version = text_of(table.get("name")), text_of(table.get("version"))
        vendor, _, plain = name.rpartition("/")
        if vendor and table_of(table.get("dist")).get("type") != "path":
            pinned = "" if _NO_VERSION.match(version) else version.removeprefix("v")
            stack.add(name, pinned, build_purl("composer", plain, vendor), packages.line(name))
    return stack


def _add(stack: Stack, name: str, wanted: str, line: int) -> None:
    wanted = _STABILITY.sub("", wanted)
    in_range = None if _NO_VERSION.match(wanted) else Range("composer", wanted)
    vendor, _, plain = name.rpartition("/")
    if name in _PHP:
        stack.add_named("php", "", line, wanted=in_range)
    elif vendor:
        stack.add(name, "", build_purl("composer", plain, vendor), line, wanted=in_range)


def _add_platform(stack: Stack, platform: Any, lines: KeyLines, *path: str) -> None:
    """Add the version of PHP that packages are chosen for."""
    if version := text_of(table_of(platform).get("php")):
        line = lines.line(*path, "platform" if path else "platform-overrides", "php")
        stack.add_named("php", version, line)


def _is_json(content: Content) -> bool:
    return content.text.lstrip().startswith("{")


def _recognise(content: Content) -> bool:
    document = table_of(content.json()) if _is_json(content) else {}
    required: Mapping[str, Any] = {
        **table_of(document.get("require")),
        **table_of(document.get("require-dev")),
    }
    known = any(name in _PHP or name.startswith("ext-") or "/" in name for name in required)
    return known and "packages" not in document


def _recognise_lock(content: Content) -> bool:
    document = table_of(content.json()) if _is_json(content) else {}
    return isinstance(document.get("packages"), list) and "content-hash" in document


KINDS: Final = (
    Kind(
        name="composer.json",
        files=("composer.json",),
        read=read,
        finds="PHP (`require`, `config.platform`) and required packages",
        recognise=_recognise,
    ),
    Kind(
        name="composer.lock",
        files=("composer.lock",),
        read=read_lock,
        finds="all locked packages and PHP",
        recognise=_recognise_lock,
    ),
)
