"""Forms that detect edits by others since they were opened (optimistic locking per field).

A form carries the key of the newest history record of its row. If there is a newer record on save,
fields that this editor did not touch take their present values. If a touched field differs, the
form is refused with the other edit, and saving again is a decision. A form without a key is refused
once. Forms are read behind the lock of all writers (`Revision.wait`), so two saves follow each
other. Columns without a history (`checked_on`, `position`) are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import (
    INITIAL_FORM_COUNT,
    TOTAL_FORM_COUNT,
)
from django.forms.models import BaseInlineFormSet
from django.forms.utils import pretty_name
from django.http import QueryDict
from django.utils.text import capfirst

from releases.domain.history.differences import changed_part
from releases.domain.lifecycle.milestones import PartialDate
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
_KEY: Final = re.compile(r"[0-9]{1,18}")
_UNKNOWN: Final = (
    "Not saved: this was changed since the form was opened, and it cannot be told what. What you"
    " typed is still here; saving again puts all of it in place of what is there now."
)


class SeenField(forms.IntegerField):
    """The newest record of a row that its editor has seen."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ConflictForm(forms.ModelForm):
    """The form of a row whose changes are kept."""

    data: Any  # what was sent, as far as anything was
    seen = SeenField()
    refusal = ""
    """Why the form is refused in any case."""
    records: Sequence[Any] | None = None
    """What was written since, where a set of forms has read it for all of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial[SEEN] = newest_edit(self.instance)

    def full_clean(self) -> None:
        problems = [self.refusal] if self.refusal else []
        if self.is_bound and not self.instance._state.adding:
            problems += self.problems
        super().full_clean()
        if problems and not self.deleting:  # else their set of forms says so
            self.add_error(None, problems)

    @cached_property
    def seen_key(self) -> int:
        """The record that this form says it has seen, or 0."""
        return _number(self[SEEN].data)

    @property
    def deleting(self) -> bool:
        """Whether it is ticked to be deleted."""
        return "DELETE" in self.fields and bool(self["DELETE"].data)

    @cached_property
    def problems(self) -> list[str]:
        """What others changed, if that is in the way; none where it was taken over."""
        newest = self.initial[SEEN]
        if (newest or 0) == self.seen_key:
            return []
        if not self.deleting and not any(self._touched(self, self.fields)):
            return []  # it says what is there already
        records = self._records_since()
        self.data = self.data.copy()
        self._put(SEEN, newest)
        if not records:
            return [_UNKNOWN]
        mine = self._take_over(records[0])
        edits = edits_in(records)
        return list(self._told(edits, mine)) if edits and (mine or self.deleting) else []

    def _records_since(self) -> Sequence[Any]:
        if self.records is not None:
            return self.records
        pk = self.instance.pk
        return records_since(type(self.instance), {pk: self.seen_key}).get(pk, ())

    def touched_since(self, loaded: Any) -> Mapping[str, bool]:
        """The names of the fields of the row, and whether they say something else than the record
        that was loaded."""
        row = as_row(loaded)
        row._state.adding = True  # nobody edits it
        then = type(self)(instance=row, initial=_tags(loaded), prefix=self.prefix)
        # What a set of forms adds to a form, or says why something is changed, is none of the row.
        names = values_of(loaded).keys() & then.fields.keys()
        touched = set(self._touched(then, names))
        return {name: name in touched for name in names}

    def _take_over(self, loaded: Any) -> set[str]:
        """Puts what is there now into the fields that were not touched; returns the others."""
        touched = self.touched_since(loaded)
        for name in touched:
            if not touched[name]:
                self._put(name, self[name].initial)
        self.__dict__.pop("changed_data", None)  # it was worked out from what was sent
        return {name for name in touched if touched[name]}

    def _touched(self, then: forms.BaseForm, names: Iterable[str]) -> Iterator[str]:
        """The names of the fields that say something else than those of another form."""
        for name in names:
            if self.fields[name].has_changed(then[name].initial, self[name].data):
                yield name

    def _put(self, name: str, value: Any) -> None:
        """Makes a field say a value, as a browser would send it."""
        key, field = self.add_prefix(name), self.fields[name]
        value = field.prepare_value(value)
        if isinstance(value, date):
            value = field.widget.format_value(value)
        if isinstance(value, (list, tuple)):
            self.data.setlist(key, [str(each) for each in value])
        elif value is None or value is False:
            self.data.pop(key, None)
        else:
            self.data[key] = "on" if value is True else str(value)

    def _told(self, edits: Sequence[Edit], mine: set[str]) -> Iterator[str]:
        """What the others changed, field by field, and what becomes of it."""
        who = " and ".join(dict.fromkeys(edit.by for edit in edits))
        again = "Deleting it again deletes that, too" if self.deleting else _AGAIN
        yield f"Not saved: {who} changed {self._name()} while you had it open. {again}:"
        for edit in edits:
            before, after = changed_part(edit.before, edit.after)
            line = (
                f"{self._label(edit.name)}: from {quoted(before)} to {quoted(after)},"
                f" by {edit.by}, {moment(edit.at)}."
            )
            if edit.name in mine:
                line += " You typed something else."
            yield line

    def _name(self) -> str:
        return f"the {self.instance._meta.verbose_name} “{self.instance}”"

    def _label(self, name: str) -> str:
        field = self.base_fields.get(name)  # of a line, too, that does not show it
        label = field.label if field else self.instance._meta.get_field(name).verbose_name
        return capfirst(str(label or pretty_name(name)))


class ConflictFormSet(BaseInlineFormSet):
    """The forms of the rows that belong to one, each of them checked.

    A row that was deleted since and was not touched here stays deleted. One that was touched is
    refused with what was typed, as a new row behind the others.
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
            self._put_aside_gone()

    def clean(self) -> None:
        """What is to be deleted need not be valid, but nobody may have changed it."""
        super().clean()
        forms: list[Any] = self.forms
        problems = [text for form in forms if form.deleting for text in form.problems]
        if problems:
            raise ValidationError(problems)

    def add_fields(self, form: Any, index: int | None) -> None:
        """A cell of a table has no label that is seen, so that each field says what it is, of
        which row."""
        super().add_fields(form, index)
        row = "" if form.instance._state.adding else str(form.instance)
        for name, field in form.fields.items():
            label = capfirst(str(field.label or name))
            field.widget.attrs.setdefault("aria-label", ", ".join(filter(None, (label, row))))

    def _construct_form(self, i: int, **kwargs: Any) -> ConflictForm:
        form: ConflictForm = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.refusal = self.refusals.get(i, "")
        if self.is_bound:
            form.records = self._records.get(form.instance.pk, ())
        return form

    @cached_property
    def _here(self) -> Mapping[int, Any]:
        return {row.pk: row for row in self.get_queryset()}

    @cached_property
    def _records(self) -> Mapping[int, Sequence[Any]]:
        """What was written since of the rows that are there, in 1 query."""
        sent = {pk: seen for pk, seen in self._sent() if pk in self._here}
        changed = {pk: seen for pk, seen in sent.items() if seen != newest_edit(self._here[pk])}
        return records_since(self.model, changed)

    def _sent(self) -> list[tuple[int, int]]:
        """The keys of the rows that were loaded, with the records that were seen of them; 0 where
        nothing is said."""
        count = min(self.initial_form_count(), self.absolute_max)
        names = (self.model._meta.pk.name, SEEN)
        fields = ([f"{self.add_prefix(at)}-{name}" for name in names] for at in range(count))
        return [(_number(self.data.get(pk)), _number(self.data.get(seen))) for pk, seen in fields]

    def _put_aside_gone(self) -> None:
        sent = self._sent()
        gone = {at: pair for at, pair in enumerate(sent) if pair[0] and pair[0] not in self._here}
        if not gone:
            return
        past = records_since(self.model, dict(gone.values()))
        why = {at: self._why(at, past.get(pk, ())) for at, (pk, _) in gone.items()}
        anew = [at for at in gone if why[at]]
        kept = [at for at in range(len(sent)) if at not in gone]
        others = range(len(sent), self.total_form_count())
        order = [*kept, *others, *anew]
        self.data = self._rearranged(self.data, self.prefix, order, anew=anew, initial=len(kept))
        self.refusals = {order.index(at): why[at] for at in anew}
        del self.management_form  # it was read from what was sent

    @classmethod
    def all_anew(cls, data: QueryDict) -> QueryDict:
        """What was sent, where what the rows belong to is gone, too: all of them as new ones."""
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
        """What was sent, with the forms in another order, some of them as new ones, and others left
        out. `initial` of them are not new."""
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

    def _why(self, at: int, past: Sequence[Any]) -> str:
        """Why the form of a row that is gone is refused; nothing where it was not touched."""
        form = self.form(self.data, prefix=self.add_prefix(at), **self.get_form_kwargs(at))
        if self.data.get(f"{form.prefix}-DELETE"):
            return ""
        if past and not any(form.touched_since(past[0]).values()):
            return ""
        return gone(past[-1] if past else None, self.model._meta.verbose_name)


