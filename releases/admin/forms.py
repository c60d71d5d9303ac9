"""The forms of products and of release cycles, whose milestones are one field each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from releases.admin.editing.conflict_forms import KEY, ConflictForm, ConflictFormSet
from releases.admin.fields import MilestoneField, OwnColumnsField
from releases.domain.identifiers import bad_identifier
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, format_milestone
from releases.models import CustomField, Product, ReleaseCycle
from releases.web import clock

_CUSTOM_FIELD: Final = re.compile(r"custom_fields-\d+-name")


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
    own_columns = OwnColumnsField(required=False)
    new_columns: frozenset[str] | set[str] = frozenset()
    """The names of custom fields that are saved together with the cycle."""

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
            "versions",
            "unconfirmed",
            "draft",
            "publish_on",
        )
        widgets: ClassVar = {
            "label": forms.TextInput(attrs={"size": 40}),
            "link": forms.TextInput(attrs={"size": 80}),
            "versions": forms.TextInput(attrs={"size": 40}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An inline form shows only some of these fields, and must not empty the others.
        for name in {*MILESTONES, "own_columns"} - set(self._meta.fields or ()):
            del self.fields[name]
        if "own_columns" in self.fields:
            self.fields["own_columns"].widget.columns = self._custom_fields
        if self.instance.pk is None:
            return
        for name in MILESTONES:
            self.initial.setdefault(name, format_milestone(getattr(self.instance, name)))
        self.initial.setdefault("own_columns", self.instance.custom)

    def _custom_fields(self) -> Iterable[CustomField]:
        """Return the custom fields of the product that the form has, or will have."""
        key = str(self.instance.product_id or self["product"].value() or "")
        return CustomField.objects.filter(product=int(key)) if KEY.fullmatch(key) else ()

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
        if set(values) - known:
            known |= self.new_columns
        if product is not None and product.pk and set(values) - known:
            known |= set(product.custom_fields.values_list("name", flat=True))
        unknown = sorted(name for name in set(values) - known if values[name])
        if unknown:
            names = ", ".join(sorted(known)) or "none yet"
            self.add_error(
                "own_columns",
                f"{', '.join(unknown)}: the product has no such custom field (it has {names}).",
            )
        # Columns that were not sent keep their values.
        merged = self.instance.custom | values
        self.instance.custom = {name: text for name, text in merged.items() if text}


class IdentifierForm(ConflictForm):
    """The form of an identifier. A source may have one of another form, so that it can stay."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        kind, value = (self.cleaned_data.get(name, "") for name in ("type", "value"))
        if {"type", "value"} & set(self.changed_data) and (text := bad_identifier(kind, value)):
            self.add_error("value", text)
        return cleaned


class IdentifierFormSet(ConflictFormSet):
    """The identifiers in the form of their product."""

    def clean(self) -> None:
        """Reject more than one main identifier."""
        super().clean()
        forms: list[Any] = self.forms
        if sum(not each.deleting and bool(each.cleaned_data.get("main")) for each in forms) > 1:
            raise ValidationError("Only one identifier can be the main one.")


class CycleFormSet(ConflictFormSet):
    """The cycles in the form of their product, which reads its custom fields once."""

    instance: Product

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        widget = form.fields["own_columns"].widget
        widget.columns = lambda: self._custom_fields
        widget.row = "new row" if form.instance._state.adding else str(form.instance)
        form.new_columns = self._new_columns

    @cached_property
    def _custom_fields(self) -> Sequence[CustomField]:
        return list(self.instance.custom_fields.all()) if self.instance.pk else ()

    @cached_property
    def _new_columns(self) -> set[str]:
        """The names of the custom fields that are sent with the cycles."""
        return {text for key, text in self.data.items() if _CUSTOM_FIELD.fullmatch(key)}
