"""Queries of the editors' desk: rows that need attention, and the last edits.

Drafts are included, as only editors see the desk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any, Final, Generic, TypeVar

from django.contrib.auth import get_user_model
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Lower

from releases.domain.lifecycle.milestones import SUPPORT_ENDS
from releases.domain.lifecycle.status import Status
from releases.domain.upgrade.advice import NOT_INSTALLED
from releases.models import (
    Alias,
    CustomField,
    CycleAlias,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Source,
    UpgradeNote,
)
from releases.models.cycle import CycleQuerySet

Row = TypeVar("Row", bound=Model)

LINES = 10
ENDING_DAYS = 90
CHECK_DAYS = 180


class CycleNeed(StrEnum):
    """A reason why a cycle needs attention."""

    CONFIRMATION = "confirmation"
    ENDING = "ending"
    UNKNOWN_END = "unknown"


class ProductNeed(StrEnum):
    """A reason why a product needs attention."""

    CHECK = "check"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class Lines(Generic[Row]):
    """The first rows of a list, and the number of all its rows."""

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft without a day of publication.

    Attributes:
        model: The table: `product`, `releasecycle` or `upgradenote`.
        key: The primary key.
        title: Its name, after the label of its product if it is not one.
        requested_on: The day on which an editor asked for publication, or None.
        requested_by: The user name of that editor; empty if it is not known.
        reason: The reason that the editor gave.
    """

    model: str
    key: int
    title: str
    requested_on: date | None
    requested_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DraftLines:
    """The first waiting drafts, requested ones first, and the number of all of them."""

    rows: list[WaitingDraft]
    total: int


