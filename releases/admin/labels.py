"""Labels of fields and texts of values, the same on every page of the admin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.text import capfirst

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.roadmap.columns import COLUMN_LABELS

MILESTONE_LABELS: Final = {
    "release": "Released",
    "lts": "LTS",
    "eoas": "Active support until",
    "eol": "Security support until",
    "eoes": "Extended support until",
    "discontinued": "Discontinued",
}
NOTHING: Final = "–"
"""The text of an empty value."""

_LABELS: Final = (
    MILESTONE_LABELS
    | {f"{name}_label": f"Label of “{label}”" for name, label in COLUMN_LABELS.items()}
    | {
        "tags": "Tags",
        "aliases": "Aliases",
        "identifiers": "Identifiers",
        "custom_fields": "Custom fields",
        "custom": "Own columns",
        "releases": "Releases",
        "former_names": "Former names",
        "latest_date": "Date of the latest release",
        "link": "Link of the latest release",
        "file_name": "Name of its file",
        "order": "Order of cycles",
        "missing_in_source": "Gone from its source",
        "cycle": "Whole cycle",
    }
)
"""Labels of values without a field in a table, or with one that needs context."""


def label_of(model: type[Model], field: str) -> str:
    """Return the label of a field of products or cycles, or of another value of theirs."""
    if field in _LABELS:
        return _LABELS[field]
    words: Any = model._meta.get_field(field)
    return capfirst(str(words.verbose_name))


def moment_text(moment: datetime) -> str:
    """Return a moment as people read it, in UTC."""
    at = moment.astimezone(UTC)
    return f"{PartialDate(at.date())}, {at:%H:%M}"
