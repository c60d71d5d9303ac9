"""Subscriptions for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from releases.models import Channel, Subscription, SubscriptionState

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
