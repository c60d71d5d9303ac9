"""Requirements of Python packages (PEP 508) as components."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

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

ADDRESS: Final = re.compile(
    r"(?:(?:-e|--editable)[ =]\s*)?(?P<url>(?:(?:git|hg|svn|bzr)\+|https?:|file:)\S+)"
)
OPTION: Final = re.compile(r"\s--(?:hash|config-settings?|global-option)[= ].*$")


def add_line(stack: Stack, text: str, line: int) -> None:
    """Add what a line of a requirements file requires: a requirement, a URL.

    Options, among them other files and the project itself, are left out.
    """
    text = OPTION.sub("", text)
    if address := ADDRESS.fullmatch(text):
        _add_address(stack, address["url"], line)
    elif not text.startswith("-"):
        add_requirement(stack, text, line)


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


def _add_address(stack: Stack, url: str, line: int) -> None:
    """Add a package that is installed from a URL.

    It is a repository, `git+https://example.org/django.git@main#egg=Django`, or a file whose name
    contains the package and version.
    """
    try:
        parts = urlsplit(url)
        (egg,) = parse_qs(parts.fragment).get("egg", [""])
        name, version = name_of_file(parts.path)
    except ValueError:  # no URL; several eggs
        egg = name = version = ""
    if name and not egg:
        stack.add_python(name, version, line)
    else:
        add_requirement(stack, egg or url, line)
