"""Parsers for stack files: requirements, lock files, CycloneDX, Dockerfiles and others.

The content decides the kind of a file, not its name, as people paste more than they upload: JSON by
its keys, a Dockerfile by its first instruction, TOML by its tables, a Python version by the first
line. Everything else is a list of requirements. Nothing in a file is fetched or executed.

Limits on bytes and components (`component.py`) bound the cost of a file. Input that takes other
parsers quadratic time, such as TOML keys with thousands of parts, is refused before they see it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from releases.formats.stack.component import (
    MAX_BYTES,
    MAX_COMPONENTS,
    Component,
    Stack,
    refusal,
)
from releases.formats.stack.other_files import (
    begins_dockerfile,
    cyclonedx,
    dockerfile,
    has_from,
    package_lock,
    parse_json,
)
from releases.formats.stack.python_files import (
    lock,
    logical_lines,
    pyproject,
    requirements,
    runtime,
)

__all__ = ["MAX_BYTES", "MAX_COMPONENTS", "Component", "Stack", "read_stack"]

_TABLE: Final = re.compile(r"^[ \t]*\[{1,2}[\w.\"' -]+\]{1,2}[ \t]*(?:#.*)?$", re.MULTILINE)
_LOCK: Final = re.compile(r"^[ \t]*\[\[packages?\]\][ \t]*$", re.MULTILINE)


def read_stack(raw: bytes | str) -> Stack:
    """Parse a stack file and return its components.

    Supported are requirements, pyproject.toml, lock files of uv, Poetry, pip and npm, CycloneDX,
    Dockerfiles, runtime.txt and .python-version. Parts that cannot be parsed are the `problems` of
    the result.

    Raises:
        FormatError: The file is too large, is no text, or is of no supported kind.
    """
    text = _decoded(raw)
    if text.lstrip().startswith(("{", "[\n", "[{")):
        stack = _of_json(parse_json(text))
    else:
        stack = _of_lines(text)
    if not stack.components:
        raise stack.refused("It names no packages or images.")
    return stack


def _decoded(raw: bytes | str) -> str:
    if len(raw) > MAX_BYTES:
        raise refusal(f"It is larger than {MAX_BYTES // 1_000_000} MB.")
    if isinstance(raw, bytes):
        utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))  # what PowerShell's > writes
        try:
            raw = raw.decode("utf-16" if utf16 else "utf-8")
        except UnicodeDecodeError:
            raise refusal("It is no text in UTF-8.") from None
    text = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise refusal("It is no text.")
    if not text.strip():
        raise refusal("It is empty.")
    return text


def _of_json(document: object) -> Stack:
    if isinstance(document, Mapping):
        if document.get("bomFormat") == "CycloneDX":
            return cyclonedx(document)
        if "lockfileVersion" in document:
            return package_lock(document)
    raise refusal("It is JSON, but neither a package-lock.json nor CycloneDX.")


def _of_lines(text: str) -> Stack:
    lines = list(logical_lines(text))
    if begins_dockerfile(lines):
        return dockerfile(lines)
    if _LOCK.search(text):
        return lock(text)
    if _TABLE.search(text):
        return pyproject(text)
    if has_from(lines):
        return dockerfile(lines)
    return runtime(lines) or requirements(text)
