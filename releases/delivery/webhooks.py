"""Reminders by webhook: one request to the address of a subscription."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from django.conf import settings

from releases.models import Channel, Message, MessagePurpose
from releases.presentation.reminders import content_of
from releases.presentation.webhook_bodies import webhook_body
from releases.services.reminders.errors import DeliveryError
from releases.services.reminders.safe_http import Answer, is_internal, post
from releases.services.reminders.signatures import signed_headers


def send(message: Message, now: datetime) -> None:
    """Send a message.

    Args:
        message: The message; its subscription and its notices are loaded.
        now: The time of the attempt.

    Raises:
        DeliveryError: The receiver was not reached, or its response is not 2xx.
    """
    try:
        _send(message, now)
    except DeliveryError:
        confirms = message.purpose == MessagePurpose.CONFIRM
        if confirms and is_internal(message.subscription.address, settings.WEBHOOK_HOSTS):
            # Before the confirmation, a stranger may be probing the internal network.
            raise DeliveryError("The receiver did not accept the message.") from None
        raise


def _send(message: Message, now: datetime) -> None:
    subscription = message.subscription
    channel = Channel(subscription.channel)
    body = webhook_body(channel, content_of(message, now))
    headers = {"Content-Type": "application/json", "User-Agent": "release-roadmap"}
    if channel == Channel.GENERIC:
        headers |= signed_headers(subscription.secret, str(message.public_id), now, body)
    answer = post(subscription.address, body.encode(), headers, settings.WEBHOOK_HOSTS)
    if error := error_of(answer, now):
        raise error


def error_of(answer: Answer, now: datetime) -> DeliveryError | None:
    """Return the error of a response, or None if it is 2xx.

    Only 410 is permanent: by Standard Webhooks, the receiver wants no more messages.
    """
    status = answer.status
    if 200 <= status < 300:
        return None
    if status == HTTPStatus.GONE:
        return DeliveryError(
            "The receiver responded with 410: it accepts no more messages.", permanent=True
        )
    if 300 <= status < 400:
        sentence = f"The receiver responded with {status}. Redirects are not followed."
    elif status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500:
        sentence = f"The receiver responded with {status}, a temporary failure."
    else:
        sentence = f"The receiver responded with {status}: the URL may be wrong or retired."
    return DeliveryError(sentence, wait=retry_after(answer.retry_after, now))


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Return the time that the header `Retry-After` asks to wait, or None.

    Args:
        value: A number of seconds, or an HTTP date.
        now: The time.
    """
    if value.isascii() and value.isdigit() and len(value) < 10:
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
