"""A kind of stack files: its names, its parser, and how its content is recognised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from releases.formats.errors import FormatError
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content

_PROGRAMS: Final = frozenset({".c", ".go", ".js", ".php", ".py", ".rb", ".rs", ".sh", ".ts"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of files.

    Attributes:
        name: What people call it: “Gemfile.lock”.
        files: Lower-case glob patterns for the end of a path. `*` stands for any characters but
            a slash: `gemfile.lock`, `.github/workflows/*.yml`, `*.tf`.
        read: The parser. It raises `FormatError` if the file is not of this kind.
        finds: What is found, for the documentation.
        recognise: Returns True if a content without a name is of this kind. It must be strict,
            and may raise `FormatError` for False. None if only the name tells the kind.
    """

    name: str
    files: tuple[str, ...]
    read: Callable[[Content], Stack]
    finds: str
    recognise: Callable[[Content], bool] | None = None

    @property
    def example(self) -> str:
        """A name of this kind, in lower case; empty if only the content tells the kind."""
        return self.files[0].replace("*", "stack") if self.files else ""

    def is_called(self, name: str) -> bool:
        """Return True if a path has a name of this kind."""
        return has_name(name, self.files)

    def recognises(self, content: Content) -> bool:
        """Return True if the content is of this kind."""
        try:
            return self.recognise is not None and self.recognise(content)
        except FormatError:
            return False


def has_name(path: str, patterns: tuple[str, ...]) -> bool:
    """Return True if the end of a path matches one of the patterns."""
    if not path or "\x00" in path:
        return False
    given = PurePosixPath(path.replace("\\", "/"))
    lowered = PurePosixPath(str(given).lower())
    # dockerfile.go is a program that is about Dockerfiles; Dockerfile.go is one, for a program.
    is_program = given.suffix in _PROGRAMS and given.name == lowered.name
    return any(
        lowered.match(pattern) for pattern in patterns if not (is_program and pattern.endswith("*"))
    )