_AGAIN: Final = (
    "What you typed is still here, beside what is there now; saving again puts it in the place of"
    " that"
)


def gone(last: Any, kind: str) -> str:
    """The refusal of a row that is not there any more, from its last record, if there is one."""
    who = f" by {editor_of(last)}, {moment(last.history_date)}" if last else ""
    return (
        f"Not saved: this {kind} was deleted{who}, while you had it open. What you typed is still"
        " here; saving again adds it as a new one."
    )


def with_plain_lines(data: QueryDict) -> QueryDict:
    """What was sent, with the ends of lines as they are everywhere but in what browsers send: else
    a text of several lines would look edited in every form that is saved."""
    plain = data.copy()
    for key, values in data.lists():
        plain.setlist(key, [str(value).replace("\r\n", "\n") for value in values])
    return plain


def quoted(text: str) -> str:
    return f"“{text}”" if text else "nothing"


def moment(at: datetime) -> str:
    """A moment for people, in UTC."""
    day = at.astimezone(UTC)
    return f"{PartialDate(day.date())}, {day:%H:%M} UTC"


def _tags(record: Any) -> dict[str, Any] | None:
    """Those of a product as they were: its row would tell the present ones."""
    values = values_of(record)
    return {"tags": values["tags"]} if "tags" in values else None


def _number(text: Any) -> int:
    """A key as it is sent; 0, which is none, for what is none."""
    return int(text) if _KEY.fullmatch(str(text)) else 0
