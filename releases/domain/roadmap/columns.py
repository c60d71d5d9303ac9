"""The columns of support tables: their order, labels and the places of custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from releases.domain.lifecycle.milestones import MILESTONES, SupportColumn


@dataclass(frozen=True, slots=True)
class Column:
    """The setting of a column for a product; `label` is empty for the default label."""

    shown: bool
    label: str = ""


SUPPORT_COLUMNS: Final[Mapping[str, SupportColumn]] = {
    **{name: spec.column for name, spec in MILESTONES.items() if spec.column},
    "latest": SupportColumn(
        label="Latest", ended_heading="Last patch", shown=True, older_key="releaseColumn"
    ),
}
"""The columns that a product can show, hide or rename, in display order."""


class Display(StrEnum):
    """The place in which a custom field of a product is shown."""

    API_ONLY = "api-only"
    AFTER_RELEASE = "after-release-column"
    BEFORE_LATEST = "before-latest-column"
    AFTER_LATEST = "after-latest-column"
