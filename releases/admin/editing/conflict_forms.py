"""Forms that detect edits by others since they were opened (optimistic locking per field).

A form has the key of the newest history record of its row. If there is a newer record on save,
fields that this editor did not touch take their present values. If a touched field differs, the
form is rejected with the other edit; saving it again overwrites that. A form without a key is
rejected once. Forms are read while other writers are locked out (`Revision.wait`), so saves are
sequential. Columns without a history (`checked_on`, `position`) are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet
from django.forms.utils import pretty_name
from django.http import QueryDict
from django.utils.text import capfirst

from releases.admin.labels import NOTHING, moment_text
from releases.domain.history.differences import changed_part
from releases.presentation.form_problems import FieldClash
from releases.selectors.history.edits import (
    Edit,
    editor_of,
    edits_in,
    newest_edit,
    records_since,
    values_of,
)
from releases.selectors.history.records import as_row

SEEN: Final = "seen"
MAX_TEXT: Final = 200
"""Maximum number of characters shown of a value that was typed."""
KEY: Final = re.compile(r"[0-9]{1,18}")
"""The key of a row in form data."""
_UNKNOWN: Final = (
    "Not saved: this was changed after the form was opened, but the changes are unknown. What you"
    " typed is still here; saving again puts all of it in place of what is there now."
)


class SeenField(forms.IntegerField):
    """The key of the newest history record that the editor of a row has seen."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ConflictForm(forms.ModelForm):
    """The form of a row with history, checked for edits by others."""

    data: Any  # django-stubs declare it as immutable
    seen = SeenField()
    clashes: Mapping[str, FieldClash] = {}
    """The fields that another editor changed, too, by name."""
    refusal = ""
    """The reason to reject the form, whatever it contains."""
    owner: Any = None
    """The row that owns the row of an inline form; it may not be saved yet."""
    records: Sequence[Any] | None = None
    """The history records since `seen`, if the formset has read them for all its forms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial[SEEN] = newest_edit(self.instance)

    def full_clean(self) -> None:
        self._accept_theirs()
        problems = [self.refusal] if self.refusal else []
        if self.is_bound and not self.instance._state.adding:
            problems += self.problems
        super().full_clean()
        if problems and not self.deleting:  # errors of deleted forms are added by the formset
            self.add_error(None, problems)

    @cached_property
    def seen_key(self) -> int:
        """The key in the field `seen`, or 0."""
        return _number(self[SEEN].data)

    @property
    def deleting(self) -> bool:
        """True if the form is ticked to be deleted."""
        return "DELETE" in self.fields and bool(self["DELETE"].data)

    @cached_property
    def problems(self) -> list[str]:
        """The messages about edits by others that prevent saving.

        Edits of fields that this editor did not touch are copied into the form instead.
        """
        newest = self.initial[SEEN]
        if (newest or 0) == self.seen_key:
            return []
        if not self.deleting and not self.has_changed():
            return []
        records = self._records_since()
        self.data = self.data.copy()
        self._put(SEEN, newest)
        if not records:
            return [_UNKNOWN]
        touched = self._copy_untouched(records[0])
        edits = edits_in(records)
        differs = touched & set(self.changed_data)  # both may have made the same change
        both = [] if self.deleting else [edit for edit in edits if edit.name in differs]
        self.clashes = {edit.name: self._clash(edit) for edit in both}
        told = bool(edits) and (bool(touched) or self.deleting)
        return list(self._messages(both or edits, touched)) if told else []

    def _accept_theirs(self) -> None:
        """Copy present values into the fields for which the editor chose the other value."""
        names = [name for name in self.fields if self._choice(name) == "theirs"]
        if names:
            self.data = self.data.copy()
        for name in names:
            self._put(name, self[name].initial)

    def _choice(self, name: str) -> str:
        return self.data.get(f"keep-{self.add_prefix(name)}", "") if self.is_bound else ""

    def _clash(self, edit: Edit) -> FieldClash:
        row = f"{capfirst(self.instance._meta.verbose_name)} {self.instance}, "
        before, after = changed_part(edit.before, edit.after)
        return FieldClash(
            name=self.add_prefix(edit.name),
            label=(row if self.prefix else "") + self._label(edit.name),
            field=self[edit.name].auto_id,
            opened=before or NOTHING,
            theirs=after or NOTHING,
            mine=self._typed(edit.name) or NOTHING,
            by=edit.by,
            when=f"{moment_text(edit.at)} UTC",
        )

    def _typed(self, name: str) -> str:
        """Return what the editor typed or chose, as text."""
        try:
            value = self.fields[name].clean(self[name].data)
        except ValidationError:
            value = None
        if isinstance(value, QuerySet):
            return ", ".join(map(str, value))
        if isinstance(value, dict):
            return "; ".join(f"{key}: {text}" for key, text in value.items())
        if isinstance(self.fields[name], forms.BooleanField):
            return "yes" if value else "no"
        return str(value if isinstance(value, Model) else self[name].data or "")[:MAX_TEXT]

    def _records_since(self) -> Sequence[Any]:
        if self.records is not None:
            return self.records
        pk = self.instance.pk
        return records_since(type(self.instance), {pk: self.seen_key}).get(pk, ())

    def touched_since(self, loaded: Any) -> Mapping[str, bool]:
        """Return for each field of the row if its value differs from a history record."""
        row = as_row(loaded)
        row._state.adding = True  # so that the form reads no history of the row
        then = type(self)(self.data, instance=row, initial=_tags(loaded), prefix=self.prefix)
        # Fields that a formset adds, and the reason of a change, are not fields of the row.
        names = values_of(loaded).keys() & then.fields.keys()
        return {name: name in then.changed_data for name in names}

    def _copy_untouched(self, loaded: Any) -> set[str]:
        """Copy present values into the fields that were not touched. Return the other fields."""
        touched = self.touched_since(loaded)
        for name in touched:
            if not touched[name]:
                self._put(name, self[name].initial)
        self.__dict__.pop("changed_data", None)  # it was computed from the former data
        return {name for name in touched if touched[name]}

    def _put(self, name: str, value: Any) -> None:
        """Set the data of a field as if a browser had sent a value."""
        key, field = self.add_prefix(name), self.fields[name]
        value = field.prepare_value(value)
        if isinstance(value, date):
            value = field.widget.format_value(value)
        if isinstance(value, dict):  # own columns: an input each
            sent = field.widget.value_from_datadict(self.data, self.files, key)
            for column in sent | value:
                self.data[f"{key}-{column}"] = value.get(column, "")
        elif isinstance(value, (list, tuple)):
            self.data.setlist(key, [str(each) for each in value])
        elif value is None or value is False:
            self.data.pop(key, None)
        else:
            self.data[key] = "on" if value is True else str(value)

    def _messages(self, edits: Sequence[Edit], touched: set[str]) -> Iterator[str]:
        """Yield what others changed, field by field, and what saving again would do."""
        who = " and ".join(dict.fromkeys(edit.by for edit in edits))
        again = "Deleting it again deletes that, too" if self.deleting else _AGAIN
        row = f"the {self.instance._meta.verbose_name} “{self.instance}”"
        yield f"Not saved: {who} changed {row} while you had it open. {again}:"
        for edit in edits:
            before, after = changed_part(edit.before, edit.after)
            line = (
                f"{self._label(edit.name)}: from {_quoted(before)} to {_quoted(after)},"
                f" by {edit.by}, {moment_text(edit.at)} UTC."
            )
            if edit.name in touched:
                line += " You typed something else."
            yield line

    def _label(self, name: str) -> str:
        field = self.base_fields.get(name)  # inline forms do not show all of them
        label = field.label if field else self.instance._meta.get_field(name).verbose_name
        return capfirst(str(label or pretty_name(name)))


class ConflictFormSet(BaseInlineFormSet):
    """The inline forms of rows with history, each checked for edits by others.

    A row that another editor deleted stays deleted if its form was not touched. If it was touched,
    the form is refused with its values, as the form of a new row behind the others.
    """

    data: Any
    model: Any
    fk: Any
    form: Any
    prefix: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusals: dict[int, str] = {}
        if self.is_bound:
            self._move_deleted_rows()

    def clean(self) -> None:
        """Refuse to delete rows that others changed. Forms of deleted rows need not be valid."""
        super().clean()
        forms: list[Any] = self.forms
        problems = [text for form in forms if form.deleting for text in form.problems]
        if problems:
            raise ValidationError(problems)

    def validate_unique(self) -> None:
        """Report a value that two rows share at its field."""
        seen = set()
        every: list[Any] = self.forms
        for form in every:
            if form.deleting or not hasattr(form, "cleaned_data"):
                continue
            for names in self._unique_fields:
                values = tuple(form.cleaned_data.get(name) for name in names)
                if (names, values) in seen and all(values):
                    kinds = str(form.instance._meta.verbose_name_plural).removeprefix("release ")
                    text = " ".join(map(str, values))
                    form.add_error(names[0], f"There are two {kinds} called {text}.")
                seen.add((names, values))

    @cached_property
    def _unique_fields(self) -> list[tuple[str, ...]]:
        """The fields, besides the parent, of which no two rows may have the same values."""
        constraints = [each.fields for each in self.model._meta.total_unique_constraints]
        alone = [(each.name,) for each in self.model._meta.fields if each.unique and each.editable]
        sets = [tuple(name for name in each if name != self.fk.name) for each in constraints]
        return [each for each in (*sets, *alone) if set(each) <= self.form.base_fields.keys()]

    def add_fields(self, form: Any, index: int | None) -> None:
        """Label each field for screen readers: cells of a table have no visible label."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Delete when saving"
        row = "" if form.instance._state.adding else str(form.instance)
        for name, field in form.fields.items():
            label = capfirst(str(field.label or name))
            field.widget.attrs.setdefault("aria-label", ", ".join(filter(None, (label, row))))

    def _construct_form(self, i: int, **kwargs: Any) -> ConflictForm:
        form: ConflictForm = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.refusal, form.owner = self.refusals.get(i, ""), self.instance
        if self.is_bound:
            form.records = self._records.get(form.instance.pk, ())
        return form

    @cached_property
    def _here(self) -> Mapping[int, Any]:
        return {row.pk: row for row in self.get_queryset()}

    @cached_property
    def _records(self) -> Mapping[int, Sequence[Any]]:
        """The history records since `seen` of the rows that exist, by key, in 1 query."""
        sent = {pk: seen for pk, seen in self._sent() if pk in self._here}
        changed = {pk: seen for pk, seen in sent.items() if seen != newest_edit(self._here[pk])}
        return records_since(self.model, changed)

    def _sent(self) -> list[tuple[int, int]]:
        """Return the key of each row in the data, and of the record seen of it; 0 for none."""
        count = min(self.initial_form_count(), self.absolute_max)
        names = (self.model._meta.pk.name, SEEN)
        fields = ([f"{self.add_prefix(at)}-{name}" for name in names] for at in range(count))
        return [(_number(self.data.get(pk)), _number(self.data.get(seen))) for pk, seen in fields]

    def _move_deleted_rows(self) -> None:
        """Drop the forms of rows that others deleted, or move them behind the others as new."""
        sent = self._sent()
        gone = {at: pair for at, pair in enumerate(sent) if pair[0] and pair[0] not in self._here}
        if not gone:
            return
        past = records_since(self.model, dict(gone.values()))
        why = {at: self._refusal(at, past.get(pk, ())) for at, (pk, _) in gone.items()}
        anew = [at for at in gone if why[at]]
        kept = [at for at in range(len(sent)) if at not in gone]
        others = range(len(sent), self.total_form_count())
        order = [*kept, *others, *anew]
        self.data = self._rearranged(self.data, self.prefix, order, anew=anew, initial=len(kept))
        self.refusals = {order.index(at): why[at] for at in anew}
        del self.management_form  # it was computed from the submitted data

    @classmethod
    def all_anew(cls, data: QueryDict) -> QueryDict:
        """Return the data of a formset whose parent was deleted, with all its forms as new ones."""
        prefix = cls.get_default_prefix()
        count = _number(data.get(f"{prefix}-{TOTAL_FORM_COUNT}"))
        numbers = range(min(count, cls.absolute_max))
        return cls._rearranged(data, prefix, numbers, anew=numbers, initial=0)

    @classmethod
    def _rearranged(
        cls,
        data: QueryDict,
        prefix: str,
        order: Sequence[int],
        *,
        anew: Sequence[int],
        initial: int,
    ) -> QueryDict:
        """Return the data with its forms in another order.

        Args:
            data: What was sent.
            prefix: The prefix of the formset.
            order: The present numbers of the forms, in their new order; others are dropped.
            anew: The present numbers of the forms that become forms of new rows.
            initial: The number of forms of existing rows.
        """
        named = re.compile(rf"{re.escape(prefix)}-(\d+)-(.+)")
        of_a_row = {cls.model._meta.pk.name, cls.fk.name, SEEN, "DELETE"}
        places = {str(number): place for place, number in enumerate(order)}
        new = data.copy()
        sent = [(found, data.getlist(key)) for key in data if (found := named.fullmatch(key))]
        for found, _ in sent:
            del new[found[0]]
        for found, values in sent:
            number, name = found.groups()
            if number in places and not (int(number) in anew and name in of_a_row):
                new.setlist(f"{prefix}-{places[number]}-{name}", values)
        new[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(order))
        new[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(initial)
        return new

    def _refusal(self, at: int, past: Sequence[Any]) -> str:
        """Return the refusal of the form of a deleted row, or an empty text if it is untouched."""
        form = self.form(self.data, prefix=self.add_prefix(at), **self.get_form_kwargs(at))
        if self.data.get(f"{form.prefix}-DELETE"):
            return ""
        if past and not any(form.touched_since(past[0]).values()):
            return ""
        return deleted_text(past[-1] if past else None, self.model._meta.verbose_name)


_AGAIN: Final = "Your changes are still in the form. Saving again overwrites their change"


def deleted_text(last: Any, kind: str) -> str:
    """Return the refusal of a form whose row was deleted, from its last record or None."""
    who = f" by {editor_of(last)}, {moment_text(last.history_date)} UTC" if last else ""
    return (
        f"Not saved: this {kind} was deleted{who}, while you had it open. What you typed is still"
        " here; saving again adds it as a new one."
    )


def with_unix_newlines(data: QueryDict) -> QueryDict:
    """Return form data with LF line ends.

    Browsers send CRLF, so that every text of several lines would seem to be edited.
    """
    plain = data.copy()
    for key, values in data.lists():
        plain.setlist(key, [str(value).replace("\r\n", "\n") for value in values])
    return plain


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "nothing"


def _tags(record: Any) -> dict[str, Any] | None:
    """Return the tags in a record of a product as initial data; its row has the present ones."""
    values = values_of(record)
    return {"tags": values["tags"]} if "tags" in values else None


def _number(text: Any) -> int:
    """Return a key in form data as a number, or 0 if it is none."""
    return int(text) if KEY.fullmatch(str(text)) else 0
