"""The content of messages, with the same words and dates as on pages.

E-mails and webhooks have the same content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from textwrap import shorten
from typing import Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.text import capfirst

from releases.domain.history.changes import LifecycleChange, change_details, first_moment
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.lifecycle.words import one_line, when
from releases.domain.reminders.news import News, NewsKind, merged
from releases.domain.reminders.schedule import Frequency
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Message, MessagePurpose, Subscription
from releases.presentation.cycle import KIND_WORDS
from releases.selectors.subscriptions import product_labels

SALT: Final = "releases.subscription"
CONFIRM_SALT: Final = "releases.subscription.confirm"
_HEADINGS: Final = {
    NewsKind.END: "Ends of support",
    NewsKind.CHANGE: "Changed dates",
    NewsKind.CYCLE: "New release cycles",
    NewsKind.RELEASE: "Releases",
    NewsKind.GONE: "",
}
"""The headings of the kinds, in the order of a message."""
_ORDER: Final = tuple(_HEADINGS)
_ANY_DAY: Final = date(2000, 1, 1)
"""Canonical addresses of views do not depend on a day."""
_SUBJECTS: Final = {
    MessagePurpose.CONFIRM: "Confirm your reminders about",
    MessagePurpose.TEST: "Test: reminders about",
}
"""The subjects of messages without reminders, before the name of the view."""
_DIGESTS: Final = {Frequency.DAILY: "Daily digest", Frequency.WEEKLY: "Weekly digest"}
MAX_SUBJECT: Final = 150
"""Maximum number of characters of a subject."""
MAX_ITEMS: Final = 100
"""Maximum number of reminders that an e-mail lists."""


@dataclass(frozen=True, slots=True)
class Item:
    """A reminder in a message.

    Attributes:
        news: The facts.
        title: Product and cycle: `Django 5.2`.
        text: The sentence: `End of security support in 30 days, 30 Apr 2028.`
        url: The address of the page of the cycle.
    """

    news: News
    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """The reminders of one kind; the heading of the only group of a message is empty."""

    heading: str
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a message.

    Attributes:
        purpose: What the message is for.
        at: The time at which it was created; the same for each attempt.
        subject: Its title on one line: the most important reminder.
        view: The name of the view: `Django`.
        digest: The kind and the day of a digest: `Daily digest, 21 Nov 2026`. Otherwise empty.
        items: The reminders; a confirmation and a test have none.
        links: The addresses of the view and of the subscription.
    """

    purpose: MessagePurpose
    at: datetime
    subject: str
    view: str
    digest: str
    items: list[Item]
    links: Links

    @property
    def groups(self) -> list[ItemGroup]:
        """The most important `MAX_ITEMS` reminders by kind."""
        listed = most_important(self.items, MAX_ITEMS)
        found = [
            ItemGroup(_HEADINGS[kind], list(items))
            for kind, items in groupby(listed, lambda each: each.news.kind)
        ]
        return found if len(found) > 1 else [ItemGroup("", each.items) for each in found]

    @property
    def more(self) -> int:
        """The number of the other reminders."""
        return max(0, len(self.items) - MAX_ITEMS)


@dataclass(frozen=True, slots=True)
class Links:
    """The absolute URLs of a subscription.

    Attributes:
        view: The page that it is about.
        manage: Its own page.
        unsubscribe: The page to unsubscribe; POST unsubscribes at once (RFC 8058).
        confirm: The page to confirm it, which is valid for 7 days.
        privacy: The page about privacy.
    """

    view: str
    manage: str
    unsubscribe: str
    confirm: str
    privacy: str


def links_of(subscription: Subscription) -> Links:
    """Return the URLs of a subscription."""
    token = signing.dumps(subscription.public_id.hex, salt=SALT)
    confirm = signing.dumps(subscription.public_id.hex, salt=CONFIRM_SALT)
    return Links(
        view=_absolute(subscription.view),
        manage=_absolute(reverse("releases:subscription", args=[token])),
        unsubscribe=_absolute(reverse("releases:unsubscribe", args=[token])),
        confirm=_absolute(reverse("releases:confirm_subscription", args=[confirm])),
        privacy=_absolute(reverse("releases:privacy")),
    )


