"""Reads what is new in the catalogue: public changes of cycles, and released versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, Subquery, Value

from releases.domain.history.changes import LifecycleChange, first_moment, lifecycles_before
from releases.domain.lifecycle.milestones import Precision
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.lifecycle.versions import ReleaseKind
from releases.models import Alias, Product, Release, ReleaseCycle
from releases.selectors.history.changes import public_histories

RECENT: Final = timedelta(days=14)
"""Maximum age of a release when it is recorded; older ones are not reported."""


@dataclass(frozen=True, slots=True)
class ReleaseOut:
    """A release that has come out.

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

    @property
    def lives_before(self) -> list[Lifecycle | None]:
        """The lifecycle before each change, as in `lifecycles_before`."""
        return lifecycles_before(self.cycle.lifecycle, self.changes)


def news_since(since: datetime, now: datetime) -> Mapping[int, CycleNews]:
    """Return what is new after `since` and up to `now`, by cycle key, in 9 queries at most.

    Only cycles that are public now are included. The changes of a draft that is published on a day
    count from the beginning of that day.
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


def names_of(products: Collection[Product]) -> set[str]:
    """Return the names of products, and their former ones, in 1 query for 500 products."""
    found = {each.name for each in products}
    keys = [each.pk for each in products]
    for first in range(0, len(keys), 500):
        rows = Alias.objects.filter(product__in=keys[first : first + 500])
        found.update(rows.values_list("name", flat=True))
    return found


def _touched(since: datetime, now: datetime) -> Q:
    """Return the condition for cycles that may have changed publicly after `since`."""
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
    """Return the releases that came out or were recorded after `since`, by cycle, in 3 queries.

    A version that is recorded more than once is returned once, with its kind. Releases that were
    recorded together with their product are left out.
    """
    found: dict[tuple[int, str], ReleaseOut] = {}
    days = ((now - RECENT).date(), now.date())
    for rows in (_recorded(days), _latest(days), _first_of_cycles(days)):
        for cycle, version, kind, day, recorded, product_at in rows:
            at = max(recorded, first_moment(day))
            out = ReleaseOut(at, version, ReleaseKind(kind) if kind else None, day)
            if since < at <= now and product_at < recorded:
                found.setdefault((cycle, version), out)
    by_cycle: defaultdict[int, list[ReleaseOut]] = defaultdict(list)
    for (cycle, _), out in sorted(found.items(), key=lambda item: item[1].at):
        by_cycle[cycle].append(out)
    return by_cycle


def _recorded(days: tuple[date, date]) -> Any:
    """Return the recorded releases of some days, as `_rows` does."""
    rows = Release.objects.public().filter(date__range=days, precision=Precision.DAY.value)
    records = Release.history.filter(id=OuterRef("pk"), date=OuterRef("date"))
    return _rows(rows, records, ("cycle", "version", "kind", "date"), "cycle__product")


def _latest(days: tuple[date, date]) -> Any:
    """Return the latest releases that cycles themselves name, of some days."""
    rows = ReleaseCycle.objects.public().filter(latest_date__range=days).exclude(latest="")
    records = ReleaseCycle.history.filter(
        id=OuterRef("pk"), latest=OuterRef("latest"), latest_date=OuterRef("latest_date")
    )
    return _rows(rows, records, ("pk", "latest", Value(""), "latest_date"), "product")


def _first_of_cycles(days: tuple[date, date]) -> Any:
    """Return the cycles that came out on some days, by their name."""
    rows = ReleaseCycle.objects.public().filter(
        release_date__range=days, release_precision=Precision.DAY.value
    )
    records = ReleaseCycle.history.filter(id=OuterRef("pk"), release_date=OuterRef("release_date"))
    kind = Value(ReleaseKind.FINAL.value)
    return _rows(rows, records, ("pk", "name", kind, "release_date"), "product")


def _rows(rows: Any, records: Any, columns: tuple[Any, ...], product: str) -> Any:
    """Return cycle, version, kind, day, and the times of the first record of it and the product.

    Args:
        rows: The rows.
        records: The history records of a row with its present values.
        columns: The columns of cycle, version, kind and day.
        product: The path to the product.
    """
    of_product = Product.history.filter(id=OuterRef(product))
    times = {"recorded": _first(records), "product_at": _first(of_product)}
    known = rows.order_by().annotate(**times).exclude(recorded=None).exclude(product_at=None)
    return known.values_list(*columns, "recorded", "product_at")


def _first(records: Any) -> Subquery:
    """Return the time of the first of some history records."""
    return Subquery(records.order_by("history_date").values("history_date")[:1])
