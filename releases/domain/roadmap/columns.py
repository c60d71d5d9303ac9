"""The columns of a support table: which there are, what they are called, where own ones go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """Whether a product shows a column, and under which label (empty: the usual one)."""

    shown: bool
    label: str = ""


COLUMN_LABELS: Final[Mapping[str, str]] = {
    "release": "Released",
    "eoas": "Active Support",
    "eol": "Security Support",
    "eoes": "Extended Support",
    "discontinued": "Discontinued",
    "latest": "Latest",
}
"""The columns that a product can show, hide or rename, in their order, with the usual labels.
Source of the labels: the API of endoflife.date."""

SHOWN_BY_DEFAULT: Final = frozenset({"release", "eol", "latest"})


class Display(StrEnum):
    """Where a custom field of a product is shown."""

    API_ONLY = "api-only"
    AFTER_RELEASE = "after-release-column"
    BEFORE_LATEST = "before-latest-column"
    AFTER_LATEST = "after-latest-column"
