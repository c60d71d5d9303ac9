"""The history in the words of the forms: changes, the effects of a plan, and problems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst

from releases.admin.labels import label_of
from releases.domain.history.differences import Difference, Facts, changed_part, differences
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.models import Product, ReleaseCycle
from releases.selectors.history.records import OWN_COLUMN, Key, Names, facts_name
from releases.services.history.plan import Unreverted, Why
from releases.services.history.write import RevertProblem

_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field with its values before and after a change, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row with the fields that change.

    `fate` is a word for an added or deleted row, whose fields have a value on one side only.
    """

    title: str
    fate: str
    fields: tuple[FieldLine, ...]


def row_lines(
    rows: Iterable[tuple[Key, Facts | None, Facts | None]],
    names: Names,
    *,
    added: str,
    deleted: str,
) -> list[RowLine]:
    """Return the lines of rows.

    Args:
        rows: The key of each row, with its facts before and after; None where there is no row.
        names: The names of the rows that facts refer to.
        added: The fate of a row without facts before.
        deleted: The fate of a row without facts after.
    """
    lines = []
    for key, before, after in rows:
        fate = added if before is None else deleted if after is None else ""
        changed = differences(before, after)
        if fate:
            changed = tuple(each for each in changed if _is_value(each))
        fields = (_field_line(key[0], each, names) for each in changed)
        differing = tuple(field for field in fields if field.before != field.after)
        lines.append(RowLine(_title(key, after or before or {}), fate, differing))
    return lines


def unchanged_line(kept: Unreverted, names: Names) -> str:
    """Return a row or field that a plan leaves unchanged, with the reason, as a sentence."""
    title = _title(kept.key, kept.facts)
    if kept.change is None:
        return f"{title} {kept.why}."
    field = _field_line(kept.key[0], kept.change, names)
    if kept.why is Why.MISSING:
        return f"{title}, {field.label}: {kept.why}."
    return f"{title}, {field.label}: {kept.why}, from {field.before} to {field.after}."


def problem_line(problem: RevertProblem) -> str:
    """Return the reason why a row cannot be restored."""
    label = f", {_label(problem.key[0], problem.field)}" if problem.field else ""
    return f"{_title(problem.key, problem.facts)}{label}: {problem.message}"


def _title(key: Key, facts: Facts) -> str:
    """Return the kind and the name of a row, as in "Release cycle 5.2"."""
    return f"{capfirst(key[0]._meta.verbose_name)} {facts_name(key[0], facts)}"


def _label(model: type[Model], field: str) -> str:
    if field.startswith(OWN_COLUMN):
        return f"Own column {field.removeprefix(OWN_COLUMN)}"
    if model in (Product, ReleaseCycle):
        return label_of(model, field)
    return capfirst(str(getattr(model._meta.get_field(field), "verbose_name", field)))


def _is_value(each: Difference) -> bool:
    """Return True for the values of an added or deleted row, without its owners."""
    return bool(each.before or each.after) and each.field not in ("product", "cycle")


def _field_line(model: type[Model], each: Difference, names: Names) -> FieldLine:
    sides = (_words(model, each.field, value, names) for value in (each.before, each.after))
    before, after = changed_part(*sides)
    return FieldLine(_label(model, each.field), before or _NOTHING, after or _NOTHING)


def _words(model: type[Model], field: str, value: Any, names: Names) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(sorted(names.of(field, key) for key in value))
        case date():
            return str(PartialDate(value))
        case int() if field in names.by_field:
            return names.of(field, value)
        case str() if not field.startswith(OWN_COLUMN) and field not in MILESTONES:
            choices = dict(getattr(model._meta.get_field(field), "flatchoices", ()))
            return str(choices.get(value, value))
    return str(value)
