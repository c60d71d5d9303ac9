"""The sources of a view of the roadmap: the present catalogue, or the one recorded on a day.

History records have the columns of their rows, so the same conditions hold for both. Their primary
keys differ, though: queries for both use `id`, not `pk`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final, Protocol, TypeVar

from django.db.models import Exists, F, Min, Model, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Lower

from releases.models import Product, Release, ReleaseCycle
from releases.models.upgrade_rule import RULE_COLUMNS
from releases.models.visibility import published
from releases.selectors.published import read_releases
from releases.selectors.recorded import Drafted, as_of, public_rows

Names = Mapping[tuple[int, int], tuple[str, str]]
"""The names of products and cycles by their keys.

For a product alone, the key and the name of the cycle are 0 and empty.
"""

Row = TypeVar("Row", bound=Model)


class Source(Protocol):
    """The public products and cycles, in tables that are queried alike."""

    tags: str
    """The lookup from a product to its tags."""
    order: tuple[str, str]
    """The order of the cycles of a product."""
    by_indexes: bool
    """True if indexes find the first and the last day without scanning all cycles."""

    @property
    def products(self) -> Any:
        """The products in their order, with their categories, without large columns."""

    @property
    def cycles(self) -> Any:
        """The cycles, in no order."""

    def of_product(self, column: str) -> F | Subquery:
        """Return an expression for a column of a cycle's product."""

    def joined(self, cycles: Any, product: str) -> Any:
        """Return cycles joined with their products, if one query can do that."""

    def product(self, row: Any) -> Product:
        """Return the product of a row of `products`."""

    def cycle(self, row: Any) -> ReleaseCycle:
        """Return the cycle of a row of `cycles`."""

    def join(self, cycles: Iterable[ReleaseCycle]) -> None:
        """Set the products of cycles if `joined` could not, in 1 query at most."""

    def read_releases(self, cycles: Iterable[ReleaseCycle]) -> None:
        """Prefetch the releases of cycles, in 1 query; in none without cycles."""

    def names_now(self, products: list[Product], cycles: list[ReleaseCycle]) -> Names | None:
        """Return the present names of products and cycles, in 1 query at most.

        None if the rows are the present ones. Rows that no longer exist are left out.
        """


_NOT_SHOWN: Final = tuple(RULE_COLUMNS.values())
"""The columns of the upgrade rule, which no roadmap shows."""


class Present:
    """The catalogue as it is."""

    tags = "tags"
    order = ("position", "pk")
    by_indexes = True

    @property
    def products(self) -> Any:
        products = Product.objects.public().select_related("category")
        return products.without_large_columns().defer(*_NOT_SHOWN)

    @property
    def cycles(self) -> Any:
        return ReleaseCycle.objects.public()

    def of_product(self, column: str) -> F | Subquery:
        return F(f"product__{column}")

    def joined(self, cycles: Any, product: str) -> Any:
        return cycles.with_product(product).defer(*(f"product__{name}" for name in _NOT_SHOWN))

    def product(self, row: Product) -> Product:
        return row

    def cycle(self, row: ReleaseCycle) -> ReleaseCycle:
        return row

    def join(self, cycles: Iterable[ReleaseCycle]) -> None:
        """Do nothing: `joined` has set the products."""

    def read_releases(self, cycles: Iterable[ReleaseCycle]) -> None:
        read_releases(cycles)

    def names_now(self, products: list[Product], cycles: list[ReleaseCycle]) -> None:
        return None


PRESENT: Final = Present()


class Recorded:
    """The catalogue as it was recorded at the end of a day (UTC).

    Contains what was public then, except for present drafts. Aliases, former names and the order of
    the cycles of a product are the present ones: the history of names is younger than that of
    dates, and the order has none.
    """

    tags = "historicalproduct_tags__tag"
    order = ("place", "id")
    by_indexes = False

    def __init__(self, day: date) -> None:
        self.day = day

    @cached_property
    def products(self) -> Any:
        rows = self._shown(Product).select_related("category").defer("description", *_NOT_SHOWN)
        return rows.order_by(F("featured").asc(nulls_last=True), Lower("label"), "name")

    @cached_property
    def cycles(self) -> Any:
        place = ReleaseCycle.objects.filter(pk=OuterRef("id")).order_by().values("position")
        rows = self._shown(ReleaseCycle).filter(product_id__in=self._shown(Product).values("id"))
        return rows.alias(place=Coalesce(Subquery(place), "position"))

    def of_product(self, column: str) -> F | Subquery:
        product = as_of(Product, self.day).filter(id=OuterRef("product_id"))
        return Subquery(product.values(column)[:1])

    def joined(self, cycles: Any, product: str) -> Any:
        return cycles

    def product(self, row: Any) -> Product:
        product = _as(Product, row)
        product.category = row.category  # None if it was deleted
        return product

    def cycle(self, row: Any) -> ReleaseCycle:
        cycle = _as(ReleaseCycle, row)
        cycle.recorded_on = self.day
        return cycle

    def join(self, cycles: Iterable[ReleaseCycle]) -> None:
        cycles = list(cycles)
        wanted = {cycle.product_id for cycle in cycles}
        rows = self.products.filter(id__in=wanted) if wanted else ()
        products = {row.id: self.product(row) for row in rows}
        for cycle in cycles:
            cycle.product = products[cycle.product_id]

    def read_releases(self, cycles: Iterable[ReleaseCycle]) -> None:
        every: list[Any] = list(cycles)
        by_cycle: dict[int, list[Release]] = {cycle.pk: [] for cycle in every}
        for row in as_of(Release, self.day).filter(cycle_id__in=by_cycle) if by_cycle else ():
            by_cycle[row.cycle_id].append(_as(Release, row))
        for cycle in every:
            cycle.read_releases = by_cycle[cycle.pk]

    def names_now(self, products: list[Product], cycles: list[ReleaseCycle]) -> Names:
        here = Product.objects.public().filter(pk__in=[each.pk for each in products])
        rows = here.order_by().values_list("pk", Value(0), "name", Value(""))
        of_cycles = ReleaseCycle.objects.public().filter(pk__in=[each.pk for each in cycles])
        every = of_cycles.order_by().values_list("product", "pk", "product__name", "name")
        rows = rows.union(every).order_by()  # Django 6.1 would put the order of products here
        return {(product, cycle): (name, of_cycle) for product, cycle, name, of_cycle in rows}

    def _shown(self, model: Drafted) -> Any:
        same = {"pk": OuterRef("id")}
        deleted = model.history.filter(id=OuterRef("id"), history_type="-", draft=True)
        public_then = Q(publish_on__isnull=False, publish_on__lte=F("history_date__date"))
        gone = ~Exists(model.objects.filter(**same)) & ~Exists(deleted.exclude(public_then))
        rows = as_of(model, self.day).filter(published([""], self.day))
        return rows.filter(Exists(model.objects.public().filter(**same)) | gone)


def source_of(known_on: date | None) -> Source:
    """Return the source of a view: the recorded catalogue of a day, or the present one (None)."""
    return Recorded(known_on) if known_on else PRESENT


def recorded_since() -> date | None:
    """Return the first day with a public record, or None, in 1 query."""
    first = public_rows(Product).aggregate(at=Min("seen_at"))["at"]
    return first.date() if first else None


def _as(model: type[Row], row: Any) -> Row:
    """Return an instance with the values of a record; columns that were not read are deferred."""
    read = [field.attname for field in model._meta.concrete_fields if field.attname in vars(row)]
    return model.from_db(row._state.db, read, [vars(row)[name] for name in read])
