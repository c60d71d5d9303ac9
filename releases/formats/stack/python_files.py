"""Parsers for requirements.txt, pyproject.toml, Python lock files and Python version files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from releases.domain.identifiers import build_purl
from releases.formats.stack.component import Pin, Stack, quoted, refusal, text_of

PYTHON: Final = build_purl("generic", "python")
PYPY: Final = build_purl("generic", "pypy")
MAX_REQUIREMENT_LENGTH: Final = 2_000
"""Maximum length of a requirement; its parser is recursive and slow for long texts."""
MAX_KEY_PARTS: Final = 32
"""Maximum number of parts of a dotted TOML key, which the TOML parser reads in quadratic time."""

_PYTHON: Final = re.compile(
    r"(?:c?python[-@])?(?P<version>\d+(?:\.\d+){0,2}(?:-dev|(?:a|b|rc)\d+)?)t?(?:[-+][\w.-]*)?"
)
_PYPY: Final = re.compile(r"pypy@?\d[\d.]*(?:-v?(?P<version>\d[\d.]*))?")
_ADDRESS: Final = re.compile(
    r"(?:(?:-e|--editable)[ =]\s*)?(?P<url>(?:(?:git|hg|svn|bzr)\+|https?:|file:)\S+)"
)
_STRING: Final = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_OPTION: Final = re.compile(r"\s--(?:hash|config-settings?|global-option)[= ].*$")
# An unterminated string counts as a string, so that matching takes linear time.
_PART: Final = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?)"""
_PARTS: Final = re.compile(_PART)
_KEY: Final = re.compile(rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+")
_OF_POETRY: Final = re.compile(
    r"(?P<operator>={0,3}|~)\s*v?(?P<version>\d[\w.+!-]*?)(?P<wildcard>(?:\.\*)*)"
)
_OWN: Final = frozenset({"directory", "editable", "virtual"})
"""The sources of packages that belong to the project itself."""


def requirements(text: str) -> Stack:
    """Parse a requirements.txt or the output of `pip freeze`.

    Options and included files are left out; a line that is no requirement is a problem.
    """
    stack = Stack("requirements.txt")
    for line, whole in logical_lines(text):
        content = _OPTION.sub("", whole)
        if address := _ADDRESS.fullmatch(content):
            _add_address(stack, address["url"], line)
        elif not content.startswith("-"):  # an option, another file, the project itself
            _add_requirement(stack, content, line)
    return stack


def pyproject(text: str) -> Stack:
    """Parse a pyproject.toml: the dependencies, extras and groups of the project and of Poetry."""
    stack = Stack("pyproject.toml")
    document, lines = toml(text), _lines_of(text)
    project = _table(document.get("project"))
    if wanted := text_of(project.get("requires-python")):
        _add_range(stack, "python", wanted, lines.get(wanted, 0))
    extras = _table(project.get("optional-dependencies")).values()
    groups = _table(document.get("dependency-groups")).values()
    for listed in (project.get("dependencies"), *extras, *groups):
        for content in filter(None, map(text_of, _list(listed))):
            _add_requirement(stack, content, lines.get(content, 0))
    poetry = _table(_table(document.get("tool")).get("poetry"))
    grouped = [_table(each).get("dependencies") for each in _table(poetry.get("group")).values()]
    for table in (poetry.get("dependencies"), poetry.get("dev-dependencies"), *grouped):
        for name, wanted in _table(table).items():
            _add_of_poetry(stack, name, wanted)
    return stack


def lock(text: str) -> Stack:
    """Parse a uv.lock, poetry.lock or pylock.toml; packages of the project itself are left out.

    Raises:
        FormatError: The file is invalid, or is a Cargo.lock, which looks similar.
    """
    document = toml(text)
    kind = "pylock.toml" if "packages" in document else "uv.lock"
    stack = Stack("poetry.lock" if "metadata" in document else kind)
    for each in (*_list(document.get("package")), *_list(document.get("packages"))):
        package = _table(each)
        if isinstance(package.get("source"), str):
            raise refusal("It is a lock file, but none of uv, Poetry or pip.")
        if not _is_own(package):
            stack.add_python(text_of(package.get("name")), Pin(text_of(package.get("version"))))
    return stack


def runtime(lines: Iterable[tuple[int, str]]) -> Stack | None:
    """Parse a runtime.txt or .python-version; None if the first line is no version of Python."""
    stack = Stack(".python-version")
    for line, content in lines:
        if found := _PYTHON.fullmatch(content):
            stack.add("python", found["version"], PYTHON, line, moving=True)
        elif found := _PYPY.fullmatch(content):
            stack.add("pypy", found["version"] or "", PYPY, line, moving=True)
        elif not stack.components:
            return None
        else:
            stack.problem(f"“{quoted(content)}” is no version of Python such as 3.13.", line)
        if content.startswith("python-"):
            stack.kind = "runtime.txt"
    return stack if stack.components else None


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the logical lines with their numbers: without comments, continuation lines joined.

    A comment ends a continued line, as in pip.
    """
    held: list[str] = []
    began = 0
    for number, raw in enumerate([*text.split("\n"), ""], start=1):
        began = began if held else number
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            held.append(raw[:-1])
            continue
        if content := _COMMENT.sub("", " ".join([*held, raw])).strip():
            yield began, content
        held.clear()


def toml(text: str) -> Mapping[str, Any]:
    """Parse TOML.

    Raises:
        FormatError: The text is no TOML; names the line if it is known.
    """
    for key in _KEY.finditer(text):
        if key[0].count(".") >= MAX_KEY_PARTS and len(_PARTS.findall(key[0])) > MAX_KEY_PARTS:
            line = text.count("\n", 0, key.start()) + 1
            raise refusal(f"A key has more than {MAX_KEY_PARTS} parts.", line)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1  # unexpected end of the file
        raise refusal("It is no TOML here.", line) from None
    except (RecursionError, ValueError):  # nested too deeply; a number with too many digits
        raise refusal("It is no TOML that can be read.") from None


def _add_requirement(stack: Stack, content: str, line: int) -> None:
    try:
        if len(content) > MAX_REQUIREMENT_LENGTH:
            raise ValueError
        requirement = Requirement(content)
        url = requirement.url
        pin = Pin(_of_file(urlsplit(url).path)[1]) if url else pinned(requirement.specifier)
    except (ValueError, RecursionError):
        stack.problem(f"“{quoted(content)}” is no requirement such as Django==5.2.1.", line)
        return
    stack.add_python(requirement.name, pin, line)


def _add_address(stack: Stack, url: str, line: int) -> None:
    """Add a package that is installed from a URL.

    It is a repository, `git+https://example.org/django.git@main#egg=Django`, or a file whose name
    contains the package and version.
    """
    try:
        parts = urlsplit(url)
        (egg,) = parse_qs(parts.fragment).get("egg", [""])
        name, version = _of_file(parts.path)
    except ValueError:  # no URL; several eggs
        egg = name = version = ""
    if name and not egg:
        stack.add_python(name, Pin(version), line)
    else:
        _add_requirement(stack, egg or url, line)


def _add_range(stack: Stack, name: str, wanted: str, line: int) -> None:
    """Add Python itself from the range of versions that a project requires."""
    try:
        version, moving = pinned(SpecifierSet(wanted))
        stack.add(name, version, PYTHON, line, moving=moving)
    except InvalidSpecifier:
        stack.problem(f"“{quoted(wanted)}” are no versions such as >=3.12.", line)


def _add_of_poetry(stack: Stack, name: str, wanted: Any) -> None:
    table = _table(wanted)
    if "path" in table:  # a part of the project
        return
    found = _OF_POETRY.fullmatch(text_of(wanted) or text_of(table.get("version")))
    pin = Pin(found["version"], bool(found["wildcard"])) if found else Pin()
    if found and found["operator"] == "~":
        shorter = pin.version.count(".") > 1
        pin = Pin(pin.version.rpartition(".")[0] if shorter else pin.version, moving=True)
    if name.lower() == "python":
        stack.add("python", pin.version, PYTHON, moving=pin.moving)
    else:
        stack.add_python(name, pin)


def pinned(specifiers: SpecifierSet) -> Pin:
    """Return the pinned release, or the pinned line (`==5.2.*`, `~=5.2.1`); none for a range."""
    by_operator = {each.operator: each.version for each in specifiers}
    for operator in ("===", "=="):
        if operator in by_operator:
            version = by_operator[operator].rpartition("!")[2]
            return Pin(version.removesuffix(".*"), moving=version.endswith(".*"))
    version, _, last = by_operator.get("~=", "").rpartition(".")
    return Pin(version, moving=True) if last and "." in version else Pin()


def _of_file(path: str) -> tuple[str, str]:
    """Return the name and version of a file that pip can install; empty if it is no such file."""
    filename = unquote(path.rpartition("/")[2])
    for read in (parse_wheel_filename, parse_sdist_filename):
        with suppress(InvalidWheelFilename, InvalidSdistFilename):
            name, version, *_ = read(filename)
            return name, str(version)
    return "", ""


def _lines_of(text: str) -> Mapping[str, int]:
    """Return the first line number of each string of a TOML file.

    Strings with escapes and multi-line strings are left out. One pass collects all lines, because a
    search for each string would take quadratic time.
    """
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _STRING.finditer(line):
            lines.setdefault((found[1] or found[2] or "").strip(), number)
    return lines


def _is_own(package: Mapping[str, Any]) -> bool:
    source = _table(package.get("source"))
    return bool(source.keys() & _OWN) or source.get("type") in _OWN or "directory" in package


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
