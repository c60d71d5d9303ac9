"""Ranges of versions in the notation of a package manager."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """A range of versions: `Range("npm", "^18 || ^20")`.

    Attributes:
        scheme: The notation: pypi, npm, gem, composer, maven, nuget, cargo, golang, terraform or
            generic.
        text: The range as the file has it.
    """

    scheme: str
    text: str

    @property
    def exact(self) -> str:
        """The only version that is in the range; empty if it allows several."""
        return ""
