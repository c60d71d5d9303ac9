"""What a stack is made of, as a file names it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from releases.formats.errors import FormatError, Problem

MOST_BYTES = 1_000_000
MOST_COMPONENTS = 5_000


@dataclass(frozen=True, slots=True)
class Component:
    """A thing that somebody runs: `purl` is its package URL without a version, as catalogues have
    it; `version` is empty where the file does not pin one; `line` is where it stands (from 1), or
    0 in a file whose lines tell nothing."""

    name: str
    version: str
    purl: str
    line: int = 0


@dataclass(slots=True)
class Stack:
    """A file that was read: what kind it is of, its components in order, and what in it could not
    be read."""

    kind: str
    components: list[Component] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str, version: str, purl: str, line: int = 0) -> None:
        """Adds a component, each once; raises `FormatError` where there are too many."""
        component = Component(name, version, purl, line)
        if len(self.components) >= MOST_COMPONENTS:
            raise refusal(f"It has more than {MOST_COMPONENTS:,} components.")
        self.components.append(component)

    def add_python(self, name: str, version: str, line: int = 0) -> None:
        """A package of PyPI."""
        self.add(name, version, purl_of("pypi", canonicalize_name(name)), line)

    def problem(self, line: int, message: str, path: str = "") -> None:
        self.problems.append(Problem(line, path, message))


def refusal(message: str, line: int = 0) -> FormatError:
    return FormatError([Problem(line, "", message)])


def purl_of(kind: str, name: str, namespace: str = "") -> str:
    """A package URL without a version; empty for a name that can be none."""
    try:
        return PackageURL(type=kind, namespace=namespace or None, name=name).to_string()
    except ValueError:
        return ""


def text_of(value: Any) -> str:
    """A value of a parsed file as a text; what is none counts as missing."""
    return value.strip() if isinstance(value, str) else ""
