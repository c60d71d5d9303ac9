"""A CycloneDX file to which properties of components are added, without any other change."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from releases.domain.cyclonedx import replaced_by
from releases.formats.edits import Edit, apply_edits
from releases.formats.stack.bill import Bill
from releases.formats.stack.component import Component, Stack
from releases.formats.stack.content import Content
from releases.formats.stack.json_properties import JsonObject, json_edits, json_objects
from releases.formats.stack.kinds.cyclonedx import KIND, document_of, entries, is_xml
from releases.formats.stack.limits import LIMITS
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import list_of, quoted, table_of, text_of
from releases.formats.stack.xml_properties import xml_edits

VERSIONS: Final = ("1.3", "1.4", "1.5", "1.6", "1.7")
"""The versions whose components have properties."""

_SIGNATURES: Final = "http://www.w3.org/2000/09/xmldsig#"
_VERSION: Final = re.compile(r"/bom/([^/]+)$")
_LINE_END: Final = re.compile(r"\r\n?|\n")
_UTF_16: Final = re.compile(r"<\?xml[^>]*encoding\s*=\s*[\"']utf-16", re.IGNORECASE)


def bill_content(raw: bytes, name: str) -> Content:
    """Return the content of a file. Raises `FormatError` if it is too large or no text."""
    if len(raw) > LIMITS.file_bytes:
        raise refusal(f"It is larger than {LIMITS.megabytes} MB.")
    return Content.decode(raw, name)


@dataclass(frozen=True, slots=True)
class BillComponent:
    """A component of a bill as it is written.

    Attributes:
        path: The field path, such as `components[3]`.
        line: The line in the file, from 1; 0 if it is not known.
        component: The software; None if the entry is invalid.
        properties: Its properties, names and values.
        written: Its keys, as in JSON; `element` is that of XML.
    """

    path: str
    line: int
    component: Component | None
    properties: Sequence[tuple[str, str]]
    written: Mapping[str, Any]


class CycloneDXDocument:
    """A CycloneDX file.

    Args:
        content: The file.
        subject: True to read the component that the bill describes, too.

    Attributes:
        components: The components that the stack check reads, nested ones included, in its order.

    Raises:
        FormatError: It is not CycloneDX, or its version has no properties or is unknown.
    """

    def __init__(self, content: Content, *, subject: bool = False) -> None:
        self.content = content
        self.is_xml = is_xml(content)
        version = self._version
        if version not in VERSIONS:
            known = f"{VERSIONS[0]} to {VERSIONS[-1]}"
            raise refusal(
                f"It is CycloneDX “{quoted(version)}”, but lifecycle dates are properties of"
                f" components, which {known} have. Convert it, for example to {VERSIONS[-1]}."
            )
        self.components = [_component(*each) for each in entries(content, subject=subject)]

    @property
    def signed(self) -> bool:
        """True if the bill or a component has a signature, which a change would invalidate."""
        if self.is_xml:
            every = self.content.xml().iter()
            return any(getattr(each, "namespace", "") == _SIGNATURES for each in every)
        return any("signature" in each.members for each in self._places.values())

    def with_properties(self, properties: Mapping[str, Mapping[str, str]]) -> str:
        """Return the text of the file with properties of components.

        A component that already has them is not changed.

        Args:
            properties: The properties of components by field path.

        Raises:
            FormatError: The file is signed, or cannot be written as UTF-8.
        """
        if self.signed:
            raise refusal("The file is signed, and a change would invalidate the signature.")
        if self.is_xml and _UTF_16.match(self.content.text.lstrip()):
            raise refusal("Its declaration says UTF-16. Convert it to UTF-8.")
        return self._edited(self._edits(properties))

    def _edited(self, edits: Iterable[Edit]) -> str:
        """Return the file as it is with edits of `_source`, in which all lines end in LF."""
        original = self.content.original
        text = original.removeprefix("\ufeff")
        body: Any = text.lstrip().encode() if self.is_xml else text
        head = original[: len(original) - len(text.lstrip() if self.is_xml else text)]
        crlf: Any = b"\r\n" if self.is_xml else "\r\n"
        moves = [each.start() - number for number, each in enumerate(re.finditer(crlf, body))]
        newline = (_LINE_END.search(text) or ["\n"])[0]
        moved = (
            Edit(
                edit.start + bisect_left(moves, edit.start),
                edit.end + bisect_left(moves, edit.end),
                edit.text.replace("\n", newline),
            )
            for edit in edits
        )
        return head + apply_edits(body, moved)

    def _edits(self, properties: Mapping[str, Mapping[str, str]]) -> Iterator[Edit]:
        for each in self.components:
            wanted = properties.get(each.path)
            if not wanted:
                continue
            replaced = replaced_by(wanted)
            old = [(name, value) for name, value in each.properties if name in replaced]
            if sorted(old) == sorted(wanted.items()):
                continue
            if self.is_xml:
                yield from xml_edits(self._source, each.written["element"], wanted, replaced)
            else:
                if not isinstance(each.written.get("properties", []), list):
                    raise refusal(f"{each.path}.properties: expected a list.", each.line)
                yield from json_edits(self._source, self._places[each.path], wanted, replaced)

    @cached_property
    def _source(self) -> Any:
        """The text in which edits have their offsets."""
        return self.content.text.lstrip().encode() if self.is_xml else self.content.text

    @cached_property
    def _places(self) -> Mapping[str, JsonObject]:
        """The root of JSON and its components."""
        return json_objects(self.content.text)

    @property
    def _version(self) -> str:
        if not self.is_xml:
            return text_of(document_of(self.content).get("specVersion"))
        document_of(self.content)  # Refuses another root.
        found = _VERSION.search(self.content.xml().namespace)
        return found[1] if found else ""


def _component(written: Mapping[str, Any], entry: Any) -> BillComponent:
    stack = Stack(KIND.name)
    Bill(stack).add(entry)
    # The first is the component itself; the system that it was packaged for comes after it.
    own = None if stack.problems else next(iter(stack.components), None)
    properties = [table_of(each) for each in list_of(written.get("properties"))]
    named = [(text_of(each.get("name")), text_of(each.get("value"))) for each in properties]
    return BillComponent(entry.path, entry.line, own, named, written)
