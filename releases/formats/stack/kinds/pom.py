"""Parser for pom.xml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content, LocatedElement
from releases.formats.stack.java_packages import add_java, add_maven
from releases.formats.stack.kind import Kind
from releases.formats.stack.properties import filled
from releases.formats.stack.refusals import refusal

_PROPERTY: Final = re.compile(r"\$\{(?P<name>[\w.-]+)\}")
_JAVA: Final = (
    "java.version",
    "maven.compiler.release",
    "maven.compiler.source",
    "maven.compiler.target",
)


class _Artifact(NamedTuple):
    group: str
    name: str
    version: str


def read(content: Content) -> Stack:
    """Parse a pom.xml: the parent, dependencies, imported BOMs, and the version of Java.

    Versions come from properties and from the managed dependencies of the same file.
    """
    stack = Stack(KIND.name)
    root = content.xml()
    if root.tag != "project":
        raise refusal("It has no element project.", root.line)
    properties = _properties(root)
    for each in _all(root, "parent"):
        _add(stack, _artifact(each, properties), each)
    managed = {}
    for each in _all(root, "dependencyManagement/dependencies/dependency"):
        artifact = _artifact(each, properties)
        managed[artifact.group, artifact.name] = artifact.version
        if each.findtext("scope") == "import":
            _add(stack, artifact, each)
    for each in _all(root, "dependencies/dependency"):
        group, name, version = _artifact(each, properties)
        _add(stack, _Artifact(group, name, version or managed.get((group, name), "")), each)
    _add_compiled_for(stack, root, properties)
    return stack


def _add(stack: Stack, artifact: _Artifact, element: LocatedElement) -> None:
    line = next((each.line for each in _located(element) if each.tag == "artifactId"), 0)
    if artifact.group and artifact.name:
        add_maven(stack, artifact.group, artifact.name, artifact.version, line)


def _add_compiled_for(stack: Stack, root: LocatedElement, properties: Mapping[str, str]) -> None:
    """Add the version of Java that classes are compiled for, which is the lowest that runs them."""
    for group in _all(root, "properties"):
        for each in _located(group):
            if each.tag in _JAVA:
                add_java(stack, _filled((each.text or "").strip(), properties), each.line)
    for plugin in root.iter("plugin"):
        if plugin.findtext("artifactId") == "maven-compiler-plugin":
            for option in ("release", "source", "target"):
                for found in plugin.iterfind(f"configuration/{option}"):
                    if isinstance(found, LocatedElement):
                        add_java(stack, _filled((found.text or "").strip(), properties), found.line)


def _all(root: LocatedElement, path: str) -> Iterator[LocatedElement]:
    """Yield the elements at a path, in the project and in its profiles."""
    for start in (path, f"profiles/profile/{path}"):
        for each in root.iterfind(start):
            if isinstance(each, LocatedElement):
                yield each


def _located(element: LocatedElement) -> Iterator[LocatedElement]:
    return (each for each in element if isinstance(each, LocatedElement))


def _properties(root: LocatedElement) -> Mapping[str, str]:
    """Return the properties by name, with those that Maven defines from the project."""
    found = {}
    for prefix in ("parent", "project.parent"):
        found[f"{prefix}.version"] = root.findtext("parent/version", "").strip()
        found[f"{prefix}.groupId"] = root.findtext("parent/groupId", "").strip()
    for prefix in ("", "pom.", "project."):
        for name in ("version", "groupId"):
            found[f"{prefix}{name}"] = root.findtext(name, found[f"parent.{name}"]).strip()
    return found | {
        each.tag: (each.text or "").strip()
        for group in root.iterfind("properties")
        for each in group
    }


def _artifact(element: LocatedElement, properties: Mapping[str, str]) -> _Artifact:
    values = (element.findtext(tag, "") for tag in ("groupId", "artifactId", "version"))
    return _Artifact(*(_filled(value.strip(), properties) for value in values))


def _filled(text: str, properties: Mapping[str, str]) -> str:
    """Return a text with its properties filled in; empty if one is not defined in the file."""
    text = filled(text, _PROPERTY, properties)
    return "" if "${" in text else text


def _recognise(content: Content) -> bool:
    if not content.text.lstrip().startswith("<"):
        return False
    root = content.xml()
    return root.tag == "project" and root.find("modelVersion") is not None


KIND: Final = Kind(
    name="pom.xml",
    files=("pom.xml", "*.pom"),
    read=read,
    finds="the parent, dependencies and imported BOMs, with properties filled in; the version of"
    " Java that is compiled for is a lower bound",
    recognise=_recognise,
)
