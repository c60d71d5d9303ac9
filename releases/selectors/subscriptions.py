"""Reads of subscriptions: one subscription, its last messages, and counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db.models import Count

from releases.models import Message, Product, Subscription, SubscriptionState

SHOWN: Final = 20
"""Number of messages on the page of a subscription."""


def subscription_called(public_id: str) -> Subscription | None:
    """Return the subscription with a public id, or None if it was deleted; 1 query."""
    return Subscription.objects.filter(public_id=public_id).first()


def last_messages(subscription: Subscription) -> list[Message]:
    """Return the last messages of a subscription with their number of `things`; 1 query."""
    messages = subscription.messages.annotate(things=Count("notices"))
    return list(messages.order_by("-created_at", "-pk")[:SHOWN])


def count_paused() -> int:
    """Return the number of subscriptions that are paused; 1 query."""
    return Subscription.objects.filter(state=SubscriptionState.PAUSED).count()


def product_labels(names: Collection[str]) -> dict[str, str]:
    """Return the labels of public products by name; 1 query."""
    found = Product.objects.public().filter(name__in=names)
    return dict(found.values_list("name", "label"))
