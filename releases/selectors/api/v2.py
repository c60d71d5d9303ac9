"""Queries of API v2: products, cycles and milestones, filtered and paginated in a stable order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import (
    F,
    IntegerField,
    Prefetch,
    Q,
    QuerySet,
    Value,
    prefetch_related_objects,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower

from releases.domain.identifiers import READERS
from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.lifecycle.status import Status
from releases.models import (
    CatalogueQuerySet,
    Category,
    Product,
    Release,
    ReleaseCycle,
    Tag,
)
from releases.models.cycle import CycleQuerySet
from releases.models.status import lts, maintained
from releases.selectors.identifiers import first_match, identified_cycles, identified_products
from releases.selectors.lists import ProductCounts, names_in_use, with_counts
from releases.selectors.product import names_called
from releases.selectors.published import RELEASES
from releases.selectors.resolver import read_names, resolver_of

T = TypeVar("T")


class UnknownNameError(LookupError):
    """A name is not in the catalogue. `choices` are all names of its kind if these are few."""

    def __init__(self, kind: str, name: str, choices: Collection[str] = ()) -> None:
        super().__init__(kind, name)
        self.kind, self.name, self.choices = kind, name, choices


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A part of a list, and the number of all its items."""

    items: list[T]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The bounds of a part of a list: `limit` items from `offset` on, counted from 0."""

    limit: int
    offset: int

    def of(self, rows: QuerySet[Any, Any]) -> list[Any]:
        return list(rows[self.offset : self.offset + self.limit])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """A filter of products by names or aliases, category and tag. Empty values match all."""

    names: Sequence[str] = ()
    category: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleFilter:
    """A filter of cycles as of `on`. Empty values and None match all.

    `ends_before` is exclusive: the present phase of the cycle ends on an earlier day.
    """

    on: date
    statuses: Sequence[Status] = ()
    lts: bool | None = None
    maintained: bool | None = None
    ends_soon: bool = False
    ends_before: date | None = None


@dataclass(frozen=True, slots=True)
class DatedMilestone:
    """A milestone of a cycle that has a date."""

    cycle: ReleaseCycle
    name: str


@dataclass(frozen=True, slots=True)
class Match:
    """A product with a requested identifier, and its cycle that the version belongs to."""

    product: Product
    cycle: ReleaseCycle | None


@dataclass(frozen=True, slots=True)
class Identified:
    """A requested identifier, the version that it names, and the products that have it."""

    type: str
    value: str
    version: str
    matches: list[Match]


def products(
    which: ProductFilter, part: Part, on: date, sort: str | None = None
) -> Slice[ProductCounts]:
    """Return products with category, tags and aliases, in 5 queries.

    One more query for each kind of name in the filter.

    Args:
        which: The filter.
        part: The part of the list.
        on: The day of the counts.
        sort: "name" or "label", with a "-" for descending order; None for the order of the
            roadmap.

    Raises:
        UnknownNameError: A name in the filter is not in the catalogue.
    """
    found = _products(which).select_related("category").without_large_columns()
    if sort:
        found = found.order_by(_order(_PRODUCT_SORTS, sort), "name")
    found = found.prefetch_related("tags", "aliases")
    shown = part.of(found)
    return Slice(with_counts(shown, on), found.count())


def cycles(
    products: ProductFilter, which: CycleFilter, part: Part, sort: str | None = None
) -> Slice[ReleaseCycle]:
    """Return cycles with their products, in 3 queries.

    One more query for each kind of name in the filter.

    Args:
        products: The filter of their products.
        which: The filter of the cycles.
        part: The part of the list.
        sort: A milestone or "next_end", with a "-" for descending order; cycles without the
            date come last. None: by product in the order of the roadmap, then in the order of
            its cycles.

    Raises:
        UnknownNameError: A name in the filter is not in the catalogue.
    """
    found = _cycles(which).filter(product__in=_products(products).order_by())
    found = found.with_product()
    first = [_order(_CYCLE_SORTS, sort)] if sort else []
    found = found.order_by(*first, *_PRODUCT_ORDER, "position", "pk").prefetch_related(RELEASES)
    return Slice(part.of(found), found.count())


def cycle(product: str, name: str) -> ReleaseCycle:
    """Return a cycle with its product, in 1 query. Raises `ReleaseCycle.DoesNotExist`."""
    found = ReleaseCycle.objects.public().with_product()
    return found.get(product__name=product, name=name)


def with_siblings(cycle: ReleaseCycle) -> ReleaseCycle:
    """Read the identifiers of a cycle and its product, and the other cycles of that, in 3 queries.

    Returns the cycle.
    """
    others = Prefetch("product__cycles", ReleaseCycle.objects.public())
    prefetch_related_objects([cycle], "identifiers", "product__identifiers", others)
    return cycle


def cycle_names(product: str) -> list[str]:
    """Return the names of a product's cycles, in 1 query; none if there is no such product."""
    found = ReleaseCycle.objects.public().filter(product__name=product)
    return list(found.values_list("name", flat=True))


