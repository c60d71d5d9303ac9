"""The products that changed in public since a moment, for clients that keep a copy.

A copy is kept product by product: a product comes with everything that belongs to it and replaces
the client's version. So deleted, renamed or moved cycles need no rule of their own.

Most products were never a draft, and neither were their cycles: each of their history records is
public, and the database finds the last one. The rule of the domain computes the few others. Writing
to a draft or deleting it is not a change.

This relies on the times of history records, which are in the order of the changes, as one lock
serializes all writes. A randomized test edits the catalogue in all ways and compares a copy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.db.models import F, Max, Model, OuterRef, Q, Subquery

from releases.domain.history.changes import (
    LifecycleChange,
    Visibility,
    first_moment,
    last_public_change,
    public_spans,
)
from releases.models import (
    Alias,
    CustomField,
    CycleIdentifier,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    visibility,
)
from releases.selectors.history.changes import public_histories
from releases.selectors.product import identified_products

_OF_PRODUCT: Final[tuple[type[Model], ...]] = (Alias, Identifier, CustomField)
"""The tables of a product that have a history and no drafts of their own."""

_OF_CYCLE: Final[tuple[type[Model], ...]] = (Release, CycleIdentifier)
"""The same of a cycle, as far as answers show them."""

_VERSION: Final = ("id", "name", "history_date", "history_type", "draft", "publish_on")

Moments = dict[int, datetime]
"""The times of the last changes of products, by primary key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named(Visibility):
    """A version of a product or of a cycle, with its name and the product that it belongs to."""

    name: str
    product: int


@dataclass(frozen=True, slots=True)
class CycleChange:
    """A change of a cycle that is public now."""

    cycle: str
    change: LifecycleChange


