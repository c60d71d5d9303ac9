"""Parser for go.mod. Its format: https://go.dev/ref/mod#go-mod-file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from releases.domain.identifiers import build_purl
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import quoted

_COMMENT: Final = re.compile(r"(?:^|\s)//.*$")
_GO: Final = re.compile(r"(?:go)?(?P<version>\d+(?:\.\d+)*(?:rc\d+|beta\d+)?)(?:-\S+)?")
_MODULE: Final = re.compile(r"v\d\S*")


def read(content: Content) -> Stack:
    """Parse a go.mod: the toolchain, and the required modules with their replacements.

    The `go` line is the lowest version that the module allows, so it pins nothing.
    """
    stack = Stack(KIND.name)
    directives = list(_directives(content))
    replacements = dict(_replacement(rest) for _, verb, rest in directives if verb == "replace")
    for line, verb, rest in directives:
        if verb == "require":
            _require(stack, rest, line, replacements)
        elif verb == "toolchain" and (found := _GO.fullmatch(rest)):
            stack.add_named("go", found["version"], line, moving=False)
        elif verb == "go" and (found := _GO.fullmatch(rest)):
            stack.add_named("go", "", line, wanted=Range("golang", f">={found['version']}"))
    return stack


def _require(
    stack: Stack, rest: str, line: int, replacements: dict[tuple[str, str], tuple[str, str]]
) -> None:
    path, _, version = (each.strip('"`') for each in rest.partition(" "))
    version = version.strip()
    if not _MODULE.fullmatch(version):
        stack.problem(f"“{quoted(rest)}” is no module and version.", line)
        return
    for key in ((path, version), (path, "")):
        if key in replacements:
            path, version = replacements[key]
            break
    if version:  # a replacement without one is a folder
        namespace, _, name = path.rpartition("/")
        stack.add(path, version.removeprefix("v"), build_purl("golang", name, namespace), line)


def _replacement(rest: str) -> tuple[tuple[str, str], tuple[str, str]]:
    old, _, new = rest.partition("=>")
    before, after = ([*side.split(), "", ""] for side in (old, new))
    return (before[0], before[1]), (after[0], after[1])


def _directives(content: Content) -> Iterator[tuple[int, str, str]]:
    """Yield the directives with line and verb. Those in a block `require ( )` have its verb."""
    block = ""
    for number, raw in content.lines():
        line = _COMMENT.sub("", raw).strip()
        verb, _, rest = line.partition(" ")
        if line == ")":
            block = ""
        elif rest.strip() == "(" or line.endswith("("):
            block = verb.rstrip("(")
        elif line:
            yield (number, block, line) if block else (number, verb, rest.strip())


def _recognise(content: Content) -> bool:
    verbs = [verb for _, verb, _ in _directives(content.head)]
    return verbs[:1] == ["module"] and bool({"go", "require"} & {*verbs})


KIND: Final = Kind(
    name="go.mod",
    files=("go.mod",),
    read=read,
    finds="the toolchain of Go (the `go` line is a lower bound), required modules with their"
    " replacements",
    recognise=_recognise,
)
