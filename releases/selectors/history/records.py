"""The history of a product, a cycle or an upgrade note with all rows that ever belonged to it.

Returns changes, the state at a moment, and deleted rows. One change is everything that was written
at one moment (`models.history.one_change`). Columns about the source of a product are not edited by
people and are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from releases.domain.history.differences import Facts
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, Precision
from releases.models import (
    Alias,
    Category,
    CustomField,
    CycleAlias,
    CycleIdentifier,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Tag,
    UpgradeNote,
)

HISTORY_TABLES: Final[tuple[type[Model], ...]] = (
    Product,
    CustomField,
    Alias,
    Identifier,
    ReleaseCycle,
    CycleAlias,
    CycleIdentifier,
    Release,
    UpgradeNote,
)
"""The tables that have a history. A table comes after those that its rows belong to."""

OWN_COLUMN: Final = "custom."
"""The prefix of the fields of a cycle that are custom columns of its product."""

CHANGES_A_PAGE: Final = 25

_NO_FACTS: Final = frozenset(
    ("id", "source", "source_address", "missing_in_source", "checked_on", "custom", "precision")
) | {f"{name}_{column}" for name in MILESTONES for column in ("date", "flag", "precision")}

Key = tuple[type[Model], int]
State = dict[Key, Facts]
"""The rows that exist at a moment."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The product, cycle or note whose history is read, with all rows that belong to it."""

    model: type[Model]
    pk: int

    def ids(self) -> dict[type[Model], Any]:
        """Return the primary keys of all rows that ever belonged to it, by table."""
        return _ids_of(self.model, [self.pk])


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row before and after a change; None where it does not exist."""

    key: Key
    before: Facts | None
    after: Facts | None


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """The rows that were written at one moment, in the order of `HISTORY_TABLES`.

    `user` and `reason` may be empty; several reasons are joined.
    """

    at: datetime
    user: str
    reason: str
    rows: tuple[RowChange, ...]


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A deleted row, with the time, the user and the reason of the deletion."""

    key: Key
    name: str
    at: datetime
    user: str
    reason: str


@dataclass(frozen=True, slots=True)
class Names:
    """The names of rows that facts refer to by primary key, by field."""

    by_field: Mapping[str, Mapping[int, str]]

    def of(self, field: str, key: int) -> str:
        return self.by_field[field].get(key, "one that was deleted")


def moments(subject: Subject) -> QuerySet[Any, datetime]:
    """Return the moments of the changes of a subject, the last first."""
    first, *others = (
        past(model).filter(id__in=ids).order_by().values_list("history_date", flat=True)
        for model, ids in subject.ids().items()
    )
    found: QuerySet[Any, datetime] = first.union(*others).order_by("-history_date")
    return found


def last_change(model: type[Model], keys: Collection[int]) -> tuple[datetime | None, str]:
    """Return the moment of the last change of rows or of what belongs to them, and its user.

    In 1 query for each table.
    """
    records = (
        past(table).filter(id__in=ids).select_related("history_user").order_by("-history_date")
        for table, ids in _ids_of(model, keys).items()
    )
    found = [record for each in records if (record := each.first())]
    last = max(found, key=attrgetter("history_date"), default=None)
    return (last.history_date, _user(last)) if last else (None, "")


def changes(subject: Subject, at: Iterable[datetime]) -> list[RecordedChange]:
    """Return the changes at some moments, the last first, in 10 queries for a product."""
    wanted = sorted(at, reverse=True)
    rows = [row for model, ids in subject.ids().items() for row in _rows(model, ids, wanted)]
    tags = tags_of(row.history_id for row in rows if row.instance_type is Product)
    of_each: dict[Key, list[Any]] = defaultdict(list)
    for row in rows:
        of_each[row.instance_type, row.id].append(row)
    found: dict[datetime, list[tuple[RowChange, Any]]] = {moment: [] for moment in wanted}
    for key in sorted(of_each, key=_in_order):
        for moment, before, written in _steps(of_each[key]):
            if moment in found:
                found[moment].append((_row_change(key, before, written, tags), written[-1]))
    return [_change(moment, pairs) for moment, pairs in found.items() if pairs]


def state_at(subject: Subject, moment: datetime) -> State:
    """Return the rows of a subject right after a moment, in 10 queries for a product."""
    rows = [
        row
        for model, ids in subject.ids().items()
        for row in _last_of_each(past(model).filter(id__in=ids, history_date__lte=moment))
        if row.history_type != "-"
    ]
    tags = tags_of(row.history_id for row in rows if row.instance_type is Product)
    return {(row.instance_type, row.id): facts_of(row, tags.get(row.history_id)) for row in rows}


