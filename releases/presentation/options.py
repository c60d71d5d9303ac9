"""Options of form fields and links."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a form field or a link; `chosen` is True if it is selected."""

    value: str
    word: str
    chosen: bool = False

    @property
    def icon(self) -> str:
        """The icon of a status in the sprite."""
        return f"s-{self.value}"
