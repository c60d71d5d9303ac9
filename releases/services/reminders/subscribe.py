"""Create, confirm, change and delete subscriptions, and delete all data about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.encoding import punycode

from releases.domain.reminders.news import NewsKind
from releases.domain.reminders.schedule import Schedule
from releases.domain.reminders.wishes import Wishes
from releases.models import (
    Channel,
    Message,
    MessagePurpose,
    Notice,
    Subscription,
    SubscriptionState,
)
from releases.services.reminders.outbox import Deleted, add_message, delete_subscriptions, lock
from releases.services.reminders.signatures import new_secret

UNCONFIRMED: Final = timedelta(days=7)
"""Time after which an unconfirmed subscription is deleted."""
ADDRESS_LIMITS: Final = {timedelta(hours=1): 5, timedelta(days=1): 10}
"""Maximum number of requests to confirm for an address in each period."""
MAX_SUBSCRIPTIONS: Final = 100
"""Maximum number of confirmed subscriptions of an address."""
MAX_TESTS: Final = 5
"""Maximum number of test messages of a subscription in an hour."""


class TooManyError(Exception):
    """Raised when a limit is reached. `str()` is the sentence to show."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choice of reminders, and their schedule."""

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
    """Add an unconfirmed subscription, and the message that asks for the confirmation.

    An address that has subscriptions already is treated in the same way.

    Args:
        channel: The channel.
        address: The e-mail address, or the address of the webhook.
        view: The canonical path and query of a page.
        wanted: The choice of reminders, and their schedule.
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
    """Make a subscription active, from now on and for ends of support of today.

    It replaces other subscriptions of the address to the same view, except those that were
    requested later and can still be confirmed. Confirming it again has no effect.

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
        later = Q(state=SubscriptionState.PENDING, pk__gt=row.pk)
        delete_subscriptions(own.filter(view=row.view).exclude(pk=row.pk).exclude(later))
        if own.exclude(state=SubscriptionState.PENDING).count() >= MAX_SUBSCRIPTIONS:
            raise TooManyError(
                f"This address has {MAX_SUBSCRIPTIONS} subscriptions, the maximum. Delete one of"
                " them first."
            )
        row.state = SubscriptionState.ACTIVE
        row.confirmed_at = row.changes_until = now
        row.days_until = now.astimezone(ZoneInfo(row.zone)).date() - timedelta(days=1)
        row.save()


@transaction.atomic
def change(subscription: Subscription, wanted: Wanted, now: datetime) -> None:
    """Change the choice of reminders of a subscription, and their schedule.

    Changes and releases that wait for a later message are sent with the next one.
    """
    Subscription.objects.filter(pk=subscription.pk).update(**wanted.columns)
    due = wanted.schedule.due_at(now)
    later = Notice.objects.filter(subscription=subscription.pk, message=None, due_at__gt=due)
    later.exclude(facts__kind=NewsKind.END.value).update(due_at=due)


def unsubscribe(subscription: Subscription) -> None:
    """Delete a subscription with its messages and notices."""
    delete_subscriptions(Subscription.objects.filter(pk=subscription.pk))


@transaction.atomic
def add_test(subscription: Subscription, now: datetime) -> None:
    """Add a test message to an active subscription, unless it was deleted meanwhile.

    Raises:
        TooManyError: `MAX_TESTS` were added in the last hour.
    """
    if not lock([subscription.pk]):
        return
    recent = subscription.messages.filter(
        purpose=MessagePurpose.TEST, created_at__gt=now - timedelta(hours=1)
    )
    if recent.count() >= MAX_TESTS:
        raise TooManyError(
            f"{MAX_TESTS} test messages were sent in the last hour. Try again later."
        )
    add_message(subscription, MessagePurpose.TEST, now)


def forget(address: str) -> Deleted:
    """Delete all subscriptions of an address, in any case, and say how many rows there were."""
    text = address.strip()
    theirs = Q(address__iexact=text) | Q(address__iexact=ascii_address(text))
    return delete_subscriptions(Subscription.objects.filter(theirs))


def ascii_address(address: str) -> str:
    """Return an e-mail address with the domain in the form in which mail is sent to it.

    It is in ASCII and lower case, so that the limits of an address hold for all its spellings.
    Returns an empty text if the domain is not valid.
    """
    name, at, domain = address.rpartition("@")
    try:
        return f"{name}{at}{punycode(domain).lower()}"
    except UnicodeError:
        return ""


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
                "Too many messages to confirm were sent to this address. Try again tomorrow."
            )
