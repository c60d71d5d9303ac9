"""Feeds: what happened to a product as the public site tells it, new products, what is about to
end or was changed in any view, and all changes. Each as Atom and as RSS.

An entry has an id that does not depend on the host, and times that are facts: no answer depends
on when it was asked for. `published` is the time of its event and stays; a move of the date sets
`updated`, unless the entry is due later. RSS has no time of an update, so its items carry
`atom:updated`. A feed is as new as its newest entry, and so is its `Last-Modified`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from html import escape
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import (
    Atom1Feed,
    Rss201rev2Feed,
    SyndicationFeed,
    rfc3339_date,
)
from django.views.decorators.http import require_safe

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
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import MILESTONE_WORDS, Lifecycle, ends_soon
from releases.domain.lifecycle.words import one_line
from releases.domain.roadmap.events import Event, events_of, next_dated_end, soon_from, stable_id
from releases.domain.roadmap.query import NAMES, RoadmapQuery
from releases.formats.labels import cycle_label, cycle_title
from releases.models import Product, ReleaseCycle
from releases.presentation.stack import STACK, cycles_of
from releases.selectors import PublicHistory
from releases.web.cached_views import cached
from releases.web.parameters import asked_stack, strict_query
from releases.web.redirects import get_product_or_redirect
from releases.web.responses import data_view

History = Mapping[int, Mapping[str, Sequence[Change]]]

MOST_ENTRIES: Final = 200
"""Of the feed of a view."""

NOTICE_DAYS: Final = 7
NOTICE: Final = "eol-7d"
"""The public site's word for the notice that it gives of an end of life."""

WORDS: Final = {
    "release": "released",
    "eoas": "end of active support",
    NOTICE: "upcoming end of life",
    "eol": "end of life",
    "eoes": "end of extended support",
}
"""What happens to a cycle, as the public site's titles have it."""

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed that has had no entry yet was updated."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed. `path` is the path of its page."""

    id: UUID
    title: str
    text: str
    path: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed: `address` is its own, `path` that of the page that it belongs to."""

    id: UUID
    address: str
    title: str
    subtitle: str
    path: str
    entries: Sequence[Entry]


class _Facts:
    """A feed was updated when its newest entry was; Django says now where there is none."""

    items: list[dict[str, Any]]

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=NEVER)


class AtomFeed(_Facts, Atom1Feed):
    """Atom 1.0."""


class RssFeed(_Facts, Rss201rev2Feed):
    """RSS 2.0. The format has no time of an update, so items carry the one of Atom."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))


class ChannelFeed(Feed):  # type: ignore[type-arg]
    """A `Channel` as Django's framework writes feeds."""

    item_guid_is_permalink = False

    def __init__(self, feed_type: type[SyndicationFeed]) -> None:
        self.feed_type = feed_type

    def get_object(self, request: HttpRequest, channel: Channel) -> Channel:
        return channel

    def title(self, channel: Channel) -> str:
        return f"{settings.SITE_NAME}: {one_line(channel.title)}"

    def subtitle(self, channel: Channel) -> str:
        return one_line(channel.subtitle)

    description = subtitle

    def author_name(self, channel: Channel) -> str:
        return settings.SITE_NAME

    def link(self, channel: Channel) -> str:
        return channel.path

    def feed_url(self, channel: Channel) -> str:
        return channel.address

    def feed_guid(self, channel: Channel) -> str:
        return channel.id.urn

    def items(self, channel: Channel) -> Sequence[Entry]:
        return channel.entries

    def item_title(self, entry: Entry) -> str:
        return one_line(entry.title)

    def item_description(self, entry: Entry) -> str:
        # Readers take it for HTML.
        return escape(one_line(entry.text))

    def item_link(self, entry: Entry) -> str:
        return entry.path

    def item_guid(self, entry: Entry) -> str:
        return entry.id.urn

    def item_pubdate(self, entry: Entry) -> datetime:
        return entry.published

    def item_updateddate(self, entry: Entry) -> datetime:
        return entry.updated


