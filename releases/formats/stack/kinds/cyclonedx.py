"""CycloneDX bills of materials in JSON and XML, of versions 1.2 to 1.7.

The library of CycloneDX reads the types of components. It refuses a bill with a single mistake as a
whole, so it does not read bills.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element

from cyclonedx.model.component import ComponentType

from releases.formats.stack.bill import Bill, Entry, is_official_image
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import list_of, table_of, text_of

MAX_DEPTH: Final = 50
"""Maximum nesting depth of components."""
MAX_HEAD: Final = 10_000
"""Number of characters at the start of an XML file that have its namespace."""

_NAMESPACE: Final = "cyclonedx.org/schema/bom/"
_TEXTS: Final = ("type", "group", "name", "version", "purl", "cpe")
_NO_SOFTWARE: Final = {ComponentType.FILE.value, ComponentType.CRYPTOGRAPHIC_ASSET.value}
_MORE_CPE: Final = "cpe23"
"""The end of the names of properties in which tools write further CPE names."""


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name, bill=content)
    bill = Bill(stack)
    for _, entry in entries(content):
        bill.add(entry)
    return stack


def entries(
    content: Content, *, subject: bool = False
) -> Iterator[tuple[Mapping[str, Any], Entry]]:
    """Yield the components of a bill as they are written and as entries.

    A component of XML has the keys of JSON, and its element as `element`.

    Args:
        content: The bill.
        subject: Yield the one that the bill describes, too. Otherwise that counts only if it is an
            official image of Docker Hub.

    Raises:
        FormatError: It is no CycloneDX, or its components are nested too deep.
    """
    document = document_of(content)
    itself = _table(document["itself"])
    if is_official_image(text_of(itself.get("purl"))) or (subject and itself):
        yield itself, _entry(itself, "metadata.component", content)
    for holder, path in ((itself, "metadata.component."), (document, "")):
        for component, place in _components(holder, path):
            if text_of(component.get("type")) not in _NO_SOFTWARE:
                yield component, _entry(component, place, content)


def _recognise(content: Content) -> bool:
    if is_xml(content):
        return _NAMESPACE in content.text[:MAX_HEAD] and content.xml().tag == "bom"
    return table_of(content.json()).get("bomFormat") == "CycloneDX"


KIND: Final = Kind(
    name="CycloneDX",
    files=("bom.json", "bom.xml", "*.cdx.json", "*.cdx.xml", "*.cyclonedx.json", "*.cyclonedx.xml"),
    read=_read,
    finds="JSON and XML, 1.2 to 1.7: every component by its package URL or CPE, nested ones and"
    " operating systems included, but not the subject of the bill",
    recognise=_recognise,
)


def is_xml(content: Content) -> bool:
    """Return True for a bill in XML, False for one in JSON."""
    return content.text.lstrip().startswith("<")


def document_of(content: Content) -> Mapping[str, Any]:
    """Return the keys of a bill in JSON or XML, and `itself`, the component that it describes.

    Raises:
        FormatError: It is no CycloneDX.
    """
    if is_xml(content):
        root = content.xml()
        if root.tag != "bom":
            raise refusal("It is no CycloneDX: its root element is not bom.")
        return {**_table(root), "itself": root.find("metadata/component")}
    document = table_of(content.json())
    if document.get("bomFormat") != "CycloneDX":
        raise refusal("It is no CycloneDX: bomFormat is missing.")
    return {**document, "itself": table_of(document.get("metadata")).get("component")}


def _table(value: Any) -> Mapping[str, Any]:
    """Return a component or bill of either form with the keys of JSON."""
    if not isinstance(value, Element):
        return table_of(value)
    texts = {key: value.findtext(key) for key in _TEXTS}
    return texts | {
        "element": value,
        "type": value.get("type"),
        "line": getattr(value, "line", 0),
        "components": value.findall("components/component"),
        "properties": [
            {"name": each.get("name"), "value": each.get("value") or each.text}
            for each in value.findall("properties/property")
        ],
    }


def _components(holder: Mapping[str, Any], path: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the components of an object with their field paths, nested ones included."""
    waiting = [(holder, path, 0)]
    while waiting:
        outer, path, depth = waiting.pop()
        for number, each in enumerate(list_of(outer.get("components"))):
            place = f"{path}components[{number}]"
            if depth == MAX_DEPTH:
                raise refusal(f"Its components are nested more than {MAX_DEPTH} deep.")
            component = _table(each)
            waiting.append((component, f"{place}.", depth + 1))
            yield component, place


def _entry(component: Mapping[str, Any], path: str, content: Content) -> Entry:
    texts = {key: text_of(component.get(key)) for key in _TEXTS}
    more = [table_of(each) for each in list_of(component.get("properties"))]
    cpes = [each.get("value") for each in more if str(each.get("name")).endswith(_MORE_CPE)]
    lines = (content.line_of(texts[key]) for key in ("purl", "cpe", "name"))
    return Entry(
        name=f"{texts['group']}/{texts['name']}" if texts["group"] else texts["name"],
        version=texts["version"],
        purl=texts["purl"],
        cpes=filter(None, map(text_of, [texts["cpe"], *cpes])),
        is_system=texts["type"] == ComponentType.OPERATING_SYSTEM.value,
        is_image=texts["type"] == ComponentType.CONTAINER.value,
        line=component.get("line") or next(filter(None, lines), 0),
        path=path,
    )
