"""What the history says of dates, as far as everybody could see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    Window,
)
from django.db.models.functions import Cast, JSONArray, Lag
from django.db.models.lookups import Exact

from releases.domain.changes import (
    Change,
    Move,
    Version,
    Visibility,
    moves,
    public_changes,
    public_history,
)
from releases.domain.lifecycle import MILESTONES, Lifecycle
from releases.domain.milestones import PartialDate, Precision
from releases.domain.query import Problem, RoadmapQuery
from releases.models import Product, ReleaseCycle, visibility
from releases.selectors.heavy import HEAVY_OF_PRODUCT
from releases.selectors.product import names_called
from releases.selectors.recorded import Drafted, earlier

_DATES: Final = [f"{name}_{part}" for name in MILESTONES for part in ("date", "precision")]
_SEEN: Final = ("deleted", "draft", "publish_on")
_ROW: Final = ("of_cycle", "id", "history_date", "history_id", *_SEEN, *_DATES)


MOVES_A_PAGE = 100
MOST_MOVES = 5_000
"""Older moves than these are not listed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The dates of a cycle that were moved at one moment, by milestone."""

    cycle: ReleaseCycle
    at: datetime
    moves: dict[str, Move]


@dataclass(frozen=True, slots=True)
class MovedDates:
    """A page of what was moved, and whether there is one behind it."""

    moved: list[Moved]
    page: int
    more: bool
    problems: list[Problem]


def changes_of(cycles: Iterable[ReleaseCycle]) -> Mapping[int, Mapping[str, list[Change]]]:
    """When which milestone of the cycles got which date in public: by primary key and milestone,
    the oldest change first, in 1 query. Only of cycles that are public now, as those at hand
    are."""
    products = {cycle.pk: cycle.product_id for cycle in cycles}
    of_cycles: defaultdict[int, list[Version]] = defaultdict(list)
    of_products: defaultdict[int, list[Visibility]] = defaultdict(list)
    for of_cycle, pk, at, _, deleted, draft, publish_on, *dates in _rows(products):
        if of_cycle:
            life = Lifecycle(**dict(zip(MILESTONES, _days(dates), strict=True)))
            of_cycles[pk].append(Version(at, draft, publish_on, deleted, life=life))
        else:
            of_products[pk].append(Visibility(at, draft, publish_on, deleted))
    today = visibility.real_date()
    return {
        pk: public_changes(public_history(versions, of_products[products[pk]], today))
        for pk, versions in of_cycles.items()
    }


def moved_dates(query: RoadmapQuery) -> MovedDates:
    """The dates that were moved in public, of the products that a query names or of all, the newest
    first: a page, in 6 queries at most. Only of cycles that are public today.

    Most cycles were never a draft, nor was their product: of those a row of history is a move when
    it differs from the row before, and the newest are found by the index of their times. Those of
    the few others are computed.
    """
    names, problems = _known(query.products)  # 1 query, if any product is named
    here = ReleaseCycle.objects.public().select_related("product").defer(*HEAVY_OF_PRODUCT)
    if names:
        here = here.filter(product__name__in=names)
    drafted = list(here.filter(_ever_draft()).order_by())  # 1 query
    moved = _moved(drafted) if drafted else []  # 1 query
    last = min(query.page * MOVES_A_PAGE, MOST_MOVES)
    besides = [cycle.pk for cycle in drafted]
    walked = _walked(here.order_by(), besides, last + 1, few=bool(names))  # 1 query
    keys = sorted({*walked, *((each.at, each.cycle.pk) for each in moved)}, reverse=True)
    page = min(query.page, -(-min(len(keys), last) // MOVES_A_PAGE) or 1)
    shown = keys[(page - 1) * MOVES_A_PAGE : min(page * MOVES_A_PAGE, MOST_MOVES)]
    wanted = {pk for _, pk in shown} - {cycle.pk for cycle in drafted}
    moved += _moved(list(here.filter(pk__in=wanted).order_by())) if wanted else []  # 2 queries
    found = {(each.at, each.cycle.pk): each for each in moved}
    return MovedDates(
        [found[key] for key in shown if key in found],
        page,
        more=len(keys) > page * MOVES_A_PAGE and page * MOVES_A_PAGE < MOST_MOVES,
        problems=problems,
    )


def _known(names: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """The names of products that are called so, by name or alias; what nobody is called."""
    if not names:
        return [], []
    by_name = names_called(names)
    problems = [
        Problem("product", f"“{name}” is ignored: there is no such product here.")
        for name in names
        if name not in by_name
    ]
    return [by_name[name] for name in names if name in by_name], problems


def _ever_draft() -> Q:
    """Of cycles that ever were a draft, or their products."""
    cycles = ReleaseCycle.history.filter(draft=True).order_by()
    products = Product.history.filter(draft=True).order_by()
    return Q(pk__in=cycles.values("id")) | Q(product__in=products.values("id"))


def _moved(cycles: list[ReleaseCycle]) -> list[Moved]:
    """All moves of some cycles, in 1 query."""
    history = changes_of(cycles)
    found: dict[tuple[int, datetime], Moved] = {}
    for cycle in cycles:
        for milestone, changes in history.get(cycle.pk, {}).items():
            for move in moves(changes):
                key = cycle.pk, move.at
                found.setdefault(key, Moved(cycle, move.at, {})).moves[milestone] = move
    return list(found.values())


def _walked(here: Any, besides: list[int], most: int, *, few: bool) -> Any:
    """Times and keys of some cycles that were moved, the newest first, where each row of history
    was public when it was written. `few`: they are of some products only.

    What is compared with NULL is neither equal nor not, so a first date is no other one.
    """
    rows = ReleaseCycle.history.exclude(history_type="-")
    # Of few the rows are looked up, of all they are walked through by the index of their times.
    public = Q(id__in=here.values("pk")) if few else Exists(here.filter(pk=OuterRef("id")))
    before = rows.filter(earlier(), id=OuterRef("id")).order_by("-history_date", "-history_id")
    names = [f"{milestone}_date" for milestone in MILESTONES]
    dates = Cast(JSONArray(*names), TextField())
    dates_before = before.annotate(dates=dates).values("dates")[:1]
    moved = Q()
    for name in names:
        date_before = before.filter(**{f"{name}__isnull": False}).values(name)[:1]
        moved |= Q(~Exact(F(name), Subquery(date_before)))
    return (
        rows.filter(public)
        .exclude(id__in=besides)
        # Most rows are out by this, which is quicker to tell.
        .filter(~Exact(dates, Subquery(dates_before)))
        .filter(moved)
        .order_by("-history_date", "-history_id")
        .values_list("history_date", "id")[:most]
    )


def _rows(products: Mapping[int, int]) -> Any:
    """The rows of history of some cycles, given with their products, and those of the products,
    in which the dates or what everybody may see are other ones than before."""
    # Each of its own kind: what is the same expression would become one column.
    nothing = {name: Cast(Value(None), getattr(ReleaseCycle, name).field) for name in _DATES}
    cycles = _changed(ReleaseCycle, products, _DATES).values_list(*_ROW)
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


def _days(dates: Sequence[Any]) -> Iterator[PartialDate | None]:
    pairs: Iterable[tuple[date | None, str]] = zip(dates[::2], dates[1::2], strict=True)
    for day, precision in pairs:
        yield PartialDate(day, Precision(precision)) if day else None
