"""A page of the roadmap: products, their visible cycles, and the summary line.

A page costs the same for 46,400 products as for 464: each order that begins a page has an index
(migration 0004), counting stops at `MAX_COUNTED`, and with more than `MAX_CHOICES` products the
filter takes a name instead of listing them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower, RowNumber

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.query import Group, QueryProblem, RoadmapQuery
from releases.models import Alias, Category, Product, ReleaseCycle, Tag
from releases.models.status import ends_soon, supported, supported_until
from releases.selectors.roadmap.matching import cycles_called, matching_cycles, matching_products
from releases.selectors.roadmap.source import Names, Source, recorded_since, source_of
from releases.selectors.roadmap.text import TextFilter, text_filter

PRODUCTS_A_PAGE = 20
ROWS_A_GROUP = 12
"""Maximum number of cycles of a product in one group: supported, planned, extended or ended."""
ROWS_A_PAGE = 100
"""Rows on a page that is not grouped by product."""
MAX_CHOICES = 500
"""Maximum number of products that the filter lists; with more, users type a name."""
MAX_COUNTED = 5_000
"""Number of rows at which counting stops; pages with more say "5,000+"."""


RECENT_DAYS = 366
"""The days after its end in which the cycle that ended last is still shown."""

ENDED = [status.value for status in Status if status.ended]
"""Statuses of cycles without general support; views leave them out unless they ask for them."""


class RowGroup(IntEnum):
    """The groups of a product's cycles, in the order of its rows."""

    SUPPORTED = 0
    PLANNED = 1
    EXTENDED = 2
    ENDED = 3


GROUPS = {
    Status.PLANNED: RowGroup.PLANNED,
    Status.EXTENDED: RowGroup.EXTENDED,
    Status.END_OF_LIFE: RowGroup.ENDED,
}
"""The groups of the statuses that are not supported."""

STATUS_ORDER = Case(
    *(When(status=status.value, then=Value(place)) for place, status in enumerate(Status)),
    output_field=IntegerField(),
)
"""The statuses in the order of a lifecycle, planned first."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of the filters: names in order.

    Products have labels; there are none if there are more than `MAX_CHOICES`.
    """

    products: dict[str, str]
    categories: list[str]
    tags: list[str]


@dataclass(frozen=True, slots=True)
class RoadmapSummary:
    """The summary line of the roadmap.

    Attributes:
        supported: The number of supported cycles, at most `MAX_COUNTED` + 1.
        ends_soon: The number of cycles that end soon, at most `MAX_COUNTED` + 1.
        next_release: The next cycle to be released.
        checked_on: The day on which the data was last checked.
        first_day: The first day that any of the cycles has.
        last_day: The last day that any of the cycles has.
    """

    supported: int
    ends_soon: int
    next_release: ReleaseCycle | None
    checked_on: date | None
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class ProductRows:
    """A product with its cycles on a page.

    Attributes:
        product: The product.
        groups: Its cycles that match, by group, at most `ROWS_A_GROUP` each unless the query
            expands the product. Planned ones come in the order of their dates, the others in the
            order of the product. Of the ended ones it is the last one only, unless the query
            expands the product or filters its cycles.
        totals: The numbers of cycles that match, by group.
        order: The keys of all these cycles in the order of the query; empty without such an order.
        called: The keys of the cycles that the text of the query names; none is left out.
    """

    product: Product
    groups: dict[RowGroup, list[ReleaseCycle]] = field(default_factory=dict)
    totals: dict[RowGroup, int] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    called: set[int] = field(default_factory=set)

    @property
    def cycles(self) -> list[ReleaseCycle]:
        """All these cycles in the order of the query, or else group by group."""
        every = [cycle for group in RowGroup for cycle in self.groups.get(group, ())]
        place = {key: number for number, key in enumerate(self.order)}
        return sorted(every, key=lambda cycle: place[cycle.pk]) if place else every

    @property
    def total(self) -> int:
        """The number of cycles that match."""
        return sum(self.totals.values())

    @property
    def complete(self) -> bool:
        """True if these are all cycles that match."""
        return sum(map(len, self.groups.values())) == self.total


