"""A safe parser for the YAML of stack files. Every scalar is a text that knows its line.

No value is converted, so that `3.10` stays a version. Tags such as GitLab's `!reference` are
ignored. The size counts what aliases repeat, so that a short file cannot expand to a large one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import yaml

from releases.formats.stack.refusals import refusal

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml reads the same, more slowly
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_NODES: Final = 300_000
"""Maximum number of values, those that aliases repeat included."""
MAX_DEPTH: Final = 100
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE: Final = "<<"


class Located(str):
    """A scalar with the number of its line, from 1."""

    __slots__ = ("line",)
    line: int

    @classmethod
    def at(cls, text: str, line: int) -> Located:
        """Return a scalar."""
        located = cls(text)
        located.line = line
        return located


def documents(text: str) -> list[Any]:
    """Return the documents of a YAML file: dictionaries, lists and `Located` texts.

    An empty or null value is an empty text. Merge keys (`<<`) are resolved. Of a key that occurs
    twice, the last value counts.

    Raises:
        FormatError: The text is no YAML, or is too large or nested too deeply; names the line.
    """
    try:
        return list(_Builder().documents(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise refusal("It is no YAML here.", mark.line + 1 if mark else 0) from None
    except (yaml.YAMLError, ValueError):
        raise refusal("It is no YAML that can be read.") from None


def line_of(value: Any) -> int:
    """Return the line of a scalar; 0 for anything else."""
    return value.line if isinstance(value, Located) else 0


def only_mapping(values: list[Any]) -> dict[str, Any]:
    """Return the document of a file with one document, a mapping; empty for any other file."""
    return values[0] if len(values) == 1 and isinstance(values[0], dict) else {}


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the mappings in a value at any depth, outer ones first, in the order of the file."""
    waiting = [value]
    while waiting:
        outer = waiting.pop()
        if isinstance(outer, dict):
            yield outer
            outer = list(outer.values())
        if isinstance(outer, list):
            waiting += [each for each in reversed(outer) if isinstance(each, dict | list)]


class _Open:
    """A list or mapping whose end has not been read."""

    __slots__ = ("anchor", "began", "is_list", "key", "merged", "value")

    def __init__(self, value: Any, anchor: str | None, began: int) -> None:
        self.value = value
        self.is_list = isinstance(value, list)
        self.anchor = anchor
        self.began = began
        self.key: Any = None
        self.merged: list[Any] = []

    def put(self, value: Any) -> None:
        if self.is_list:
            self.value.append(value)
        elif self.key is None:
            self.key = value if isinstance(value, Located) else Located.at("", 0)
        else:
            if self.key == _MERGE:
                self.merged += value if isinstance(value, list) else [value]
            else:
                self.value[self.key] = value
            self.key = None

    def merge(self) -> None:
        for each in self.merged:
            if isinstance(each, dict):
                for key, value in each.items():
                    self.value.setdefault(key, value)


class _Builder:
    """Builds documents from the events of the parser, without recursion."""

    def __init__(self) -> None:
        self._count = 0
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: list[_Open] = []

    def documents(self, text: str) -> Iterator[Any]:
        self._root: Any = None
        build: Mapping[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.SequenceStartEvent: self._begin,
            yaml.SequenceEndEvent: self._end,
            yaml.MappingStartEvent: self._begin,
            yaml.MappingEndEvent: self._end,
            yaml.AliasEvent: self._alias,
        }
        for event in yaml.parse(text, Loader=_Loader):
            if add := build.get(type(event)):
                add(event)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield self._root
                self._anchors.clear()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            self._counted(0, event)
        text = event.value
        value = Located("" if text in _NULLS and not event.style else text)
        value.line = _line(event)
        if event.anchor:
            self._anchors[event.anchor] = value, 1
        self._put(value)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        began = self._count
        self._counted(1, event)
        if len(self._open) >= MAX_DEPTH:
            raise refusal(f"Nested deeper than {MAX_DEPTH} levels.", _line(event))
        value: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        self._open.append(_Open(value, event.anchor, began))

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        closed = self._open.pop()
        if closed.merged:
            closed.merge()
        if closed.anchor:
            self._anchors[closed.anchor] = closed.value, self._count - closed.began
        self._put(closed.value)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            line = _line(event)
            raise refusal("This alias has no anchor, or contains itself.", line)
        value, size = self._anchors[event.anchor]
        self._counted(size, event)
        self._put(value)

    def _put(self, value: Any) -> None:
        if self._open:
            self._open[-1].put(value)
        else:
            self._root = value

    def _counted(self, number: int, event: yaml.Event) -> None:
        self._count += number
        if self._count > MAX_NODES:
            message = f"More than {MAX_NODES:,} values, aliases included."
            raise refusal(message, _line(event))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0
