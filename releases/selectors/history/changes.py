"""The public history of cycles: when their milestones changed, and the newest changes of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    SmallIntegerField,
    Subquery,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, JSONArray, Lag
from django.db.models.lookups import Exact

from releases.domain.history.changes import (
    Change,
    ChangeKind,
    LifecycleChange,
    PublicState,
    Version,
    Visibility,
    lifecycle_changes,
    public_changes,
    public_history,
)
from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate, Precision
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.roadmap.query import QueryProblem, RoadmapQuery
from releases.models import Product, ReleaseCycle, visibility
from releases.selectors.product import names_called
from releases.selectors.recorded import Drafted

_VALUES: Final = [f"{name}_{part}" for name in MILESTONES for part in ("date", "precision", "flag")]
_SEEN: Final = ("deleted", "draft", "publish_on")
_IN_PRODUCT: Final = "product_id"
_HISTORY: Final = ("id", "history_date", "history_id", "history_type")
_ROW: Final = ("of_cycle", *_HISTORY, _IN_PRODUCT, *_SEEN, *_VALUES)

CHANGES_A_PAGE = 100
MAX_CHANGES = 5_000
"""Maximum number of changes listed, the newest ones."""


@dataclass(frozen=True, slots=True)
class CycleChanges:
    """The public changes of a cycle at one moment."""

    cycle: ReleaseCycle
    at: datetime
    changes: list[LifecycleChange]


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A page of public changes, the newest first. `more` is True if another page follows."""

    cycles: list[CycleChanges]
    page: int
    more: bool
    problems: list[QueryProblem]


@dataclass(frozen=True, slots=True)
class PublicHistory:
    """The public history of a cycle, the oldest entry first.

    Attributes:
        states: The public states.
        dates: The dates of each milestone.
        changes: The changes that are reported.
    """

    states: list[PublicState]
    dates: Mapping[str, list[Change]]
    changes: list[LifecycleChange]


def public_histories(cycles: Iterable[ReleaseCycle]) -> Mapping[int, PublicHistory]:
    """Return the public histories of cycles by primary key, in 1 query.

    All `cycles` must be public now. A cycle without history records has no entry.
    """
    products = {cycle.pk: cycle.product_id for cycle in cycles}
    of_cycles: defaultdict[int, list[Version]] = defaultdict(list)
    of_products: defaultdict[int, list[Visibility]] = defaultdict(list)
    for row in _rows(products):
        of_cycle, pk, at, _, history_type, product, deleted, draft, publish_on, *values = row
        if of_cycle:
            life = Lifecycle.of(dict(zip(MILESTONES, _milestones(values), strict=True)))
            created = history_type == "+" and product == products[pk]
            version = Version(at, draft, publish_on, deleted, lifecycle=life, created=created)
            of_cycles[pk].append(version)
        else:
            of_products[pk].append(Visibility(at, draft, publish_on, deleted))
    today = visibility.real_date()
    found = {}
    for pk, versions in of_cycles.items():
        of_product = of_products[products[pk]]
        states = public_history(versions, of_product, today)
        changes = lifecycle_changes(versions, of_product, today)
        found[pk] = PublicHistory(states, public_changes(states), changes)
    return found


