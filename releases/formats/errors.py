"""The errors that every parser raises or collects, with the line and the field path."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormatProblem:
    """One problem in a file or in another text that was received.

    `line` counts from 1 and is 0 for the whole file. `path` names the field, such as
    `releases[3].eol`, and is empty for the whole file. `message` is a sentence.
    """

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = ": ".join(filter(None, (f"line {self.line}" if self.line else "", self.path)))
        return f"{place}: {self.message}" if place else self.message


class FormatError(Exception):
    """Raised for a text that cannot be used. `problems` has at least one entry."""

    def __init__(self, problems: list[FormatProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems
