"""Requirements of Python packages (PEP 508) as components."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from releases.formats.stack.component import Stack
from releases.formats.stack.values import quoted

MAX_REQUIREMENT_LENGTH: Final = 2_000
"""Maximum length of a requirement; its parser is recursive and slow for long texts."""


class Pin(NamedTuple):
    """A required version, empty if there is none. `moving` is as in `Component`."""

    version: str = ""
    moving: bool = False


def add_requirement(stack: Stack, content: str, line: int) -> None:
    """Add a requirement such as `Django==5.2.1`; a text that is none is a problem."""
    requirement = read_requirement(content)
    if requirement is None:
        stack.problem(f"“{quoted(content)}” is no requirement such as Django==5.2.1.", line)
        return
    if requirement.url:
        _, version = name_of_file(urlsplit(requirement.url).path)
        pin = Pin(version)
    else:
        pin = pinned(requirement.specifier)
    stack.add_python(requirement.name, pin.version, line, moving=pin.moving)


def read_requirement(content: str) -> Requirement | None:
    """Return a parsed requirement, or None if the text is none."""
    if len(content) > MAX_REQUIREMENT_LENGTH:
        return None
    try:
        requirement = Requirement(content)
        urlsplit(requirement.url or "")
    except (ValueError, RecursionError):
        return None
    return requirement


def add_required_python(stack: Stack, wanted: str, line: int) -> None:
    """Add Python itself from the versions that a project requires: `>=3.12`."""
    try:
        version, moving = pinned(SpecifierSet(wanted))
        stack.add_named("python", version, line, moving=moving)
    except InvalidSpecifier:
        stack.problem(f"“{quoted(wanted)}” are no versions such as >=3.12.", line)


def pinned(specifiers: SpecifierSet) -> Pin:
    """Return the pinned release, or the pinned line (`==5.2.*`, `~=5.2.1`); none for a range."""
    by_operator = {each.operator: each.version for each in specifiers}
    for operator in ("===", "=="):
        if operator in by_operator:
            version = by_operator[operator].rpartition("!")[2]
            return Pin(version.removesuffix(".*"), moving=version.endswith(".*"))
    version, _, last = by_operator.get("~=", "").rpartition(".")
    return Pin(version, moving=True) if last and "." in version else Pin()


def name_of_file(path: str) -> tuple[str, str]:
    """Return the name and version of a file that pip can install; empty if it is no such file."""
    filename = unquote(path.rpartition("/")[2])
    for read in (parse_wheel_filename, parse_sdist_filename):
        with suppress(InvalidWheelFilename, InvalidSdistFilename):
            name, version, *_ = read(filename)
            return name, str(version)
    return "", ""
