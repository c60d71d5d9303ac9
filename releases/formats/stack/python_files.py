"""What Python projects write down: requirements, pyproject.toml, lock files, the version itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from releases.domain.version_text import read_version
from releases.formats.stack.component import Stack, purl_of, refusal, text_of

PYTHON = purl_of("generic", "python")
_RUNTIME = re.compile(r"python-(?P<version>\d+(?:\.\d+){0,2}\w*)")
_VERSION = re.compile(r"(?:cpython-)?(?P<version>\d+(?:\.\d+){0,2}\w*)")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HASH = re.compile(r"\s--(?:hash|config-settings|global-option)[= ].*$")


def requirements(text: str) -> Stack:
    """`requirements.txt`, or what `pip freeze` prints. Options and other files that it names are
    left out; a line that is no requirement is a problem."""
    stack = Stack("requirements.txt")
    for line, content in logical_lines(text):
        if content.startswith("-"):
            continue  # an option, another file, an editable project
        try:
            requirement = Requirement(content)
        except InvalidRequirement:
            stack.problem(line, f"“{content[:80]}” is no requirement such as Django==5.2.1.")
            continue
        stack.add_python(requirement.name, pinned(requirement.specifier), line)
    return stack


def pyproject(text: str) -> Stack:
    """`pyproject.toml`: dependencies of the project, its extras and its groups, and Poetry's."""
    stack = Stack("pyproject.toml")
    document = toml(text)
    project = _table(document.get("project"))
    extras = _table(project.get("optional-dependencies")).values()
    groups = _table(document.get("dependency-groups")).values()
    for listed in (project.get("dependencies"), *extras, *groups):
        for content in listed if isinstance(listed, list) else ():
            _add_requirement(stack, content)
    poetry = _table(_table(document.get("tool")).get("poetry"))
    older = [_table(each).get("dependencies") for each in _table(poetry.get("group")).values()]
    for table in (poetry.get("dependencies"), poetry.get("dev-dependencies"), *older):
        for name, wanted in _table(table).items():
            _add_of_poetry(stack, name, wanted)
    return stack


def lock(text: str) -> Stack:
    """`uv.lock` or `poetry.lock`: every package that is not the project itself."""
    document = toml(text)
    stack = Stack("poetry.lock" if "metadata" in document else "uv.lock")
    packages = document.get("package")
    for package in packages if isinstance(packages, list) else ():
        own = _table(_table(package).get("source"))
        name, version = (
            text_of(_table(package).get("name")),
            text_of(_table(package).get("version")),
        )
        if name and not own.keys() & {"virtual", "editable", "directory"}:
            stack.add_python(name, version)
    return stack


def runtime(text: str) -> Stack | None:
    """`runtime.txt` or `.python-version`; None where it is neither."""
    stack = Stack("runtime.txt" if "python-" in text else ".python-version")
    for line, content in logical_lines(text):
        found = _RUNTIME.fullmatch(content) or _VERSION.fullmatch(content)
        if not found:
            return None
        stack.add("python", found["version"], PYTHON, line)
    return stack if stack.components else None


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers: without comments and hashes, those that
    end in a backslash joined with the next."""
    held, began = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        began = began or number
        if raw.endswith("\\"):
            held += raw[:-1] + " "
            continue
        content = _HASH.sub("", _COMMENT.sub("", held + raw)).strip()
        if content:
            yield began, content
        held, began = "", 0
    if rest := _HASH.sub("", _COMMENT.sub("", held)).strip():
        yield began, rest


def pinned(specifiers: SpecifierSet) -> str:
    """The version that is pinned, or the cycle (`==5.2.*`, `~=5.2.1`); empty for any range."""
    for specifier in specifiers:
        version = specifier.version
        if specifier.operator in ("==", "==="):
            return version.removesuffix(".*")
        if specifier.operator == "~=":
            return version.rpartition(".")[0] if version.count(".") > 1 else ""
    return ""


def toml(text: str) -> Mapping[str, Any]:
    """Raises `FormatError` with the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise refusal("It is no TOML here.", int(line[1]) if line else 0) from None
    except RecursionError:
        raise refusal("Its tables are nested too deeply.") from None


def _add_requirement(stack: Stack, content: Any) -> None:
    if isinstance(content, Mapping):
        return  # {include-group = "..."}: that group is read for itself
    try:
        requirement = Requirement(text_of(content))
    except InvalidRequirement:
        stack.problem(0, f"“{str(content)[:80]}” is no requirement such as Django==5.2.1.")
        return
    stack.add_python(requirement.name, pinned(requirement.specifier))


def _add_of_poetry(stack: Stack, name: str, wanted: Any) -> None:
    text = text_of(wanted) or text_of(_table(wanted).get("version"))
    exact = read_version(text) if re.match(r"={0,3}\s*\d", text) and "," not in text else None
    version = exact.version if exact else ""
    if name == "python":
        stack.add("python", version, PYTHON)
    else:
        stack.add_python(name, version)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