def state_now(subject: Subject) -> State:
    """Return the present rows of a subject, in 10 queries for a product.

    Rows without a history are included.
    """
    found: State = {}
    for model, ids in subject.ids().items():
        rows: Any = model._default_manager.filter(Q(id__in=ids) | _belongs_to(subject, model))
        if model is Product:
            rows = rows.prefetch_related("tags").defer("imported", "file_text")
        for row in rows:
            tags = tuple(sorted(tag.pk for tag in row.tags.all())) if model is Product else None
            found[model, row.pk] = facts_of(row, tags)
    return found


def made_after(subject: Subject, moment: datetime) -> set[Key]:
    """Return the keys of rows that were created after a moment, according to the history."""
    return {
        (model, key)
        for model, ids in subject.ids().items()
        for key in past(model)
        .filter(id__in=ids, history_date__gt=moment, history_type="+")
        .order_by()
        .values_list("id", flat=True)
    }


def last_rows(keys: Iterable[Key]) -> dict[Key, Any]:
    """Return the last record of each row, in 1 query for each table."""
    by_model: dict[type[Model], list[int]] = defaultdict(list)
    for model, key in keys:
        by_model[model].append(key)
    return {
        (model, row.id): row
        for model, ids in by_model.items()
        for row in _last_of_each(past(model).filter(id__in=ids))
    }


def names(facts: Iterable[Facts | None]) -> Names:
    """Return the names of the categories, tags and products that facts refer to, in 3 queries."""
    products: set[Any] = {each["product"] for each in facts if each and "product" in each}
    return Names(
        {
            "category": dict(Category.objects.values_list("pk", "name")),
            "tags": dict(Tag.objects.values_list("pk", "name")),
            "product": dict(
                Product.objects.filter(pk__in=products).order_by().values_list("pk", "label")
            ),
        }
    )


def deleted_products() -> QuerySet[Any]:
    """Return the records of deletions of products that do not exist now, the last first."""
    deleted = past(Product).filter(history_type="-").exclude(id__in=Product.objects.values("pk"))
    last: QuerySet[Any] = _last_of_each(deleted).select_related("history_user")
    return last.order_by("-history_date", "-history_id")


def deleted_rows(subject: Subject) -> list[DeletedRow]:
    """Return the deleted cycles, releases and notes of a subject, the last first.

    In 1 query for each table. Releases of a deleted cycle are restored with it and are left out.
    """
    found = []
    for model, ids in subject.ids().items():
        if model not in (ReleaseCycle, Release, UpgradeNote) or model is subject.model:
            continue
        live = model._default_manager.values("pk")
        rows = past(model).filter(id__in=ids, history_type="-").exclude(id__in=live)
        if model is Release:
            rows = rows.filter(cycle__in=ReleaseCycle.objects.values("pk"))
        found += [deleted_row(row) for row in _last_of_each(rows).select_related("history_user")]
    return sorted(found, key=lambda each: each.at, reverse=True)


def deleted_row(row: Any) -> DeletedRow:
    """Return the deleted row of a deletion record."""
    name = facts_name(row.instance_type, facts_of(row))
    key = (row.instance_type, row.id)
    return DeletedRow(key, name, row.history_date, _user(row), row.history_change_reason or "")


def past(model: type[Model]) -> Any:
    """Return the history manager of a table."""
    return model.history  # type: ignore[attr-defined]


def as_row(row: Any) -> Any:
    """Return an unsaved instance with the values of a record."""
    fields = type(row).tracked_fields
    return row.instance_type(**{each.attname: getattr(row, each.attname) for each in fields})