def recent_changes(query: RoadmapQuery) -> ChangesPage:
    """Return a page of the public changes, the newest first, in 6 queries at most.

    `products` and `kinds` of the query filter them. Only changes of cycles that are public today
    are reported.

    Most cycles were never a draft, and neither was their product: a history record and the one
    before it show what changed, and the index of their times finds the newest. The rule of the
    domain computes the changes of the few others.
    """
    names, problems = _known(query.products)  # 1 query, if any product is named
    kinds = frozenset(query.kinds or ChangeKind)
    here = ReleaseCycle.objects.public().with_product()
    if query.products:
        here = here.filter(product__name__in=names)
    drafted = list(here.filter(_ever_draft()).order_by())  # 1 query
    computed = _computed(drafted, kinds) if drafted else []  # 1 query
    last = min(query.page * CHANGES_A_PAGE, MAX_CHANGES)
    besides = [cycle.pk for cycle in drafted]
    few = bool(query.products)
    walked = _scan_history(here.order_by(), kinds, besides, last + 1, few=few)  # 1 query
    keys = sorted({*walked, *((each.at, each.cycle.pk) for each in computed)}, reverse=True)
    page = min(query.page, -(-min(len(keys), last) // CHANGES_A_PAGE) or 1)
    shown = keys[(page - 1) * CHANGES_A_PAGE : min(page * CHANGES_A_PAGE, MAX_CHANGES)]
    wanted = {pk for _, pk in shown} - {cycle.pk for cycle in drafted}
    if wanted:
        computed += _computed(list(here.filter(pk__in=wanted).order_by()), kinds)  # 2 queries
    found = {(each.at, each.cycle.pk): each for each in computed}
    return ChangesPage(
        [found[key] for key in shown if key in found],
        page,
        more=len(keys) > page * CHANGES_A_PAGE and page * CHANGES_A_PAGE < MAX_CHANGES,
        problems=problems,
    )


def _known(names: Sequence[str]) -> tuple[list[str], list[QueryProblem]]:
    """Return the names of the products with these names or aliases, and problems for the others."""
    if not names:
        return [], []
    by_name = names_called(names)
    problems = [
        QueryProblem("product", f"There is no product “{name}” here.")
        for name in names
        if name not in by_name
    ]
    return [by_name[name] for name in names if name in by_name], problems


def _ever_draft() -> Q:
    """Return the condition of cycles that ever were a draft, or whose product was."""
    cycles = ReleaseCycle.history.filter(draft=True).order_by()
    products = Product.history.filter(draft=True).order_by()
    return Q(pk__in=cycles.values("id")) | Q(product__in=products.values("id"))


def _computed(cycles: list[ReleaseCycle], kinds: Collection[ChangeKind]) -> list[CycleChanges]:
    """Return all changes of cycles that are of some kinds, in 1 query."""
    histories = public_histories(cycles)
    found: dict[tuple[int, datetime], CycleChanges] = {}
    for cycle in cycles:
        for change in histories[cycle.pk].changes if cycle.pk in histories else ():
            if change.kind in kinds:
                key = cycle.pk, change.at
                found.setdefault(key, CycleChanges(cycle, change.at, [])).changes.append(change)
    return list(found.values())


def _scan_history(
    here: Any, kinds: Collection[ChangeKind], besides: list[int], most: int, *, few: bool
) -> Any:
    """Return times and primary keys of changes of some kinds, the newest first.

    Takes cycles whose history records were all public when they were written. The rule is
    `domain.history.changes.lifecycle_changes`. `few`: `here` has only the cycles of some products.
    """
    rows = ReleaseCycle.history.exclude(history_type="-")
    # Records of a few cycles are looked up by key; those of all are scanned by time.
    public = Q(id__in=here.values("pk")) if few else Exists(here.filter(pk=OuterRef("id")))
    # Only the last of several records of one moment was ever visible.
    before = rows.filter(id=OuterRef("id"), history_date__lt=OuterRef("history_date"))
    before = before.order_by("-history_date", "-history_id")
    return (
        rows.filter(public)
        .exclude(id__in=besides)
        .filter(_stepped(before, kinds) | _added(here, before, kinds))
        .order_by("-history_date", "-history_id")
        .values_list("history_date", "id")[:most]
    )


def _stepped(before: Any, kinds: Collection[ChangeKind]) -> Q:
    """Return the condition of records that differ from those before, other than by `ADDED`."""
    dates = [f"{name}_date" for name in MILESTONES]
    state = [*dates, *(f"{name}_flag" for name in MILESTONES)]
    stepped = Q()
    for name, day in zip(MILESTONES, dates, strict=True):
        is_set = _is_set(name)
        was_set = Subquery(before.annotate(is_set=is_set).values("is_set")[:1])
        if ChangeKind.MOVED in kinds:
            # A comparison with NULL is neither true nor false, so only two dates differ.
            stepped |= Q(~Exact(F(day), Subquery(before.values(day)[:1])))
        if ChangeKind.ANNOUNCED in kinds:
            stepped |= Q(Exact(is_set, 1)) & Q(Exact(was_set, 0))
        if ChangeKind.WITHDRAWN in kinds:
            stepped |= Q(Exact(is_set, 0)) & Q(Exact(was_set, 1))
    if not stepped:
        return Q(pk__in=[])
    # The comparison as a whole is quicker and rules out most records.
    whole = Cast(JSONArray(*state), TextField())
    return Q(~Exact(whole, Subquery(before.annotate(whole=whole).values("whole")[:1]))) & stepped


def _is_set(milestone: str) -> Case:
    """Return 1 if a milestone has a date or is known to be reached without one, else 0, in SQL."""
    is_set = Q(**{f"{milestone}_date__isnull": False}) | Q(**{f"{milestone}_flag": True})
    return Case(When(is_set, then=1), default=0, output_field=SmallIntegerField())


def _added(here: Any, before: Any, kinds: Collection[ChangeKind]) -> Q:
    """Return the condition of records that added a cycle to its product after that was created."""
    if ChangeKind.ADDED not in kinds:
        return Q(pk__in=[])
    product_before = Product.history.exclude(history_type="-").filter(
        id=OuterRef("product_id"), history_date__lt=OuterRef("history_date")
    )
    same_product = here.filter(pk=OuterRef("id"), product=OuterRef("product_id"))
    return Q(
        ~Exists(before.order_by()),
        Exists(product_before.order_by()),
        Exists(same_product),
        history_type="+",
    )


def _rows(products: Mapping[int, int]) -> Any:
    """Return the history records of cycles and products in which dates or visibility changed.

    `products` has the product of each cycle.
    """
    # Distinct types, as equal expressions would become one column.
    nothing: dict[str, Any] = {
        name: Cast(Value(None), getattr(ReleaseCycle, name).field) for name in _VALUES
    }
    nothing[_IN_PRODUCT] = Cast(Value(None), BigIntegerField())
    cycles = _changed(ReleaseCycle, products, _VALUES).values_list(*_ROW)
    others = _changed(Product, set(products.values()), []).values_list(
        *(nothing.get(name, F(name)) for name in _ROW)
    )
    return cycles.union(others, all=True).order_by("history_date", "history_id")


def _changed(model: Drafted, pks: Iterable[int], names: list[str]) -> Any:
    seen = [*_SEEN, *names]
    return (
        model.history.filter(id__in=pks)
        .annotate(
            of_cycle=Value(model is ReleaseCycle, BooleanField()),
            deleted=Exact(F("history_type"), "-"),
        )
        .annotate(seen=Cast(JSONArray(*seen), TextField()))  # to be compared as a whole
        .annotate(before=Window(Lag("seen"), [F("id")], ["history_date", "history_id"]))
        .filter(Q(before__isnull=True) | ~Q(before=F("seen")))
        .order_by()
    )


def _milestones(values: Sequence[Any]) -> Iterator[MilestoneValue]:
    """Yield milestones from their columns, in the order of `_VALUES`."""
    for day, precision, flag in zip(values[::3], values[1::3], values[2::3], strict=True):
        yield PartialDate(day, Precision(precision)) if day else flag
