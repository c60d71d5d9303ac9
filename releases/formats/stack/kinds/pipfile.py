"""Parsers for Pipfile and Pipfile.lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import list_of, table_of, text_of

_NO_PACKAGES: Final = frozenset({"source", "requires", "scripts", "pipenv"})
_OWN: Final = frozenset({"editable", "path"})


def read(content: Content) -> Stack:
    """Parse a Pipfile: the packages of all categories, and Python."""
    stack = Stack(KINDS[0].name)
    document, lines = content.toml(), KeyLines.of_toml(content.text)
    _add_python(stack, table_of(document.get("requires")), lines, "requires")
    for category, packages in document.items():
        if category not in _NO_PACKAGES:
            for name, entry in table_of(packages).items():
                _add(stack, name, entry, lines.line(category, name))
    return stack


def read_lock(content: Content) -> Stack:
    """Parse a Pipfile.lock: the locked packages of all categories, and Python."""
    stack = Stack(KINDS[1].name)
    document, lines = table_of(content.json()), KeyLines(content.text)
    meta = table_of(document.get("_meta"))
    _add_python(stack, table_of(meta.get("requires")), lines, "_meta", "requires")
    for category, packages in document.items():
        if category != "_meta":
            for name, entry in table_of(packages).items():
                _add(stack, name, entry, lines.line(category, name))
    return stack


def _add(stack: Stack, name: str, entry: Any, line: int) -> None:
    table = table_of(entry)
    if table.keys() & _OWN and "git" not in table:
        return
    wanted = text_of(entry) or text_of(table.get("version"))
    if wanted.startswith("==") and "*" not in wanted:
        stack.add_python(name, wanted.lstrip("="), line)
    else:
        says_version = any(map(str.isdigit, wanted))
        stack.add_python(name, line=line, wanted=Range("pypi", wanted) if says_version else None)


def _add_python(stack: Stack, requires: Mapping[str, Any], lines: KeyLines, *path: str) -> None:
    for key in ("python_full_version", "python_version"):
        if version := text_of(requires.get(key)):
            stack.add_named("python", version, lines.line(*path, key))
            return


def _recognise(content: Content) -> bool:
    document = content.toml()
    has_packages = any(
        isinstance(document.get(each), Mapping) for each in ("packages", "dev-packages")
    )
    return has_packages and ("requires" in document or bool(list_of(document.get("source"))))


def _recognise_lock(content: Content) -> bool:
    if not content.text.lstrip().startswith("{"):
        return False
    return "pipfile-spec" in table_of(table_of(content.json()).get("_meta"))


KINDS: Final = (
    Kind(
        name="Pipfile",
        files=("pipfile",),
        read=read,
        finds="packages of all categories; `python_version`",
        recognise=_recognise,
    ),
    Kind(
        name="Pipfile.lock",
        files=("pipfile.lock",),
        read=read_lock,
        finds="all locked packages; `python_version`",
        recognise=_recognise_lock,
    ),
)
