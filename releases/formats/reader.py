"""Typed access to the values of a front matter; what is wrong is noted with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from releases.domain import limits, names
from releases.formats.errors import Problem
from releases.formats.front_matter import FrontMatter, Path, path_text
from releases.formats.web_address import valid_address

# A template may hold spaces and quotes between its braces; its result is checked when rendered.
_TEMPLATE = re.compile(r"(?:https?://|\{[{%])[^\x00-\x1f]*\Z", re.IGNORECASE)

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass
class Reader:
    """Typed access to the values of a front matter; what is wrong is noted, never raised."""

    source: FrontMatter
    problems: list[Problem]
    older_names: Mapping[str, str] = field(default_factory=dict)

    def place(self, path: Path, message: str) -> Problem:
        """A problem at `path`, under the name that the file uses for it."""
        if path and path[0] not in self.source.data:
            path = (self.older_names.get(str(path[0]), path[0]), *path[1:])
        return Problem(self.source.line(path), path_text(path), message)

    def note(self, path: Path, message: str) -> None:
        self.problems.append(self.place(path, message))

    def text(self, data: Mapping[str, Any], path: Path, limit: int = limits.LINE) -> str:
        """The text at the last part of `path` in `data`; empty where there is none."""
        value = data.get(str(path[-1]))
        if value is None:
            return ""
        if not isinstance(value, str):
            self.note(path, f"Expected a text, found {kind_of(value)}; put it in quotes.")
            return ""
        return self.checked(value, path, limit)

    def checked(self, value: str, path: Path, limit: int) -> str:
        if len(value) > limit:
            self.note(path, f"The text has {len(value):,} characters; at most {limit:,} fit.")
        elif not storable(value):
            self.note(path, "The text has control characters.")
        else:
            return value
        return ""

    def address(self, data: Mapping[str, Any], path: Path) -> str:
        value = self.text(data, path, limits.URL).strip()
        if value and not valid_address(value):
            self.note(path, f"“{value[:60]}” is not a web address (https://...).")
            return ""
        return value

    def template(self, data: Mapping[str, Any], path: Path) -> str:
        value = self.text(data, path, limits.URL).strip()
        if value and not _TEMPLATE.match(value):
            self.note(path, f"“{value[:60]}” is not a web address (https://...).")
            return ""
        return value

    def name(
        self, value: str, path: Path, problem_of: Callable[[str], str] = names.bad_name
    ) -> str:
        """`value` if it is empty or a good name."""
        if value and (problem := problem_of(value)):
            self.note(path, problem)
            return ""
        return value

    def number(self, data: Mapping[str, Any], path: Path) -> int | None:
        value = data.get(str(path[-1]))
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1_000_000:
            self.note(path, f"Expected a whole number, found {kind_of(value)}.")
            return None
        return value

    def flag(self, data: Mapping[str, Any], path: Path) -> bool:
        """The yes or no at the last part of `path` in `data`; no where there is none."""
        value = data.get(str(path[-1]))
        if value is not None and not isinstance(value, bool):
            self.note(path, f"Expected true or false, found {kind_of(value)}.")
        return value is True

    def day(self, data: Mapping[str, Any], path: Path) -> date | None:
        value = data.get(str(path[-1]))
        if value is None or isinstance(value, date):
            return value
        self.note(path, f"Expected a date such as 2028-04-30, found {kind_of(value)}.")
        return None

    def items(
        self, data: Mapping[str, Any], path: Path, most: int = limits.ITEMS
    ) -> Iterator[tuple[Path, Any]]:
        """The entries of a list with their paths; nothing where there is no list."""
        value = data.get(str(path[-1]))
        if value is None:
            return
        if not isinstance(value, list):
            self.note(path, f"Expected a list, found {kind_of(value)}.")
        elif len(value) > most:
            self.note(path, f"The list has {len(value):,} entries; at most {most:,} fit.")
        else:
            for index, item in enumerate(value):
                yield (*path, index), item

    def mappings(
        self, data: Mapping[str, Any], path: Path, most: int = limits.ITEMS
    ) -> Iterator[tuple[Path, dict[str, Any]]]:
        for place, item in self.items(data, path, most):
            if isinstance(item, dict):
                yield place, item
            else:
                self.note(place, f"Expected keys and values, found {kind_of(item)}.")


def storable(text: str) -> bool:
    """Whether any database takes the text: no control characters but tab and line ends."""
    return CONTROL.search(text) is None


def kind_of(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case date():
            return f"the date {value}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text “{value[:40]}”"
        case list():
            return "a list"
        case dict():
            return "keys and values"
    return "nothing"