@dataclass(frozen=True, slots=True)
class EditedChange:
    """Everything that people wrote at one moment.

    `head` is the history record that names it, and `more` the number of its other rows.
    """

    head: Any
    more: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The lists of the desk, the most urgent row first in each."""

    waiting: Lines[ReleaseCycle]
    ending: Lines[ReleaseCycle]
    unknown: Lines[ReleaseCycle]
    unchecked: Lines[Product]
    drafts: DraftLines
    edits: list[EditedChange]


def desk(on: date) -> Desk:
    """Return the desk as of `on`, in 13 queries, however large the catalogue is."""
    cycles = ReleaseCycle.objects.all().with_product()
    products = Product.objects.all().without_large_columns()
    return Desk(
        waiting=_lines(cycles_in_need(cycles, CycleNeed.CONFIRMATION, on)),
        ending=_lines(cycles_in_need(cycles, CycleNeed.ENDING, on)),
        unknown=_lines(cycles_in_need(cycles, CycleNeed.UNKNOWN_END, on)),
        unchecked=_lines(products_in_need(products, ProductNeed.CHECK, on)),
        drafts=waiting_drafts(),
        edits=last_edits(),
    )


def cycles_in_need(cycles: CycleQuerySet, need: CycleNeed, on: date) -> CycleQuerySet:
    """Return those of the cycles that need attention as of `on`, the most urgent first.

    A cycle needs confirmation if a projected date has come. Its end is unknown if it is supported,
    no end is announced, and other cycles of its product have an end. Cycles that never end, such as
    rolling releases, are excluded, and so are devices, whose makers rarely announce an end.
    """
    match need:
        case CycleNeed.CONFIRMATION:
            order = "release_date"
            cycles = cycles.filter(_date_reached(on), unconfirmed=True)
        case CycleNeed.ENDING:
            order = "next_end"
            until = on + timedelta(days=ENDING_DAYS)
            cycles = cycles.ends_by(until, on)
        case CycleNeed.UNKNOWN_END:
            order = "release_date"
            dated = ReleaseCycle.objects.filter(
                product=OuterRef("product"), eol_date__isnull=False
            ).order_by()
            cycles = cycles.in_status([Status.ACTIVE, Status.SECURITY], on)
            cycles = cycles.filter(Exists(dated), eol_flag=False)
            cycles = cycles.exclude(product__category__name__in=NOT_INSTALLED)
    return cycles.order_by(F(order).asc(nulls_first=True), Lower("product__label"), "pk")


def products_in_need(products: QuerySet[Product], need: ProductNeed, on: date) -> QuerySet[Product]:
    """Return those of the products that need attention as of `on`.

    `CHECK`: those not checked for `CHECK_DAYS`, the longest unchecked first. `COMPARISON`: those
    with a source and local edits, by title.
    """
    if need is ProductNeed.CHECK:
        before = on - timedelta(days=CHECK_DAYS)
        old = Q(checked_on__isnull=True) | Q(checked_on__lt=before)
        oldest = F("checked_on").asc(nulls_first=True)
        return products.filter(old).order_by(oldest, Lower("label"), "name")
    edited_keys = (Q(pk__in=keys) for keys in _edited_products())
    edited = products.exclude(source=Source.HERE).filter(reduce(or_, edited_keys))
    return edited.order_by(Lower("label"), "name")


def waiting_drafts() -> DraftLines:
    """Return the drafts without a day of publication, in 1 query, or 2 if there are many.

    Those that editors asked to publish come first, the oldest request first.
    """
    product, others = F("product__label"), (ReleaseCycle, UpgradeNote)
    first = _drafts(Product, Value(""), F("label"))
    names = {ReleaseCycle: F("name"), UpgradeNote: F("title")}
    every = first.union(*(_drafts(model, product, names[model]) for model in others), all=True)
    rows = list(every.order_by("rank", "requested_on", "owner", "own_name")[: LINES + 1])
    lines = [
        WaitingDraft(
            model=row["table"],
            key=row["pk"],
            title=f"{row['owner']} {row['own_name']}".strip(),
            requested_on=row["requested_on"],
            requested_by=row["requested_by"] or "",
            reason=row["why"] or "",
        )
        for row in rows[:LINES]
    ]
    return DraftLines(lines, len(rows) if len(rows) <= LINES else every.count())


def _drafts(model: Any, owner: Any, name: F) -> QuerySet[Any, dict[str, Any]]:
    """Return the waiting drafts of a table as the columns of `WaitingDraft`."""
    asked = _history(model).filter(id=OuterRef("pk"), requested_on=OuterRef("requested_on"))
    user = f"history_user__{get_user_model().USERNAME_FIELD}"
    first = asked.order_by("history_id")[:1]
    rows: QuerySet[Any] = model.objects.filter(draft=True, publish_on=None).order_by()
    return rows.values("pk", "requested_on").annotate(
        rank=Case(When(requested_on=None, then=Value(1)), default=Value(0)),
        table=Value(model._meta.model_name),
        owner=owner,
        own_name=name,
        requested_by=Subquery(first.values(user)),
        why=Subquery(first.values("history_change_reason")),
    )


def last_edits() -> list[EditedChange]:
    """Return the last changes by people, the newest first, in 4 queries.

    They are changes of products, cycles, releases and notes; each is one line, however many rows
    were written.
    """
    found: dict[datetime, list[Any]] = defaultdict(list)
    for model, parents in _PARENTS.items():
        for record in _first_records(model).select_related("history_user", *parents):
            found[record.history_date].append(record)
    return [
        EditedChange(records[0], sum(record.written for record in records) - 1)
        for at, records in sorted(found.items(), reverse=True)[:LINES]
    ]


_PARENTS: Final[dict[Any, tuple[str, ...]]] = {
    Product: (),
    ReleaseCycle: ("product",),
    Release: ("cycle", "cycle__product"),
    UpgradeNote: ("product",),
}
"""The tables of the last edits, with the rows that name theirs; the first one names a change."""


def _first_records(model: Any) -> QuerySet[Any]:
    """Return the first record of each of the last changes by people in a table.

    The annotation `written` is the number of records of the change.
    """
    by_people = _history(model).filter(_by_people())
    of_each = by_people.values("history_date").annotate(first=Min("history_id"))
    firsts = of_each.order_by("-history_date").values("first")[:LINES]
    same = by_people.filter(history_date=OuterRef("history_date")).order_by()
    written = same.values("history_date").annotate(rows=Count("history_id")).values("rows")
    return _history(model).filter(history_id__in=firsts).annotate(written=Subquery(written))


def _lines(rows: QuerySet[Row]) -> Lines[Row]:
    return Lines(list(rows[:LINES]), rows.order_by().count())


def _date_reached(on: date) -> Q:
    """Return the condition that a date has come: a start on its day, an end on the day after it."""
    ends = (Q(**{f"{name}_date__lt": on}) for name in SUPPORT_ENDS)
    return reduce(or_, ends, Q(release_date__lte=on))


def _edited_products() -> Iterable[QuerySet[Any, Any]]:
    """Yield, for each table, the keys of the products whose rows in it were edited by people."""
    keys = {
        Product: "id",
        ReleaseCycle: "product",
        Release: "cycle__product",
        CustomField: "product",
        Alias: "product",
        Identifier: "product",
        CycleAlias: "cycle__product",
    }
    for model, key in keys.items():
        past = _history(model).filter(_by_people(), **{f"{key}__isnull": False})
        yield past.order_by().values(key)


def _by_people() -> Q:
    """Return the condition of records that people wrote.

    Imports and syncs have a reason and no user; an import that a user started has "import of" as
    its reason.
    """
    person = Q(history_user__isnull=False) & ~Q(history_change_reason__startswith="import of ")
    return Q(history_change_reason__isnull=True) | person


def _history(model: Any) -> QuerySet[Any]:
    history: QuerySet[Any] = model.history.all()
    return history
