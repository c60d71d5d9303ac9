"""Form fields of the admin: a milestone, a day, custom columns, a reason."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from releases.domain import limits
from releases.domain.lifecycle.milestones import EXPECTED, MilestoneValue
from releases.domain.lifecycle.written_dates import EXPECTED_DAY, read_day, read_milestone
from releases.formats.liquid import syntax_problem


class MilestoneField(forms.CharField):
    """A milestone in one field: a date, month, quarter or year, yes, no, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"size": 11, "title": f"Expected: {EXPECTED}."})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> MilestoneValue:
        try:
            return read_milestone(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class DayField(forms.DateField):
    """A day: as in ISO 8601, or as pages print it. Ambiguous numbers are refused."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"size": 11, "autocomplete": "off", "title": f"Expected: {EXPECTED_DAY}."}
        widget = forms.DateInput(attrs=attributes, format="%Y-%m-%d")
        super().__init__(**kwargs | {"widget": widget})

    def to_python(self, value: Any) -> date | None:
        text = str(value or "").strip()
        try:
            return read_day(text) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from None


FIELD_OVERRIDES: Final[dict[Any, Any]] = {
    models.DateField: {"form_class": DayField},
    models.URLField: {"assume_scheme": "https"},
}
"""The `formfield_overrides` of all admins and inlines."""


class OwnColumnsField(forms.CharField):
    """The values of a product's custom columns, one `name: value` per line."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "cols": 60})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> dict[str, str]:
        values: dict[str, str] = {}
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            name, colon, text = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not (name and colon and text):
                raise ValidationError(f"Line {number} is “{line}”; expected name: value.")
            if len(text) > limits.LINE:
                raise ValidationError(f"Line {number} has more than {limits.LINE} characters.")
            values[name] = text
        return values


def validate_template(text: str) -> None:
    """Raise `ValidationError` if a label or link cannot be rendered, whatever its values are."""
    if problem := syntax_problem(text):
        raise ValidationError(problem)


class ReasonField(forms.CharField):
    """The reason of a change. It is not a value of the row, so entering one changes nothing."""

    def __init__(self) -> None:
        widget = forms.TextInput(attrs={"size": 60, "autocomplete": "off"})
        super().__init__(
            label="Reason",
            max_length=limits.REASON,
            required=False,
            widget=widget,
            help_text="Why; it is kept in the history.",
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ReasonForm(forms.Form):
    """A form that asks for a reason, perhaps with fields before it."""

    reason = ReasonField()
