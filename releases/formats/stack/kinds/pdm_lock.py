"""Parser for pdm.lock."""

from __future__ import annotations

from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import lines_of_packages
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import list_of, table_of, text_of

_OWN: Final = frozenset({"editable", "path"})


def read(content: Content) -> Stack:
    """Parse a pdm.lock. Packages of the project itself are left out."""
    stack = Stack(KIND.name)
    packages = map(table_of, list_of(content.toml().get("package")))
    for package, line in zip(packages, lines_of_packages(content.text), strict=False):
        if not package.keys() & _OWN:
            name = text_of(package.get("name"))
            stack.add_python(name, text_of(package.get("version")), line)
    return stack


def _recognise(content: Content) -> bool:
    return "lock_version" in table_of(content.toml().get("metadata"))


KIND: Final = Kind(
    name="pdm.lock",
    files=("pdm.lock", "pdm.*.lock"),
    read=read,
    finds="all locked packages",
    recognise=_recognise,
)
