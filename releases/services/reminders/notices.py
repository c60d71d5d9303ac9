"""Notices: recorded once for each subscription, and checked again before they are sent."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from releases.domain.reminders.news import News, NewsKind, merged
from releases.models import Notice, ReleaseCycle, Revision, Subscription, SubscriptionState
from releases.services.reminders.outbox import lock

logger = logging.getLogger(__name__)

_BATCH: Final = 500
_STALE: Final = timedelta(hours=12)
"""Age from which a cursor is moved even if nothing has changed."""


@dataclass
class Findings:
    """The result of a search.

    Attributes:
        now: The time of the search.
        moved: True if the catalogue has changed, so that the cursors of changes must move.
        notices: The notices that were found; earlier searches may have found some of them.
        gone: The notices of views that no longer exist.
        back: The keys of subscriptions whose view exists again.
        days: The last day that was searched for ends, by subscription.
    """

    now: datetime
    moved: bool
    notices: list[Notice] = field(default_factory=list)
    gone: list[Notice] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    days: dict[int, date] = field(default_factory=dict)


def wait_for_writers() -> None:
    """Wait until all changes that were recorded up to now are visible."""
    with transaction.atomic():
        Revision.wait()


def followers() -> list[Subscription]:
    """Return the confirmed subscriptions by view. Paused ones collect notices, too."""
    confirmed = Subscription.objects.exclude(state=SubscriptionState.PENDING)
    return list(confirmed.order_by("view", "pk"))


def record(found: Findings, subscriptions: Sequence[Subscription]) -> int:
    """Record findings and move cursors in one transaction; return the number of new notices.

    Args:
        found: The findings.
        subscriptions: All subscriptions that were searched.
    """
    with transaction.atomic():
        stale = found.now - _STALE
        moved = {
            each.pk
            for each in subscriptions
            if found.moved or each.changes_until is None or each.changes_until < stale
        }
        present = lock(moved | {*found.days, *(each.subscription_id for each in found.gone)})
        Subscription.objects.filter(pk__in=found.back).update(view_gone=False)
        notices = [*found.notices, *(each for each in found.gone if _goes(each))]
        Notice.objects.bulk_create(
            [each for each in notices if each.subscription_id in present],
            ignore_conflicts=True,
            batch_size=_BATCH,
        )
        Subscription.objects.filter(pk__in=moved).update(changes_until=found.now)
        by_day: defaultdict[date, list[int]] = defaultdict(list)
        for key, day in found.days.items():
            by_day[day].append(key)
        for day, keys in by_day.items():
            Subscription.objects.filter(pk__in=keys).update(days_until=day)
        # Only this transaction sees its notices, so all of them are pending, which has an index.
        waiting = Notice.objects.filter(message=None, dropped=False)
        return waiting.filter(noticed_at=found.now).count()


def _goes(notice: Notice) -> bool:
    """Mark the view of a notice as gone; return False if that was recorded before."""
    here = Subscription.objects.filter(pk=notice.subscription_id, view_gone=False)
    return bool(here.update(view_gone=True))


def still_true(notices: Iterable[Notice]) -> Collection[int]:
    """Return the keys of the notices that are still true, public and chosen, in 3 queries.

    An end must have the same date, and a release must still be recorded. Changes of a date are
    dropped if the last one restores the date before the first one. Subscribers may have changed
    their choice of reminders since the notices were recorded.
    """
    readable = dict(_readable(notices))
    of_subscriber: defaultdict[int, list[News]] = defaultdict(list)
    for notice, news in readable.items():
        of_subscriber[notice.subscription_id].append(news)
    told = {key: {each.place for each in merged(every)} for key, every in of_subscriber.items()}
    keys = {each.cycle_key for each in readable.values() if each.cycle_key}
    cycles = ReleaseCycle.objects.public().filter(pk__in=keys).order_by()
    found = {cycle.pk: cycle for cycle in cycles.prefetch_related("releases")}
    wishes = {key: each.wishes for key, each in Subscription.objects.in_bulk(list(told)).items()}
    return {
        notice.pk
        for notice, news in readable.items()
        if news.place in told[notice.subscription_id]
        and wishes[notice.subscription_id].has(news)
        and _holds(news, found.get(news.cycle_key))
    }


def _readable(notices: Iterable[Notice]) -> Iterator[tuple[Notice, News]]:
    """Yield the notices that can be read; another version of the site may have written others."""
    for notice in notices:
        try:
            yield notice, notice.news
        except (KeyError, TypeError, ValueError):
            logger.exception("The notice %s cannot be read and is dropped.", notice.key)


def _holds(news: News, cycle: ReleaseCycle | None) -> bool:
    if news.kind is NewsKind.GONE:
        return True
    if cycle is None:
        return False
    if news.kind is NewsKind.END:
        return bool(getattr(cycle, news.milestone) == news.day)
    if news.kind is NewsKind.RELEASE:
        recorded = (release.version for release in cycle.releases.all())
        return news.version in {cycle.name, cycle.latest, *recorded}
    return True
