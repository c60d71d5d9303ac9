"""Parsers for setup.cfg and tox.ini.

`configparser` does not keep lines, so the few rules of the syntax are here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.python_packages import add_line, add_required_python

MAX_ENVIRONMENTS: Final = 500
"""Maximum number of environments that the braces of one name expand to."""
MAX_LENGTH: Final = 2_000
"""Maximum length of a line of environments; the rest is left out."""

_SECTION: Final = re.compile(r"\[(?P<name>[^\]]+)\]\s*")
_OPTION: Final = re.compile(r"(?P<key>[^\s=:#;\[][^=:]*+)[=:](?P<value>.*)")
_COMMENT: Final = re.compile(r"\s[#;].*$")
_FACTORS: Final = re.compile(r"\A!?[\w.{},!-]+:\s+(?=\S)")
"""The environments that a dependency of tox is for: `django42: Django>=4.2,<5`."""
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_PYTHON: Final = re.compile(r"(?:py|python)(?P<major>[23])\.?(?P<minor>\d{1,2})")
_ENVIRONMENT_LISTS: Final = frozenset({"envlist", "env_list"})
_BASES: Final = frozenset({"basepython", "base_python"})


class _Value(NamedTuple):
    """A line of a value, with its section and key in lower case."""

    line: int
    section: str
    key: str
    text: str


def read_setup_cfg(content: Content) -> Stack:
    """Parse a setup.cfg: the requirements and extras of setuptools, and Python."""
    stack = Stack(KINDS[0].name)
    for line, section, key, text in _values(content):
        if section == "options" and key == "python_requires":
            add_required_python(stack, text, line)
        elif section == "options.extras_require" or (
            section == "options" and key in ("install_requires", "setup_requires", "tests_require")
        ):
            _add(stack, text, line)
    return stack


def read_tox(content: Content) -> Stack:
    """Parse a tox.ini: the versions of Python of its environments, and their dependencies."""
    stack = Stack(KINDS[1].name)
    for line, section, key, text in _values(content):
        if section == "tox" and key in _ENVIRONMENT_LISTS:
            for name in _expanded(text):
                _add_pythons(stack, name, line)
        elif section.startswith("testenv") and key in _BASES:
            _add_pythons(stack, _FACTORS.sub("", text), line)
        elif section.startswith("testenv") and key == "deps":
            _add(stack, _FACTORS.sub("", text), line)
    return stack


def _values(content: Content) -> Iterator[_Value]:
    """Yield the lines of values. A line that is indented continues the value before it."""
    section = key = ""
    for number, raw in content.lines():
        line = _COMMENT.sub("", raw).rstrip()
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        if line[0].isspace():
            if key:
                yield _Value(number, section, key, line.strip())
        elif found := _SECTION.fullmatch(line):
            section, key = found["name"].strip().lower(), ""
        elif option := _OPTION.fullmatch(line):
            key = option["key"].strip().lower().replace("-", "_")
            if value := option["value"].strip():
                yield _Value(number, section, key, value)


def _add(stack: Stack, text: str, line: int) -> None:
    """Add a requirement; a folder and a reference to a section or file are left out."""
    if not text.startswith(("{", "file:", ".", "/")):
        add_line(stack, text, line)


def _add_pythons(stack: Stack, environment: str, line: int) -> None:
    for factor in re.split(r"[\s,-]+", environment):
        if found := _PYTHON.fullmatch(factor):
            stack.add_named("python", f"{found['major']}.{found['minor']}", line)


def _expanded(text: str) -> list[str]:
    """Return the names that braces stand for: `py{38,39}-x` is `py38-x` and `py39-x`."""
    names = [text[:MAX_LENGTH]]
    while len(names) < MAX_ENVIRONMENTS and (found := _BRACES.search(names[0])):
        parts = found[1].split(",")
        names = [name.replace(found[0], part.strip(), 1) for name in names for part in parts][
            :MAX_ENVIRONMENTS
        ]
    return names


def _has_section(content: Content, *names: str) -> bool:
    return any(line.strip() in names for _, line in content.lines() if line.startswith("["))


def _recognise_setup_cfg(content: Content) -> bool:
    return _has_section(content, "[options]") and any(
        section == "options" and key in ("install_requires", "python_requires", "packages")
        for _, section, key, _ in _values(content)
    )


def _recognise_tox(content: Content) -> bool:
    return _has_section(content, "[tox]", "[testenv]") and not content.text.startswith("[build-")


KINDS: Final = (
    Kind(
        name="setup.cfg",
        files=("setup.cfg",),
        read=read_setup_cfg,
        finds="`python_requires`, requirements and extras of setuptools",
        recognise=_recognise_setup_cfg,
    ),
    Kind(
        name="tox.ini",
        files=("tox.ini",),
        read=read_tox,
        finds="the versions of Python of the environments (`envlist`, `basepython`), `deps`",
        recognise=_recognise_tox,
    ),
)
