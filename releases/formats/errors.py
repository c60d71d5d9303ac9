"""What is wrong with a text that somebody sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the line (from 1, or 0 for the whole file), the path of the field
    such as `releases[3].eol` (empty for the whole file), and a sentence."""

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = ": ".join(filter(None, (f"line {self.line}" if self.line else "", self.path)))
        return f"{place}: {self.message}" if place else self.message


class FormatError(Exception):
    """A text that cannot be used; `problems` has at least one entry."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems
