"""The outbox: messages of due notices, leased to the worker that sends them.

A worker leases a message for `LEASE`. If it is killed before it records the result, the message is
sent again after that time, so a crash may repeat a message, but never loses one.

Nothing is locked while a message is sent, so unsubscribing never waits. A result is recorded only
while the lease is valid: a worker that took longer changes nothing.

Every transaction locks a subscription before its notices and messages, which avoids deadlocks with
the deletion of a subscription.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Value, When

from releases.domain import limits
from releases.models import Message, MessagePurpose, Notice, Subscription, SubscriptionState
from releases.services.reminders.errors import DeliveryError

LEASE: Final = timedelta(minutes=15)
"""Time after which a leased message without a result is sent again."""
BACKOFF: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60)
)
"""Delays before the next attempt, by the number of attempts; the last one is repeated."""
MAX_COMMON_WAIT: Final = timedelta(minutes=30)
"""Maximum delay before the next attempt after a failure that is not about a recipient."""
PAUSE_AFTER: Final = timedelta(days=3)
"""Time without a success after which a subscription is paused."""
KEPT: Final = timedelta(days=90)
"""Time to keep messages and notices."""
MIN_GAP: Final = timedelta(minutes=5)
"""Minimum time between two messages of a subscription: an import may change dates for minutes."""
BATCH: Final = 500
"""Maximum number of subscriptions for which messages are created in one transaction."""

StillTrue = Callable[[Iterable[Notice]], Collection[int]]


@dataclass(frozen=True, slots=True)
class Lease:
    """The permission to send a message until a time: the key of the message, and the time."""

    message: int
    until: datetime


class Deleted(NamedTuple):
    """The numbers of rows that were deleted."""

    subscriptions: int
    messages: int
    notices: int


def make_messages(now: datetime, still_true: StillTrue) -> int:
    """Create a message for each active subscription with due notices; return their number.

    Notices that become due within `MIN_GAP` after a message wait for the next one.

    Args:
        now: The time.
        still_true: Returns the keys of the notices that are still true. The others are dropped.
    """
    due = _due_notices(now).order_by("subscription").values_list("subscription", flat=True)
    subscriptions = _ready(due.distinct(), now)
    return sum(
        _make_messages(now, subscriptions[first : first + BATCH], still_true)
        for first in range(0, len(subscriptions), BATCH)
    )


def lock(subscriptions: Iterable[int]) -> set[int]:
    """Lock subscriptions until the transaction ends, and return the keys of those that exist."""
    rows = Subscription.objects.filter(pk__in=subscriptions).order_by("pk").select_for_update()
    return set(rows.values_list("pk", flat=True))


@transaction.atomic
def delete_subscriptions(found: QuerySet[Subscription]) -> Deleted:
    """Delete subscriptions with all their messages and notices."""
    keys = list(found.order_by("pk").select_for_update().values_list("pk", flat=True))
    rows = Subscription.objects.filter(pk__in=keys).delete()[1]
    return Deleted(*(rows.get(each._meta.label, 0) for each in (Subscription, Message, Notice)))


def _due_notices(now: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(message=None, dropped=False, due_at__lte=now)


def _ready(subscriptions: Iterable[int], now: datetime) -> list[int]:
    """Return the active subscriptions without a message in the last `MIN_GAP`.

    This is a separate query because PostgreSQL may take seconds to join the notices.
    """
    recent = Message.objects.filter(
        subscription=OuterRef("pk"), purpose=MessagePurpose.NEWS, created_at__gt=now - MIN_GAP
    )
    rows = Subscription.objects.filter(pk__in=list(subscriptions), state=SubscriptionState.ACTIVE)
    rows = rows.filter(~Exists(recent.order_by()))
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _make_messages(now: datetime, subscriptions: list[int], still_true: StillTrue) -> int:
    lock(subscriptions)  # another worker waits here, then finds no due notices
    due = _due_notices(now).filter(subscription__in=_ready(subscriptions, now))
    told = _drop_untrue(due, still_true)
    made = Message.objects.bulk_create(
        Message(subscription_id=pk, created_at=now, next_attempt_at=now)
        for pk in sorted({each.subscription_id for each in told})
    )
    keys = [each.pk for each in made]
    own = Message.objects.filter(pk__in=keys, subscription=OuterRef("subscription"))
    due.update(message=Subquery(own.values("pk")))
    return len(made)


def add_message(subscription: Subscription, purpose: MessagePurpose, now: datetime) -> Message:
    """Add a message without notices that is due at once, and return it."""
    return Message.objects.create(
        subscription=subscription, purpose=purpose, created_at=now, next_attempt_at=now
    )


def is_any_due(now: datetime) -> bool:
    """Return True if a message is due. No row is locked."""
    return Message.objects.filter(next_attempt_at__lte=now).exists()


def lease_due(now: datetime, most: int = 1_000, *, until: datetime | None = None) -> list[Lease]:
    """Lease messages that are due, and return the leases.

    Confirmations and tests are first, as a person waits for them. Then come new messages, then
    retries, so that a slow receiver delays the others only once.

    Args:
        now: The time.
        most: The maximum number of leases.
        until: The time, inclusive, at which the messages were due; now by default.
    """
    end = now + LEASE
    due = Message.objects.filter(next_attempt_at__lte=until or now).order_by(
        Case(When(purpose=MessagePurpose.NEWS, then=Value(1)), default=Value(0)),
        "attempts",
        "next_attempt_at",
        "pk",
    )
    with transaction.atomic():
        keys = [message.pk for message in due.select_for_update(skip_locked=_skips())[:most]]
        Message.objects.filter(pk__in=keys).update(next_attempt_at=end)
    return [Lease(key, end) for key in keys]


def begin(lease: Lease, now: datetime, still_true: StillTrue) -> Message | None:
    """Return the message of a lease for one attempt, or None if it may not be sent.

    It may not be sent if another worker has leased it, if its subscription was deleted or paused
    since, or if none of its notices is still true. The attempt is counted and the lease renewed
    before anything is sent. A message without notices is deleted.

    Args:
        lease: The lease.
        now: The time.
        still_true: As in `make_messages`. Other notices are removed from the message.
    """
    with transaction.atomic():
        leased = Message.objects.filter(pk=lease.message, next_attempt_at=lease.until)
        lock(leased.values_list("subscription", flat=True))
        if not leased.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
            return None
        row = Message.objects.filter(pk=lease.message)
        message = row.select_related("subscription").get()
        if message.purpose == MessagePurpose.NEWS and not _drop_untrue(
            message.notices.all(), still_true
        ):
            row.delete()
            return None
        state = message.subscription.state
        if state != _STATES.get(message.purpose, state):
            row.update(next_attempt_at=None, attempts=F("attempts") - 1)
            return None
    return message


_STATES: Final[dict[str, SubscriptionState]] = {
    MessagePurpose.NEWS: SubscriptionState.ACTIVE,
    MessagePurpose.CONFIRM: SubscriptionState.PENDING,
}
"""The state that a subscription must have, by the purpose of a message."""


def _drop_untrue(found: Iterable[Notice], still_true: StillTrue) -> list[Notice]:
    """Return the notices that are still true; the others are dropped."""
    notices = list(found)
    true = still_true(notices)
    untrue = [each.pk for each in notices if each.pk not in true]
    Notice.objects.filter(pk__in=untrue).update(message=None, dropped=True)
    return [each for each in notices if each.pk in true]


def succeeded(message: Message, now: datetime) -> None:
    """Record that a message was sent."""
    Message.objects.filter(pk=message.pk).update(sent_at=now, next_attempt_at=None, error="")
    failing = Subscription.objects.filter(pk=message.subscription_id)
    failing.exclude(failing_since=None).update(failing_since=None)


@transaction.atomic
def failed(message: Message, error: DeliveryError, now: datetime) -> None:
    """Record a failed attempt and the time of the next one.

    After a permanent failure, or `PAUSE_AFTER` without a success, the subscription is paused and
    there is no further attempt. A confirmation or test is abandoned then, without a pause. A
    failure that is not about the recipient never pauses.
    """
    sentence = str(error)[: limits.LINE]
    news = message.purpose == MessagePurpose.NEWS
    since = (message.subscription.failing_since if news else message.created_at) or now
    if not lock([message.subscription_id]):
        return
    over = not error.everyone and (error.permanent or now - since >= PAUSE_AFTER)
    leased = Message.objects.filter(pk=message.pk, next_attempt_at=message.next_attempt_at)
    if not leased.update(
        error=sentence, next_attempt_at=None if over else now + _wait(message, error)
    ):
        return
    if not news or error.everyone:
        return
    row = Subscription.objects.filter(pk=message.subscription_id)
    row.update(failing_since=since)
    if over:
        row.update(state=SubscriptionState.PAUSED, paused_because=sentence)
        # They wait until the subscriber resumes.
        unsent = Message.objects.filter(subscription=message.subscription_id, sent_at=None)
        unsent.update(next_attempt_at=None)


def _wait(message: Message, error: DeliveryError) -> timedelta:
    """Return the delay before the next attempt; the receiver may request a longer one."""
    wait = BACKOFF[min(message.attempts, len(BACKOFF)) - 1]
    if error.everyone:
        return min(wait, MAX_COMMON_WAIT)
    return max(wait, min(error.wait or wait, BACKOFF[-1]))


@transaction.atomic
def resume(subscription: Subscription, now: datetime) -> None:
    """Make a paused subscription active again; its unsent messages are due at once."""
    # A message that another worker sends right now has a time.
    unsent = Message.objects.filter(
        subscription=subscription.pk,
        sent_at=None,
        next_attempt_at=None,
        purpose=MessagePurpose.NEWS,
    )
    Subscription.objects.filter(pk=subscription.pk).update(
        state=SubscriptionState.ACTIVE, paused_because="", failing_since=None
    )
    unsent.update(next_attempt_at=now, attempts=0)


def delete_old(now: datetime) -> None:
    """Delete messages and notices that are older than `KEPT`."""
    old: tuple[QuerySet[Any], ...] = (
        Message.objects.filter(created_at__lt=now - KEPT),
        Notice.objects.filter(noticed_at__lt=now - KEPT, due_at__lt=now),
    )
    for rows in old:
        with transaction.atomic():
            lock(rows.values_list("subscription", flat=True))
            rows.delete()


def _skips() -> bool:
    """Return True if the database can skip locked rows; SQLite has one writer at a time."""
    return connection.features.has_select_for_update_skip_locked
