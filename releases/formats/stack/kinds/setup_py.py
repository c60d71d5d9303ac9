"""Parser for setup.py. The program is not run: its literals are read from the syntax tree."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.python_packages import add_required_python, add_requirement
from releases.formats.stack.refusals import refusal

MAX_LENGTH: Final = 200_000
"""Maximum length of a setup.py in characters, as the parser takes time and memory."""
MAX_DEPTH: Final = 20
"""Maximum depth of names and sums that stand for a list."""

_REQUIREMENTS: Final = frozenset({"install_requires", "setup_requires", "tests_require"})
_IMPORT: Final = re.compile(r"^[ \t]*(?:from|import)\s+(?:setuptools|distutils)\b", re.MULTILINE)
_CALL: Final = re.compile(r"^[ \t]*(?:setuptools\.)?setup\s*\(", re.MULTILINE)
_Names = Mapping[str, ast.expr]


def read(content: Content) -> Stack:
    """Parse a setup.py: the requirements, extras and Python versions that are literals.

    Names of the module with a literal value are followed. What the program computes is left out.
    """
    stack = Stack(KIND.name)
    tree = _tree(content.text)
    names = _assigned(tree)
    for keyword in _arguments(tree):
        if keyword.arg == "python_requires":
            for line, text in _texts(keyword.value, names):
                add_required_python(stack, text, line)
        elif keyword.arg in _REQUIREMENTS:
            _add(stack, keyword.value, names)
        elif keyword.arg == "extras_require":
            for value in _values(keyword.value, names):
                _add(stack, value, names)
    return stack


def _tree(text: str) -> ast.Module:
    if len(text) > MAX_LENGTH:
        raise refusal(f"A setup.py may have at most {MAX_LENGTH:,} characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in other people's strings
            return ast.parse(text)
    except SyntaxError as error:
        raise refusal("It is no Python 3 here.", error.lineno or 0) from None
    except (ValueError, RecursionError, MemoryError):
        raise refusal("It is no Python that can be read.") from None


def _assigned(tree: ast.Module) -> _Names:
    """Return the values of the names that the module assigns once."""
    values: dict[str, ast.expr] = {}
    again = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            again |= {name} & values.keys()
            values[name] = node.value
    return {name: value for name, value in values.items() if name not in again}


def _arguments(tree: ast.Module) -> Iterator[ast.keyword]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name == "setup":
                yield from node.keywords


def _texts(node: ast.expr, names: _Names, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the literal texts of a value with their lines."""
    if depth > MAX_DEPTH:
        return
    match node:
        case ast.Constant(value=str(text)):
            yield node.lineno, text
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            for part in parts:
                yield from _texts(part, names, depth + 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _texts(left, names, depth + 1)
            yield from _texts(right, names, depth + 1)
        case ast.Starred(value=value):
            yield from _texts(value, names, depth + 1)
        case ast.Name(id=name) if name in names:
            yield from _texts(names[name], names, depth + 1)
        case _:
            return


def _values(node: ast.expr, names: _Names) -> list[ast.expr]:
    if isinstance(node, ast.Name):
        node = names.get(node.id, node)
    return node.values if isinstance(node, ast.Dict) else []


def _add(stack: Stack, node: ast.expr, names: _Names) -> None:
    for line, text in _texts(node, names):
        for requirement in filter(None, map(str.strip, text.split("\n"))):
            add_requirement(stack, requirement, line)


def _recognise(content: Content) -> bool:
    return bool(_IMPORT.search(content.text) and _CALL.search(content.text))


KIND: Final = Kind(
    name="setup.py",
    files=("setup.py",),
    read=read,
    finds="`python_requires`, requirements and extras that are literals; nothing is run",
    recognise=_recognise,
)
