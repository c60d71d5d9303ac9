"""A decoded stack file with its parsers, each of which runs once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from releases.formats.errors import FormatError
from releases.formats.stack.refusals import refusal
from releases.formats.stack.yaml_values import documents

MAX_KEY_PARTS: Final = 32
"""Maximum number of parts of a dotted TOML key, which the TOML parser reads in quadratic time."""
MAX_XML_DEPTH: Final = 100
MAX_LINES: Final = 500_000
"""Maximum number of lines; a lock file of 10 MB has fewer."""
HEAD: Final = 20_000
"""Minimum number of characters of the head of a larger file."""

_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_STRING: Final = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")
# An unterminated string counts as a string, so that matching takes linear time.
_PART: Final = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?)"""
_PARTS: Final = re.compile(_PART)
_KEY: Final = re.compile(rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+")
_DOTTED: Final = re.compile(rf"^(?:[^.\n]*+\.){{{MAX_KEY_PARTS}}}", re.MULTILINE)
_Parsed = TypeVar("_Parsed")


class Content:
    """A decoded file.

    Attributes:
        text: The text, with lines that end in LF, without a byte order mark and NUL.
        name: The path as it was given; empty if it is unknown.
        original: The text as it is in the file.
    """

    def __init__(self, text: str, name: str = "", original: str = "") -> None:
        self.text = text
        self.name = name
        self.original = original or text
        self._parsed: dict[Callable[[str], Any], Any] = {}

    @classmethod
    def decode(cls, raw: bytes | str, name: str = "") -> Content:
        """Return the content of a file in UTF-8 or UTF-16.

        Raises:
            FormatError: It is no text, is empty, or has too many lines.
        """
        if isinstance(raw, bytes):
            utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))  # what PowerShell's > writes
            try:
                raw = raw.decode("utf-16" if utf16 else "utf-8")
            except UnicodeDecodeError:
                raise refusal("It is no text in UTF-8.") from None
        text = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        if "\x00" in text:
            raise refusal("It is no text.")
        if not text.strip():
            raise refusal("It is empty.")
        if text.count("\n") > MAX_LINES:
            raise refusal(f"It has more than {MAX_LINES:,} lines.")
        return cls(text, name, raw)

    def json(self) -> Any:
        """Return the values of a JSON file. Raises `FormatError` with the line."""
        return self._once(_json)

    def yaml(self) -> list[Any]:
        """Return the documents of a YAML file, as `documents`. Raises `FormatError`.

        JSON is refused, although it is YAML: no tool writes these files as JSON.
        """
        if self.is_json:
            raise refusal("It is JSON, not YAML.")
        return self._once(documents)

    def toml(self) -> Mapping[str, Any]:
        """Return the values of a TOML file. Raises `FormatError` with the line."""
        return self._once(_toml)

    def xml(self) -> LocatedElement:
        """Return the root of an XML file. Raises `FormatError` with the line.

        Names of elements have no namespace. Entities and document types are refused.
        """
        return self._once(_xml)

    @property
    def is_json(self) -> bool:
        """True for an object or a list in JSON."""
        if not self.text.lstrip().startswith(("{", "[")):
            return False
        try:
            self.json()
        except FormatError:
            return False
        return True

    @cached_property
    def head(self) -> Content:
        """The first lines, by which a kind without a syntax of its own is recognised."""
        if len(self.text) <= HEAD:
            return self
        return Content(self.text[: self.text.find("\n", HEAD) + 1 or HEAD], self.name)

    def lines(self) -> list[tuple[int, str]]:
        """Return all lines with their numbers, from 1."""
        return self._once(_lines)

    def logical_lines(self) -> list[tuple[int, str]]:
        """Return the lines without comments (`#`) and empty lines; continued lines are joined.

        A line is continued by a backslash at its end. The number is that of its first line. A
        comment ends a continued line, as in pip.
        """
        return self._once(_logical_lines)

    def line_of(self, text: str) -> int:
        """Return the first line that has this text in quotation marks; 0 if none has.

        Strings with escapes and multi-line strings are not found.
        """
        return self._once(_lines_of_strings).get(text, 0)

    def _once(self, parse: Callable[[str], _Parsed]) -> _Parsed:
        if parse not in self._parsed:
            try:
                self._parsed[parse] = parse(self.text)
            except FormatError as error:
                self._parsed[parse] = error
        found = self._parsed[parse]
        if isinstance(found, FormatError):
            raise FormatError(found.problems)
        return found  # type: ignore[no-any-return]


class LocatedElement(Element):
    """An XML element with its place in the file.

    Attributes:
        line: The number of its line, from 1.
        namespace: The URI of its namespace; empty if it has none.
        start: The offset of its start tag, in bytes of UTF-8 from the root of the file.
        end: The offset of its end tag, or that after the tag if it is both.
    """

    line = 0
    namespace = ""
    start = 0
    end = 0

    @property
    def elements(self) -> list[LocatedElement]:
        """The elements in it."""
        return list(self)  # type: ignore[arg-type]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise refusal("It is no JSON here.", error.lineno) from None
    except (RecursionError, ValueError):  # nested too deeply; a number with too many digits
        raise refusal("It is no JSON that can be read.") from None


def _toml(text: str) -> Mapping[str, Any]:
    for key in _KEY.finditer(text) if _DOTTED.search(text) else ():
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


class _XmlParser(DefusedXMLParser):
    """Notes the line of each element, and drops namespaces."""

    depth = 0

    def _start(self, tag: str, attributes: list[str]) -> LocatedElement:
        self.depth += 1
        if self.depth > MAX_XML_DEPTH:
            message = f"Nested deeper than {MAX_XML_DEPTH} levels."
            raise refusal(message, self.parser.CurrentLineNumber)
        namespace, _, name = tag.rpartition("}")
        element = super()._start(name, attributes)  # type: ignore[misc]
        element.line = self.parser.CurrentLineNumber
        element.namespace = namespace
        element.start = self.parser.CurrentByteIndex
        return element  # type: ignore[no-any-return]

    def _end(self, tag: str) -> LocatedElement:
        self.depth -= 1
        element = super()._end(tag.rpartition("}")[2])  # type: ignore[misc]
        element.end = self.parser.CurrentByteIndex
        return element  # type: ignore[no-any-return]


def _xml(text: str) -> LocatedElement:
    parser = _XmlParser(target=TreeBuilder(element_factory=LocatedElement), forbid_dtd=True)
    try:
        # A declaration names the encoding of the file, which has been decoded.
        parser.feed(text.lstrip())
        return parser.close()  # type: ignore[return-value]
    except ParseError as error:
        raise refusal("It is no XML here.", error.position[0]) from None
    except (DefusedXmlException, ValueError, LookupError):
        raise refusal("It is no XML that is read here: it has a document type.") from None


def _lines(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.split("\n"), start=1))


def _logical_lines(text: str) -> list[tuple[int, str]]:
    return list(_joined(text))


def _joined(text: str) -> Iterator[tuple[int, str]]:
    held: list[str] = []
    began = 0
    for number, raw in enumerate([*text.split("\n"), ""], start=1):
        if not raw and not held:
            continue
        began = began if held else number
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            held.append(raw[:-1])
            continue
        if content := _COMMENT.sub("", " ".join([*held, raw])).strip():
            yield began, content
        held.clear()


def _lines_of_strings(text: str) -> Mapping[str, int]:
    """Return the first line of each string, in one pass: searches would take quadratic time."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _STRING.finditer(line):
            lines.setdefault((found[1] or found[2] or "").strip(), number)
    return lines
