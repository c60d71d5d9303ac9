"""Tasks of the reminders, for Django's Tasks API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from releases.delivery import mail, webhooks
from releases.models import Channel, Message
from releases.services.reminders.errors import DeliveryError
from releases.services.reminders.notices import still_true
from releases.services.reminders.outbox import Lease, begin, failed, lease_due, succeeded
from releases.web import clock

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    from django_tasks import task  # type: ignore[no-redef]

logger = logging.getLogger(__name__)

_SENDERS: Final[dict[str, Callable[[Message, datetime], None]]] = {
    Channel.EMAIL: mail.send,
}
"""The functions that send a message, by channel; webhooks have the others."""


@task()
def deliver(message: int, until: str) -> None:
    """Make one attempt to send a message.

    Args:
        message: The primary key of the message.
        until: The end of its lease, in ISO 8601.
    """
    leased = begin(Lease(message, datetime.fromisoformat(until)), clock.now(), still_true)
    if leased is None:
        return
    send = _SENDERS.get(leased.subscription.channel, webhooks.send)
    try:
        send(leased, clock.now())
    except DeliveryError as error:
        logger.warning("The message %s was not sent: %s", leased.public_id, error)
        failed(leased, error, clock.now())
    else:
        succeeded(leased, clock.now())


def enqueue_due() -> int:
    """Enqueue a task for each message that is due; return their number."""
    leases = lease_due(clock.now())
    for lease in leases:
        deliver.enqueue(lease.message, lease.until.isoformat())
    return len(leases)
