"""Queries of verdicts and upgrade plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Prefetch, Q

from releases.domain.lifecycle.resolver import Resolution
from releases.domain.upgrade.advice import NOT_INSTALLED
from releases.domain.upgrade.compatibility import by_runtime
from releases.domain.upgrade.verdict import Verdict, assess
from releases.models import Alias, Identifier, Product, ReleaseCycle, UpgradeNote, visibility
from releases.selectors.product import data_age
from releases.selectors.published import RELEASES
from releases.selectors.resolver import resolver_of


def is_installed(product: Product) -> bool:
    """Return True if people install and upgrade the product, in 0 queries.

    The category of the product is prefetched.
    """
    return product.category is None or product.category.name not in NOT_INSTALLED


def verdict(product: Product, text: str, on: date) -> Verdict[ReleaseCycle]:
    """Return the verdict on a version of a product, in 2 queries at most.

    Reads the releases and former names of the cycles unless they are prefetched. The category and
    the cycles of the product are.
    """
    resolver = resolver_of(product)
    return verdict_on(product, resolver.cycles, resolver.resolve(text, on), on)


def verdict_on(
    product: Product,
    cycles: Sequence[ReleaseCycle],
    found: Resolution[ReleaseCycle],
    on: date,
    *,
    accept_extended: bool = False,
) -> Verdict[ReleaseCycle]:
    """Return the verdict on a resolved version of a product, in 0 queries.

    The category and the cycles of the product are prefetched, and the releases of the cycles.
    """
    judged = assess(
        found,
        cycles,
        on,
        found.cycle.published if found.cycle else (),
        installed=is_installed(product),
        accept_extended=accept_extended,
        today=visibility.real_date(),
        rule=product.upgrade_rule,
    )
    return replace(judged, data=data_age(product, on), patches_only_fix=product.patches_only_fix)


def product_to_upgrade(name: str) -> Product:
    """Return a product with everything that an upgrade plan needs, in 6 queries.

    Raises:
        Product.DoesNotExist: There is no such product.
    """
    return (
        Product.objects.public()
        .select_related("category")
        .without_large_columns()
        .prefetch_related(
            "custom_fields",
            Prefetch("identifiers", Identifier.objects.order_by("type", "id")),
            Prefetch("upgrade_notes", UpgradeNote.objects.public().order_by("position", "id")),
            _cycles(),
        )
        .get(name=name)
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """A product that another one works with, and the columns of that one with its versions."""

    product: Product
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The runtime of a product, or None, and the databases that it works with."""

    runtime: Beside | None = None
    databases: tuple[Beside, ...] = ()


def surroundings_of(product: Product) -> Surroundings:
    """Return what a product works with, in 4 queries (0 if no column names a product).

    Columns name products of the catalogue by name or alias: the first one that is no database is
    the runtime. The custom fields of `product` are prefetched.
    """
    columns = by_runtime(field.name for field in product.custom_fields.all())
    if not columns:
        return Surroundings()
    aliased = Alias.objects.filter(name__in=columns).values("product")
    found = (
        Product.objects.public()
        .filter(Q(name__in=columns) | Q(pk__in=aliased))
        .exclude(pk=product.pk)
        .select_related("category")
        .without_large_columns()
        .prefetch_related("aliases", _cycles())
    )
    by_name: dict[str, Product] = {}
    for each in found:
        by_name |= {alias.name: each for alias in each.aliases.all()} | {each.name: each}
    beside = [Beside(by_name[name], columns[name]) for name in columns if name in by_name]
    databases = tuple(each for each in beside if _is_database(each.product))
    runtime = next((each for each in beside if each not in databases), None)
    return Surroundings(runtime, databases)


def _is_database(product: Product) -> bool:
    return product.category is not None and product.category.name == "database"


def _cycles() -> Prefetch[str]:
    """Return a prefetch of the public cycles in their order.

    A function, as the day decides which cycles are public.
    """
    cycles = ReleaseCycle.objects.public().in_order()
    return Prefetch("cycles", cycles.prefetch_related(RELEASES))