@dataclass(frozen=True, slots=True)
class Roadmap:
    """A page of the roadmap.

    Attributes:
        rows: The rows by product.
        flat: The rows if they are not grouped by product.
        pinned: The pinned cycles.
        answer: The summary line.
        choices: The choices of the filters.
        count: The number of products, or of flat rows, that match on all pages. With more than
            `MAX_COUNTED` it is counted only as far as the next page, and so are `pages`.
        pages: The number of pages.
        problems: The problems of the query.
        names_now: The present names, in a view of a past day.
        recorded_since: The first recorded day, if the requested day is an earlier one.
        text_notes: Sentences about what the text of the query did not find as it was typed.
    """

    rows: list[ProductRows]
    flat: list[ReleaseCycle]
    pinned: list[ReleaseCycle]
    answer: RoadmapSummary
    choices: Choices
    count: int
    pages: int
    problems: list[QueryProblem] = field(default_factory=list)
    names_now: Names | None = None
    recorded_since: date | None = None
    text_notes: tuple[str, ...] = ()

    def page_of(self, product: Product, cycle: ReleaseCycle) -> tuple[str, str] | None:
        """Return the present names in the address of a cycle's page; None if it has none."""
        if self.names_now is None:
            return product.name, cycle.name
        return self.names_now.get((product.pk, cycle.pk))

    def page_of_product(self, product: Product) -> str:
        """Return the present name in the address of a product's page; empty if it has none."""
        if self.names_now is None:
            return product.name
        return self.names_now.get((product.pk, 0), ("", ""))[0]

    @property
    def uncounted(self) -> bool:
        """True if there may be more than `count`."""
        return self.count > MAX_COUNTED

    @property
    def cycles(self) -> list[tuple[Product, ReleaseCycle]]:
        """The cycles on this page with their products, in the order of rows, without pins."""
        by_product = [(each.product, cycle) for each in self.rows for cycle in each.cycles]
        return by_product + [(cycle.product, cycle) for cycle in self.flat]


def roadmap(query: RoadmapQuery) -> Roadmap:
    """Return a view of the roadmap, in 9 queries at most, or 11 for a recorded day.

    A text takes 2 more at most. The number does not depend on the number of products. A product,
    category or tag that is not in the catalogue matches nothing, and is listed in `problems`.
    """
    source = source_of(query.known_on)
    choices, names = _choices(source, query)  # 2 queries
    wanted = tuple(dict.fromkeys(names.get(name, name) for name in query.products))
    known = [name for name in wanted if name in names.values()]
    problems = list(_unknown(query, wanted, known, choices))
    text = text_filter(source, query.q)  # 2 queries at most, 0 without a text
    products = matching_products(source, query, known, text.products)
    narrowed = query.products or query.q or query.category or query.tag
    answer = _answer(source, products if narrowed else None, query.on)  # 2 queries
    if query.filters_cycles:
        cycles = matching_cycles(source, query).filter(product=OuterRef("id"))
        products = products.filter(Exists(cycles))
    pinned, not_pinned = _pinned(source, query, names)  # 3 queries at most, 0 without pins
    rows: list[ProductRows] = []
    flat: list[ReleaseCycle] = []
    if query.group is Group.PRODUCT:
        count, pages, first = _page(products, PRODUCTS_A_PAGE, query.page)  # 1 query
        page = products[first : first + PRODUCTS_A_PAGE]
        rows = _rows(source, [source.product(row) for row in page], query, text)  # 2 queries
    else:
        every = _flat(source, products, query, text)
        count, pages, first = _page(every, ROWS_A_PAGE, query.page)  # 1 query
        flat = [source.cycle(row) for row in every[first : first + ROWS_A_PAGE]]  # 1 query
    source.join([*pinned, *flat, *filter(None, [answer.next_release])])
    shown = [cycle for row in rows for cycle in row.cycles]
    source.read_releases([*pinned, *flat, *shown])  # 1 query
    problems += not_pinned
    found = Roadmap(
        *(rows, flat, pinned, answer, choices, count, pages, problems), text_notes=text.notes
    )
    return found if query.known_on is None else _as_recorded(found, source, query.known_on)


def _as_recorded(found: Roadmap, source: Source, known_on: date) -> Roadmap:
    """Return a view of a past day with present names, in 1 query.

    An empty view has the first recorded day if `known_on` is earlier.
    """
    cycles = [*found.pinned, *(cycle for _, cycle in found.cycles)]
    if not found.rows and not cycles:
        since = recorded_since()
        early = since is not None and known_on < since
        return replace(found, names_now={}, recorded_since=since if early else None)
    names = source.names_now([each.product for each in found.rows], cycles)
    return replace(found, names_now=names)


def _choices(source: Source, query: RoadmapQuery) -> tuple[Choices, dict[str, str]]:
    """Return the choices of the filters, and the names of the products that the query names.

    The latter are by name or alias.
    """
    offered = dict(source.products.values_list("name", "label")[: MAX_CHOICES + 1])
    public = source.products.order_by()
    requested = [*query.products, *(pin.product for pin in query.pins)]
    found: dict[str, list[tuple[str, str]]] = {"category": [], "tag": [], "product": []}
    tagged = public.filter(**{source.tags: OuterRef("pk")})
    called = public.filter(id=OuterRef("product_id")).values("name")
    aliases = Alias.objects.filter(name__in=requested, product__in=public.values("id"))
    every = (
        _words(Category.objects.filter(Exists(public.filter(category=OuterRef("pk")))), "category"),
        _words(Tag.objects.filter(Exists(tagged)), "tag"),
        _words(public.filter(name__in=requested), "product"),
        _words(aliases, "product", Subquery(called[:1])),
    )
    for kind, word, name in sorted(every[0].union(*every[1:])):
        found[kind].append((word, name))
    own = {name: name for _, name in found["product"]}  # names take precedence over aliases
    names = dict(found["product"]) | own
    categories, tags = ([word for word, _ in found[kind]] for kind in ("category", "tag"))
    return Choices(offered if len(offered) <= MAX_CHOICES else {}, categories, tags), names


