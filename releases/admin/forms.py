"""The forms of products and of release cycles, whose milestones are one field each."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from releases.admin.editing.conflict_forms import ConflictForm
from releases.admin.fields import MilestoneField, OwnColumnsField
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, format_milestone
from releases.models import Product, ReleaseCycle
from releases.web import clock


class ProductForm(ConflictForm):
    """The form of a product. Its dates can have been checked in the past only."""

    def clean_checked_on(self) -> date | None:
        return _not_to_come(self.cleaned_data["checked_on"])

    def clean_rule_checked_on(self) -> date | None:
        return _not_to_come(self.cleaned_data["rule_checked_on"])


def _not_to_come(day: date | None) -> date | None:
    today = clock.today()
    if day is not None and day > today:
        text = f"{PartialDate(day)} is in the future; today is {PartialDate(today)} (UTC)."
        raise ValidationError(text)
    return day


class CycleForm(ConflictForm):
    """The form of a release cycle, on a page of its own or as a line of its product's form."""

    # The namespace of the class: a field for each kind of milestone.
    locals().update(
        {
            name: MilestoneField(label=spec.form_label, help_text=spec.help_text)
            for name, spec in MILESTONES.items()
        }
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
        # An inline form shows only some of these fields, and must not empty the others.
        for name in {*MILESTONES, "own_columns"} - set(self._meta.fields or ()):
            del self.fields[name]
        if self.instance.pk is None:
            return
        for name in MILESTONES:
            self.initial.setdefault(name, format_milestone(getattr(self.instance, name)))
        lines = (f"{name}: {value}" for name, value in self.instance.custom.items())
        self.initial.setdefault("own_columns", "\n".join(lines))

    def clean(self) -> dict[str, Any] | None:
        """Set the columns of the cycle from the fields that stand for several columns."""
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
