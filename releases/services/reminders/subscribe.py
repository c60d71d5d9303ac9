"""Subscriptions: begin, confirm, change and end them, and delete what is known of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from releases.domain.reminders.schedule import Schedule
from releases.domain.reminders.wishes import Wishes
from releases.models import Channel, Message, MessagePurpose, Subscription, SubscriptionState
from releases.services.reminders.outbox import Deleted, add_message, delete_subscriptions
from releases.services.reminders.signatures import new_secret

UNCONFIRMED: Final = timedelta(days=7)
"""The time after which a subscription that was not confirmed is deleted."""
ADDRESS_LIMITS: Final = {timedelta(hours=1): 5, timedelta(days=1): 10}
"""The maximum number of confirmations that an address is sent in each time."""
MAX_SUBSCRIPTIONS: Final = 100
"""The maximum number of confirmed subscriptions of an address."""
MAX_TESTS: Final = 5
"""The maximum number of tests of a subscription in an hour."""


class TooManyError(Exception):
    """A limit is reached. `str()` is the sentence to show."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscriber asks for, and when it comes."""

    wishes: Wishes
    schedule: Schedule

    @property
    def columns(self) -> dict[str, Any]:
        """The values of the columns of a subscription."""
        wishes, schedule = self.wishes, self.schedule
        return {
            "days": sorted(set(wishes.days), reverse=True),
            "dates": wishes.dates,
            "cycles": wishes.cycles,
            "releases": wishes.releases.value,
            "frequency": schedule.frequency.value,
            "hour": schedule.hour,
            "weekday": schedule.weekday,
            "zone": schedule.zone,
        }


def subscribe(
    channel: Channel, address: str, view: str, wanted: Wanted, now: datetime
) -> Subscription:
    """Add a subscription that waits for its confirmation, and the message that asks for it.

    It is the same for an address that has subscriptions already.

    Args:
        channel: The channel.
        address: The e-mail address, or the address of the webhook.
        view: The canonical path and query of a page.
        wanted: What to tell, and when.
        now: The time.

    Raises:
        TooManyError: The address was sent too many confirmations in the last hour or day.
    """
    with transaction.atomic():
        _check_confirmations(address, now)
        secret = "" if channel is Channel.EMAIL else new_secret()
        subscription = Subscription.objects.create(
            channel=channel, address=address, view=view, secret=secret, **wanted.columns
        )
        add_message(subscription, MessagePurpose.CONFIRM, now)
    return subscription


def confirm(subscription: Subscription, now: datetime) -> None:
    """Make a subscription active; it tells what happens from now on, and an end today.

    It replaces earlier subscriptions of the address to the same view. Confirming it again changes
    nothing.

    Raises:
        TooManyError: The address has the maximum number of subscriptions.
    """
    with transaction.atomic():
        own = Subscription.objects.filter(
            channel=subscription.channel, address=subscription.address
        )
        locked = own.order_by("pk").select_for_update()
        row = next((each for each in locked if each.pk == subscription.pk), None)
        if row is None or row.state != SubscriptionState.PENDING:
            return
        delete_subscriptions(own.filter(view=row.view).exclude(pk=row.pk))
        if own.exclude(state=SubscriptionState.PENDING).count() >= MAX_SUBSCRIPTIONS:
            raise TooManyError(
                f"This address has {MAX_SUBSCRIPTIONS} subscriptions, the maximum. End one of them"
                " first."
            )
        row.state = SubscriptionState.ACTIVE
        row.confirmed_at = row.changes_until = now
        row.days_until = now.astimezone(ZoneInfo(row.zone)).date() - timedelta(days=1)
        row.save()


def change(subscription: Subscription, wanted: Wanted) -> None:
    """Change what a subscription tells, and when."""
    Subscription.objects.filter(pk=subscription.pk).update(**wanted.columns)


def unsubscribe(subscription: Subscription) -> None:
    """Delete a subscription with its messages and notices."""
    delete_subscriptions(Subscription.objects.filter(pk=subscription.pk))


def add_test(subscription: Subscription, now: datetime) -> None:
    """Add a test message to an active subscription.

    Raises:
        TooManyError: `MAX_TESTS` were added in the last hour.
    """
    recent = subscription.messages.filter(
        purpose=MessagePurpose.TEST, created_at__gt=now - timedelta(hours=1)
    )
    if recent.count() >= MAX_TESTS:
        raise TooManyError(f"{MAX_TESTS} tests were sent in the last hour. Try again later.")
    add_message(subscription, MessagePurpose.TEST, now)


def forget(address: str) -> Deleted:
    """Delete all subscriptions of an address, in any case, and say how many rows there were."""
    theirs = Subscription.objects.filter(address__iexact=address.strip())
    return delete_subscriptions(theirs)


def delete_unconfirmed(now: datetime) -> int:
    """Delete subscriptions that were not confirmed in time; return their number."""
    late = Subscription.objects.filter(
        state=SubscriptionState.PENDING, created_at__lt=now - UNCONFIRMED
    )
    return delete_subscriptions(late).subscriptions


def _check_confirmations(address: str, now: datetime) -> None:
    asked = Message.objects.filter(
        purpose=MessagePurpose.CONFIRM, subscription__address__iexact=address
    )
    for time, most in ADDRESS_LIMITS.items():
        if asked.filter(created_at__gt=now - time).count() >= most:
            raise TooManyError(
                "Too many confirmations were sent to this address. Try again tomorrow."
            )
