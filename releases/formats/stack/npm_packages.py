"""Packages of npm, and the runtimes and package managers of JavaScript, as components."""

from __future__ import annotations

from typing import Final

from releases.domain.identifiers import build_purl
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack

RUNTIMES: Final = {"node": "nodejs", "bun": "bun", "deno": "deno"}
"""The runtimes of JavaScript, and the names of their products."""
MANAGERS: Final = frozenset({"npm", "pnpm", "yarn"})
_OWN: Final = ("file:", "link:", "portal:", "workspace:")
"""The beginnings of versions of packages that belong to the project itself."""


def add_locked_npm(stack: Stack, name: str, version: str, line: int) -> None:
    """Add a package of npm with its locked version; empty if that is an address."""
    scope, _, plain = name.rpartition("/")
    stack.add(name, version, build_purl("npm", plain, scope), line)


def add_npm(stack: Stack, name: str, wanted: str, line: int) -> None:
    """Add a package of npm by the range of a manifest.

    `wanted` may be another name (`npm:react@^17`), a tag (`next`) or an address; the latter two
    say no version. A part of the project itself is left out.
    """
    if wanted.startswith(_OWN):
        return
    if wanted.startswith("npm:"):
        name, wanted = split_npm(wanted.removeprefix("npm:"))
    says_version = any(map(str.isdigit, wanted)) and wanted[0] in "^~<>=v0123456789"
    scope, _, plain = name.rpartition("/")
    in_range = Range("npm", wanted) if says_version and "/" not in wanted else None
    stack.add(name, "", build_purl("npm", plain, scope), line, wanted=in_range)


def split_npm(text: str) -> tuple[str, str]:
    """Return the name and version of `@scope/name@version`; the version may be empty."""
    name, _, version = text[1:].partition("@")
    return text[:1] + name, version


def add_engine(stack: Stack, name: str, wanted: str, line: int) -> None:
    """Add a runtime or package manager of JavaScript by a range; other names are left out."""
    says_version = any(map(str.isdigit, wanted))
    if name in RUNTIMES:
        in_range = Range("npm", wanted) if says_version else None
        stack.add_named(RUNTIMES[name], "", line, wanted=in_range)
    elif name in MANAGERS and says_version:
        add_npm(stack, name, wanted, line)
