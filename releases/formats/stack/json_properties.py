"""Properties of components in the text of a CycloneDX file in JSON.

The text is edited, not written anew, so that numbers, escapes and white space stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

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
    entries = [
        style.indented({"name": name, "value": value}, 2) for name, value in properties.items()
    ]
    if listed is None:
        yield Edit(place.last, place.last, f"{style.comma}{style.key}{style.array(entries)}")
    else:
        kept = [
            text[start:end]
            for start, end, value in _elements(text, listed.start)
            if not (isinstance(value, dict) and value.get("name") in replaced)
        ]
        yield Edit(listed.start, listed.end, style.array([*kept, *entries]))


@dataclass(frozen=True, slots=True)
class _Style:
    """The white space of an object: between its members, after a colon, and for a deeper level."""

    comma: str
    colon: str
    newline: str
    unit: str

    @classmethod
    def of(cls, text: str, place: JsonObject) -> _Style:
        first = next(iter(place.members.values()))
        before = text[place.start + 1 : first.key]
        colon = text[first.key : first.start].rpartition('"')[2]
        if "\n" not in before:
            spaced = " " if colon.endswith(" ") else ""
            return cls(f",{spaced}", colon, "", "")
        newline = before[before.rindex("\n") :]
        closing = text[place.last : place.end]
        outer = closing[closing.rfind("\n") :] if "\n" in closing else ""
        unit = newline.removeprefix(outer) if outer and newline != outer else "  "
        return cls(f",{newline}", colon, newline, unit)

    @property
    def key(self) -> str:
        return f'"properties"{self.colon}'

    def array(self, entries: Iterable[str]) -> str:
        """Return an array of elements that are written already."""
        deeper = f"{self.newline}{self.unit}"
        return f"[{deeper}{self._between(deeper).join(entries)}{self.newline}]"

    def indented(self, value: Mapping[str, str], levels: int) -> str:
        """Return an object whose members are some levels deeper than those of the component."""
        deeper = self.newline + self.unit * levels
        members = (
            f"{json.dumps(key)}{self.colon}{json.dumps(each)}" for key, each in value.items()
        )
        closing = self.newline + self.unit * (levels - 1)
        return f"{{{deeper}{self._between(deeper).join(members)}{closing}}}"

    def _between(self, deeper: str) -> str:
        return f",{deeper}" if self.newline else self.comma


class _Reader:
    """Notes the places of objects."""

    def __init__(self, text: str, found: dict[str, JsonObject]) -> None:
        self.text = text
        self.found = found

    def read_object(self, at: int, path: str) -> int:
        """Note the object at an offset, and the components in it. Return the offset after it."""
        place = self.found[path] = JsonObject(at)
        at = _skip(self.text, at + 1)
        while self.text[at] != "}":
            key, end = _DECODER.raw_decode(self.text, at)
            start = _skip(self.text, _skip(self.text, end) + 1)
            inner = f"{path}.{key}" if path else key
            if key == "components" and self.text[start] == "[":
                end = self._read_array(start, inner)
            elif (path, key) in _SUBJECT:
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


def _elements(text: str, at: int) -> Iterator[tuple[int, int, object]]:
    """Yield the elements of the array at an offset: start, end and value."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        value, end = _DECODER.raw_decode(text, at)
        yield at, end, value
        at = _after(text, end)


def _skip(text: str, at: int) -> int:
    """Return the offset of the next character that is no white space."""
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]


def _after(text: str, at: int) -> int:
    """Return the offset of the next value or closing bracket, after a comma."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at
