"""Parser for pnpm-lock.yaml, versions 5, 6 and 9.

The file is written by pnpm, one key per line. Only the keys of `packages` are read, because a YAML
parser takes seconds for a large file.
"""

from __future__ import annotations

import re
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.npm_packages import RUNTIMES, add_locked_npm
from releases.formats.stack.refusals import refusal

_VERSION: Final = re.compile(r"^lockfileVersion:\s*['\"]?(?P<major>\d+)", re.MULTILINE)
_KEY: Final = re.compile(r"  (?:\? )?(?P<quote>['\"]?)(?P<key>[^\s'\"][^'\"]*?)(?P=quote):?")
_PACKAGE: Final = re.compile(
    r"(?:[\w-]+(?:\.[\w-]+)+/)?/?(?P<name>(?:@[^/@]+/)?[^/@]+)[/@](?P<version>\d[^_(/]*|runtime:\d.*|https?:.*)(?:[_(/].*)?"
)
"""`/@babel/core/7.12.3_react@17.0.2`, `/@babel/core@7.22.5(react@18.2.0)`, `@babel/core@7.24.0`."""


def read(content: Content) -> Stack:
    """Parse a pnpm-lock.yaml. Packages of the project itself are left out."""
    if not _VERSION.search(content.text):
        raise refusal("It has no lockfileVersion.")
    stack = Stack(KIND.name)
    in_packages = False
    for number, line in content.lines():
        if line[:1] not in (" ", "", "#"):
            in_packages = line.rstrip() == "packages:"
        elif in_packages and (key := _KEY.fullmatch(line.rstrip())):
            _add(stack, key["key"], number)
    return stack


def _add(stack: Stack, key: str, line: int) -> None:
    package = _PACKAGE.fullmatch(key)
    if not package:  # a folder, an archive or a repository
        return
    name, version = package["name"], package["version"]
    _, runtime, number = version.partition("runtime:")
    if runtime and name in RUNTIMES:
        stack.add_named(RUNTIMES[name], number, line, moving=False)
    else:
        add_locked_npm(stack, name, "" if ":" in version else version, line)


def _recognise(content: Content) -> bool:
    first = next((line for _, line in content.lines() if line.strip("- ")), "")
    return bool(_VERSION.match(first))


KIND: Final = Kind(
    name="pnpm-lock.yaml",
    files=("pnpm-lock.yaml",),
    read=read,
    finds="all locked packages",
    recognise=_recognise,
)
