"""package-lock.json of npm 5 or later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from releases.domain.identifiers import build_purl
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import table_of, text_of


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name)
    document = table_of(content.json())
    packages = document.get("packages")
    found = _packages(packages) if isinstance(packages, Mapping) else _dependencies(document)
    lines = KeyLines.of_objects(content.text)
    for key, folder, wanted in found:
        # Installed under another name: npm:react@16.14.0
        other, _, version = wanted.removeprefix("npm:").rpartition("@")
        name, version = (other, version) if wanted.startswith("npm:") else (folder, wanted)
        namespace, _, plain = name.rpartition("/")
        if not version.startswith("file:"):  # a part of the project
            pinned = "" if ":" in version else version  # or an address
            stack.add(name, pinned, build_purl("npm", plain, namespace), lines.line(key))
    return stack


def _recognise(content: Content) -> bool:
    return "lockfileVersion" in table_of(content.json())


KIND: Final = Kind(
    name="package-lock.json",
    files=("package-lock.json", "package-lock*.json", "npm-shrinkwrap.json"),
    read=_read,
    finds="every package, of npm 5 and later",
    recognise=_recognise,
)


def _packages(packages: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the key, name and version of the installed packages."""
    for path, package in packages.items():
        _, installed, folder = path.rpartition("node_modules/")
        if installed and isinstance(package, Mapping) and not package.get("link"):
            yield path, text_of(package.get("name")) or folder, text_of(package.get("version"))


def _dependencies(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the same of the older form, in which packages are nested."""
    waiting: list[Any] = [document]
    while waiting:
        tree = waiting.pop().get("dependencies")
        for name, package in table_of(tree).items():
            if isinstance(package, Mapping):
                yield name, name, text_of(package.get("version"))
                waiting.append(package)
