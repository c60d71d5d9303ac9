"""Requirements of Python packages (PEP 508) as components."""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.values import quoted

MAX_REQUIREMENT_LENGTH: Final = 2_000
"""Maximum length of a requirement; its parser is recursive and slow for long texts."""


def add_requirement(stack: Stack, content: str, line: int) -> None:
    """Add a requirement such as `Django==5.2.1`; a text that is none is a problem."""
    requirement = read_requirement(content)
    if requirement is None:
        stack.problem(f"“{quoted(content)}” is no requirement such as Django==5.2.1.", line)
        return
    _, version = name_of_file(urlsplit(requirement.url or "").path)
    specifiers = str(requirement.specifier)
    wanted = Range("pypi", specifiers) if specifiers else None
    stack.add_python(requirement.name, version, line, wanted=wanted)


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
        SpecifierSet(wanted)
    except InvalidSpecifier:
        stack.problem(f"“{quoted(wanted)}” are no versions such as >=3.12.", line)
    else:
        stack.add_named("python", "", line, moving=False, wanted=Range("pypi", wanted))


def name_of_file(path: str) -> tuple[str, str]:
    """Return the name and version of a file that pip can install; empty if it is no such file."""
    filename = unquote(path.rpartition("/")[2])
    for read in (parse_wheel_filename, parse_sdist_filename):
        with suppress(InvalidWheelFilename, InvalidSdistFilename):
            name, version, *_ = read(filename)
            return name, str(version)
    return "", ""
