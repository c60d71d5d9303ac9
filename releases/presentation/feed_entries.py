"""Entries of feeds: events of a product, new products, upcoming ends, and changes.

The id of an entry does not depend on the host, and no entry depends on the time of the request.
`published` is the time of its event and never changes. If the date of the event moves, `updated` is
the time of the move, unless the entry is due later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings

from releases import selectors
from releases.domain.history.changes import (
    Announcement,
    Change,
    LifecycleChange,
    announcement,
    change_details,
    change_words,
    first_moment,
)
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.lifecycle.status import Lifecycle, ends_soon
from releases.domain.lifecycle.words import in_or_on
from releases.domain.roadmap.agenda import NEXT_DAYS, days_from
from releases.domain.roadmap.events import Event, events_of, next_dated_end, soon_from, stable_id
from releases.domain.roadmap.query import RoadmapQuery
from releases.formats.labels import cycle_label
from releases.models import Product, ReleaseCycle
from releases.presentation.rows import full_title
from releases.selectors import PublicHistory

History = Mapping[int, Mapping[str, Sequence[Change]]]

MAX_ENTRIES: Final = 200
"""Maximum number of entries of the feed of a view."""

NOTICE_DAYS: Final = 7
NOTICE: Final = "eol-7d"
"""The kind of the notice that endoflife.date publishes `NOTICE_DAYS` before an end of life."""

WORDS: Final = {
    **{name: spec.feed_title for name, spec in MILESTONES.items() if spec.feed_title},
    NOTICE: "upcoming end of life",
}
"""The words for events in titles, as on endoflife.date."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry of a feed. `path` is the path of its page."""

    id: UUID
    title: str
    text: str
    path: str
    published: datetime
    updated: datetime


def _newest_first(entries: Iterable[FeedEntry]) -> list[FeedEntry]:
    return sorted(entries, key=lambda entry: entry.updated, reverse=True)


def view_entries(
    cycles: Sequence[ReleaseCycle], on: date, accepted: Collection[int] = ()
) -> list[FeedEntry]:
    """Return the newest entries of some cycles: upcoming ends, and changes up to a date.

    Args:
        cycles: The cycles, with their products.
        on: The date, inclusive.
        accepted: The keys of cycles whose extended support counts, even if it is not free.
    """
    histories = selectors.public_histories(cycles)
    changed = (
        _change(cycle, change)
        for cycle in cycles
        if cycle.pk in histories
        for change in histories[cycle.pk].changes
        if change.at.date() <= on
    )
    entries = [*_ending(cycles, _dates(histories, on), on, accepted), *changed]
    return _newest_first(entries)[:MAX_ENTRIES]


def _dates(histories: Mapping[int, PublicHistory], on: date) -> History:
    """Return the public changes of dates up to a day, inclusive."""
    return {
        pk: {
            milestone: [change for change in changes if change.at.date() <= on]
            for milestone, changes in history.dates.items()
        }
        for pk, history in histories.items()
    }


def product_entries(product: Product, on: date) -> list[FeedEntry]:
    """Return the events of a product that are reached on a date, newest first.

    They are its releases and ends, and the notices of ends of life that are due.
    """
    return _newest_first(_events(product, on))


def _events(product: Product, on: date) -> Iterable[FeedEntry]:
    cycles = product.cycles.all()
    history = _dates(selectors.public_histories(cycles), on)
    labels = {cycle.pk: cycle_label(product, cycle, on) for cycle in cycles}
    for event in events_of(cycles, WORDS):
        changes = history.get(event.cycle.pk, {}).get(event.milestone, ())
        for kind in (event.milestone, *((NOTICE,) if event.milestone == "eol" else ())):
            if _due(kind, event.day.date) <= first_moment(on):
                title = f"{product.label} {labels[event.cycle.pk]} {WORDS[kind]}"
                times = announcement(event.day, changes, partial(_due, kind))
                yield _entry(event, kind, title, times)


def _due(kind: str, day: date) -> datetime:
    """Return the time at which an event is announced.

    A release is announced on its day, an end when its day is over, and the notice of an end of life
    `NOTICE_DAYS` earlier. No notice of the first days of the calendar is ever due.
    """
    if kind == "release":
        return first_moment(day)
    if kind == NOTICE:
        early = (day - date.min).days < NOTICE_DAYS
        return _last_moment(date.max if early else day - timedelta(days=NOTICE_DAYS))
    return _last_moment(day)


