"""What the forms call a field, wherever else the admin names it."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Model
from django.utils.text import capfirst

from releases.admin.forms import MILESTONE_LABELS
from releases.domain.roadmap.columns import COLUMN_LABELS

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
"""Of what is no field of a table, or needs its neighbours in the form to be understood."""


def label_of(model: type[Model], field: str) -> str:
    """The label of a field of products or cycles, or of what else they have."""
    if field in _LABELS:
        return _LABELS[field]
    words: Any = model._meta.get_field(field)
    return capfirst(str(words.verbose_name))
