"""Search for new notices, and for the time at which each of them is due.

Changes come from the public history, which every write records in its own transaction. Ends of
support are announced on the days that the subscriber chose. Each view is computed once, however
many subscriptions it has.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from releases.delivery.watch import Followed, cycles_followed, dated_query, products_named
from releases.domain.history.changes import ChangeKind, LifecycleChange
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.reminders.news import News, NewsKind
from releases.domain.reminders.wishes import DAYS
from releases.domain.roadmap.events import Event, EventKind, agenda_events
from releases.models import Notice, ReleaseCycle, Subscription
from releases.presentation.rows import full_title
from releases.selectors import products_in_view
from releases.selectors.reminders import CycleNews, ReleaseOut, names_of, news_since
from releases.services.reminders.notices import Findings, followers, record, wait_for_writers

logger = logging.getLogger(__name__)

OVERLAP: Final = timedelta(minutes=1)
"""Time before a cursor that is searched again, as the clocks of two servers may differ."""
MAX_DAYS: Final = 31
"""Maximum number of past days that a search covers if there was none in between."""
_ENDS: Final = (EventKind.SUPPORT, EventKind.BUGS)


def find_news(now: datetime) -> int:
    """Record the new notices of all subscriptions; return their number.

    Args:
        now: The time.
    """
    wait_for_writers()
    subscriptions = followers()
    if not subscriptions:
        return 0
    since = min(_since(each, now) for each in subscriptions)
    news = news_since(since, now)
    changed = names_of({each.cycle.product for each in news.values()})
    found = Findings(now, moved=bool(news))
    searched = []
    for address, group in groupby(subscriptions, key=lambda each: each.view):
        every = list(group)
        try:
            own = products_named(address, now.date()) if changed else set()
            touched = own is None or not changed.isdisjoint(own)
            _search(_View(address, now, news if touched else {}), every, found)
        except Exception:  # other subscribers must get their notices
            logger.exception("The view %s could not be searched.", address)
        else:
            searched += every
    return record(found, searched)


class _View:
    """A view with its changes and its ends of support, each computed on first use."""

    def __init__(self, address: str, now: datetime, news: Mapping[int, CycleNews]) -> None:
        self.address = address
        self.now = now
        self.of_catalogue = news

    @cached_property
    def followed(self) -> list[Followed] | None:
        return cycles_followed(self.address, self.now.date())

    @cached_property
    def news(self) -> list[CycleNews]:
        """The changes of the cycles of the view, and the changes that removed cycles from it."""
        keys = dict.fromkeys(each.cycle.pk for each in self.followed or ())
        present = [self.of_catalogue[key] for key in keys if key in self.of_catalogue]
        others = [each for key, each in self.of_catalogue.items() if key not in keys]
        return [*present, *(each for each in self._left(others) if each.changes)]

    def _left(self, news: Sequence[CycleNews]) -> Iterator[CycleNews]:
        query = dated_query(self.address, self.now.date())
        changed = {each.cycle.product_id for each in news if each.changes}
        if not (query and changed):
            return
        products = products_in_view(query, changed)
        for each in news:
            if each.cycle.product_id in products:
                changes = zip(each.changes, each.lives_before, strict=True)
                left = [change for change, life in changes if life and query.matches(life)]
                yield CycleNews(each.cycle, left, [])

    @cached_property
    def ends(self) -> Mapping[date, list[Event[Followed]]]:
        """The ends of support that a search may find, by day."""
        today = self.now.date()
        margin = timedelta(MAX_DAYS)
        last = today + timedelta(max(DAYS)) + margin
        by_day: defaultdict[date, list[Event[Followed]]] = defaultdict(list)
        for event in agenda_events(self.followed or (), _ENDS, today - margin, last):
            by_day[event.day.date].append(event)
        return by_day


def _search(view: _View, subscriptions: Iterable[Subscription], found: Findings) -> None:
    for each in subscriptions:
        if not view.of_catalogue and not _new_days(each, view.now):
            continue
        if view.followed is None:
            if not each.view_gone:
                news = News(kind=NewsKind.GONE)
                found.gone.append(_notice(each, news, view.now, view.now, view.now.isoformat()))
        else:
            if each.view_gone:
                found.back.append(each.pk)
            found.notices += _changes(each, view)
            found.notices += _ends(each, view)
        found.days[each.pk] = each.schedule.last_day(view.now)


def _changes(subscription: Subscription, view: _View) -> Iterator[Notice]:
    """Yield the notices of changes and releases since the cursor of a subscription."""
    wishes, since = subscription.wishes, _since(subscription, view.now)
    due = subscription.schedule.due_at(view.now)
    for each in view.news:
        for change in each.changes:
            if change.at > since and wishes.has_change(change.kind):
                news = _change_news(each.cycle, change)
                yield _notice(subscription, news, view.now, due, change.kind, change.at.isoformat())
        for release in each.releases:
            if release.at > since and wishes.has_release(release.kind):
                yield _notice(subscription, _release_news(each.cycle, release), view.now, due)


def _ends(subscription: Subscription, view: _View) -> Iterator[Notice]:
    """Yield the notices of coming ends of support for the days since the cursor of a subscription.

    For a cycle that has changed, days that were searched before are searched again.
    """
    wishes, schedule = subscription.wishes, subscription.schedule
    changed = {each.cycle.pk for each in view.news}
    new = _new_days(subscription, view.now)
    first = min([_today(subscription, view.now), *new[:1]])
    for day in _days(first, schedule.last_day(view.now)):
        for distance, end in wishes.ends_on(day):
            for event in view.ends.get(end, ()):
                if day in new or event.cycle.cycle.pk in changed:
                    news = _end_news(event, distance)
                    due = schedule.due_for_day(day, view.now)
                    yield _notice(subscription, news, view.now, due, end.isoformat(), str(distance))


def _since(subscription: Subscription, now: datetime) -> datetime:
    """Return the time, exclusive, from which changes are new for a subscription."""
    confirmed = subscription.confirmed_at or now
    cursor = subscription.changes_until or confirmed
    return max(confirmed, cursor - OVERLAP, now - timedelta(MAX_DAYS))


def _new_days(subscription: Subscription, now: datetime) -> list[date]:
    """Return the local days that have not been searched for ends yet, the oldest first."""
    first = _today(subscription, now) - timedelta(MAX_DAYS)
    if subscription.days_until:
        first = max(first, subscription.days_until + timedelta(1))
    return _days(first, subscription.schedule.last_day(now))


def _today(subscription: Subscription, now: datetime) -> date:
    return now.astimezone(ZoneInfo(subscription.zone)).date()


def _days(first: date, last: date) -> list[date]:
    """Return the days from `first` to `last`, both inclusive."""
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def _end_news(event: Event[Followed], distance: int) -> News:
    return _news(
        NewsKind.END,
        event.cycle.cycle,
        milestone=event.milestone,
        day=event.day,
        distance=distance,
    )


def _change_news(cycle: ReleaseCycle, change: LifecycleChange) -> News:
    if change.kind is ChangeKind.ADDED:
        return _news(NewsKind.CYCLE, cycle)
    return _news(
        NewsKind.CHANGE,
        cycle,
        milestone=change.milestone,
        day=change.new if isinstance(change.new, PartialDate) else None,
        flag=change.new is True,
        old=change.old if isinstance(change.old, PartialDate) else None,
        was_flag=change.old is True,
    )


def _release_news(cycle: ReleaseCycle, release: ReleaseOut) -> News:
    return _news(
        NewsKind.RELEASE,
        cycle,
        version=release.version,
        release_kind=release.kind or "",
        day=PartialDate(release.day),
    )


def _news(kind: NewsKind, cycle: ReleaseCycle, **facts: Any) -> News:
    return News(
        kind=kind,
        product=cycle.product.name,
        cycle=cycle.name,
        cycle_key=cycle.pk,
        title=full_title(cycle),
        path=cycle.get_absolute_url(),
        **facts,
    )


def _notice(
    subscription: Subscription, news: News, now: datetime, due: datetime, *about: str
) -> Notice:
    """Return an unsaved notice; `about` distinguishes it from others of the same kind."""
    return Notice(
        subscription=subscription,
        key=news.key(*about),
        facts=news.to_json(),
        noticed_at=now,
        due_at=due,
    )
