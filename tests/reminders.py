"""Subscriptions and messages for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from releases.domain.reminders.news import News, NewsKind
from releases.models import (
    Channel,
    Message,
    MessagePurpose,
    Notice,
    Subscription,
    SubscriptionState,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The fixed clock of the tests."""


def make_subscription(**values: Any) -> Subscription:
    """Return an active subscription by e-mail to `/django/`, confirmed an hour ago.

    Args:
        **values: Other values of its fields.
    """
    before = NOW - timedelta(hours=1)
    usual: dict[str, Any] = {
        "channel": Channel.EMAIL,
        "address": "ada@example.org",
        "view": "/django/",
        "state": SubscriptionState.ACTIVE,
        "confirmed_at": before,
        "changes_until": before,
        "days_until": before.date(),
    }
    return Subscription.objects.create(**usual | values)


def news(kind: NewsKind = NewsKind.CYCLE, **values: Any) -> News:
    """Return facts about Django 5.2; `values` are other facts."""
    about = {"product": "django", "cycle": "5.2", "title": "Django 5.2", "path": "/django/5.2/"}
    return News(kind=kind, **about | values)


def make_notice(
    subscription: Subscription,
    about: News | None = None,
    *,
    message: Message | None = None,
    at: datetime = NOW,
) -> Notice:
    """Return a notice that is due at a time; it is about `news()` by default."""
    return Notice.objects.create(
        subscription=subscription,
        message=message,
        key=uuid4(),
        facts=(about or news()).to_json(),
        noticed_at=at,
        due_at=at,
    )


def make_message(
    *told: News,
    purpose: MessagePurpose = MessagePurpose.NEWS,
    at: datetime = NOW,
    **values: Any,
) -> Message:
    """Return a message that is due, as a worker loads it.

    Args:
        *told: Its reminders.
        purpose: Its purpose.
        at: The time at which it was created and is due.
        **values: Values of its subscription, as in `make_subscription`.
    """
    made = Message.objects.create(
        subscription=make_subscription(**values),
        purpose=purpose,
        created_at=at,
        next_attempt_at=at,
    )
    for each in told:
        make_notice(made.subscription, each, message=made, at=at)
    loaded = Message.objects.select_related("subscription").prefetch_related("notices")
    return loaded.get(pk=made.pk)
