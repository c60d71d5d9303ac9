"""The limits of a stack file, which the settings of the site replace when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class StackLimits:
    """The maximum size of a file in bytes, and its maximum number of components."""

    file_bytes: int = 10_000_000
    components: int = 20_000

    def __str__(self) -> str:
        return f"{self.megabytes} MB and {self.components:,} components at most"

    @property
    def megabytes(self) -> int:
        """The maximum size of a file in MB, rounded down."""
        return self.file_bytes // 1_000_000


LIMITS: Final = StackLimits()