FEEDS: Final = {"atom": ChannelFeed(AtomFeed), "rss": ChannelFeed(RssFeed)}
"""The forms of a feed by the endings of their addresses."""


@cached("on")
@require_safe
@data_view
def product(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """`/<product>.atom`: what happened to it up to the day, as the public site tells it. Raises
    `Http404`."""
    found = get_product_or_redirect(
        request, name, f"product_{form}", read=selectors.product_with_cycles
    )
    if isinstance(found, HttpResponse):
        return found
    query = strict_query(request)
    channel = Channel(
        id=stable_id("a feed", found.name),
        address=_address(request, query),
        title=f"{found.label} events",
        subtitle=f"{found.label}: releases and ends of support",
        path=found.get_absolute_url(),
        entries=_newest_first(_happened(found, query.on)),
    )
    return FEEDS[form](request, channel)


@cached("on")
@require_safe
@data_view
def new_products(request: HttpRequest, form: str) -> HttpResponse:
    """`/new-products.atom`: the products that were added, as the public site tells it."""
    query = strict_query(request)
    found = selectors.new_products(query.on)
    channel = Channel(
        id=stable_id("a feed", "new products"),
        address=_address(request, query),
        title="new products",
        subtitle=f"Products that were added to {settings.SITE_NAME}",
        path=reverse("releases:products"),
        entries=[_added(each, each.added_on) for each in found if each.added_on],
    )
    return FEEDS[form](request, channel)


@cached(*NAMES)
@require_safe
@data_view
def roadmap(request: HttpRequest, form: str) -> HttpResponse:
    """`/roadmap.atom`: of the cycles of a view, of all its pages, what ends soon, and what was
    changed."""
    query = strict_query(request)
    view = query.url(known_on=None, page=1).removesuffix("?")
    entries = _entries_of_view(selectors.cycles_in_view(query), query.on)
    channel = Channel(
        id=stable_id("a feed", view),
        address=_address(request, query),
        title="ends of support and changes",
        subtitle="What ends soon, which dates were changed, and new release cycles",
        path=reverse("releases:roadmap") + view,
        entries=entries,
    )
    return FEEDS[form](request, channel)


@cached("product", "kind")
@require_safe
@data_view
def changes(request: HttpRequest, form: str) -> HttpResponse:
    """`/changes.atom`: the newest changes, of some products and kinds or of all."""
    query = strict_query(request)
    view = query.url().removesuffix("?")
    channel = Channel(
        id=stable_id("a feed", f"changes{view}"),
        address=_address(request, query),
        title="changes",
        subtitle="Dates that were announced, moved or withdrawn, and new release cycles",
        path=reverse("releases:changes") + view,
        entries=[
            _change(each.cycle, change)
            for each in selectors.recent_changes(query).cycles
            for change in each.changes
        ],
    )
    return FEEDS[form](request, channel)


@cached(*STACK)
@require_safe
@data_view
def stack(request: HttpRequest, form: str) -> HttpResponse:
    """`/stack.atom?of=...`: of what is in a stack, what ends soon, and what was changed."""
    asked = asked_stack(request, strict=True)
    accepted = {
        item.verdict.cycle.pk
        for item in asked.check.items
        if item.verdict.cycle and item.verdict.accepted
    }
    entries = _entries_of_view(cycles_of(asked.check.items), asked.query.on, accepted)
    channel = Channel(
        id=stable_id("a feed", f"stack{asked.url}"),
        address=(request.path + asked.url).removesuffix("?"),
        title="your stack",
        subtitle="What of it ends soon, which dates were changed, and new release cycles",
        path=(reverse("releases:stack") + asked.url).removesuffix("?"),
        entries=entries,
    )
    return FEEDS[form](request, channel)


def _address(request: HttpRequest, query: RoadmapQuery) -> str:
    """The address of a feed, without what its view does not read."""
    return (request.path + query.url(known_on=None, page=1)).removesuffix("?")


def _newest_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.updated, reverse=True)


