"""The form of release cycles, whose milestones are one field each."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from releases.admin.editing.conflict_forms import ConflictForm
from releases.admin.fields import MilestoneField, OwnColumnsField
from releases.admin.labels import MILESTONE_LABELS
from releases.domain.lifecycle.milestones import format_milestone
from releases.domain.lifecycle.status import MILESTONES
from releases.models import Product, ReleaseCycle

MILESTONE_HELP = {
    "release": "The first release for everybody. A day to come makes the cycle planned.",
    "lts": "Yes, no, or the day from which it is one.",
    "eoas": "The last day with bug fixes; after it there are security fixes only.",
    "eol": "The last day of ordinary support. No: it is supported, and no end is announced.",
    "eoes": "The last day of extended support. The product says on which terms people get it.",
    "discontinued": "For devices: when it was sold no longer.",
}


class CycleForm(ConflictForm):
    """A release cycle, whole or as a line of its product's form."""

    release = MilestoneField(label=MILESTONE_LABELS["release"], help_text=MILESTONE_HELP["release"])
    lts = MilestoneField(label=MILESTONE_LABELS["lts"], help_text=MILESTONE_HELP["lts"])
    eoas = MilestoneField(label=MILESTONE_LABELS["eoas"], help_text=MILESTONE_HELP["eoas"])
    eol = MilestoneField(label=MILESTONE_LABELS["eol"], help_text=MILESTONE_HELP["eol"])
    eoes = MilestoneField(label=MILESTONE_LABELS["eoes"], help_text=MILESTONE_HELP["eoes"])
    discontinued = MilestoneField(
        label=MILESTONE_LABELS["discontinued"], help_text=MILESTONE_HELP["discontinued"]
    )
    own_columns = OwnColumnsField(
        help_text="One a line, as in <b>supportedPythonVersions: 3.12 - 3.14</b>."
        " The names are those of the product's custom fields."
    )

    class Meta:
        model = ReleaseCycle
        fields = (
            *MILESTONES,
            "own_columns",
            "product",
            "name",
            "codename",
            "label",
            "position",
            "latest",
            "latest_date",
            "link",
            "no_link",
            "unconfirmed",
            "draft",
            "publish_on",
        )
        widgets: ClassVar = {
            "label": forms.TextInput(attrs={"size": 40}),
            "link": forms.TextInput(attrs={"size": 80}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A line has not all of them, and what is not shown is not to be emptied.
        for name in {*MILESTONES, "own_columns"} - set(self._meta.fields or ()):
            del self.fields[name]
        if self.instance.pk is None:
            return
        for name in MILESTONES:
            self.initial.setdefault(name, format_milestone(getattr(self.instance, name)))
        lines = (f"{name}: {value}" for name, value in self.instance.custom.items())
        self.initial.setdefault("own_columns", "\n".join(lines))

    def clean(self) -> dict[str, Any] | None:
        """Puts what stands in one field into the columns that it has in the table."""
        cleaned = super().clean()
        for name in MILESTONES:
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])
        if "own_columns" in self.cleaned_data:
            self._clean_own_columns()
        return cleaned

    def _clean_own_columns(self) -> None:
        values: dict[str, str] = self.cleaned_data["own_columns"]
        product: Product | None = self.cleaned_data.get("product") or getattr(
            self.instance, "product", None
        )
        known = set(self.instance.custom)
        if product is not None and product.pk:
            known |= set(product.custom_fields.values_list("name", flat=True))
        unknown = sorted(set(values) - known)
        if unknown:
            names = ", ".join(sorted(known)) or "none yet"
            self.add_error(
                "own_columns",
                f"{', '.join(unknown)}: the product has no such custom field (it has {names}).",
            )
        self.instance.custom = values