def releases(cycle: ReleaseCycle, part: Part, sort: str | None = None) -> Slice[Release]:
    """Return the releases of a cycle, in 2 queries.

    Args:
        cycle: The cycle.
        part: The part of the list.
        sort: "date" or "-date"; releases without a date come last. None: as in the product
            file.
    """
    found = Release.objects.public().filter(cycle=cycle)
    if sort:
        found = found.order_by(_order({"date": F("date")}, sort), "pk")
    return Slice(part.of(found), found.count())


def milestones(
    products: ProductFilter,
    part: Part,
    *,
    names: Collection[str] = (),
    first: date | None = None,
    last: date | None = None,
    descending: bool = False,
) -> Slice[DatedMilestone]:
    """Return milestones with a date, in order of date, in 3 queries.

    One more query for each kind of name in the filter. An imprecise date counts as the last day of
    its period.

    Args:
        products: The filter of their products.
        part: The part of the list.
        names: The milestones to return; empty for all.
        first: The first day, inclusive.
        last: The last day, inclusive.
        descending: Return the latest first.

    Raises:
        UnknownNameError: A name in the filter is not in the catalogue.
    """
    cycles = ReleaseCycle.objects.public().filter(product__in=_products(products).order_by())
    kinds = [name for name in MILESTONES if not names or name in names]
    each = [_dated(cycles, name, first, last) for name in kinds]
    every = each[0].union(*each[1:], all=True) if each[1:] else each[0]
    day = "-day" if descending else "day"
    rows = part.of(every.order_by(day, "owner", "position", "pk", "kind"))
    wanted = ReleaseCycle.objects.public().with_product()
    by_pk = wanted.in_bulk({row["pk"] for row in rows})
    items = [DatedMilestone(by_pk[row["pk"]], _KINDS[row["kind"]]) for row in rows]
    return Slice(items, every.count())


def identified(
    requested: Sequence[tuple[str, str]], version: str = "", *, on: date
) -> list[Identified]:
    """Return the products with these identifiers, in their order, in 5 queries.

    An identifier of a cycle names its product and the cycle; if it is one of several cycles, the
    version decides between them.

    Args:
        requested: Pairs of type and value.
        version: The version for identifiers that name none.
        on: The day on which versions are resolved.
    """
    wanted = [(type_, value, READERS[type_](value)) for type_, value in requested]
    lookups = [(type_, each) for type_, _, each in wanted]
    owners, own = identified_products(lookups), identified_cycles(lookups)
    named_products = {cycle.product_id for every in own.values() for cycle in every}
    cycles = _cycles_of(
        named_products | {product.pk for every in owners.values() for product in every}
    )
    found = []
    for type_, value, each in wanted:
        named = each.version or version
        names: dict[Product, set[int]] = {}
        for cycle in first_match(own, [(type_, each)]):
            names.setdefault(cycle.product, set()).add(cycle.pk)
        matches = [
            Match(product, _cycle_among(product, cycles[product.pk], names.get(product), named, on))
            for product in names or first_match(owners, [(type_, each)])
        ]
        found.append(Identified(type_, value, named, matches))
    return found


