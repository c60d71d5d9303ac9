"""The components of a stack file, with the limits on their number and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from packaging.utils import canonicalize_name

from releases.domain import limits
from releases.domain.identifiers import build_purl
from releases.domain.lifecycle.words import one_line
from releases.domain.policy import Policy
from releases.domain.ranges import Range
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack.content import Content
from releases.formats.stack.limits import LIMITS
from releases.formats.stack.refusals import refusal
from releases.formats.stack.values import quoted

MAX_PROBLEMS: Final = 50
"""Maximum number of problems; a file with more of them is of another kind and is rejected."""
MAX_LISTED_PROBLEMS: Final = 5
"""Maximum number of problems listed when a file is rejected."""


@dataclass(frozen=True, slots=True)
class Component:
    """A component of a stack.

    Attributes:
        name: The name in the file.
        version: The pinned version; empty if the file pins none.
        purl: The package URL without a version, as in the catalogue; empty if there is none.
        lines: The line numbers, from 1; empty for a file whose line numbers are not known.
        moving: True if the version is a prefix that means its newest release, such as the tag of an
            image; False for a single release.
        wanted: The version range that the file asks for, if it pins no version.
        cpes: CPE names, for a component whose package URL is not in the catalogue or missing.
    """

    name: str
    version: str
    purl: str
    lines: tuple[int, ...] = ()
    moving: bool = False
    wanted: Range | None = None
    cpes: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """The first line number; 0 if it is not known."""
        return self.lines[0] if self.lines else 0

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class _Key(NamedTuple):
    """The values in which components differ."""

    identity: str
    version: str
    moving: bool
    wanted: Range | None


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file whose components belong to a stack, as a stack.yaml names it.

    Attributes:
        path: Its path, relative to the folder of the stack.yaml and inside it.
        line: The line that names it.
        part: The name of the part; empty if it has none.
    """

    path: str
    line: int = 0
    part: str = ""


@dataclass(slots=True)
class Stack:
    """A parsed stack file: its kind, its components in order, and its problems."""

    kind: str
    problems: list[FormatProblem] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)
    files: list[FileReference] = field(default_factory=list)
    part_names: dict[int, str] = field(default_factory=dict)
    """The names of parts of a stack.yaml by their lines."""
    bill: Content | None = field(default=None, compare=False, repr=False)
    """The content of a CycloneDX file, to which dates can be added."""
    _found: dict[_Key, tuple[Component, dict[int, None]]] = field(default_factory=dict)
    _named: int = 0

    @property
    def components(self) -> list[Component]:
        """The distinct components with all their lines.

        A component without a version is left out if it is pinned elsewhere.
        """
        pinned = {key.identity for key in self._found if key.version}
        return [
            Component(
                each.name,
                each.version,
                each.purl,
                tuple(lines),
                each.moving,
                each.wanted,
                each.cpes,
            )
            for key, (each, lines) in self._found.items()
            if key.version or key.identity not in pinned
        ]

    def add(
        self,
        name: str,
        version: str,
        purl: str,
        line: int = 0,
        *,
        moving: bool = False,
        wanted: Range | None = None,
        cpes: tuple[str, ...] = (),
    ) -> None:
        """Add a component.

        A range that allows one version only is that version.

        Raises:
            FormatError: There are too many components. Duplicates count, because they cost time,
                too.
        """
        if wanted and not version:
            version = wanted.exact
        name, version = one_line(name), one_line(version)
        if not name or len(name) > limits.LABEL or len(version) > limits.NAME:
            self.problem(f"“{quoted(f'{name} {version}')}” is no name and version.", line)
            return
        self._named += 1
        if self._named > LIMITS.components:
            raise refusal(f"It has more than {LIMITS.components:,} components.", line)
        key = _Key(purl or "".join(cpes[:1]) or name, version, moving, None if version else wanted)
        component = Component(name, version, purl, (), moving, key.wanted, cpes)
        _, lines = self._found.setdefault(key, (component, {}))
        if line:
            lines[line] = None

    def add_python(
        self,
        name: str,
        version: str = "",
        line: int = 0,
        *,
        moving: bool = False,
        wanted: Range | None = None,
    ) -> None:
        """Add a package of PyPI. Raises `FormatError`, as `add` does."""
        purl = build_purl("pypi", canonicalize_name(name))
        self.add(name, version, purl, line, moving=moving, wanted=wanted)

    def add_named(
        self,
        product: str,
        version: str,
        line: int = 0,
        *,
        moving: bool = True,
        wanted: Range | None = None,
    ) -> None:
        """Add software itself by the name of a product in the catalogue: `python`, `ubuntu`.

        Raises `FormatError`, as `add` does.
        """
        purl = build_purl("generic", product)
        self.add(product, version, purl, line, moving=moving, wanted=wanted)

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
