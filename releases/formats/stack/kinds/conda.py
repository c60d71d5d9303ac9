"""Parser for environment.yml of conda."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from releases.domain.identifiers import build_purl
from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.java_packages import add_java
from releases.formats.stack.kind import Kind
from releases.formats.stack.python_packages import add_line
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import list_of, quoted, table_of

_SPEC: Final = re.compile(
    r"(?:[\w./:-]+::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*"
    r"(?P<wanted>(?:[=<>!~].*|\d.*|\s.*)?)"
)
_EXACT: Final = re.compile(
    r"(?P<operator>={0,2})\s*(?P<version>\d[^=,|<>!*\s]*?)(?P<any>\.?\*)?(?:=[^=]*)?"
)
_SOFTWARE: Final = {
    "go": "go",
    "julia": "julia",
    "mongodb": "mongodb",
    "mysql": "mysql",
    "nginx": "nginx",
    "nodejs": "nodejs",
    "openssl": "openssl",
    "perl": "perl",
    "php": "php",
    "postgresql": "postgresql",
    "pypy": "pypy",
    "python": "python",
    "r-base": "r",
    "redis-server": "redis",
    "ruby": "ruby",
    "rust": "rust",
    "sqlite": "sqlite",
}
"""Packages that are software with an own product, by its name."""
_PYTHON_PACKAGES: Final = frozenset(
    {"ansible", "ansible-core", "apache-airflow", "django", "numpy"}
)
"""Packages that are the package of the same name in PyPI."""
_KEYS: Final = frozenset(
    {"name", "channels", "dependencies", "prefix", "variables", "platforms", "category"}
)


def read(content: Content) -> Stack:
    """Parse an environment.yml: packages of conda and, below `pip`, of PyPI."""
    stack = Stack(KIND.name)
    for document in content.yaml():
        for entry in list_of(table_of(document).get("dependencies")):
            if isinstance(entry, Mapping):
                for requirement in list_of(entry.get("pip")):
                    _add_pip(stack, requirement)
            else:
                _add(stack, entry)
    if not any(isinstance(document, Mapping) for document in content.yaml()):
        raise refusal("It is no environment of conda.")
    return stack


def _add_pip(stack: Stack, requirement: Any) -> None:
    if isinstance(requirement, str) and not requirement.startswith((".", "/")):
        add_line(stack, requirement.partition(" #")[0].strip(), _line(requirement))


def _add(stack: Stack, entry: Any) -> None:
    text = entry.partition("[")[0].strip() if isinstance(entry, str) else ""
    spec = _SPEC.fullmatch(text)
    if not spec:
        stack.problem(f"“{quoted(str(entry))}” is no package such as python=3.12.", _line(entry))
        return
    name, wanted, line = spec["name"].lower(), spec["wanted"].strip(), _line(entry)
    exact = _EXACT.fullmatch(wanted)
    version = exact["version"] if exact else ""
    moving = bool(exact and (exact["any"] or exact["operator"] == "="))
    in_range = Range("pypi", wanted) if wanted and not exact else None
    if name == "openjdk":
        add_java(stack, version, line, lowest=False)
    elif name in _SOFTWARE:
        stack.add_named(_SOFTWARE[name], version, line, moving=moving, wanted=in_range)
    elif name in _PYTHON_PACKAGES:
        stack.add_python(name, version, line, moving=moving, wanted=in_range)
    else:
        purl = build_purl("conda", name)
        stack.add(name, version, purl, line, moving=moving, wanted=in_range)


def _line(value: Any) -> int:
    return getattr(value, "line", 0)


def _recognise(content: Content) -> bool:
    documents = content.yaml()
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        return False
    document = documents[0]
    listed = isinstance(document.get("dependencies"), list)
    return listed and document.keys() <= _KEYS and bool(document.keys() & {"channels", "prefix"})


KIND: Final = Kind(
    name="environment.yml",
    files=(
        "environment.yml",
        "environment.yaml",
        "environment[-._]*.yml",
        "environment[-._]*.yaml",
    ),
    read=read,
    finds="packages of conda, Python among them, and of pip",
    recognise=_recognise,
)
