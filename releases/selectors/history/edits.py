"""Edits of a row since a user loaded it, field by field."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, Model, OuterRef, Subquery

from releases.domain.lifecycle.milestones import MILESTONES, format_milestone
from releases.models import Product, Tag
from releases.selectors.history.records import past, tags_of

NEWEST: Final = "newest_edit"
"""The attribute of a row with the key of its newest history record."""

OWN_COLUMNS: Final = "own_columns"
_KEY: Final = re.compile(r"[0-9]{1,18}")
_MILESTONE_COLUMNS: Final = {
    f"{name}_{part}": name for name in MILESTONES for part in ("date", "flag", "precision")
}


@dataclass(frozen=True, slots=True)
class Edit:
    """An edited field: its values as text before and after, the last editor and the time."""

    name: str
    before: str
    after: str
    by: str
    at: datetime


def newest_edits(model: Any) -> Subquery:
    """Return the key of each row's newest record, or None, for `annotate(newest_edit=...)`."""
    rows = past(model).filter(id=OuterRef("pk"))
    return Subquery(rows.order_by("-history_id").values("history_id")[:1])


def newest_edit(row: Model) -> int | None:
    """Return the key of a row's newest record, or None, in 1 query (0 if it was annotated)."""
    if not hasattr(row, NEWEST):
        rows = past(type(row)).filter(id=row.pk).order_by("-history_id")
        setattr(row, NEWEST, rows.values_list("history_id", flat=True).first())
    newest: int | None = getattr(row, NEWEST)
    return newest


def last_record(model: Any, pk: str) -> Any:
    """Return the newest record of a row that may be deleted, or None, in 1 query."""
    if not _KEY.fullmatch(pk):
        return None
    rows = past(model).filter(id=pk).select_related("history_user")
    return rows.order_by("-history_id").first()


def records_since(model: Any, seen: Mapping[int, int]) -> Mapping[int, Sequence[Any]]:
    """Return the records of rows since the one that was loaded, the oldest first, in 1 query.

    In 2 queries for products, whose tags are included.

    Args:
        model: The table of the rows.
        seen: The key of the loaded record, inclusive, by the primary key of the row. Rows
            without such a record are left out.
    """
    if not seen:
        return {}
    records = past(model).filter(id__in=seen, history_id__gte=min(seen.values()))
    records = list(records.select_related("history_user").order_by("history_id"))
    tags = tags_of(record.history_id for record in records) if model is Product else {}
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for record in records:
        record.tags_then = tags.get(record.history_id, ())
        if record.history_id >= seen[record.id]:
            found[record.id].append(record)
    return {pk: rows for pk, rows in found.items() if rows[0].history_id == seen[pk]}


def edits_in(records: Iterable[Any]) -> list[Edit]:
    """Return the differences between the first and the last of the records of a row.

    Rows that a field refers to have their present names, read in 1 query each.
    """
    edits: dict[str, Edit] = {}
    for old, new in pairwise(records):
        before, after = values_of(old), values_of(new)
        for name in (name for name in after if before[name] != after[name]):
            first = edits[name].before if name in edits else _text(old, name, before[name])
            text = _text(new, name, after[name])
            edits[name] = Edit(name, first, text, editor_of(new), new.history_date)
    return [edit for edit in edits.values() if edit.before != edit.after]


def editor_of(record: Any) -> str:
    """Return the user who wrote a record, or else its reason, such as `import of django.md`."""
    if record.history_user is not None:
        return str(record.history_user.get_username())
    return record.history_change_reason or "an unknown user"


def values_of(record: Any) -> dict[str, Any]:
    """Return the values of a record by the names of form fields. A milestone is one text."""
    values: dict[str, Any] = {}
    for field in record.tracked_fields:
        if field.name in _MILESTONE_COLUMNS:
            name = _MILESTONE_COLUMNS[field.name]
            values[name] = format_milestone(getattr(record, name))
        elif field.name == "custom":
            values[OWN_COLUMNS] = record.custom
        elif field.editable and not field.primary_key:
            values[field.name] = getattr(record, field.attname)
    if record.instance_type is Product:
        values["tags"] = record.tags_then
    return values


def _text(record: Any, name: str, value: Any) -> str:
    if name == "tags":
        return ", ".join(Tag.objects.filter(pk__in=value).values_list("name", flat=True))
    if name == OWN_COLUMNS:
        return "; ".join(f"{key}: {text}" for key, text in value.items())
    if name not in MILESTONES and isinstance(record._meta.get_field(name), ForeignKey):
        with suppress(ObjectDoesNotExist):
            return str(getattr(record, name) or "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