def _cycle_among(
    product: Product,
    cycles: Sequence[ReleaseCycle],
    named: Collection[int] | None,
    version: str,
    on: date,
) -> ReleaseCycle | None:
    """Return the cycle of a version: one of those that are `named`, or any if that is None."""
    if named is not None and len(named) == 1:
        return next(cycle for cycle in cycles if cycle.pk in named)
    cycle = resolver_of(product, cycles).resolve(version, on).cycle
    return cycle if cycle and (named is None or cycle.pk in named) else None


_PRODUCT_ORDER = (
    F("product__featured").asc(nulls_last=True),
    Lower("product__label"),
    "product__name",
)


_PRODUCT_SORTS: Mapping[str, F | Lower] = {"name": F("name"), "label": Lower("label")}
_KINDS = tuple(MILESTONES)
_CYCLE_SORTS: Mapping[str, F | Lower] = {
    **{name: F(f"{name}_date") for name in MILESTONES},
    "next_end": F("next_end"),
}


def _order(columns: Mapping[str, F | Lower], sort: str) -> OrderBy:
    """Return the order that `sort` names, a key of `columns` with a "-" if it is descending."""
    column = columns[sort.removeprefix("-")]
    return OrderBy(column, descending=sort.startswith("-"), nulls_last=True)


def _products(which: ProductFilter) -> CatalogueQuerySet[Product]:
    found = Product.objects.public()
    if which.names:
        found = found.filter(name__in=_names(which.names))
    if which.category:
        found = found.filter(category__name=_known("category", which.category, Category))
    if which.tag:
        found = found.filter(tags__name=_known("tag", which.tag, Tag))
    return found


def _names(wanted: Sequence[str]) -> set[str]:
    """Return the names of the products with these names or aliases. Raises `UnknownNameError`."""
    by_name = names_called(wanted)
    for name in wanted:
        if name not in by_name:
            raise UnknownNameError("product", name)
    return {by_name[name] for name in wanted}


def _known(kind: str, name: str, model: type[Category] | type[Tag]) -> str:
    choices = [each for each, _ in names_in_use(model)]
    if name not in choices:
        raise UnknownNameError(kind, name, choices)
    return name


def _cycles(which: CycleFilter) -> CycleQuerySet:
    found = ReleaseCycle.objects.public().with_next_end(which.on)
    if which.statuses:
        found = found.in_status(which.statuses, which.on)
    for wanted, condition in ((which.lts, lts), (which.maintained, maintained)):
        if wanted is not None:
            on = condition(which.on)
            found = found.filter(on) if wanted else found.exclude(on)
    if which.ends_soon:
        found = found.ends_soon(which.on)
    if which.ends_before:
        found = found.filter(Q(next_end__lt=which.ends_before))
    return found


def _dated(
    cycles: QuerySet[Any, Any], name: str, first: date | None, last: date | None
) -> QuerySet[Any, Any]:
    column = f"{name}_date"
    dated = cycles.filter(**{f"{column}__isnull": False}).order_by()
    if first:
        dated = dated.filter(**{f"{column}__gte": first})
    if last:
        dated = dated.filter(**{f"{column}__lte": last})
    kind = Value(_KINDS.index(name), IntegerField())
    return dated.values("pk", "position", day=F(column), owner=F("product__name"), kind=kind)


def _cycles_of(products: Collection[int]) -> Mapping[int, list[ReleaseCycle]]:
    found: defaultdict[int, list[ReleaseCycle]] = defaultdict(list)
    for each in ReleaseCycle.objects.public().filter(product__in=products).with_product():
        found[each.product_id].append(each)
    read_names(each for cycles in found.values() for each in cycles)
    return found