@dataclass(frozen=True, slots=True)
class ChangedProduct:
    """A product that changed, as it is now.

    Attributes:
        at: The time of its last change.
        name: Its name.
        product: The product; None if there is no product of this name any more.
        deleted_cycles: The names of cycles that it lost since the time of the copy.
        changes: The changes of dates of its other cycles since then, the oldest first.
    """

    at: datetime
    name: str
    product: Product | None = None
    deleted_cycles: tuple[str, ...] = ()
    changes: tuple[CycleChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedProducts:
    """A part of the products that changed, in order of time.

    Attributes:
        items: The products.
        until: The time up to which this and earlier parts are complete; None without any
            change.
        newest: The time of the newest change in this part and all later ones.
        more: True if there are later parts.
    """

    items: list[ChangedProduct]
    until: datetime | None
    newest: datetime | None
    more: bool


def changed_products(since: datetime | None, after: datetime | None, limit: int) -> ChangedProducts:
    """Return the public products that changed after a moment, each once, in 26 queries at most.

    Products that changed at the same moment are never split, so the next part begins after `until`
    without a gap. The result is empty if only drafts changed.

    Args:
        since: The time of the copy, exclusive: names and cycles that were public later and are
            gone are reported. It is the same for all parts, as a later part may report a
            product that lost its name. None: there is no copy yet, and no deletions are
            reported.
        after: The time up to which earlier parts are complete; None for the first part.
        limit: The approximate number of products to return; at least those of one moment.
    """
    moments = _last_changes(after or since)  # 13 queries
    if since is None:
        here = set(Product.objects.public().order_by().values_list("pk", flat=True))  # 1 query
        moments = {pk: at for pk, at in moments.items() if pk in here}
    groups = groupby(sorted(moments, key=lambda pk: (moments[pk], pk)), key=moments.__getitem__)
    chosen: list[int] = []
    more = False
    for _, keys in groups:
        if more := len(chosen) >= limit:
            break
        chosen += keys
    until = moments[chosen[-1]] if chosen else after or since
    newest = max(moments.values(), default=until)
    return ChangedProducts(
        _changed_items(chosen, moments, since), until, newest, more
    )  # 12 queries


def _last_changes(after: datetime | None) -> Moments:
    """Return the last public changes of the products that changed in public after a moment."""
    today = visibility.real_date()
    written = Q(history_date__lt=first_moment(today + timedelta(days=1)))
    begun = Q(draft=True, publish_on__lte=today)
    if after is not None:
        written &= Q(history_date__gt=after)
        begun &= Q(publish_on__gt=after.date())
    touched = _touched(written)
    due = {*_keys(Product, "id", begun), *_keys(ReleaseCycle, "product", begun)}  # 2 queries
    drafted = _ever_draft(touched.keys() | due)  # 2 queries
    found = {pk: at for pk, at in touched.items() if pk not in drafted}
    for pk, at in _computed(drafted).items():  # 7 queries
        if after is None or at > after:
            found[pk] = at
    return found


def _touched(written: Q) -> Moments:
    """Return the times of the last writes of products or rows that belong to them, in 2 queries.

    Drafts are included.
    """
    of_tables = [(Product, "id"), *((model, "product_id") for model in _OF_PRODUCT)]
    of_tables += [(ReleaseCycle, "product_id")]
    of_tables += [(model, "cycle__product_id") for model in _OF_CYCLE]
    first, *others = (_latest(_history(model).filter(written), key) for model, key in of_tables)
    before = _history(ReleaseCycle).filter(
        id=OuterRef("id"), history_date__lt=OuterRef("history_date")
    )
    before = before.order_by("-history_date", "-history_id").values("product_id")[:1]
    left = _history(ReleaseCycle).filter(written).annotate(left=Subquery(before))
    # Django 6.1 would put the order of the first table here.
    together = first.union(*others, all=True).order_by()
    rows = [*together, *_latest(left.exclude(left=F("product_id")), "left")]
    found: Moments = {}
    for pk, at in rows:
        if pk is not None:
            found[pk] = max(at, found.get(pk, at))
    return found


def _latest(rows: Any, key: str) -> Any:
    return rows.values_list(key).annotate(at=Max("history_date")).order_by()


def _keys(model: type[Model], key: str, condition: Q) -> Any:
    return _history(model).filter(condition).order_by().values_list(key, flat=True).distinct()


def _ever_draft(pks: Collection[int]) -> set[int]:
    """Return those of the products that ever were a draft or had a draft cycle, in 2 queries."""
    if not pks:
        return set()
    draft = Q(draft=True)
    return set(pks) & {*_keys(Product, "id", draft), *_keys(ReleaseCycle, "product_id", draft)}


def _computed(pks: Collection[int]) -> Moments:
    """Return the last public changes of products by the rule of the domain, in 7 queries."""
    if not pks:
        return {}
    of_product = _versions(Product, Q(id__in=pks))
    of_cycles = _cycle_versions(pks)
    parts: defaultdict[int, list[datetime]] = defaultdict(list)
    for model in _OF_CYCLE:
        rows = _history(model).filter(cycle_id__in=list(of_cycles))
        for pk, at in rows.values_list("cycle_id", "history_date"):
            parts[pk].append(at)
    others: defaultdict[int, list[datetime]] = defaultdict(list)
    for model in _OF_PRODUCT:
        rows = _history(model).filter(product_id__in=pks)
        for pk, at in rows.values_list("product_id", "history_date"):
            others[pk].append(at)
    today = visibility.real_date()
    found: Moments = {}
    by_product: defaultdict[int, set[int]] = defaultdict(set)
    for cycle, versions in of_cycles.items():
        for version in versions:
            by_product[version.product].add(cycle)
    for pk in pks:
        cycles = ((_in_product(of_cycles[each], pk), parts[each]) for each in by_product[pk])
        if last := last_public_change(of_product[pk], cycles, others[pk], today):
            found[pk] = last
    return found


def _changed_items(
    pks: list[int], moments: Moments, since: datetime | None
) -> list[ChangedProduct]:
    """Return the products as they are now, each preceded by the names that are gone."""
    if not pks:
        return []
    today = visibility.real_date()
    products = {each.pk: each for each in identified_products().filter(pk__in=pks)}  # 8 queries
    of_product = _versions(Product, Q(id__in=pks))  # 1 query
    gone = {
        pk: {
            version.name
            for version, _, end in public_spans(of_product[pk], today)
            if since is not None and end > since
        }
        for pk in pks
    }
    names = {name for of_one in gone.values() for name in of_one}
    here = set(Product.objects.public().filter(name__in=names).values_list("name", flat=True))
    lost = _lost_cycles(products, of_product, since)  # 1 query
    changes = _changes(products.values(), since)  # 1 query
    items = []
    for pk in pks:
        at = moments[pk]
        items += [ChangedProduct(at, name) for name in sorted(gone[pk] - here)]
        if product := products.get(pk):
            items.append(ChangedProduct(at, product.name, product, lost[pk], changes[pk]))
    return items


def _lost_cycles(
    products: Mapping[int, Product],
    of_product: Mapping[int, list[_Named]],
    since: datetime | None,
) -> defaultdict[int, tuple[str, ...]]:
    """Return the names of cycles that were public in products after a moment and no longer are."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    if since is None:
        return found
    today = visibility.real_date()
    names: defaultdict[int, set[str]] = defaultdict(set)
    for versions in _cycle_versions(products).values():
        for pk in {version.product for version in versions} & products.keys():
            shown = [span[1:] for span in public_spans(of_product[pk], today)]
            for version, start, end in public_spans(_in_product(versions, pk), today):
                if any(max(start, since, s) < min(end, e) for s, e in shown):
                    names[pk].add(version.name)
    for pk, product in products.items():
        here = {cycle.name for cycle in product.cycles.all()}
        found[pk] = tuple(sorted(names[pk] - here))
    return found


def _changes(
    products: Iterable[Product], since: datetime | None
) -> defaultdict[int, tuple[CycleChange, ...]]:
    """Return the changes of the cycles of products after a moment."""
    found: defaultdict[int, tuple[CycleChange, ...]] = defaultdict(tuple)
    if since is None:
        return found
    cycles = [cycle for product in products for cycle in product.cycles.all()]
    histories = public_histories(cycles)
    for product in products:
        every = [
            CycleChange(cycle.name, change)
            for cycle in product.cycles.all()
            for change in (histories[cycle.pk].changes if cycle.pk in histories else ())
            if change.at > since
        ]
        found[product.pk] = tuple(sorted(every, key=lambda each: each.change.at))
    return found


def _cycle_versions(products: Collection[int]) -> dict[int, list[_Named]]:
    """Return the versions of all cycles that ever belonged to products, by primary key."""
    ever = _history(ReleaseCycle).filter(product_id__in=list(products)).order_by().values("id")
    return _versions(ReleaseCycle, Q(id__in=ever), "product_id")


def _versions(model: type[Model], which: Q, product: str = "id") -> defaultdict[int, list[_Named]]:
    found: defaultdict[int, list[_Named]] = defaultdict(list)
    rows = _history(model).filter(which).order_by("history_date", "history_id")
    for pk, name, at, kind, draft, publish_on, owner in rows.values_list(*_VERSION, product):
        found[pk].append(_Named(at, draft, publish_on, kind == "-", name=name, product=owner))
    return found


def _in_product(versions: Iterable[_Named], pk: int) -> list[_Named]:
    """Return the versions of a cycle for a product; they are deleted while it is in another one."""
    return [
        version if version.product == pk else replace(version, deleted=True) for version in versions
    ]


def _history(model: Any) -> Any:
    return model.history.order_by()
