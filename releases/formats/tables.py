"""Tables for spreadsheets."""

from __future__ import annotations

from typing import Final

from releases.domain.milestones import MilestoneValue, format_milestone

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def cell(value: str | MilestoneValue) -> str:
    """A cell of a table, which no spreadsheet takes for a formula."""
    text = value if isinstance(value, str) else format_milestone(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