def content_of(message: Message, now: datetime) -> Content:
    """Return the content of a message, in 1 query; its notices and its subscription are loaded.

    Args:
        message: The message.
        now: The time of sending; days are counted from it in the subscriber's time zone.
    """
    subscription, purpose = message.subscription, MessagePurpose(message.purpose)
    on = now.astimezone(ZoneInfo(subscription.zone)).date()
    items = items_of((notice.news for notice in message.notices.all()), on)
    view = view_title(subscription.view)
    subject = f"{_SUBJECTS[purpose]} {view}" if purpose in _SUBJECTS else _subject(items, view)
    digest = _DIGESTS.get(Frequency(subscription.frequency), "")
    return Content(
        purpose=purpose,
        at=message.created_at,
        subject=one_line(subject),
        view=view,
        digest=digest and f"{digest}, {PartialDate(on)}",
        items=items,
        links=links_of(subscription),
    )


def items_of(news: Iterable[News], on: date) -> list[Item]:
    """Return the items of a message on a date: the nearest ends first, then the others by kind."""

    def order(each: News) -> tuple[int, date, str]:
        return _ORDER.index(each.kind), each.day.date if each.day else date.max, each.title

    return [
        Item(each, each.title, _sentence(each, on), _absolute(each.path))
        for each in sorted(merged(news), key=order)
    ]


def most_important(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most `most` items in their order. Security releases are the last to be left out."""
    ranked = sorted(
        range(len(items)),
        key=lambda each: items[each].news.release_kind != ReleaseKind.SECURITY,
    )
    return [items[each] for each in sorted(ranked[:most])]


def view_title(view: str) -> str:
    """Return the name of a view: `Django`, `your stack`, `the roadmap`, in 1 query.

    Args:
        view: The canonical address of the view.
    """
    parts = urlsplit(view)
    if parts.path == reverse("releases:stack"):
        return "your stack"
    if own := parts.path.strip("/"):
        return product_labels([own]).get(own, own)
    query = RoadmapQuery.parse(parse_qs(parts.query), _ANY_DAY)
    labels = product_labels([*query.products, *(pin.product for pin in query.pins)])
    names = [labels.get(name, name) for name in query.products]
    names += [f"{labels.get(pin.product, pin.product)} {pin.cycle}" for pin in query.pins]
    if names and len(names) <= 3 and not query.filters_cycles:
        return ", ".join(names)
    return "this view of the roadmap" if query.params() else "the roadmap"


def _subject(items: list[Item], view: str) -> str:
    if not items:
        return f"{settings.SITE_NAME}: {view}"
    first, *others = items
    title = f"{first.title or capfirst(view)}: {first.text.partition('. ')[0].rstrip('.')}"
    more = f", and {len(others)} more" if others else ""
    return shorten(title, MAX_SUBJECT - len(more), placeholder=" …") + more


def _sentence(news: News, on: date) -> str:
    match news.kind:
        case NewsKind.END:
            return _end(news, on)
        case NewsKind.CHANGE:
            return capfirst(change_details(_change(news)))
        case NewsKind.CYCLE:
            return "New release cycle."
        case NewsKind.RELEASE:
            kind = KIND_WORDS[ReleaseKind(news.release_kind)] if news.release_kind else "Release"
            return f"{kind} {news.version}{f' of {news.day}' if news.day else ''} is out."
        case NewsKind.GONE:
            return "The page no longer exists. No reminders are sent unless it exists again."


def _end(news: News, on: date) -> str:
    noun = capfirst(MILESTONES[news.milestone].noun)
    return f"{noun} {when(news.day, on)}, {news.day}." if news.day else f"{noun}."


def _change(news: News) -> LifecycleChange:
    kind = news.change
    if kind is None:
        raise ValueError("These facts contain no change.")
    old, new = news.old or news.was_flag, news.day or news.flag
    return LifecycleChange(first_moment(date.min), kind, news.milestone, old, new)


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