def tags_of(keys: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return the tags of records of products, by the key of the record."""
    found: dict[int, list[int]] = defaultdict(list)
    tags = past(Product).model.tags.filter(history__in=list(keys)).order_by("tag")
    for row, tag in tags.values_list("history", "tag"):
        found[row].append(tag)
    return {row: tuple(tags) for row, tags in found.items()}


def facts_of(row: Any, tags: tuple[int, ...] | None = None) -> Facts:
    """Return the values of a present row or of a record.

    A milestone is one value, each own column is a field, and a reference is a primary key.
    """
    model: type[Model] = getattr(row, "instance_type", type(row))
    columns = (field.name for field in past(model).model.tracked_fields)
    facts = {name: _plain(row, name) for name in columns if name not in _NO_FACTS}
    if model is ReleaseCycle:
        facts |= {name: getattr(row, name) for name in MILESTONES}
        facts |= {f"{OWN_COLUMN}{name}": value for name, value in row.custom.items()}
    elif model is Release:
        day = row.date
        facts["date"] = PartialDate(day, Precision(row.precision)) if day else None
    elif model is Product:
        facts["tags"] = tags or ()
    return facts


def facts_name(model: type[Model], facts: Facts) -> str:
    """Return the name of a row among the rows of its table."""
    if model in (Identifier, CycleIdentifier):
        return f"{facts['type']}: {facts['value']}"
    names: dict[Any, str] = {Product: "label", Release: "version", UpgradeNote: "title"}
    return str(facts[names.get(model, "name")])


def _ids_of(model: type[Model], keys: Collection[int]) -> dict[type[Model], Any]:
    """Return the primary keys of some rows and of all that ever belonged to them, by table."""
    if model is UpgradeNote:
        return {UpgradeNote: keys}
    if model is ReleaseCycle:
        of_cycle = Q(cycle__in=keys)
        return {
            ReleaseCycle: keys,
            CycleAlias: _ids(CycleAlias, of_cycle),
            CycleIdentifier: _ids(CycleIdentifier, of_cycle),
            Release: _ids(Release, of_cycle),
        }
    own = (CustomField, Alias, Identifier, ReleaseCycle, UpgradeNote)
    found: dict[type[Model], Any] = {each: _ids(each, Q(product__in=keys)) for each in own}
    of_cycles = Q(cycle__in=found[ReleaseCycle])
    return found | {
        Product: keys,
        CycleAlias: _ids(CycleAlias, of_cycles | Q(product__in=keys)),
        CycleIdentifier: _ids(CycleIdentifier, of_cycles),
        Release: _ids(Release, of_cycles),
    }


def _ids(model: type[Model], belonging: Q) -> Any:
    return past(model).filter(belonging).order_by().values("id")


def _belongs_to(subject: Subject, model: type[Model]) -> Q:
    if model is subject.model:
        return Q(pk=subject.pk)
    if subject.model is ReleaseCycle:
        return Q(cycle=subject.pk)
    if model in (CycleIdentifier, Release):
        return Q(cycle__product=subject.pk)
    if model is CycleAlias:
        return Q(cycle__product=subject.pk) | Q(product=subject.pk)
    return Q(product=subject.pk)


def _plain(row: Any, name: str) -> object:
    """Return the value of a column; the key of a reference."""
    return getattr(row, row._meta.get_field(name).attname)


def _rows(model: type[Model], ids: Any, at: list[datetime]) -> Iterable[Any]:
    """Return the records of some moments, each preceded by the one before its moment.

    They are in order of time.
    """
    inside = past(model).filter(id__in=ids, history_date__in=at).order_by()
    earlier = past(model).filter(id=OuterRef("id"), history_date__lt=OuterRef("history_date"))
    before = Subquery(earlier.order_by("-history_date", "-history_id").values("history_id")[:1])
    either = Q(history_id__in=inside.values("history_id")) | Q(
        history_id__in=inside.annotate(before=before).values("before")
    )
    rows: QuerySet[Any] = past(model).filter(either).select_related("history_user")
    return rows.order_by("history_date", "history_id")


def _last_of_each(rows: Any) -> Any:
    order = (F("history_date").desc(), F("history_id").desc())
    place = Window(RowNumber(), partition_by=F("id"), order_by=order)
    return rows.order_by().annotate(place=place).filter(place=1)


def _in_order(key: Key) -> tuple[int, int]:
    return HISTORY_TABLES.index(key[0]), key[1]


def _steps(rows: list[Any]) -> Iterable[tuple[datetime, Any, list[Any]]]:
    """Yield the moments of the history of a row.

    Each comes with the last record before it, or None, and with its own records.
    """
    by_moment: dict[datetime, list[Any]] = defaultdict(list)
    for row in rows:
        by_moment[row.history_date].append(row)
    before = None
    for moment, written in by_moment.items():
        yield moment, before, written
        before = written[-1]


def _row_change(
    key: Key, before: Any, written: list[Any], tags: Mapping[int, tuple[int, ...]]
) -> RowChange:
    """Return the change that the records of one moment made to a row.

    A row that existed before its history begins is taken to have been as in its first record. The
    record of a deletion has the values of the deleted row, except for its tags, which were removed
    before.
    """
    last = written[-1]
    if before is None and written[0].history_type != "+":
        before = written[0]
    old = None
    if before is not None and (before is last or before.history_type != "-"):
        values = last if last.history_type == "-" else before
        old = facts_of(values, tags.get(before.history_id))
    new = None if last.history_type == "-" else facts_of(last, tags.get(last.history_id))
    return RowChange(key, old, new)


def _change(moment: datetime, pairs: list[tuple[RowChange, Any]]) -> RecordedChange:
    users = (_user(row) for _, row in pairs)
    reasons = dict.fromkeys(row.history_change_reason for _, row in pairs)
    return RecordedChange(
        moment,
        next(filter(None, users), ""),
        "; ".join(filter(None, reasons)),
        tuple(change for change, _ in pairs if change.before != change.after),
    )


def _user(row: Any) -> str:
    return row.history_user.get_username() if row.history_user else ""