def _entries_of_view(
    cycles: Sequence[ReleaseCycle], on: date, accepted: Collection[int] = ()
) -> list[Entry]:
    """The newest entries of some cycles: what ends soon, and what was changed up to `on`.

    `accepted` are the keys of cycles whose extended support counts, even if it is not free.
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
    return _newest_first(entries)[:MOST_ENTRIES]


def _dates(histories: Mapping[int, PublicHistory], on: date) -> History:
    """The public changes of dates up to a day, that day included."""
    return {
        pk: {
            milestone: [change for change in changes if change.at.date() <= on]
            for milestone, changes in history.dates.items()
        }
        for pk, history in histories.items()
    }


def _happened(product: Product, on: date) -> Iterable[Entry]:
    """The releases and ends of a product that are reached on `on`, and the notices of ends of life
    that have been due."""
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
    """The time at which an event is announced: a release on its day, an end when its day is over,
    and the notice of an end of life `NOTICE_DAYS` earlier. No notice of the first days of the
    calendar is ever due."""
    if kind == "release":
        return first_moment(day)
    if kind == NOTICE:
        early = (day - date.min).days < NOTICE_DAYS
        return _last_moment(date.max if early else day - timedelta(days=NOTICE_DAYS))
    return _last_moment(day)


def _entry(event: Event[ReleaseCycle], kind: str, title: str, times: Announcement) -> Entry:
    cycle = event.cycle
    moved = f" It was moved from {times.move.old}." if times.move else ""
    return Entry(
        id=stable_id(cycle.product.name, cycle.name, kind),
        title=title,
        text=f"{_name(cycle)}: {MILESTONE_WORDS[event.milestone]}, {event.day}.{moved}",
        path=cycle.get_absolute_url(),
        published=times.published,
        updated=times.updated,
    )


def _added(product: Product, day: date) -> Entry:
    at = first_moment(day)
    return Entry(
        id=stable_id(product.name, "added"),
        title=f"{product.label} added",
        text=f"{product.label} is on {settings.SITE_NAME} since {day.isoformat()}.",
        path=product.get_absolute_url(),
        published=at,
        updated=at,
    )


def _ending(
    cycles: Iterable[ReleaseCycle], history: History, on: date, accepted: Collection[int] = ()
) -> Iterable[Entry]:
    """What ends soon, told since it does."""
    for cycle in cycles:
        life = cycle.lifecycle.with_extended() if cycle.pk in accepted else cycle.lifecycle
        end = next_dated_end(life, on)
        if end and ends_soon(life, on):
            milestone, day = end
            changes = history.get(cycle.pk, {}).get(milestone, ())
            times = announcement(day, changes, partial(_soon, life))
            title = f"{_name(cycle)}: {MILESTONE_WORDS[milestone]} on {day}"
            yield _entry(Event(cycle, milestone, day), f"{milestone}-soon", title, times)


def _soon(life: Lifecycle, end: date) -> datetime:
    """The time from which an end on a day is soon."""
    return first_moment(soon_from(life, PartialDate(end)))


def _change(cycle: ReleaseCycle, change: LifecycleChange) -> Entry:
    """The entry of a change, which is the same in every feed that has it."""
    what = change.milestone or change.kind.value
    return Entry(
        id=stable_id(cycle.product.name, cycle.name, what, change.at.isoformat()),
        title=f"{_name(cycle)}: {change_words(change)}",
        text=f"{_name(cycle)}: {change_details(change)}",
        path=cycle.get_absolute_url(),
        published=change.at,
        updated=change.at,
    )


def _name(cycle: ReleaseCycle) -> str:
    return f"{cycle.product.label} {cycle_title(cycle.product, cycle)}"


def _last_moment(day: date) -> datetime:
    """The last second, as the public site has it."""
    return datetime.combine(day, time(23, 59, 59), UTC)
