"""Parser for package.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.npm_packages import (
    MANAGERS,
    RUNTIMES,
    add_engine,
    add_locked_npm,
    add_npm,
)
from releases.formats.stack.values import table_of, text_of

DEPENDENCIES: Final = ("dependencies", "devDependencies", "optionalDependencies")
_MANAGER: Final = re.compile(r"(?P<name>npm|pnpm|yarn|bun)@(?P<version>\d[^+]*)")
_NOT_NPM: Final = frozenset(
    {"lockfileVersion", "require", "require-dev", "bomFormat", "moduleType"}
)


def read(content: Content) -> Stack:
    """Parse a package.json.

    Peer dependencies are left out: another project installs them.
    """
    stack = Stack(KIND.name)
    document, lines = table_of(content.json()), KeyLines(content.text)
    _add_runtimes(stack, document, lines)
    for section in DEPENDENCIES:
        for name, wanted in table_of(document.get(section)).items():
            add_npm(stack, name, text_of(wanted), lines.line(section, name))
    return stack


def _add_runtimes(stack: Stack, document: Mapping[str, Any], lines: KeyLines) -> None:
    for section in ("engines", "volta"):
        for name, wanted in table_of(document.get(section)).items():
            add_engine(stack, name, text_of(wanted), lines.line(section, name))
    if manager := _MANAGER.fullmatch(text_of(document.get("packageManager")).partition("+")[0]):
        add_locked_npm(stack, manager["name"], manager["version"], lines.line("packageManager"))
    for role, tools in table_of(document.get("devEngines")).items():
        for tool in map(table_of, tools if isinstance(tools, list) else [tools]):
            line = lines.line("devEngines", role, "version")
            add_engine(stack, text_of(tool.get("name")), text_of(tool.get("version")), line)


def _recognise(content: Content) -> bool:
    document = content.json() if content.text.lstrip().startswith("{") else None
    if not isinstance(document, Mapping) or document.keys() & _NOT_NPM:
        return False
    named = document.keys() & {"name", "private", "scripts", "version"}
    engines = table_of(document.get("engines")).keys() & {*RUNTIMES, *MANAGERS}
    listed = [document[each] for each in DEPENDENCIES if each in document]
    plain = all(isinstance(each, Mapping) and _is_flat(each) for each in listed)
    return bool(named and plain and (listed or engines))


def _is_flat(table: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in table.values())


KIND: Final = Kind(
    name="package.json",
    files=("package.json",),
    read=read,
    finds="Node.js and package managers (engines, devEngines, volta, packageManager); dependencies "
    "except peer dependencies",
    recognise=_recognise,
)
