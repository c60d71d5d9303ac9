"""CycloneDX bills of materials in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cyclonedx.model.component import Component, ComponentType

from releases.domain.identifiers import build_purl, parse_purl
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import IMAGE, OFFICIAL, version_of_tag
from releases.formats.stack.kind import Kind
from releases.formats.stack.values import list_of, quoted, table_of, text_of

MAX_DEPTH: Final = 50
"""Maximum nesting depth of components."""

_EPOCH: Final = re.compile(r"^\d+:(?=\d)")
_READ: Final = ("type", "group", "name", "version", "purl")
_TYPES: Final = frozenset(each.value for each in ComponentType)


def _read(content: Content) -> Stack:
    """Return the components, except the one that the bill describes."""
    stack = Stack(KIND.name)
    document = content.json()
    itself = table_of(table_of(document).get("metadata")).get("component")
    for holder, path in ((itself, "metadata.component."), (document, "")):
        for component in _components(holder, path, stack):
            name = f"{component.group}/{component.name}" if component.group else component.name
            moving = _is_moving(component)
            stack.add(name, _version_of(component), _purl_of(component), moving=moving)
    return stack


def _recognise(content: Content) -> bool:
    return table_of(content.json()).get("bomFormat") == "CycloneDX"


KIND: Final = Kind(
    name="CycloneDX",
    files=("bom.json", "*.cdx.json"),
    read=_read,
    finds="every component, nested ones included, but not the subject of the bill",
    recognise=_recognise,
)


def _components(holder: Any, path: str, stack: Stack) -> Iterator[Component]:
    """Yield the components of an object, nested ones included; `path` is its field path."""
    waiting = [(holder, path, 0)]
    while waiting:
        outer, path, depth = waiting.pop()
        for number, each in enumerate(list_of(table_of(outer).get("components"))):
            place = f"{path}components[{number}]"
            if depth == MAX_DEPTH:
                raise stack.refused(f"Its components are nested more than {MAX_DEPTH} deep.")
            waiting.append((each, f"{place}.", depth + 1))
            if component := _component(each, place, stack):
                yield component


def _component(data: Any, path: str, stack: Stack) -> Component | None:
    """Return a component from its required fields, or None if it has no name.

    Other fields and their errors are ignored.
    """
    texts = {key: text_of(data.get(key)) for key in _READ} if isinstance(data, Mapping) else {}
    found = {key: text for key, text in texts.items() if text}
    if "name" not in found:
        stack.problem("It is no component with a name.", path=path)
        return None
    if found.get("type") not in _TYPES:
        found["type"] = ComponentType.LIBRARY.value
    if "purl" in found and parse_purl(found["purl"]) is None:
        message = f"“{quoted(found.pop('purl'))}” is no package URL, such as pkg:pypi/django@5.2.1."
        stack.problem(message, path=f"{path}.purl")
    return Component.from_json(found)  # type: ignore[attr-defined,no-any-return]


def _version_of(component: Component) -> str:
    """Return the version of a component; for images, the version in their tag."""
    purl = component.purl
    version = component.version or (purl.version if purl else "") or ""
    return version_of_tag(version) if purl and purl.type == IMAGE else _EPOCH.sub("", version)


def _is_moving(component: Component) -> bool:
    """Return True for images and operating systems, whose versions are no single releases."""
    is_image = component.purl is not None and component.purl.type == IMAGE
    return is_image or component.type is ComponentType.OPERATING_SYSTEM


def _purl_of(component: Component) -> str:
    """Return the package URL of a component without its version.

    Operating systems without a package URL get a generic one; other components have none.
    """
    purl = component.purl
    if purl:
        official = OFFICIAL if purl.type == IMAGE else ""
        return build_purl(purl.type, purl.name, purl.namespace or official)
    is_system = component.type is ComponentType.OPERATING_SYSTEM
    return build_purl("generic", component.name) if is_system else ""