def _words(rows: Any, kind: str, name: Combinable | None = None) -> Any:
    """Return rows of kind, word and the name it stands for, for a union of several tables."""
    rows = rows.order_by().annotate(kind=Value(kind, CharField()))
    return rows.values_list("kind", "name", name or F("name"))


def _unknown(
    query: RoadmapQuery, wanted: Iterable[str], known: Collection[str], choices: Choices
) -> Iterable[QueryProblem]:
    for name in wanted:
        if name not in known:
            yield QueryProblem("product", f"There is no product “{name}” here.")
    if query.category and query.category not in choices.categories:
        yield QueryProblem("category", f"There is no category “{query.category}” here.")
    if query.tag and query.tag not in choices.tags:
        yield QueryProblem("tag", f"There is no tag “{query.tag}” here.")


def _answer(source: Source, products: Any, on: date) -> RoadmapSummary:
    """Return the summary of the cycles of some products, or of all (None)."""
    cycles = source.cycles.order_by()
    if products is not None:
        cycles = cycles.filter(product__in=products.order_by().values("id"))
    by_indexes = products is None and source.by_indexes
    facts = (_facts_of_all if by_indexes else _facts)(source, cycles, on)
    # Filtering by date avoids computing the status of every cycle.
    planned = source.joined(cycles.filter(release_date__gt=on), "product")
    next_release = planned.order_by("release_date", "id").first()
    return RoadmapSummary(
        supported=facts["supported"] or 0,
        ends_soon=facts["ends_soon"] or 0,
        next_release=source.cycle(next_release) if next_release else None,
        checked_on=facts["checked_on"],
        first_day=facts["first_day"],
        last_day=max(filter(None, (facts["last_eol"], facts["last_eoes"])), default=None),
    )


def _facts(source: Source, cycles: Any, on: date) -> dict[str, Any]:
    """Return the counts and days of the summary, aggregated over all cycles."""
    facts: dict[str, Any] = cycles.with_next_end(on).aggregate(
        supported=Count("pk", filter=supported(on, source.of_product("extended_terms"))),
        ends_soon=Count("pk", filter=ends_soon(on, source.of_product("extended_terms"))),
        checked_on=Max(source.of_product("checked_on")),
        first_day=Min("release_date"),
        last_eol=Max("eol_date"),
        last_eoes=Max("eoes_date"),
    )
    return facts


def _facts_of_all(source: Source, cycles: Any, on: date) -> dict[str, Any]:
    """Return the same for the whole catalogue by indexes, counting no more than `MAX_COUNTED`."""
    terms = source.of_product("extended_terms")
    soon, of_all = cycles.ends_soon(on, terms), supported(on, terms)
    facts: dict[str, Any] = {
        "supported": _Number(cycles.filter(of_all).values("pk")[: MAX_COUNTED + 1]),
        "ends_soon": _Number(soon.values("pk")[: MAX_COUNTED + 1]),
        "checked_on": _first(source.products, "-checked_on"),
        "first_day": _first(cycles, "release_date"),
        "last_eol": _first(cycles, "-eol_date"),
        "last_eoes": _first(cycles, "-eoes_date"),
    }
    # The subqueries need one row to select from; any will do.
    return cycles.order_by("pk").values(**facts).first() or dict.fromkeys(facts)


