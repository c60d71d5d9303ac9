"""Form fields of the admin: a milestone, a day, custom columns, a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from releases.domain import limits
from releases.domain.lifecycle.milestones import EXPECTED, MilestoneValue
from releases.domain.lifecycle.written_dates import EXPECTED_DAY, read_day, read_milestone
from releases.formats.liquid import syntax_problem
from releases.models import CustomField


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
    models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple(attrs={"class": "choices"})},
    models.URLField: {"assume_scheme": "https", "widget": forms.URLInput},
}
"""The `formfield_overrides` of all admins and inlines."""


class OwnColumnsWidget(forms.Widget):
    """An input for each custom field of a product. Its value is a dict of texts by name.

    `columns` returns the custom fields. It is called when the widget is rendered. `row` is the
    title of the row for labels, where a page has several rows.
    """

    row = ""

    columns: Callable[[], Iterable[CustomField]] = staticmethod(lambda: ())

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        values: dict[str, str] = value or {}
        known = {column.name: column for column in self.columns()}
        names = [*known, *(each for each in values if each not in known)]
        inputs = [(each, known.get(each), values.get(each, "")) for each in names]
        context: dict[str, Any] = {"name": name, "id": (attrs or {}).get("id", "")}
        context |= {"inputs": inputs, "limit": limits.LINE, "row": self.row}
        return render_to_string("admin/releases/_own_columns.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        start = f"{name}-"
        return {key.removeprefix(start): data[key] for key in data if key.startswith(start)}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not self.value_from_datadict(data, files, name)


class OwnColumnsField(forms.Field):
    """The values of a product's custom fields, an input each. Empty ones are left out."""

    widget = OwnColumnsWidget
    text = forms.CharField(
        max_length=limits.LINE,
        required=False,
        validators=[RegexValidator(r"[\r\n]", "Expected one line.", inverse_match=True)],
    )

    def clean(self, value: Any) -> dict[str, str]:
        values, problems = {}, []
        for name, text in (value or {}).items():
            try:
                values[name] = self.text.clean(text)
            except ValidationError as error:
                problems += [f"{name}: {each}" for each in error.messages]
        if problems:
            raise ValidationError(problems)
        return values

    def has_changed(self, initial: Any, data: Any) -> bool:
        saved = initial or {}
        return any(saved.get(name, "") != text.strip() for name, text in (data or {}).items())


def validate_template(text: str) -> None:
    """Raise `ValidationError` if a label or link cannot be rendered, whatever its values are."""
    if problem := syntax_problem(text):
        raise ValidationError(problem)


class ReasonField(forms.CharField):
    """The reason of a change. It is not a value of the row, so entering one changes nothing."""

    def __init__(self) -> None:
        attributes = {"autocomplete": "off", "placeholder": "Why? Kept in the history"}
        widget = forms.TextInput(attrs=attributes)
        super().__init__(
            label="Reason",
            max_length=limits.REASON,
            required=False,
            widget=widget,
            help_text="Kept in the history.",
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ReasonForm(forms.Form):
    """A form that asks for a reason, perhaps with fields before it."""

    reason = ReasonField()
