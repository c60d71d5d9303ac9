"""Queries of the editors' desk: rows that need attention, and the last edits.

Drafts are included, as only editors see the desk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import reduce
from itertools import islice
from operator import attrgetter, or_
from typing import Any, Generic, TypeVar

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
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
class Desk:
    """The lists of the desk, the most urgent row first in each."""

    waiting: Lines[ReleaseCycle]
    ending: Lines[ReleaseCycle]
    unknown: Lines[ReleaseCycle]
    unchecked: Lines[Product]
    edits: list[Any]


def desk(on: date) -> Desk:
    """Return the desk as of `on`, in 12 queries, however large the catalogue is."""
    cycles = ReleaseCycle.objects.all().with_product()
    products = Product.objects.all().without_large_columns()
    return Desk(
        waiting=_lines(cycles_in_need(cycles, CycleNeed.CONFIRMATION, on)),
        ending=_lines(cycles_in_need(cycles, CycleNeed.ENDING, on)),
        unknown=_lines(cycles_in_need(cycles, CycleNeed.UNKNOWN_END, on)),
        unchecked=_lines(products_in_need(products, ProductNeed.CHECK, on)),
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


def last_edits() -> list[Any]:
    """Return the last edits by people, the newest first, in 4 queries.

    They are history records of products, cycles, releases and notes.
    """
    related = {
        Product: (),
        ReleaseCycle: ("product",),
        Release: ("cycle", "cycle__product"),
        UpgradeNote: ("product",),
    }
    rows: Iterable[Any] = (
        row
        for model, parents in related.items()
        for row in _history(model)
        .filter(_by_people())
        .select_related("history_user", *parents)
        .order_by("-history_date", "-history_id")[:LINES]
    )
    newest = sorted(rows, key=attrgetter("history_date"), reverse=True)
    return list(islice(newest, LINES))


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
