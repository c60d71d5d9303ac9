"""The lines of the keys of a JSON or TOML file, whose parsers do not keep them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Final

_KEY: Final = re.compile(r'"([^"\\\n]*)"\s*:')
_OBJECT: Final = re.compile(r'"([^"\\\n]*)"\s*:\s*\{')
_NAME: Final = re.compile(r'"name"\s*:\s*"([^"\\\n]*)"')
_TABLE: Final = re.compile(r"^[ \t]*\[\[[ \t]*(packages?)[ \t]*\]\]", re.MULTILINE)
_TOML_KEY: Final = re.compile(
    r"^[ \t]*(?:\[{1,2}[ \t]*)?[\"']?([\w./:@-]+?)[\"']?[ \t]*(?:\]{1,2}|=)", re.MULTILINE
)


class KeyLines:
    """The lines of keys by name. One pass over the text finds all of them."""

    def __init__(self, text: str, pattern: re.Pattern[str] = _KEY) -> None:
        self._lines: Mapping[str, list[int]] = _positions(text, pattern)

    @classmethod
    def of_names(cls, text: str) -> KeyLines:
        """Return the lines of the values of keys `"name"` in a JSON file, by value."""
        return cls(text, _NAME)

    @classmethod
    def of_objects(cls, text: str) -> KeyLines:
        """Return the lines of the keys of a JSON file whose values are objects."""
        return cls(text, _OBJECT)

    @classmethod
    def of_toml(cls, text: str) -> KeyLines:
        """Return the lines of keys and tables at the beginning of lines of a TOML file."""
        return cls(text, _TOML_KEY)

    def line(self, *path: str) -> int:
        """Return the line of the last key of a path; 0 if it is not found.

        Each key is searched for after the one before it. A key that is missing is skipped.
        """
        line = 0
        for key in [".".join(path)] if ".".join(path) in self._lines else path:
            found = self._lines.get(key, [])
            # Keys may share a line with the one before.
            place = bisect_right(found, line - 1)
            line = found[place] if place < len(found) else line
        return line


def lines_of_packages(text: str, table: str = "package") -> Iterator[int]:
    """Yield the lines of the headers `[[package]]` of a lock file in TOML, and zeros after them.

    Args:
        text: The text of the file.
        table: The name of the tables: `package` or `packages`.
    """
    return chain(_positions(text, _TABLE).get(table, ()), repeat(0))


def _positions(text: str, pattern: re.Pattern[str]) -> Mapping[str, list[int]]:
    lines: defaultdict[str, list[int]] = defaultdict(list)
    line, end = 1, 0
    for found in pattern.finditer(text):
        line += text.count("\n", end, found.start(1))
        end = found.start(1)
        lines[found[1]].append(line)
    return lines
