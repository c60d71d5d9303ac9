"""The news of the catalogue since a time: public changes of cycles, and releases that are out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, Subquery

from releases.domain.history.changes import LifecycleChange, first_moment
from releases.domain.lifecycle.milestones import Precision
from releases.domain.lifecycle.versions import ReleaseKind
from releases.models import Product, Release, ReleaseCycle
from releases.selectors.history.changes import public_histories

RECENT: Final = timedelta(days=14)
"""A release that is older when it is recorded is no news."""


@dataclass(frozen=True, slots=True)
class ReleaseOut:
    """A release that is out.

    Attributes:
        at: The time from which this is known: the beginning of its day, or when it was recorded.
        version: The version.
        kind: The kind; None if it is not recorded.
        day: The day.
    """

    at: datetime
    version: str
    kind: ReleaseKind | None
    day: date


@dataclass(frozen=True, slots=True)
class CycleNews:
    """The news of a cycle, each list with the oldest first."""

    cycle: ReleaseCycle
    changes: list[LifecycleChange]
    releases: list[ReleaseOut]


def news_since(since: datetime, now: datetime) -> Mapping[int, CycleNews]:
    """Return the news after `since` and up to `now`, by the key of the cycle, in 9 queries at most.

    Only cycles that are public now have news. A draft that is published on a day has its news at
    the beginning of that day.
    """
    public = ReleaseCycle.objects.public().with_product().order_by()
    changed = list(public.filter(_touched(since, now)))  # 1 query
    histories = public_histories(changed) if changed else {}  # 1 query
    changes = {
        pk: [each for each in history.changes if since < each.at <= now]
        for pk, history in histories.items()
    }
    releases = _releases_out(since, now)
    keys = {pk for pk, found in changes.items() if found} | set(releases)
    known = {cycle.pk: cycle for cycle in changed}
    missing = keys - set(known)
    if missing:
        known |= {cycle.pk: cycle for cycle in public.filter(pk__in=missing)}  # 1 query
    return {
        pk: CycleNews(known[pk], changes.get(pk, []), releases.get(pk, []))
        for pk in keys
        if pk in known
    }


def _touched(since: datetime, now: datetime) -> Q:
    """Return the condition of cycles that may have changed in public after `since`."""
    own = ReleaseCycle.history.filter(history_date__gt=since).order_by().values("id")
    of_product = Product.history.filter(history_date__gt=since).order_by().values("id")
    published = (since.date(), now.date())
    return (
        Q(pk__in=own)
        | Q(product__in=of_product)
        | Q(publish_on__range=published)
        | Q(product__publish_on__range=published)
    )


def _releases_out(since: datetime, now: datetime) -> Mapping[int, list[ReleaseOut]]:
    """Return the releases that came out or were recorded after `since`, by cycle.

    A version that is recorded more than once counts once, with its kind. Releases of a product that
    was created with them are no news.
    """
    first = (now - RECENT).date()
    found: dict[tuple[int, str], ReleaseOut] = {}
    for row in (*_recorded(first, now), *_latest(first, now), *_first_of_cycles(first, now)):
        cycle, version, kind, day, at, product_at = row
        out = ReleaseOut(max(at, first_moment(day)), version, kind, day)
        if since < out.at <= now and (product_at is None or product_at < at):
            found.setdefault((cycle, version), out)
    by_cycle: defaultdict[int, list[ReleaseOut]] = defaultdict(list)
    for (cycle, _), out in sorted(found.items(), key=lambda item: item[1].at):
        by_cycle[cycle].append(out)
    return by_cycle


_Row = tuple[int, str, ReleaseKind | None, date, datetime, datetime | None]
"""Cycle, version, kind, day, time of the first record, time of the product's first record."""


def _recorded(first: date, now: datetime) -> Iterable[_Row]:
    """Yield the recorded releases of the last days, in 1 query."""
    rows = Release.objects.public().filter(
        date__range=(first, now.date()), precision=Precision.DAY.value
    )
    at = Release.history.filter(id=OuterRef("pk"), date=OuterRef("date"))
    for cycle, version, kind, day, recorded, product_at in (
        rows.order_by()
        .annotate(at=_first(at), product_at=_product_at("cycle__product"))
        .values_list("cycle", "version", "kind", "date", "at", "product_at")
    ):
        if recorded:
            yield cycle, version, ReleaseKind(kind), day, recorded, product_at


def _latest(first: date, now: datetime) -> Iterable[_Row]:
    """Yield the latest releases that cycles themselves name, of the last days, in 1 query."""
    rows = ReleaseCycle.objects.public().filter(latest_date__range=(first, now.date()))
    at = ReleaseCycle.history.filter(
        id=OuterRef("pk"), latest=OuterRef("latest"), latest_date=OuterRef("latest_date")
    )
    for cycle, version, day, recorded, product_at in (
        rows.exclude(latest="")
        .order_by()
        .annotate(at=_first(at), product_at=_product_at("product"))
        .values_list("pk", "latest", "latest_date", "at", "product_at")
    ):
        if recorded:
            yield cycle, version, None, day, recorded, product_at


def _first_of_cycles(first: date, now: datetime) -> Iterable[_Row]:
    """Yield the cycles that came out in the last days, by their name, in 1 query."""
    rows = ReleaseCycle.objects.public().filter(
        release_date__range=(first, now.date()), release_precision=Precision.DAY.value
    )
    at = ReleaseCycle.history.filter(id=OuterRef("pk"), release_date=OuterRef("release_date"))
    for cycle, name, day, recorded, product_at in (
        rows.order_by()
        .annotate(at=_first(at), product_at=_product_at("product"))
        .values_list("pk", "name", "release_date", "at", "product_at")
    ):
        if recorded:
            yield cycle, name, ReleaseKind.FINAL, day, recorded, product_at


def _first(records: Any) -> Subquery:
    """Return the time of the first of some history records."""
    return Subquery(records.order_by("history_date").values("history_date")[:1])


def _product_at(product: str) -> Subquery:
    """Return the time of the first record of a product."""
    return _first(Product.history.filter(id=OuterRef(product)))
