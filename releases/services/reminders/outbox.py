"""The outbox: messages of due notices, and who may send each of them when.

A worker takes a message for `LEASE`. If it is killed before it records the result, another one
sends the message again after that time: a message may be repeated, and none is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F

from releases.domain import limits
from releases.models import Message, MessagePurpose, Notice, Subscription, SubscriptionState
from releases.services.reminders.errors import DeliveryError

LEASE: Final = timedelta(minutes=15)
"""The time after which a message that was taken, and has no result, is sent again."""
BACKOFF: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60)
)
"""The time before the next attempt, by the number of attempts; the last one is repeated."""
PAUSE_AFTER: Final = timedelta(days=3)
"""The time of failures only, after which a subscription is paused."""
KEPT: Final = timedelta(days=90)
"""The time for which messages and notices are kept."""

StillTrue = Callable[[Iterable[Notice]], Collection[int]]


@dataclass(frozen=True, slots=True)
class Lease:
    """The permission to send a message until a time: its key, and the time."""

    message: int
    until: datetime


def make_messages(now: datetime, still_true: StillTrue) -> int:
    """Make a message for each active subscription with due notices; return their number.

    Args:
        now: The time.
        still_true: Returns the keys of the notices that are still true. The others are dropped.
    """
    with transaction.atomic():
        due = Notice.objects.filter(message=None, dropped=False, due_at__lte=now)
        due = due.filter(subscription__state=SubscriptionState.ACTIVE)
        notices = list(due.select_for_update(of=("self",)).order_by("subscription", "pk"))
        if not notices:
            return 0
        true = still_true(notices)
        told = [each for each in notices if each.pk in true]
        untrue = [each.pk for each in notices if each.pk not in true]
        Notice.objects.filter(pk__in=untrue).update(dropped=True)
        subscriptions = dict.fromkeys(each.subscription_id for each in told)
        messages = {
            pk: Message(subscription_id=pk, created_at=now, next_attempt_at=now)
            for pk in subscriptions
        }
        Message.objects.bulk_create(messages.values())
        for notice in told:
            notice.message = messages[notice.subscription_id]
        Notice.objects.bulk_update(told, ["message"], batch_size=500)
        return len(messages)


def add_message(subscription: Subscription, purpose: MessagePurpose, now: datetime) -> Message:
    """Add a message without notices, which is due at once, and return it."""
    return Message.objects.create(
        subscription=subscription, purpose=purpose, created_at=now, next_attempt_at=now
    )


def lease_due(now: datetime, most: int = 1_000) -> list[Lease]:
    """Lease messages that are due, the oldest first, and return the leases.

    Args:
        now: The time.
        most: The maximum number of leases.
    """
    until = now + LEASE
    with transaction.atomic():
        due = Message.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
        keys = [message.pk for message in due.select_for_update(skip_locked=_skips())[:most]]
        Message.objects.filter(pk__in=keys).update(next_attempt_at=until)
    return [Lease(key, until) for key in keys]


def begin(lease: Lease, now: datetime) -> Message | None:
    """Return the message of a lease for one attempt, or None if another worker has it.

    The attempt is counted, and the lease begins again, before anything is sent.
    """
    held = Message.objects.filter(pk=lease.message, next_attempt_at=lease.until)
    if not held.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    return (
        Message.objects.select_related("subscription")
        .prefetch_related("notices")
        .filter(pk=lease.message)
        .first()
    )


def succeeded(message: Message, now: datetime) -> None:
    """Record that a message was sent."""
    Message.objects.filter(pk=message.pk).update(sent_at=now, next_attempt_at=None, error="")
    failing = Subscription.objects.filter(pk=message.subscription_id)
    failing.exclude(failing_since=None).update(failing_since=None)


def failed(message: Message, error: DeliveryError, now: datetime) -> None:
    """Record that an attempt failed, and when the next one is.

    There is none after a permanent failure, and none after `PAUSE_AFTER` of failures: the
    subscription is paused. A confirmation or a test is given up then, and pauses nothing.
    """
    sentence = str(error)[: limits.LINE]
    subscription = message.subscription
    since = subscription.failing_since or now
    over = error.permanent or now - since >= PAUSE_AFTER
    wait = BACKOFF[min(message.attempts, len(BACKOFF)) - 1]
    Message.objects.filter(pk=message.pk).update(
        error=sentence, next_attempt_at=None if over else now + wait
    )
    if message.purpose != MessagePurpose.NEWS:
        return
    row = Subscription.objects.filter(pk=subscription.pk)
    row.update(failing_since=since)
    if over:
        row.update(state=SubscriptionState.PAUSED, paused_because=sentence)
        # They wait until the subscriber resumes.
        message.subscription.messages.filter(sent_at=None).update(next_attempt_at=None)


def resume(subscription: Subscription, now: datetime) -> None:
    """Make a paused subscription active again; its unsent news are due at once."""
    Subscription.objects.filter(pk=subscription.pk).update(
        state=SubscriptionState.ACTIVE, paused_because="", failing_since=None
    )
    unsent = subscription.messages.filter(sent_at=None, purpose=MessagePurpose.NEWS)
    unsent.update(next_attempt_at=now, attempts=0)


def delete_old(now: datetime) -> None:
    """Delete messages and notices that are older than `KEPT`."""
    Message.objects.filter(created_at__lt=now - KEPT).delete()
    Notice.objects.filter(noticed_at__lt=now - KEPT, due_at__lt=now).delete()


def _skips() -> bool:
    """Return True if the database can skip locked rows; SQLite has one writer at a time."""
    return connection.features.has_select_for_update_skip_locked
