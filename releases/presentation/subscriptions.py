"""The page of a subscription, and the tokens of its links."""

from __future__ import annotations

from calendar import day_name
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core import signing
from django.utils.text import get_text_list

from releases.domain.lifecycle.words import count
from releases.domain.reminders.schedule import Frequency
from releases.domain.reminders.wishes import Releases
from releases.models import Message, MessagePurpose, Subscription, SubscriptionState
from releases.presentation.reminders import CONFIRM_SALT, SALT, view_title
from releases.selectors.subscriptions import last_messages
from releases.services.reminders.subscribe import UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in the list of a subscription.

    Attributes:
        what: Its content in words.
        at: The time at which it was sent, else created.
        result: The result in words.
        failed: True if the last attempt failed.
    """

    what: str
    at: datetime
    result: str
    failed: bool


def subscription_id(token: str) -> str | None:
    """Return the id of the subscription that a link is for, or None if the link is invalid."""
    return _read(token, SALT)


def confirmation_id(token: str) -> str | None:
    """Return the id of the subscription that a link confirms, expired or not, or None."""
    return _read(token, CONFIRM_SALT)


def is_expired(token: str) -> bool:
    """Return True if a link that confirms is older than `UNCONFIRMED`."""
    try:
        signing.loads(token, salt=CONFIRM_SALT, max_age=UNCONFIRMED)
    except signing.SignatureExpired:
        return True
    return False


def _read(token: str, salt: str) -> str | None:
    try:
        return str(signing.loads(token, salt=salt))
    except signing.BadSignature:
        return None


def subscription_page(subscription: Subscription) -> dict[str, Any]:
    """Return the template context of the page of a subscription."""
    return {
        "subscription": subscription,
        "label": view_title(subscription.view),
        "pending": subscription.state == SubscriptionState.PENDING,
        "paused": subscription.state == SubscriptionState.PAUSED,
        "deliveries": sent_messages(subscription),
    }


def sent_messages(subscription: Subscription) -> list[Delivery]:
    """Return the last messages of a subscription in words, the newest first; 1 query."""
    return [_delivery(each) for each in last_messages(subscription)]


def wishes_in_words(subscription: Subscription) -> str:
    """Return the choice of reminders: `90 and 0 days before an end, dates, all releases`."""
    wishes = subscription.wishes
    days = get_text_list([str(day) for day in wishes.days], "and")
    found = (
        f"{days} days before an end" if days else "",
        "dates" if wishes.dates else "",
        "new release cycles" if wishes.cycles else "",
        "" if wishes.releases is Releases.NONE else f"{wishes.releases} releases",
    )
    return ", ".join(filter(None, found))


def schedule_in_words(subscription: Subscription) -> str:
    """Return the schedule of a subscription: `weekly, on Monday at 08:00, Europe/Berlin`."""
    schedule = subscription.schedule
    day = f"on {day_name[schedule.weekday]} " if schedule.frequency is Frequency.WEEKLY else ""
    return f"{schedule.frequency}, {day}at {schedule.hour:02}:00, {schedule.zone}"


def masked(address: str) -> str:
    """Return a shortened address that people who know it recognise: `a…@example.org`.

    For a webhook, it is the host, as the path is a secret.
    """
    name, at, domain = address.rpartition("@")
    if at and "://" not in address:
        return f"{name[:1]}…@{domain}"
    return f"{urlsplit(address).hostname or ''}/…"


def _delivery(message: Message) -> Delivery:
    things: int = getattr(message, "things", 0)
    what = {
        MessagePurpose.CONFIRM: "Request to confirm",
        MessagePurpose.TEST: "Test",
    }.get(MessagePurpose(message.purpose), count(things, "reminder"))
    if message.sent_at:
        return Delivery(what, message.sent_at, "Sent", False)
    if message.next_attempt_at is None and not message.error:
        return Delivery(what, message.created_at, "Not sent: no longer needed", False)
    attempts = f" after {count(message.attempts, 'attempt')}" if message.attempts else ""
    if message.next_attempt_at is None:
        return Delivery(what, message.created_at, f"Failed{attempts}. {message.error}", True)
    if message.error:
        return Delivery(what, message.created_at, f"Will be retried. {message.error}", True)
    return Delivery(what, message.created_at, "Waiting to be sent", False)
