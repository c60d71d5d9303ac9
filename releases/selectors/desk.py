"""Queries of the editors' desk: rows that need attention, and the last edits.

Drafts are included, as only editors see the desk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    Max,
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
    CycleIdentifier,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Source,
    UpgradeNote,
)
from releases.models.cycle import CycleQuerySet

Row = TypeVar("Row", bound=Model)

LINES: Final = 8
"""Maximum number of rows in a list of the desk."""

NEED_LINES: Final = 5
"""Maximum number of rows with the same need."""

PROPOSED_KEY: Final = "cyclonedx"
"""The key of proposals in `Product.imported`: a merge base, and the name of their `file`."""

ENDING_DAYS = 90
CHECK_DAYS = 180


class CycleNeed(StrEnum):
    """A reason why a cycle needs attention."""

    CONFIRMATION = "confirmation"
    ENDING = "ending"
    UNKNOWN_END = "unknown"
    DRAFT = "draft"


class ProductNeed(StrEnum):
    """A reason why a product needs attention."""

    CHECK = "check"
    COMPARISON = "comparison"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Lines(Generic[Row]):
    """The first rows of a list, and the number of all its rows."""

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """A draft whose day of publication has not come, if it has one.

    Attributes:
        model: The table: `product`, `releasecycle` or `upgradenote`.
        key: The primary key.
        product: The key of its product.
        owner: The label of its product; empty for a product.
        name: Its name.
        publish_on: The day of its publication, or None.
        requested_on: The day on which an editor asked for publication, or None.
        requested_by: The user name of that editor; empty if it is not known.
        reason: The reason that the editor gave.
    """

    model: str
    key: int
    product: int
    owner: str
    name: str
    publish_on: date | None
    requested_on: date | None
    requested_by: str
    reason: str

    @property
    def title(self) -> str:
        return f"{self.owner} {self.name}".strip()


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
class SourceAge:
    """The number of products of a source, and the day of the newest check of one of them."""

    source: str
    products: int
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class Desk:
    """The lists of the desk, the most urgent row first in each."""

    waiting: Lines[ReleaseCycle]
    ending: Lines[ReleaseCycle]
    unknown: Lines[ReleaseCycle]
    unchecked: Lines[Product]
    drafts: DraftLines
    edits: list[EditedChange]
    sources: list[SourceAge]


def desk(on: date) -> Desk:
    """Return the desk as of `on`, in 11 queries, however large the catalogue is."""
    cycles = ReleaseCycle.objects.all().with_product()
    products = Product.objects.all().without_large_columns()
    lists: dict[str, QuerySet[Any]] = {
        "waiting": cycles_in_need(cycles, CycleNeed.CONFIRMATION, on),
        "ending": cycles_in_need(cycles, CycleNeed.ENDING, on),
        "unknown": cycles_in_need(cycles, CycleNeed.UNKNOWN_END, on),
        "unchecked": products_in_need(products, ProductNeed.CHECK, on),
    }
    totals = _totals(lists | {str(model): model.objects.filter(_waits(on)) for model in _DRAFTS})
    lines: dict[str, Lines[Any]] = {
        name: Lines(list(rows[: LINES if name == "ending" else NEED_LINES]), totals.get(name, 0))
        for name, rows in lists.items()
    }
    drafts = DraftLines(waiting_drafts(on), sum(totals.get(str(model), 0) for model in _DRAFTS))
    return Desk(**lines, drafts=drafts, edits=last_edits(), sources=_sources())


def cycles_in_need(cycles: CycleQuerySet, need: CycleNeed, on: date) -> CycleQuerySet:
    """Return those of the cycles that need attention as of `on`, the most urgent first.

    A cycle needs confirmation if a projected date has come. Its end is unknown if it is supported,
    no end is announced, and other cycles of its product have an end. Cycles that never end, such as
    rolling releases, are excluded, and so are devices, whose makers rarely announce an end. Drafts
    wait until they are published.
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
        case CycleNeed.DRAFT:
            order = "requested_on"
            cycles = cycles.filter(_waits(on))
    # A cycle without the date is the most urgent, but a draft without a request is not.
    empty: dict[str, Any] = {f"nulls_{'last' if need is CycleNeed.DRAFT else 'first'}": True}
    return cycles.order_by(F(order).asc(**empty), Lower("product__label"), "pk")


