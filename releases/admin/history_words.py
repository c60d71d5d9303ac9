"""The history in the words of the forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst

from releases.admin.forms import MILESTONE_LABELS
from releases.admin.labels import label_of
from releases.domain.history.differences import Difference, Facts, changed_part, differences
from releases.domain.lifecycle.milestones import PartialDate
from releases.models import Product, ReleaseCycle
from releases.selectors.history.records import OWN_COLUMN, Key, Names, RowChange, facts_name
from releases.services.history import RevertEffect, RevertProblem, Unreverted, Why

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field, and what it says on both sides, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row, and what becomes of it: empty where only fields change. `fields` of a whole row have
    its values on one side."""

    title: str
    fate: str
    fields: tuple[FieldLine, ...]


def change_lines(rows: tuple[RowChange, ...], names: Names) -> list[RowLine]:
    """What a change made of each row."""
    lines = []
    for row in rows:
        fate = "added" if row.before is None else "deleted" if row.after is None else ""
        lines.append(_row_line(row.key, row.before, row.after, fate, names))
    return [line for line in lines if line.fate or line.fields]


def effect_lines(effects: tuple[RevertEffect, ...], names: Names) -> list[RowLine]:
    """What a plan would make of each row."""
    lines = []
    for effect in effects:
        fate = "comes back" if effect.now is None else "goes" if effect.then is None else ""
        lines.append(_row_line(effect.key, effect.now, effect.then, fate, names))
    return lines


def kept_line(kept: Unreverted, names: Names) -> str:
    """What stays as it is, and why, in a sentence."""
    title = title_of(kept.key, kept.facts)
    if kept.change is None:
        return f"{title} {kept.why}."
    field = _field_line(kept.key[0], kept.change, names)
    if kept.why is Why.MISSING:
        return f"{title}, {field.label}: {kept.why}."
    return f"{title}, {field.label}: {kept.why}, from {field.before} to {field.after}."


def problem_line(problem: RevertProblem) -> str:
    """Why a row cannot be as it was."""
    label = f", {_label(problem.key[0], problem.field)}" if problem.field else ""
    return f"{title_of(problem.key, problem.facts)}{label}: {problem.message}"


def title_of(key: Key, facts: Facts) -> str:
    """What a row is, and what it is called: Release cycle 5.2."""
    return f"{capfirst(key[0]._meta.verbose_name)} {facts_name(key[0], facts)}"


def _label(model: type[Model], field: str) -> str:
    if field.startswith(OWN_COLUMN):
        return f"Own column {field.removeprefix(OWN_COLUMN)}"
    if model in (Product, ReleaseCycle):
        return label_of(model, field)
    return capfirst(str(getattr(model._meta.get_field(field), "verbose_name", field)))


def _row_line(
    key: Key, before: Facts | None, after: Facts | None, fate: str, names: Names
) -> RowLine:
    changed = differences(before, after)
    if fate:
        changed = tuple(each for each in changed if _worth_telling(each))
    lines = (_field_line(key[0], each, names) for each in changed)
    fields = tuple(line for line in lines if line.before != line.after)
    return RowLine(title_of(key, after or before or {}), fate, fields)


def _worth_telling(each: Difference) -> bool:
    """Of a row that was added or deleted: what it says, but for what it belongs to."""
    return bool(each.before or each.after) and each.field not in ("product", "cycle")


def _field_line(model: type[Model], each: Difference, names: Names) -> FieldLine:
    sides = (_words(model, each.field, value, names) for value in (each.before, each.after))
    before, after = changed_part(*sides)
    return FieldLine(_label(model, each.field), before or NOTHING, after or NOTHING)


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
        case str() if not field.startswith(OWN_COLUMN) and field not in MILESTONE_LABELS:
            choices = dict(getattr(model._meta.get_field(field), "flatchoices", ()))
            return str(choices.get(value, value))
    return str(value)