def _entry(event: Event[ReleaseCycle], kind: str, title: str, times: Announcement) -> FeedEntry:
    cycle = event.cycle
    moved = f" It was moved from {times.move.old}." if times.move else ""
    return FeedEntry(
        id=stable_id(cycle.product.name, cycle.name, kind),
        title=title,
        text=f"{full_title(cycle)}: {MILESTONES[event.milestone].noun}, {event.day}.{moved}",
        path=cycle.get_absolute_url(),
        published=times.published,
        updated=times.updated,
    )


def new_product_entries(on: date) -> list[FeedEntry]:
    """Return the products that were added up to a date, newest first."""
    return [_added(each, each.added_on) for each in selectors.new_products(on) if each.added_on]


def _added(product: Product, day: date) -> FeedEntry:
    at = first_moment(day)
    return FeedEntry(
        id=stable_id(product.name, "added"),
        title=f"{product.label} added",
        text=f"{product.label} is on {settings.SITE_NAME} since {day.isoformat()}.",
        path=product.get_absolute_url(),
        published=at,
        updated=at,
    )


def _ending(
    cycles: Iterable[ReleaseCycle], history: History, on: date, accepted: Collection[int] = ()
) -> Iterable[FeedEntry]:
    """Yield the upcoming ends, each published at the time from which it counts as soon."""
    for cycle in cycles:
        lifecycle = cycle.lifecycle.with_extended() if cycle.pk in accepted else cycle.lifecycle
        end = next_dated_end(lifecycle, on)
        if end and ends_soon(lifecycle, on):
            milestone, day = end
            changes = history.get(cycle.pk, {}).get(milestone, ())
            times = announcement(day, changes, partial(_soon, lifecycle))
            title = f"{full_title(cycle)}: {MILESTONES[milestone].noun} on {day}"
            yield _entry(Event(cycle, milestone, day), f"{milestone}-soon", title, times)


def _soon(lifecycle: Lifecycle, end: date) -> datetime:
    """Return the time from which an end on a day counts as soon."""
    return first_moment(soon_from(lifecycle, PartialDate(end)))


def agenda_entries(events: Sequence[Event[ReleaseCycle]], on: date) -> list[FeedEntry]:
    """Return the entries of the events of an agenda, newest first.

    An entry is published when its event comes into the agenda, `NEXT_DAYS` before its day.
    """
    histories = selectors.public_histories({event.cycle for event in events})
    history = _dates(histories, on)
    entries = []
    for event in events:
        changes = history.get(event.cycle.pk, {}).get(event.milestone, ())
        noun = MILESTONES[event.milestone].noun
        title = f"{full_title(event.cycle)}: {noun} {in_or_on(event.day)}"
        times = announcement(event.day, changes, _listed)
        entries.append(_entry(event, f"{event.milestone}-upcoming", title, times))
    return _newest_first(entries)[:MAX_ENTRIES]


def _listed(day: date) -> datetime:
    """Return the time at which an event on a day comes into an agenda."""
    return first_moment(days_from(day, -NEXT_DAYS))


def change_entries(query: RoadmapQuery) -> list[FeedEntry]:
    """Return the newest changes of a view, newest first."""
    return [
        _change(each.cycle, change)
        for each in selectors.recent_changes(query).cycles
        for change in each.changes
    ]


def _change(cycle: ReleaseCycle, change: LifecycleChange) -> FeedEntry:
    """Return the entry of a change, which is the same in every feed that has it."""
    what = change.milestone or change.kind.value
    return FeedEntry(
        id=stable_id(cycle.product.name, cycle.name, what, change.at.isoformat()),
        title=f"{full_title(cycle)}: {change_words(change)}",
        text=f"{full_title(cycle)}: {change_details(change)}",
        path=cycle.get_absolute_url(),
        published=change.at,
        updated=change.at,
    )


def _last_moment(day: date) -> datetime:
    """Return the last second of a day (UTC), as endoflife.date uses it."""
    return datetime.combine(day, time(23, 59, 59), UTC)
