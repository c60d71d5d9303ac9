"""Parsers for stack files: requirements, lock files, bills of materials, Dockerfiles and others.

A file is what its name says. Without a name, or with one that says nothing, its content decides:
exactly one kind must recognise it. Anything else is refused with a question, because a wrong answer
is worse than none. Nothing in a file is fetched or executed.

`kinds/` has a module for each kind; its `__init__` is the registry. Limits on bytes and components
(`component.py`) bound the cost of a file.
"""

from __future__ import annotations

import re
from typing import Final

from releases.formats.stack.component import (
    Component,
    FileReference,
    Stack,
)
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind, has_name
from releases.formats.stack.kinds import KINDS, NOT_READ
from releases.formats.stack.limits import LIMITS
from releases.formats.stack.refusals import refusal

__all__ = [
    "LIMITS",
    "Component",
    "FileReference",
    "Stack",
    "find_stack",
    "is_stack_name",
    "read_stack",
]

_TABLE: Final = re.compile(r"\A(?:\s|#.*)*+\[{1,2}[\w.\"' -]+\]{1,2}[ \t]*(?:#.*)?$", re.MULTILINE)
_VERSIONS: Final = re.compile(r"(?:v?\d[\w.+-]{0,50}+(?:\s++|\Z))++")
_QUESTION: Final = "What is the file called? Give its name, such as requirements.txt."


def read_stack(raw: bytes | str, name: str = "") -> Stack:
    """Parse a stack file and return its components.

    Parts that cannot be parsed are the `problems` of the result.

    Args:
        raw: The content.
        name: The path or name of the file; empty if it is unknown.

    Raises:
        FormatError: The file is too large, is no text, is of no supported kind, its kind is not
            clear, or more of it could not be read than could.
    """
    stack = find_stack(raw, name)
    if not (stack.components or stack.files or stack.policy.waivers):
        raise stack.refused("It names no packages or images.")
    return stack


def find_stack(raw: bytes | str, name: str = "") -> Stack:
    """Parse a stack file as `read_stack` does; a file without components is no error.

    Many files of a project name none, such as a `pyproject.toml` with settings of tools.
    """
    if len(raw) > LIMITS.file_bytes:
        raise refusal(f"It is larger than {LIMITS.megabytes} MB.")
    content = Content.decode(raw, name)
    stack = kind_of(content).read(content)
    if len(stack.problems) > len(stack.components):
        raise stack.refused("It could not be read: it has more mistakes than components.")
    return stack


def kind_of(content: Content) -> Kind:
    """Return the kind of a file by its name, else by its content.

    Raises:
        FormatError: The kind is not read, is not known, or is not clear.
    """
    if kind := kind_of_name(content.name):
        return kind
    recognised = [kind for kind in KINDS if kind.recognises(content)]
    if len(recognised) == 1:
        return recognised[0]
    if recognised:
        names = " or ".join(kind.name for kind in recognised)
        raise refusal(f"It may be {names}. {_QUESTION}")
    raise _unknown(content)


def is_stack_name(name: str) -> bool:
    """Return True if a name or path stands for a kind that is read."""
    return any(kind.is_called(name) for kind in KINDS)


def kind_of_name(name: str) -> Kind | None:
    """Return the kind that a name or path stands for; None if it stands for none.

    Raises:
        FormatError: Files of this name are not read.
    """
    if kind := next((kind for kind in KINDS if kind.is_called(name)), None):
        return kind
    for files, sentence in NOT_READ:
        if has_name(name, files):
            raise refusal(sentence)
    return None


def _unknown(content: Content) -> Exception:
    """Return the error for a content that no kind recognises: where it is broken, or a question."""
    start = content.text.lstrip()
    if start.startswith(("{", "[\n", "[{")):
        content.json()  # a mistake in it is named first
        return refusal(f"It is JSON of a kind that is not known. {_QUESTION}")
    if _TABLE.search(content.text):
        content.toml()
    if _VERSIONS.fullmatch(start):
        return refusal(f"It is only a version. Of what? {_QUESTION}")
    return refusal(f"Its kind is not known. {_QUESTION}")
