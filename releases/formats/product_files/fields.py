"""Typed access to the values of a parsed file. Problems are collected, not raised."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from releases.domain import limits, names
from releases.formats.errors import FormatProblem
from releases.formats.product_files.front_matter import FrontMatter, Path, path_text
from releases.formats.web_address import valid_address

Option = TypeVar("Option", bound=StrEnum)

# A template may hold spaces and quotes between its braces; its result is checked when rendered.
_TEMPLATE = re.compile(r"(?:https?://|\{[{%])[^\x00-\x1f]*\Z", re.IGNORECASE)

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(slots=True)
class ProblemLog:
    """The problems of a file, each with its line.

    `older_names` has the former name of top-level keys: a problem gets the name that the file uses.
    """

    source: FrontMatter
    older_names: Mapping[str, str] = field(default_factory=dict)
    problems: list[FormatProblem] = field(default_factory=list)

    def place(self, path: Path, message: str) -> FormatProblem:
        """Return a problem at `path` without adding it to the log."""
        if path and path[0] not in self.source.data:
            path = (self.older_names.get(str(path[0]), path[0]), *path[1:])
        return FormatProblem(self.source.line(path), path_text(path), message)


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a file and its path; `field["key"]` is the field of a key, present or not.

    The methods return the value in their type. They note a value of another type as a problem, and
    return the empty value of the type for it, as they do for one that is missing or null.
    """

    value: Any
    path: Path
    log: ProblemLog

    def __getitem__(self, key: str) -> Field:
        return Field(self.value.get(key), (*self.path, key), self.log)

    @property
    def line(self) -> int:
        """The line of the value, or of the value that would contain it."""
        return self.log.source.line(self.path)

    def note(self, message: str) -> None:
        """Add a problem at this field to the log."""
        self.log.problems.append(self.log.place(self.path, message))

    def text(self, limit: int = limits.LINE) -> str:
        """Return a text of at most `limit` characters."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            self.note(f"Expected a text, found {kind_of(self.value)}; put it in quotes.")
            return ""
        return self.checked(self.value, limit)

    def checked(self, value: str, limit: int) -> str:
        """Return `value` if it has at most `limit` characters and the database can store it."""
        if len(value) > limit:
            self.note(f"The text has {len(value):,} characters; at most {limit:,} fit.")
        elif not storable(value):
            self.note("The text has control characters.")
        else:
            return value
        return ""

    def address(self) -> str:
        """Return a web address (http or https)."""
        value = self.text(limits.URL).strip()
        return self._address(value, is_valid=valid_address(value))

    def template(self) -> str:
        """Return a web address that may have placeholders and Liquid tags."""
        value = self.text(limits.URL).strip()
        return self._address(value, is_valid=_TEMPLATE.match(value) is not None)

    def _address(self, value: str, *, is_valid: bool) -> str:
        if value and not is_valid:
            self.note(f"“{value[:60]}” is not a web address (https://...).")
            return ""
        return value

    def name(self, problem_of: Callable[[str], str] = names.bad_name) -> str:
        """Return a name; `problem_of` returns what is wrong with one, or an empty string."""
        return self.checked_name(self.text(), problem_of)

    def checked_name(self, value: str, problem_of: Callable[[str], str]) -> str:
        """Return `value` if it is empty or a valid name."""
        if value and (problem := problem_of(value)):
            self.note(problem)
            return ""
        return value

    def choice(self, options: type[Option], default: Option | None = None) -> Option | None:
        """Return one of the options: `default` for an empty value, None for an invalid one."""
        if self.value in (None, "") and default is not None:
            return default
        if self.value in list(options):
            return options(self.value)
        self.note(f"Expected one of {', '.join(filter(None, options))}.")
        return None

    def number(self) -> int | None:
        """Return a whole number from 0 to 999,999."""
        value = self.value
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1_000_000:
            self.note(f"Expected a whole number, found {kind_of(value)}.")
            return None
        return value

    def flag(self) -> bool:
        """Return a boolean, False by default."""
        if self.value is not None and not isinstance(self.value, bool):
            self.note(f"Expected true or false, found {kind_of(self.value)}.")
        return self.value is True

    def day(self) -> date | None:
        """Return a date."""
        if self.value is None or isinstance(self.value, date):
            return self.value
        self.note(f"Expected a date such as 2028-04-30, found {kind_of(self.value)}.")
        return None

    def items(self, limit: int = limits.ITEMS) -> Iterator[Field]:
        """Yield the entries of a list of at most `limit` entries."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.note(f"Expected a list, found {kind_of(self.value)}.")
        elif len(self.value) > limit:
            self.note(f"The list has {len(self.value):,} entries; at most {limit:,} fit.")
        else:
            for index, item in enumerate(self.value):
                yield Field(item, (*self.path, index), self.log)

    def mappings(self, limit: int = limits.ITEMS) -> Iterator[Field]:
        """Yield the entries of a list of mappings."""
        for item in self.items(limit):
            if isinstance(item.value, dict):
                yield item
            else:
                item.note(f"Expected keys and values, found {kind_of(item.value)}.")


def storable(text: str) -> bool:
    """True if every database stores the text: no control characters except tabs and line ends."""
    return CONTROL.search(text) is None


def kind_of(value: object) -> str:
    """Return a value as error messages name it."""
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
