"""SPDX documents: 2.2 and 2.3 in JSON and as tags and values, 3.0 in JSON-LD.

The library of SPDX is not used: it refuses a document with a single mistake as a whole, a missing
licence included, and does not read 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from releases.formats.stack.bill import Bill, Entry, is_official_image
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import list_of, table_of, text_of

_TAG: Final = re.compile(r"(?P<tag>[A-Za-z0-9]+):[ \t]*(?P<value>.*)")
_BEGINS: Final = re.compile(r"SPDXVersion:[ \t]*SPDX-2\.\d")
_REFERENCE: Final = re.compile(r"\S+\s+(?P<type>\S+)\s+(?P<locator>\S+)")
_DESCRIBES: Final = re.compile(r"SPDXRef-DOCUMENT\s+DESCRIBES\s+(?P<id>\S+)", re.IGNORECASE)
_OPEN, _CLOSE = "<text>", "</text>"
_OTHER_ELEMENTS: Final = frozenset({"FileName", "SnippetSPDXID", "LicenseID", "Relationship"})
"""Tags that end the package before them."""
_PURLS: Final = frozenset({"purl", "packageurl"})
_CPES: Final = frozenset({"cpe22type", "cpe23type", "cpe22", "cpe23"})
_CONTEXT: Final = "spdx.org/rdf/3"
_NONE: Final = frozenset({"NOASSERTION", "NONE"})


def _read(content: Content) -> Stack:
    """Return the packages, except those that the document describes.

    These count if they are official images of Docker Hub.
    """
    stack = Stack(KIND.name)
    bill = Bill(stack)
    packages, described = _packages(content)
    for entry, identity in packages:
        if identity not in described or is_official_image(entry.purl):
            bill.add(entry)
    return stack


def _recognise(content: Content) -> bool:
    if not content.text.lstrip().startswith("{"):
        return any(map(_BEGINS.match, content.text.lstrip().split("\n", 20)[:20]))
    document = _document(content)
    return _is_2(document) or _is_3(document)


KIND: Final = Kind(
    name="SPDX",
    files=("*.spdx", "*.spdx.json", "*.spdx3.json", "*.spdx.jsonld", "*.spdx.json-ld"),
    read=_read,
    finds="2.3 in JSON and as tags and values, 3.0 in JSON-LD: every package by its package URL or"
    " CPE, but not the subject of the document",
    recognise=_recognise,
)

_Packages = tuple[Iterable[tuple[Entry, str]], frozenset[str]]
"""Packages with their ids, and the ids of those that the document describes."""


def _packages(content: Content) -> _Packages:
    if not content.text.lstrip().startswith("{"):
        return _of_tags(content)
    document = _document(content)
    if _is_2(document):
        return _of_json(document, content)
    if _is_3(document):
        return _of_graph(document, content)
    raise refusal("It is no SPDX: neither spdxVersion nor the context of SPDX 3.")


def _document(content: Content) -> Mapping[str, Any]:
    """Return a JSON document; the API of GitHub wraps it."""
    document = table_of(content.json())
    return table_of(document["sbom"]) if document.keys() == {"sbom"} else document


def _is_2(document: Mapping[str, Any]) -> bool:
    return text_of(document.get("spdxVersion")).startswith("SPDX-2.")


def _is_3(document: Mapping[str, Any]) -> bool:
    context = document.get("@context")
    every = context if isinstance(context, list) else [context]
    return any(_CONTEXT in text_of(each) for each in every)


def _entry(
    name: str,
    version: str,
    purpose: str,
    identifiers: Iterable[tuple[str, str]],
    line: int,
    path: str = "",
) -> Entry:
    """Return a package; `identifiers` are pairs of a type and a value."""
    known = [(kind.lower(), value) for kind, value in identifiers]
    plain = purpose.lower().replace("-", "").replace("_", "")
    return Entry(
        name=name,
        version="" if version in _NONE else version,
        purl=next((value for kind, value in known if kind in _PURLS), ""),
        cpes=[value for kind, value in known if kind in _CPES],
        is_system=plain == "operatingsystem",
        is_image=plain == "container",
        line=line,
        path=path,
    )


# ---- SPDX 2, JSON


def _of_json(document: Mapping[str, Any], content: Content) -> _Packages:
    relations = [table_of(each) for each in list_of(document.get("relationships"))]
    described = {text_of(each) for each in list_of(document.get("documentDescribes"))}
    for each in relations:
        if each.get("relationshipType") == "DESCRIBES":
            described.add(text_of(each.get("relatedSpdxElement")))
        elif each.get("relationshipType") == "DESCRIBED_BY":
            described.add(text_of(each.get("spdxElementId")))
    packages = (
        (_of_package(table_of(each), f"packages[{number}]", content), table_of(each))
        for number, each in enumerate(list_of(document.get("packages")))
    )
    return ((entry, text_of(each.get("SPDXID"))) for entry, each in packages), frozenset(described)


def _of_package(package: Mapping[str, Any], path: str, content: Content) -> Entry:
    references = [table_of(each) for each in list_of(package.get("externalRefs"))]
    identifiers = [
        (text_of(each.get("referenceType")), text_of(each.get("referenceLocator")))
        for each in references
    ]
    name = text_of(package.get("name"))
    return _entry(
        name,
        text_of(package.get("versionInfo")),
        text_of(package.get("primaryPackagePurpose")),
        identifiers,
        _line(content, text_of(package.get("SPDXID")), *(value for _, value in identifiers), name),
        path,
    )


# ---- SPDX 2, tags and values


def _of_tags(content: Content) -> _Packages:
    described: set[str] = set()
    found: list[tuple[Entry, str]] = []
    package: dict[str, Any] = {}

    def close() -> None:
        if package:
            entry = _entry(
                package["name"],
                package.get("PackageVersion", ""),
                package.get("PrimaryPackagePurpose", ""),
                package["identifiers"],
                package["line"],
            )
            found.append((entry, package.get("SPDXID", "")))
            package.clear()

    for line, tag, value in _tags(content):
        if tag == "PackageName":
            close()
            package |= {"name": value, "line": line, "identifiers": []}
        elif tag == "ExternalRef" and package and (reference := _REFERENCE.match(value)):
            package["identifiers"].append((reference["type"], reference["locator"]))
        elif tag in _OTHER_ELEMENTS:
            close()
            if tag == "Relationship" and (relation := _DESCRIBES.match(value)):
                described.add(relation["id"])
        elif package:
            package.setdefault(tag, value)
    close()
    return found, frozenset(described)


def _tags(content: Content) -> Iterator[tuple[int, str, str]]:
    """Yield the lines that are a tag and a value, without texts of several lines."""
    is_text = False
    for line, text in content.lines():
        if is_text:
            is_text = _CLOSE not in text
        elif found := _TAG.fullmatch(text.strip()):
            is_text = _OPEN in text and _CLOSE not in text
            yield line, found["tag"], found["value"].strip()


# ---- SPDX 3


def _of_graph(document: Mapping[str, Any], content: Content) -> _Packages:
    graph = document.get("@graph")
    elements = [table_of(each) for each in (graph if isinstance(graph, list) else [document])]
    by_id = {_id(each): each for each in elements}
    described: set[str] = set()
    for each in elements:
        if _type(each) in {"SpdxDocument", "Sbom", "Bom"}:
            described.update(map(_id, list_of(each.get("rootElement"))))
    packages = (
        (_of_element(each, f"@graph[{number}]", by_id, content), _id(each))
        for number, each in enumerate(elements)
        if _type(each) == "Package"
    )
    return packages, frozenset(described)


def _of_element(
    element: Mapping[str, Any], path: str, by_id: Mapping[str, Mapping[str, Any]], content: Content
) -> Entry:
    held = [
        table_of(each) or by_id.get(text_of(each), {})
        for each in list_of(element.get("externalIdentifier"))
    ]
    identifiers = [
        (text_of(each.get("externalIdentifierType")), text_of(each.get("identifier")))
        for each in held
    ]
    identifiers.insert(0, ("purl", text_of(_of_software(element, "packageUrl"))))
    name = text_of(element.get("name"))
    return _entry(
        name,
        text_of(_of_software(element, "packageVersion")),
        text_of(_of_software(element, "primaryPurpose")),
        [each for each in identifiers if each[1]],
        _line(content, _id(element), *(value for _, value in identifiers), name),
        path,
    )


def _of_software(element: Mapping[str, Any], key: str) -> Any:
    """Return a property of the profile Software, with or without its prefix."""
    return element.get(f"software_{key}", element.get(key))


def _type(element: Mapping[str, Any]) -> str:
    return text_of(element.get("type") or element.get("@type")).rpartition("_")[2]


def _id(element: Any) -> str:
    """Return the id of an element or of a reference to one."""
    table = table_of(element)
    return text_of(element) or text_of(table.get("spdxId") or table.get("@id"))


def _line(content: Content, *texts: str) -> int:
    return next(filter(None, map(content.line_of, filter(None, texts))), 0)