def products_in_need(products: QuerySet[Product], need: ProductNeed, on: date) -> QuerySet[Product]:
    """Return those of the products that need attention as of `on`.

    `CHECK`: those not checked for `CHECK_DAYS`, the longest unchecked first. `COMPARISON`: those
    with a source and local edits, or with proposals, by title. `DRAFT`: drafts that wait, by title.
    """
    if need is ProductNeed.DRAFT:
        return products.filter(_waits(on)).order_by(Lower("label"), "name")
    if need is ProductNeed.CHECK:
        before = on - timedelta(days=CHECK_DAYS)
        old = Q(checked_on__isnull=True) | Q(checked_on__lt=before)
        oldest = F("checked_on").asc(nulls_first=True)
        return products.filter(old).order_by(oldest, Lower("label"), "name")
    edited_keys = (Q(pk__in=keys) for keys in _edited_products())
    edited = ~Q(source=Source.HERE) & reduce(or_, edited_keys)
    proposed = Q(imported__has_key=PROPOSED_KEY)
    return products.filter(edited | proposed).order_by(Lower("label"), "name")


def waiting_drafts(on: date) -> list[WaitingDraft]:
    """Return the first drafts that wait for publication as of `on`, in 1 query.

    Those that editors asked to publish come first, the oldest request first, and those that have a
    day of publication last.
    """
    first, *others = (_drafts(model, *names, on) for model, names in _DRAFTS.items())
    every = first.union(*others, all=True)
    rows = every.order_by("rank", "requested_on", "publish_on", "owner", "own_name")[:NEED_LINES]
    return [
        WaitingDraft(
            model=row["table"],
            key=row["pk"],
            product=row["of_product"],
            owner=row["owner"],
            name=row["own_name"],
            publish_on=row["publish_on"],
            requested_on=row["requested_on"],
            requested_by=row["requested_by"] or "",
            reason=row["why"] or "",
        )
        for row in rows
    ]


def _drafts(
    model: Any, product: str, owner: Any, name: str, on: date
) -> QuerySet[Any, dict[str, Any]]:
    """Return the waiting drafts of a table as the columns of `WaitingDraft`."""
    asked = _history(model).filter(id=OuterRef("pk"), requested_on=OuterRef("requested_on"))
    user = f"history_user__{get_user_model().USERNAME_FIELD}"
    first = asked.order_by("history_id")[:1]
    rows: QuerySet[Any] = model.objects.filter(_waits(on)).order_by()
    scheduled = When(publish_on__isnull=False, then=Value(2))
    drafts: QuerySet[Any, dict[str, Any]] = rows.values(
        "pk", "requested_on", "publish_on"
    ).annotate(
        rank=Case(scheduled, When(requested_on=None, then=Value(1)), default=Value(0)),
        table=Value(model._meta.model_name),
        of_product=F(product),
        owner=owner,
        own_name=F(name),
        requested_by=Subquery(first.values(user)),
        why=Subquery(first.values("history_change_reason")),
    )
    return drafts


_DRAFTS: Final[dict[Any, tuple[str, Any, str]]] = {
    Product: ("pk", Value(""), "label"),
    ReleaseCycle: ("product_id", F("product__label"), "name"),
    UpgradeNote: ("product_id", F("product__label"), "title"),
}
"""The tables with drafts: the key and the label of the product of a row, and its own name."""


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
    records = _history(model).filter(history_id__in=firsts)
    counted: QuerySet[Any] = records.annotate(written=Subquery(written))
    return counted


def _totals(lists: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """Return the number of rows of each list, in 1 query; lists without rows are missing."""
    counts = [
        rows.order_by().annotate(need=Value(name)).values("need").annotate(total=Count("pk"))
        for name, rows in lists.items()
    ]
    union = counts[0].union(*counts[1:], all=True).order_by()  # not that of the tables
    return {row["need"]: row["total"] for row in union}


def _sources() -> list[SourceAge]:
    """Return the sources of products with the age of their data, in 1 query."""
    rows = Product.objects.order_by("source").values_list("source")
    return [
        SourceAge(*row) for row in rows.annotate(products=Count("pk"), newest=Max("checked_on"))
    ]


def _waits(on: date) -> Q:
    """Return the condition that a row is a draft, and its day of publication has not come."""
    return Q(draft=True) & (Q(publish_on__isnull=True) | Q(publish_on__gt=on))


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
        CycleIdentifier: "cycle__product",
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