class _Number(Subquery):
    """The number of rows of a query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _first(rows: QuerySet[Any, Any], order: str) -> Subquery:
    """Return the first value of a column in an order."""
    column = order.removeprefix("-")
    given = rows.filter(**{f"{column}__isnull": False})
    return Subquery(given.order_by(order).values(column)[:1])


def _page(rows: QuerySet[Any, Any], size: int, page: int) -> tuple[int, int, int]:
    """Return the number of rows, the number of pages, and the first row of the requested page.

    Counts no further than needed. A page beyond the last one is the last one.
    """
    count = rows.order_by()[: max(MAX_COUNTED, page * size) + 1].count()
    pages = max(1, -(-count // size))
    return count, pages, (min(page, pages) - 1) * size


def _pinned(
    source: Source, query: RoadmapQuery, names: dict[str, str]
) -> tuple[list[ReleaseCycle], list[QueryProblem]]:
    """Return the pinned cycles that exist, in the order of the query, and problems for other pins.

    They are found by their names or former names.
    """
    if not query.pins:
        return [], []
    wanted = {pin: (names.get(pin.product, pin.product), pin.cycle) for pin in query.pins}
    found = cycles_called(source, wanted.values())
    pinned = dict.fromkeys(found[place] for place in wanted.values() if place in found)
    problems = [
        QueryProblem("pin", f"There is no release cycle “{pin}” here.")
        for pin, place in wanted.items()
        if place not in found
    ]
    return list(pinned), problems


def _flat(
    source: Source, products: Any, query: RoadmapQuery, text: TextFilter
) -> QuerySet[Any, Any]:
    """Return the cycles of products in one order across them.

    If the query does not filter cycles, only planned and supported ones are returned, and those
    that its text names.
    """
    cycles = matching_cycles(source, query)
    cycles = cycles.filter(product__in=products.order_by().values("id"))
    if not query.filters_cycles:
        cycles = cycles.filter(~Q(status__in=ENDED) | text.cycles)
    order: list[Any] = [STATUS_ORDER] if query.group is Group.STATUS else []
    flat: QuerySet[Any, Any] = source.joined(cycles, "product__category").order_by(
        *order,
        *_order(query),
        OrderBy(source.of_product("featured"), nulls_last=True),
        Lower(source.of_product("label")),
        *source.order,
    )
    return flat


def _order(query: RoadmapQuery) -> list[Any]:
    """Return the first sort criteria of rows; rows without the date come last."""
    name = query.sort.value.removeprefix("-")
    if not name:
        return []
    column = F(f"{name}_date")
    down = query.sort.value.startswith("-")
    return [column.desc(nulls_last=True) if down else column.asc(nulls_last=True)]


def _rows(
    source: Source, products: list[Product], query: RoadmapQuery, text: TextFilter
) -> list[ProductRows]:
    """Return the rows of some products, at most `ROWS_A_GROUP` a group unless it is expanded.

    Cycles that the text of the query names are always among them.
    """
    every = [product.pk for product in products if product.name in query.expanded]
    by_product: dict[int, ProductRows] = {product.pk: ProductRows(product) for product in products}
    terms = source.of_product("extended_terms")
    group = Case(
        *(When(status=status.value, then=Value(place.value)) for status, place in GROUPS.items()),
        default=Value(RowGroup.SUPPORTED.value),
        output_field=IntegerField(),
    )
    by_date = Case(When(group=RowGroup.PLANNED.value, then=F("release_date")))
    last_ended = Case(When(group=RowGroup.ENDED.value, then=supported_until(terms)))
    parts: list[Any] = [F("product"), F("group")]
    few = Q(rank__lte=ROWS_A_GROUP)
    if not query.filters_cycles:
        few &= ~Q(group=RowGroup.ENDED.value) | Q(rank=1)
    cycles = (
        matching_cycles(source, query)
        .filter(product__in=list(by_product))
        .annotate(group=group)
        .annotate(
            rank=Window(
                RowNumber(),
                partition_by=parts,
                order_by=[
                    by_date.asc(nulls_last=True),
                    last_ended.desc(nulls_last=True),
                    *source.order,
                ],
            ),
            total=Window(Count("pk"), partition_by=parts),
            called=Case(When(text.cycles, then=Value(True)), default=Value(False)),
        )
        .filter(few | Q(called=True) | Q(product__in=every))
        .order_by("product_id", *_order(query), by_date.asc(nulls_last=True), *source.order)
    )
    for row in cycles:
        rows, place = by_product[row.product_id], RowGroup(row.group)
        cycle = source.cycle(row)
        cycle.product = rows.product
        rows.groups.setdefault(place, []).append(cycle)
        rows.totals[place] = row.total
        if query.sort:
            rows.order.append(cycle.pk)
        if row.called:
            rows.called.add(cycle.pk)
    return [
        rows if query.filters_cycles or rows.product.pk in every else _recent(rows, query.on)
        for rows in by_product.values()
    ]


def _recent(rows: ProductRows, on: date) -> ProductRows:
    """Leave out the cycle that ended last if that is long ago and there are other cycles."""
    if len(rows.groups) > 1:
        ended = rows.groups.pop(RowGroup.ENDED, [])
        shown = [each for each in ended if ended_recently(each, on) or each.pk in rows.called]
        if shown:
            rows.groups[RowGroup.ENDED] = shown
    return rows


def ended_recently(cycle: ReleaseCycle, on: date) -> bool:
    """Return True if the support of an ended cycle ended in the last `RECENT_DAYS` days."""
    end = cycle.lifecycle.supported_until
    return isinstance(end, PartialDate) and (on - end.date).days <= RECENT_DAYS
