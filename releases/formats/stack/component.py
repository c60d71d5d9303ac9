"""The components of a stack file, with the limits on their number and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from packaging.utils import canonicalize_name

from releases.domain import limits
from releases.domain.identifiers import build_purl
from releases.domain.lifecycle.words import one_line
from releases.formats.errors import FormatError, FormatProblem

MAX_BYTES: Final = 1_000_000
MAX_COMPONENTS: Final = 5_000
MAX_PROBLEMS: Final = 50
"""Maximum number of problems; a file with more of them is of another kind and is rejected."""
MAX_LISTED_PROBLEMS: Final = 5
"""Maximum number of problems listed when a file is rejected."""
MAX_QUOTED_LENGTH: Final = 80


class Pin(NamedTuple):
    """A required version, empty if there is none. `moving` is as in `Component`."""

    version: str = ""
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    """A component of a stack.

    Attributes:
        name: The name in the file.
        version: The pinned version; empty if the file pins none.
        purl: The package URL without a version, as in the catalogue; empty if there is none.
        line: The line number, from 1; 0 for a file whose line numbers are not known.
        moving: True if the version is a prefix that means its newest release, such as the tag of an
            image; False for a single release.
    """

    name: str
    version: str
    purl: str
    line: int = 0
    moving: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(slots=True)
class Stack:
    """A parsed stack file: its kind, its components in order, and its problems."""

    kind: str
    problems: list[FormatProblem] = field(default_factory=list)
    _found: dict[tuple[str, str, bool], Component] = field(default_factory=dict)
    _named: int = 0

    @property
    def components(self) -> list[Component]:
        """The distinct components.

        A component without a version is left out if it is pinned elsewhere.
        """
        pinned = {key for key, version, _ in self._found if version}
        return [
            each for (key, version, _), each in self._found.items() if version or key not in pinned
        ]

    def add(
        self, name: str, version: str, purl: str, line: int = 0, *, moving: bool = False
    ) -> None:
        """Add a component.

        Raises:
            FormatError: There are too many components. Duplicates count, because they cost time,
                too.
        """
        name, version = one_line(name), one_line(version)
        if not name or len(name) > limits.LABEL or len(version) > limits.NAME:
            self.problem(f"“{quoted(f'{name} {version}')}” is no name and version.", line)
            return
        self._named += 1
        if self._named > MAX_COMPONENTS:
            raise refusal(f"It has more than {MAX_COMPONENTS:,} components.", line)
        component = Component(name, version, purl, line, moving)
        self._found.setdefault((purl or name, version, moving), component)

    def add_python(self, name: str, pin: Pin, line: int = 0) -> None:
        """Add a package of PyPI."""
        purl = build_purl("pypi", canonicalize_name(name))
        self.add(name, pin.version, purl, line, moving=pin.moving)

    def problem(self, message: str, line: int = 0, path: str = "") -> None:
        """Record a part that cannot be parsed.

        Raises:
            FormatError: There are too many problems.
        """
        self.problems.append(FormatProblem(line, path, message))
        if len(self.problems) > MAX_PROBLEMS:
            raise self.refused(f"It has more than {MAX_PROBLEMS} mistakes.")

    def refused(self, message: str) -> FormatError:
        """Return the error for a rejected file: the reason and the first problems."""
        whole = FormatProblem(0, "", f"{message} It was read as {self.kind}.")
        return FormatError([whole, *self.problems[:MAX_LISTED_PROBLEMS]])


def refusal(message: str, line: int = 0) -> FormatError:
    """Return the error for a rejected file; `line` is 0 for the whole file."""
    return FormatError([FormatProblem(line, "", message)])


def text_of(value: Any) -> str:
    """Return a value of a parsed file as text; empty if it is no text."""
    return value.strip() if isinstance(value, str) else ""


def quoted(text: str) -> str:
    """Return a text on one line and truncated, to quote it in a sentence."""
    line = one_line(text)
    return line if len(line) <= MAX_QUOTED_LENGTH else f"{line[:MAX_QUOTED_LENGTH]}…"
