"""pyproject.toml: the dependencies, extras and groups of the project and of Poetry."""

from __future__ import annotations

from typing import Any, Final

from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.key_lines import KeyLines
from releases.formats.stack.kind import Kind
from releases.formats.stack.python_packages import add_required_python, add_requirement
from releases.formats.stack.values import list_of, table_of, text_of

_TABLES: Final = frozenset({"project", "build-system", "dependency-groups"})


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name)
    document = content.toml()
    project = table_of(document.get("project"))
    if wanted := text_of(project.get("requires-python")):
        add_required_python(stack, wanted, content.line_of(wanted))
    extras = table_of(project.get("optional-dependencies")).values()
    groups = table_of(document.get("dependency-groups")).values()
    for listed in (project.get("dependencies"), *extras, *groups):
        for requirement in filter(None, map(text_of, list_of(listed))):
            add_requirement(stack, requirement, content.line_of(requirement))
    poetry = table_of(table_of(document.get("tool")).get("poetry"))
    tables = {key: poetry.get(key) for key in ("dependencies", "dev-dependencies")}
    for group, each in table_of(poetry.get("group")).items():
        tables[f"group.{group}.dependencies"] = table_of(each).get("dependencies")
    lines = KeyLines.of_toml(content.text)
    for key, table in tables.items():
        for name, version in table_of(table).items():
            _add_of_poetry(stack, name, version, lines.line(f"tool.poetry.{key}", name))
    return stack


def _recognise(content: Content) -> bool:
    document = content.toml()
    tools = table_of(document.get("tool"))
    return bool(document.keys() & _TABLES) or "poetry" in tools


KIND: Final = Kind(
    name="pyproject.toml",
    files=("pyproject.toml", "pyproject-*.toml"),
    read=_read,
    finds="`requires-python`, dependencies, extras, `[dependency-groups]`, Poetry's tables",
    recognise=_recognise,
)


def _add_of_poetry(stack: Stack, name: str, wanted: Any, line: int) -> None:
    table = table_of(wanted)
    if "path" in table:  # a part of the project
        return
    text = text_of(wanted) or text_of(table.get("version"))
    versions = Range("poetry", text) if text else None
    if name.lower() == "python":
        stack.add_named("python", "", line, moving=False, wanted=versions)
    else:
        stack.add_python(name, line=line, wanted=versions)
