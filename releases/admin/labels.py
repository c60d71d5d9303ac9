"""Labels of fields and texts of values, the same on every page of the admin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.text import capfirst

from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.roadmap.columns import SUPPORT_COLUMNS

NOTHING: Final = "–"
"""The text of an empty value."""

_LABELS: Final = (
    {name: spec.form_label for name, spec in MILESTONES.items()}
    | {f"{name}_label": f"Label of “{each.label}”" for name, each in SUPPORT_COLUMNS.items()}
    | {
        "tags": "Tags",
        "aliases": "Aliases",
        "identifiers": "Identifiers",
        "main_identifier": "Main identifier",
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
