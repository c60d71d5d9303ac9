"""uv.lock, poetry.lock, pdm.lock and pylock.toml; packages of the project itself are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import lines_of_packages
from releases.formats.stack.kind import Kind
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import list_of, table_of, text_of

_OWN: Final = frozenset({"directory", "editable", "virtual"})
"""The sources of packages that belong to the project itself."""
_PLACES: Final = frozenset({"directory", "path"})
"""The keys of pylock.toml and pdm.lock that say so."""


def _read(content: Content, *, kind: str, table: str) -> Stack:
    """Return the locked packages.

    Raises:
        FormatError: The file is invalid, or is a Cargo.lock, which looks similar.
    """
    stack = Stack(kind)
    packages = map(table_of, list_of(content.toml().get(table)))
    lines = lines_of_packages(content.text, table)
    for package, line in zip(packages, lines, strict=False):
        if isinstance(package.get("source"), str):
            raise refusal(f"It is a lock file, but no {kind}.")
        if not _is_own(package):
            version = text_of(package.get("version"))
            stack.add_python(text_of(package.get("name")), version, line)
    return stack


def _is_own(package: Mapping[str, Any]) -> bool:
    source = table_of(package.get("source"))
    return (
        bool(source.keys() & _OWN) or source.get("type") in _OWN or bool(package.keys() & _PLACES)
    )


def _is_uv(content: Content) -> bool:
    """Return True if all packages have a table as their source; those of Cargo have a text."""
    packages = list_of(content.toml().get("package"))
    return (
        bool(packages)
        and "version" in content.toml()
        and all(isinstance(table_of(package).get("source"), Mapping) for package in packages)
    )


def _is_poetry(content: Content) -> bool:
    metadata = table_of(content.toml().get("metadata"))
    return "package" in content.toml() and metadata.keys() >= {"lock-version", "python-versions"}


def _is_pdm(content: Content) -> bool:
    return "lock_version" in table_of(content.toml().get("metadata"))


def _is_pylock(content: Content) -> bool:
    return "packages" in content.toml() and "lock-version" in content.toml()


def _kind(name: str, table: str, *files: str, recognise: Callable[[Content], bool]) -> Kind:
    read = partial(_read, kind=name, table=table)
    finds = "every package that is not part of the project itself"
    return Kind(name=name, files=files or (name,), read=read, finds=finds, recognise=recognise)


KINDS: Final = (
    _kind("uv.lock", "package", recognise=_is_uv),
    _kind("poetry.lock", "package", recognise=_is_poetry),
    _kind("pdm.lock", "package", "pdm.lock", "pdm.*.lock", recognise=_is_pdm),
    _kind("pylock.toml", "packages", "pylock.toml", "pylock.*.toml", recognise=_is_pylock),
)
