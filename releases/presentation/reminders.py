"""The content of reminders, in the words and dates of the pages.

E-mails, webhooks and the page of a subscription show the same content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.urls import reverse

from releases.domain.history.changes import LifecycleChange, change_details, first_moment
from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.lifecycle.words import count, distance, one_line
from releases.domain.reminders.news import News, NewsKind, merged
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Message, Subscription

SALT: Final = "releases.subscription"
CONFIRM_SALT: Final = "releases.subscription.confirm"
_ORDER: Final = tuple(NewsKind)
_ANY_DAY: Final = date(2000, 1, 1)
"""Canonical addresses of views depend on no day."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a message tells.

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
class Content:
    """The content of a message about news.

    Attributes:
        subject: The title of the message, on one line.
        view: The name of the view: `Django`.
        items: The things that it tells: ends, changes, cycles, releases.
        links: The addresses of the view and of the subscription.
    """

    subject: str
    view: str
    items: list[Item]
    links: Links


@dataclass(frozen=True, slots=True)
class Links:
    """The absolute addresses of a subscription.

    Attributes:
        view: The page that it is about.
        manage: The page on which the subscriber changes it.
        unsubscribe: The address that ends it: a page, and by POST at once (RFC 8058).
        confirm: The page that confirms it; it works for 7 days.
        privacy: The page that tells what is kept.
    """

    view: str
    manage: str
    unsubscribe: str
    confirm: str
    privacy: str


def links_of(subscription: Subscription) -> Links:
    """Return the addresses of a subscription."""
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
    """Return the content of a message; its notices and its subscription are loaded.

    Args:
        message: The message.
        now: The time of sending, from which days are counted in the zone of the subscriber.
    """
    subscription = message.subscription
    on = now.astimezone(ZoneInfo(subscription.zone)).date()
    items = items_of((notice.news for notice in message.notices.all()), on)
    view = view_label(subscription.view)
    return Content(_subject(items, view), view, items, links_of(subscription))


def items_of(news: Iterable[News], on: date) -> list[Item]:
    """Return what a message tells on a date: the nearest ends first, then the others by kind."""
    found = sorted(
        merged(news), key=lambda each: (_ORDER.index(each.kind), *_by_day(each), each.title)
    )
    return [Item(each, each.title, _sentence(each, on), _absolute(each.path)) for each in found]


def view_label(view: str, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the name of a view: `Django`, `your stack`, `the roadmap`.

    Args:
        view: The canonical address of the view.
        labels: The labels of products by name; other products are called by their names.
    """
    parts = urlsplit(view)
    if parts.path == reverse("releases:stack"):
        return "your stack"
    if name := parts.path.strip("/"):
        return labels.get(name, name)
    query = RoadmapQuery.parse(parse_qs(parts.query), _ANY_DAY)
    names = [labels.get(name, name) for name in query.products]
    names += [f"{labels.get(pin.product, pin.product)} {pin.cycle}" for pin in query.pins]
    if names and len(names) <= 3 and not query.filters_cycles:
        return ", ".join(names)
    return "this view of the roadmap" if query.params() else "the roadmap"


def view_products(view: str) -> list[str]:
    """Return the names of the products that a view names, except those of a stack."""
    parts = urlsplit(view)
    query = RoadmapQuery.parse(parse_qs(parts.query), _ANY_DAY)
    own = parts.path.strip("/")
    return [*([own] if own else []), *query.products, *(pin.product for pin in query.pins)]


def _subject(items: list[Item], view: str) -> str:
    if not items:
        return f"{settings.SITE_NAME}: {view}"
    first, *others = items
    title = f"{first.title}: {first.text.rstrip('.')}" if first.title else first.text
    more = f", and {count(len(others), 'more thing')}" if others else ""
    return one_line(f"{title}{more}")


def _sentence(news: News, on: date) -> str:
    match news.kind:
        case NewsKind.END:
            return _end(news, on)
        case NewsKind.CHANGE:
            return _capital(change_details(_change(news)))
        case NewsKind.CYCLE:
            return "New release cycle."
        case NewsKind.RELEASE:
            kind = f", a {news.release_kind} release" if news.release_kind else ""
            day = f" of {news.day}" if news.day else ""
            return f"{news.version}{day} is out{kind}."
        case NewsKind.GONE:
            return "The page of this subscription no longer exists."


def _end(news: News, on: date) -> str:
    noun = _capital(MILESTONES[news.milestone].noun)
    if news.day is None:
        return f"{noun}."
    return f"{noun} {distance(news.day.date, on)}, {news.day}."


def _change(news: News) -> LifecycleChange:
    kind = news.change
    if kind is None:
        raise ValueError("The news tells no change.")
    old, new = news.old or news.was_flag, news.day or news.flag
    return LifecycleChange(first_moment(date.min), kind, news.milestone, old, new)


def _by_day(news: News) -> tuple[date]:
    return (news.day.date if news.day else date.max,)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
