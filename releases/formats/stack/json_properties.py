"""Properties of components in the text of a CycloneDX file in JSON.

The text is edited, not serialised again, so that numbers, escapes and white space are preserved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from releases.formats.edits import Edit

_DECODER: Final = json.JSONDecoder()
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_SUBJECT: Final = (("", "metadata"), ("metadata", "component"))
"""The keys that lead to the component that a bill describes, each with the path before it."""


@dataclass(slots=True)
class _Member:
    """A key with its value: offsets in the text."""

    key: int
    start: int
    end: int


@dataclass(slots=True)
class JsonObject:
    """The place of an object in a text: `end` is the offset of its closing brace."""

    start: int
    end: int = 0
    members: dict[str, _Member] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The offset after the last member; there is at least one."""
        return max(member.end for member in self.members.values())


def json_objects(text: str) -> dict[str, JsonObject]:
    """Return the places of the root and of all components of a valid file by their field paths.

    Each value is read once, however deep it is nested.

    Args:
        text: The file, in which the nesting of components is bounded.
    """
    found: dict[str, JsonObject] = {}
    _Reader(text, found).read_object(_skip(text, 0), "")
    return found


def json_edits(
    text: str, place: JsonObject, properties: Mapping[str, str], replaced: Collection[str]
) -> Iterator[Edit]:
    """Yield the edits that write properties into a component, after its others.

    Args:
        text: The text.
        place: The place of the component, which has at least one key.
        properties: The properties, at least one.
        replaced: The names of properties that are removed.
    """
    style = _Style.of(text, place)
    listed = place.members.get("properties")
    elements = list(_elements(text, listed.start)) if listed else []
    kept = [each for each in elements if each.name not in replaced]
    if kept:
        yield from _removed(elements, kept[0], replaced)
        before = text[listed.start + 1 : elements[0].start]  # type: ignore[union-attr]
        comma = f",{before}" if "\n" in before else style.comma
        like = _members_of(text, kept[-1])
        entries = _entries(_Style.of(text, like) if like else style.deeper(2), properties)
        at = elements[-1].end
        yield Edit(at, at, "".join(f"{comma}{each}" for each in entries))
        return
    array = style.deeper(1).array(_entries(style.deeper(2), properties))
    if listed is None:
        yield Edit(place.last, place.last, f'{style.comma}"properties"{style.colon}{array}')
    else:
        yield Edit(listed.start, listed.end, array)


def _entries(style: _Style, properties: Mapping[str, str]) -> list[str]:
    return [style.object({"name": name, "value": value}) for name, value in properties.items()]


def _removed(
    elements: Sequence[_Element], first: _Element, replaced: Collection[str]
) -> Iterator[Edit]:
    """Yield the edits that remove elements with their commas; `first` is the first one to keep."""
    if elements[0] is not first:
        yield Edit(elements[0].start, first.start, "")
    for before, each in pairwise(elements):
        if each.start > first.start and each.name in replaced:
            yield Edit(before.end, each.end, "")


@dataclass(frozen=True, slots=True)
class _Style:
    """The white space of an object.

    Attributes:
        newline: The line break and the blanks before its members; empty if it is on one line.
        outer: Those before its closing brace.
        unit: The blanks of a level.
        comma: The comma between members, with the white space after it.
        colon: The colon after a key, with its white space.
    """

    newline: str
    outer: str
    unit: str
    comma: str
    colon: str

    @classmethod
    def of(cls, text: str, place: JsonObject) -> _Style:
        first = next(iter(place.members.values()))
        before = text[place.start + 1 : first.key]
        colon = text[first.key : first.start].rpartition('"')[2]
        if "\n" not in before:
            return cls("", "", "", ", " if colon.endswith(" ") else ",", colon)
        newline = before[before.rindex("\n") :]
        closing = text[place.last : place.end]
        outer = closing[closing.rfind("\n") :] if "\n" in closing else ""
        unit = newline.removeprefix(outer) if outer and newline != outer else "  "
        return cls(newline, outer, unit, f",{newline}", colon)

    def deeper(self, levels: int) -> _Style:
        """Return the style of objects within an object."""
        newline = self.newline + self.unit * levels
        outer = self.newline + self.unit * (levels - 1)
        return replace(
            self, newline=newline, outer=outer, comma=f",{newline}" if newline else self.comma
        )

    def array(self, entries: Iterable[str]) -> str:
        """Return an array of elements that are written already."""
        return f"[{self.newline}{self.comma.join(entries)}{self.outer}]"

    def object(self, value: Mapping[str, str]) -> str:
        members = (
            f"{json.dumps(key)}{self.colon}{json.dumps(each)}" for key, each in value.items()
        )
        return f"{{{self.newline}{self.comma.join(members)}{self.outer}}}"


class _Reader:
    """Notes the places of objects; of `nested` components, too."""

    def __init__(self, text: str, found: dict[str, JsonObject], *, nested: bool = True) -> None:
        self.text = text
        self.found = found
        self.nested = nested

    def read_object(self, at: int, path: str) -> int:
        """Note the object at an offset, and the components in it. Return the offset after it."""
        place = self.found[path] = JsonObject(at)
        at = _skip(self.text, at + 1)
        while self.text[at] != "}":
            key, end = _DECODER.raw_decode(self.text, at)
            start = _skip(self.text, _skip(self.text, end) + 1)
            inner = f"{path}.{key}" if path else key
            if self.nested and key == "components" and self.text[start] == "[":
                end = self._read_array(start, inner)
            elif self.nested and (path, key) in _SUBJECT:
                end = self._read_value(start, inner)
            else:
                end = _DECODER.raw_decode(self.text, start)[1]
            place.members[key] = _Member(at, start, end)
            at = _after(self.text, end)
        place.end = at
        return at + 1

    def _read_array(self, at: int, path: str) -> int:
        at, number = _skip(self.text, at + 1), 0
        while self.text[at] != "]":
            end = self._read_value(at, f"{path}[{number}]")
            at, number = _after(self.text, end), number + 1
        return at + 1

    def _read_value(self, at: int, path: str) -> int:
        if self.text[at] == "{":
            return self.read_object(at, path)
        return _DECODER.raw_decode(self.text, at)[1]


@dataclass(frozen=True, slots=True)
class _Element:
    """An element of an array of properties.

    Attributes:
        start: Its offset in the text.
        end: The offset after it.
        value: Its value.
    """

    start: int
    end: int
    value: Any

    @property
    def name(self) -> str:
        """The name of the property; empty if it has none."""
        name = self.value.get("name") if isinstance(self.value, dict) else ""
        return name if isinstance(name, str) else ""


def _elements(text: str, at: int) -> Iterator[_Element]:
    """Yield the elements of the array at an offset."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        value, end = _DECODER.raw_decode(text, at)
        yield _Element(at, end, value)
        at = _after(text, end)


def _members_of(text: str, element: _Element) -> JsonObject | None:
    """Return the place of the object that an element is; None if it is none, or empty."""
    if not isinstance(element.value, dict) or not element.value:
        return None
    found: dict[str, JsonObject] = {}
    _Reader(text, found, nested=False).read_object(element.start, "")
    return found[""]


def _skip(text: str, at: int) -> int:
    """Return the offset of the next character that is no white space."""
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]


def _after(text: str, at: int) -> int:
    """Return the offset of the next value or closing bracket, after a comma."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at
