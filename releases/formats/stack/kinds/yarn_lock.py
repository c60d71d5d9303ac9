"""Parser for yarn.lock, of Yarn 1 and of later versions.

The file is written by Yarn, one value per line. A YAML parser takes seconds for a large file of the
later versions and does not read the earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.npm_packages import add_locked_npm, split_npm
from releases.formats.stack.refusals import refusal

_HEAD: Final = re.compile(r"^(?:# yarn lockfile v1\s*|__metadata:)$", re.MULTILINE)
_ENTRY: Final = re.compile(r'"?(?P<name>@?[^@"]+)@(?P<wanted>[^",]*).*:')
_VERSION: Final = re.compile(r'  version:? "?(?P<version>[^"]+)"?')
_OWN: Final = ("workspace:", "link:", "portal:", "file:", "./", "../", "/")
"""The beginnings of versions of packages that belong to the project itself."""


def read(content: Content) -> Stack:
    """Parse a yarn.lock. Packages of the project itself are left out."""
    if not _HEAD.search(content.text):
        raise refusal("It has neither “# yarn lockfile v1” nor “__metadata:”.")
    stack = Stack(KIND.name)
    for name, wanted, version, line in _entries(content):
        other = wanted.removeprefix("npm:") if "@" in wanted[5:] else ""
        if wanted.startswith("npm:") and other:  # installed under another name
            add_locked_npm(stack, split_npm(other)[0], version, line)
        elif not wanted.startswith(_OWN):
            add_locked_npm(stack, name, version, line)
    return stack


def _entries(content: Content) -> Iterator[tuple[str, str, str, int]]:
    """Yield the name, wanted range, version and line of each entry."""
    entry = None
    began = 0
    for number, line in content.lines():
        if line[:1] not in (" ", "", "#"):
            entry, began = _ENTRY.fullmatch(line.rstrip()), number
        elif entry and (version := _VERSION.fullmatch(line.rstrip())):
            yield entry["name"], entry["wanted"], version["version"], began
            entry = None


def _recognise(content: Content) -> bool:
    return bool(_HEAD.search(content.text))


KIND: Final = Kind(
    name="yarn.lock",
    files=("yarn.lock",),
    read=read,
    finds="all locked packages, of Yarn 1 and later",
    recognise=_recognise,
)
