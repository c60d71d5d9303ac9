"""What a stack is made of, as a file names it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from packaging.utils import canonicalize_name

from releases.domain import limits
from releases.domain.identifiers import build_purl
from releases.domain.lifecycle.words import one_line
from releases.formats.errors import FormatError, FormatProblem

MOST_BYTES: Final = 1_000_000
MOST_COMPONENTS: Final = 5_000
MOST_PROBLEMS: Final = 50
"""A file with more mistakes than this is refused: it is of another kind."""
PROBLEMS_NAMED: Final = 5
"""So many of them are named where a file is refused."""
LETTERS_QUOTED: Final = 80


class Pin(NamedTuple):
    """A version that a file asks for, empty if it asks for none. `moving` as of a `Component`."""

    version: str = ""
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    """A component of a stack: `purl` is its package URL without a version, as catalogues have
    it (empty: it has none); `version` is empty where the file does not pin one; `line` is where it
    stands (from 1), or 0 in a file whose lines tell nothing. `moving` is True if the version names
    the newest release that begins so, as the tag of an image does, and False for one release."""

    name: str
    version: str
    purl: str
    line: int = 0
    moving: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(slots=True)
class Stack:
    """A file that was read: what kind it is of, its components in order, and what in it could not
    be read."""

    kind: str
    problems: list[FormatProblem] = field(default_factory=list)
    _found: dict[tuple[str, str, bool], Component] = field(default_factory=dict)
    _named: int = 0

    @property
    def components(self) -> list[Component]:
        """Each of them once; what is pinned at one place is not listed without a version, too."""
        pinned = {key for key, version, _ in self._found if version}
        return [
            each for (key, version, _), each in self._found.items() if version or key not in pinned
        ]

    def add(
        self, name: str, version: str, purl: str, line: int = 0, *, moving: bool = False
    ) -> None:
        """Adds a component; raises `FormatError` where there are too many, the same ones counted
        again: what a file costs goes by what it names."""
        name, version = one_line(name), one_line(version)
        if not name or len(name) > limits.LABEL or len(version) > limits.NAME:
            self.problem(f"“{quoted(f'{name} {version}')}” is no name and version.", line)
            return
        self._named += 1
        if self._named > MOST_COMPONENTS:
            raise refusal(f"It has more than {MOST_COMPONENTS:,} components.", line)
        component = Component(name, version, purl, line, moving)
        self._found.setdefault((purl or name, version, moving), component)

    def add_python(self, name: str, pin: Pin, line: int = 0) -> None:
        """A package of PyPI."""
        purl = build_purl("pypi", canonicalize_name(name))
        self.add(name, pin.version, purl, line, moving=pin.moving)

    def problem(self, message: str, line: int = 0, path: str = "") -> None:
        """Notes what cannot be read; raises `FormatError` where there is too much of it."""
        self.problems.append(FormatProblem(line, path, message))
        if len(self.problems) > MOST_PROBLEMS:
            raise self.refused(f"It has more than {MOST_PROBLEMS} mistakes.")

    def refused(self, message: str) -> FormatError:
        """The error to raise where nothing is made of the file: the first problems, and why."""
        whole = FormatProblem(0, "", f"{message} It was read as {self.kind}.")
        return FormatError([whole, *self.problems[:PROBLEMS_NAMED]])


def refusal(message: str, line: int = 0) -> FormatError:
    return FormatError([FormatProblem(line, "", message)])


def text_of(value: Any) -> str:
    """A value of a parsed file as a text; what is none counts as missing."""
    return value.strip() if isinstance(value, str) else ""


def quoted(text: str) -> str:
    """A text to quote in a sentence, at no length."""
    line = one_line(text)
    return line if len(line) <= LETTERS_QUOTED else f"{line[:LETTERS_QUOTED]}…"
