"""Form fields of the admin: a milestone, custom columns, a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from releases.domain import limits
from releases.domain.lifecycle.milestones import EXPECTED, MilestoneValue, parse_milestone


class MilestoneField(forms.CharField):
    """A milestone in one field: a date, month, quarter or year, yes, no, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"size": 11, "title": f"Expected: {EXPECTED}."})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> MilestoneValue:
        try:
            return parse_milestone(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None


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
