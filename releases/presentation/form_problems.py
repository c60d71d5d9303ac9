"""The errors of a form and its formsets, with the label and the id of each field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm

REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class FormProblem:
    """An error of a field.

    Attributes:
        label: The label of the field, after that of its row.
        field: Its id on the page; empty for an error of a whole form.
        text: The message.
        code: The code of the error, as `required`.
    """

    label: str
    field: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class FieldClash:
    """A field that two editors changed at the same time.

    Attributes:
        name: The name of its input.
        label: Its label, after that of its row.
        field: Its id on the page.
        opened: Its text when the form was opened.
        theirs: The text that the other editor saved.
        mine: The text that this editor typed.
        by: The other editor.
        when: The moment of their change, as text.
    """

    name: str
    label: str
    field: str
    opened: str
    theirs: str
    mine: str
    by: str
    when: str


def form_problems(form: BaseForm, formsets: Iterable[Any]) -> list[FormProblem]:
    """Return the errors of a form and of its formsets. Rows that are deleted have none."""
    return list(_all(form, formsets))


def form_clashes(form: BaseForm, formsets: Iterable[Any]) -> list[FieldClash]:
    """Return the conflicts with other editors, of a form and of its formsets."""
    forms = [form, *(each for formset in formsets for each in formset.forms)]
    return [clash for each in forms for clash in getattr(each, "clashes", {}).values()]


def is_deleted(form: Any) -> bool:
    """Return True for the form of a row that saving deletes."""
    return bool(getattr(form, "cleaned_data", {}).get("DELETE"))


def _all(form: BaseForm, formsets: Iterable[Any]) -> Iterator[FormProblem]:
    yield from _of_form(form)
    for formset in formsets:
        kind = str(formset.model._meta.verbose_name).capitalize()
        for error in formset.non_form_errors().as_data() if formset.is_bound else ():
            yield from _of_error(kind, "", error)
        for number, each in enumerate(formset.forms, start=1):
            if not is_deleted(each):
                yield from _of_form(each, f"{kind} {each.instance or number}")


def _of_form(form: BaseForm, title: str = "") -> Iterator[FormProblem]:
    # Rows that the user may only view have a plain, empty dict of errors.
    found = form.errors.as_data() if form.errors else {}
    for name in (NON_FIELD_ERRORS, *form.fields):
        errors = found.get(name, ())
        field = form[name] if name in form.fields else None
        if name == NON_FIELD_ERRORS and getattr(form, "clashes", {}):
            continue  # they have a list of their own
        label = ", ".join(filter(None, (title, str(field.label) if field else "")))
        for error in errors:
            yield from _of_error(label, field.auto_id if field else "", error)


def _of_error(label: str, field: str, error: ValidationError) -> Iterator[FormProblem]:
    for text in error.messages:
        yield FormProblem(label, field, text, error.code or "")
