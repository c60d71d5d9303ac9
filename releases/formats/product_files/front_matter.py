"""A safe parser for YAML front matter, with the line of every value.

The C loader of PyYAML composes the nodes. The builder converts them one by one to plain data, so
that errors name lines, and bounds nesting and anchors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

from releases.formats.errors import FormatError, FormatProblem

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml reads the same, more slowly
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_FENCE = re.compile(r"^---[ \t]*\r?\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
# The characters outside YAML 1.1's printable set, except NEL, which some editors leave behind.
_NOT_YAML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_NODES = 100_000
MAX_DEPTH = 20
MAX_NUMBER = 100  # characters; Python refuses to print very long numbers
_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_MERGE = "tag:yaml.org,2002:merge"

Path = tuple[str | int, ...]
Data = Any  # dict, list, str, int, float, bool, date or None, as YAML has them


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The data of a front matter, the line of each value, and the text below the front matter.

    Lines count from 1 in the whole file. The body begins in line `body_line`.
    """

    data: dict[str, Data]
    lines: dict[Path, int]
    body: str
    body_line: int = 1

    def line(self, path: Path) -> int:
        """Return the line of the value at `path`, or of what would contain a missing value."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_front_matter(text: str) -> FrontMatter:
    """Parse the front matter at the beginning of a text.

    Raises `FormatError` if there is none, or if it is not a YAML mapping of plain values.
    """
    opening = _FENCE.match(text)
    if opening is None:
        raise _error(1, "", "The file must begin with a line “---” (YAML front matter).")
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise _error(1, "", "The front matter is not closed by a second line “---”.")
    source = text[opening.end() : closing.start()]
    node = _compose(source)
    if not isinstance(node, yaml.MappingNode):
        raise _error(2, "", "The front matter must be a YAML mapping of keys to values.")
    builder = _Builder()
    data = builder.build(node, ())
    if builder.problems:
        raise FormatError(builder.problems)
    body_line = text.count("\n", 0, closing.end()) + 1
    return FrontMatter(data, builder.lines, text[closing.end() :], body_line)


def path_text(path: Path) -> str:
    """Return a path as text: `releases[3].eol` for `("releases", 3, "eol")`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _ShallowLoader(_Loader):
    """Stops at deep nesting while it reads, where libyaml would overflow the C stack."""

    depth = -1
    nodes = 0

    def descend_resolver(self, current_node: yaml.Node | None, current_index: Any) -> None:
        self.depth += 1
        self.nodes += 1
        if current_node is not None and self.depth > MAX_DEPTH:
            raise _too_deep(current_node)
        if current_node is not None and self.nodes > MAX_NODES:
            raise _too_many(current_node)

    def ascend_resolver(self) -> None:
        self.depth -= 1


def _compose(source: str) -> yaml.Node | None:
    control = _NOT_YAML.search(source)
    if control:
        line = source.count("\n", 0, control.start()) + 2
        raise _error(line, "", "This is not YAML: control characters are not allowed.")
    loader = _ShallowLoader(source)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The line of the fence, and lines that YAML counts from 0.
        line = mark.line + 2 if mark else 0
        reason = ": ".join(filter(None, (error.context, error.problem)))
        raise _error(line, "", f"This is not YAML: {reason}.") from None
    except (yaml.YAMLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "it cannot be read"
        raise _error(0, "", f"This is not YAML: {reason}.") from None
    finally:
        loader.dispose()


class _Builder:
    """Builds plain data from nodes, and collects its lines and problems.

    A node that an anchor repeats is built again wherever it is used, up to the bounds.
    """

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[FormatProblem] = []
        self.nodes = 0
        self.open_nodes: set[int] = set()

    def build(self, node: yaml.Node, path: Path) -> Data:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _too_many(node)
        self._refuse_recursion(node)
        if len(path) > MAX_DEPTH:
            raise _too_deep(node)
        self.lines[path] = line = _line(node)
        if isinstance(node, yaml.ScalarNode):
            try:
                return _scalar(node)
            except ValueError as error:
                self._note(line, path, str(error))
                return None
        self.open_nodes.add(id(node))
        if isinstance(node, yaml.MappingNode):
            data: Data = self._mapping(node, path)
        else:
            data = [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        self.open_nodes.remove(id(node))
        return data

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Data]:
        data: dict[str, Data] = {}
        for key_node, value_node in node.value:
            self._refuse_recursion(key_node)
            line = _line(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(line, path, "A key must be a plain text.")
                continue
            key = key_node.value
            if key_node.tag == _MERGE:
                message = "A merge key (<<) is not read here: write the keys out."
                self._note(line, (*path, key), message)
            elif key in data:
                self._note(line, (*path, key), "This key is there twice.")
            else:
                data[key] = self.build(value_node, (*path, key))
                # A block scalar or list starts below its key; people look for the key.
                self.lines[*path, key] = line
        return data

    def _refuse_recursion(self, node: yaml.Node) -> None:
        if id(node) in self.open_nodes:
            raise _error(_line(node), "", "An anchor contains itself.")

    def _note(self, line: int, path: Path, message: str) -> None:
        self.problems.append(FormatProblem(line, path_text(path), message))


def _scalar(node: yaml.ScalarNode) -> Data:
    text = node.value
    if node.tag == "tag:yaml.org,2002:str":
        return text
    if node.tag == _TIMESTAMP:
        return _timestamp(node, text)
    if node.tag not in _SCALARS:
        raise ValueError(f"The tag “{node.tag[:60]}” is not allowed here.")
    try:
        if len(text) > MAX_NUMBER:
            raise ValueError
        return _construct(node)
    except _UNREADABLE:
        raise ValueError(f"“{text[:40]}” cannot be read.") from None


def _timestamp(node: yaml.ScalarNode, text: str) -> date:
    try:
        value = _construct(node)
    except _UNREADABLE:
        raise ValueError(f"“{text[:40]}” is not a day of the calendar.") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(f"“{text[:40]}” has a time of day; expected a date such as 2028-04-30.")
    return value


def _construct(node: yaml.Node) -> Data:
    """Return the value of a node. A constructor has state, so each value gets a new one."""
    return yaml.constructor.SafeConstructor().construct_document(node)


# PyYAML's constructors raise all of these for a value that contradicts its tag (`!!int ""`).
_UNREADABLE = (ValueError, ArithmeticError, LookupError, AttributeError, yaml.YAMLError)


def _too_many(node: yaml.Node) -> FormatError:
    return _error(_line(node), "", f"More than {MAX_NODES:,} values, anchors included.")


def _too_deep(node: yaml.Node) -> FormatError:
    return _error(_line(node), "", f"Nested deeper than {MAX_DEPTH} levels.")


def _line(node: yaml.Node) -> int:
    """Return the line of a node in its file: YAML counts from 0, below the fence."""
    return int(node.start_mark.line) + 2


def _error(line: int, path: str, message: str) -> FormatError:
    return FormatError([FormatProblem(line, path, message)])
