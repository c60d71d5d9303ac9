"""YAML front matter, read with care: every value with its line, nothing that explodes.

The C loader of PyYAML builds the nodes; values are taken from them one by one, so that an error
can name the line and nothing but plain data can come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import yaml

from releases.formats.errors import FormatError, Problem

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml reads the same, more slowly
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_FENCE = re.compile(r"^---[ \t]*\r?\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
# What YAML 1.1 does not print, but for NEL, which some editors leave behind.
_NOT_YAML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_NODES = 100_000
MAX_DEPTH = 20
MAX_NUMBER = 100  # characters; Python refuses to print endless numbers
_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_MERGE = "tag:yaml.org,2002:merge"

Path = tuple[str | int, ...]
Data = Any  # dict, list, str, int, float, bool, date or None, as YAML has them


class FrontMatter:
    """The data of a front matter, with the line of each value in its file, and the text below it,
    which begins in line `body_line`."""

    def __init__(
        self, data: dict[str, Data], lines: dict[Path, int], body: str, body_line: int = 1
    ) -> None:
        self.data = data
        self.lines = lines
        self.body = body
        self.body_line = body_line

    def line(self, path: Path) -> int:
        """The line of the value at `path`; of what it is in, where it is missing itself."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_front_matter(text: str) -> FrontMatter:
    """Splits a text into its front matter and the body behind it, and reads the former.

    Raises `FormatError` if there is none or it is not a YAML mapping with plain values.
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
    _check_size(node)
    lines: dict[Path, int] = {}
    problems: list[Problem] = []
    data = _build(node, (), lines, problems)
    if problems:
        raise FormatError(problems)
    body_line = text.count("\n", 0, closing.end()) + 1
    return FrontMatter(data, lines, text[closing.end() :], body_line)


def path_text(path: Path) -> str:
    """`("releases", 3, "eol")` as `releases[3].eol`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _ShallowLoader(_Loader):
    """Refuses deep nesting while it reads: libyaml's reader would overflow the stack of C."""

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


def _check_size(root: yaml.Node) -> None:
    """Refuses anchors that contain themselves, or that pile up or multiply into more than anybody
    could mean."""
    measured: dict[int, tuple[int, int]] = {}
    open_nodes: set[int] = set()

    def measure(node: yaml.Node, depth: int) -> tuple[int, int]:
        """How many values there are in a node, itself included, and in how many levels."""
        if id(node) in open_nodes:
            raise _error(node.start_mark.line + 2, "", "An anchor contains itself.")
        if id(node) not in measured:
            open_nodes.add(id(node))
            inner = [measure(child, depth + 1) for child in _children(node)]
            measured[id(node)] = (
                1 + sum(size for size, _ in inner),
                1 + max((levels for _, levels in inner), default=0),
            )
            open_nodes.remove(id(node))
        size, levels = measured[id(node)]
        if depth + levels > MAX_DEPTH + 1:
            raise _too_deep(node)
        if size > MAX_NODES:
            raise _too_many(node)
        return size, levels

    measure(root, 0)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _build(node: yaml.Node, path: Path, lines: dict[Path, int], problems: list[Problem]) -> Data:
    lines[path] = line = node.start_mark.line + 2
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, path, lines, problems)
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(item, (*path, index), lines, problems) for index, item in enumerate(node.value)
        ]
    try:
        return _scalar(node) if isinstance(node, yaml.ScalarNode) else None
    except ValueError as error:
        problems.append(Problem(line, path_text(path), str(error)))
        return None


def _build_mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], problems: list[Problem]
) -> dict[str, Data]:
    data: dict[str, Data] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 2
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if key is None:
            problems.append(Problem(line, path_text(path), "A key must be a plain text."))
        elif key_node.tag == _MERGE:
            message = "A merge key (<<) is not read here: write the keys out."
            problems.append(Problem(line, path_text((*path, key)), message))
        elif key in data:
            problems.append(Problem(line, path_text((*path, key)), "This key is there twice."))
        else:
            data[key] = _build(value_node, (*path, key), lines, problems)
            # A block scalar or list starts below its key; people look for the key.
            lines[(*path, key)] = line
    return data


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
    """The value of a node. A constructor keeps notes while it works, so each value has its own."""
    return yaml.constructor.SafeConstructor().construct_document(node)


# With an explicit tag (`!!int ""`) PyYAML's constructors stumble in many ways.
_UNREADABLE = (ValueError, ArithmeticError, LookupError, AttributeError, yaml.YAMLError)


def _too_many(node: yaml.Node) -> FormatError:
    message = f"More than {MAX_NODES:,} values, anchors included."
    return _error(node.start_mark.line + 2, "", message)


def _too_deep(node: yaml.Node) -> FormatError:
    return _error(node.start_mark.line + 2, "", f"Nested deeper than {MAX_DEPTH} levels.")


def _error(line: int, path: str, message: str) -> FormatError:
    return FormatError([Problem(line, path, message)])
