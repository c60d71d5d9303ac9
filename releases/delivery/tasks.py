"""Tasks of the reminders, for Django's Tasks API."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from django.core.cache import cache
from django.db import connection, transaction

from releases.delivery import mail, webhooks
from releases.models import Channel, Message
from releases.services.reminders.errors import DeliveryError
from releases.services.reminders.notices import still_true
from releases.services.reminders.outbox import (
    Lease,
    begin,
    failed,
    is_any_due,
    lease_due,
    succeeded,
)
from releases.web import clock
from releases.web.database import DATABASE_ERRORS

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    from django_tasks import task  # type: ignore[no-redef]

logger = logging.getLogger(__name__)

BATCH: Final = 50
"""Maximum number of messages that are enqueued at once."""
RECORD_SECONDS: Final = 15
"""Seconds to retry recording the result of an attempt while the database is unavailable."""
SLOW_SECONDS: Final = 3.0
"""Seconds after which a failure that is not about a recipient begins an outage of its server."""
OUTAGE_SECONDS: Final = 60

INTERNAL: Final = DeliveryError("Internal error. See the log of the site.", everyone=True)


class Outcome(StrEnum):
    """The outcome of a task."""

    SENT = "sent"
    REFUSED = "refused"
    """Not sent, because of its recipient."""
    UNSENT = "unsent"
    """Not sent, because of this site: an operator has to act if this persists."""
    SKIPPED = "skipped"
    """No longer needed."""


@task()
def deliver(message: int, until: str) -> str:
    """Make one attempt to send a message, and return its `Outcome`.

    Args:
        message: The primary key of the message.
        until: The end of its lease, in ISO 8601.
    """
    lease = Lease(message, datetime.fromisoformat(until))
    leased = begin(lease, clock.now(), still_true)
    if leased is None:
        return Outcome.SKIPPED.value
    try:
        _send(leased)
    except DeliveryError as error:
        logger.warning("The message %s was not sent: %s", leased.public_id, error)
        _record(partial(failed, leased, error))
        return (Outcome.UNSENT if error.everyone else Outcome.REFUSED).value
    except Exception:
        _record(partial(failed, leased, INTERNAL))
        raise  # the queue logs it
    _record(partial(succeeded, leased))
    return Outcome.SENT.value


def enqueue_due(until: datetime | None = None) -> int:
    """Enqueue a task for each message that is due, `BATCH` at most; return their number.

    Args:
        until: The time, inclusive, at which they were due; now by default.
    """
    if not is_any_due(until or clock.now()):  # a worker calls this every second
        return 0
    with transaction.atomic():  # without a task, the lease would delay the message
        leases = lease_due(clock.now(), BATCH, until=until)
        for lease in leases:
            deliver.enqueue(lease.message, lease.until.isoformat())
    return len(leases)


def _send(message: Message) -> None:
    """Send a message. Raises `DeliveryError`, at once while the server of its channel is down."""
    channel = message.subscription.channel
    outage = f"outage-{channel}"
    if error := cache.get(outage):  # thousands of messages must not wait one by one
        raise error
    began = time.monotonic()
    send = mail.send if channel == Channel.EMAIL else webhooks.send
    try:
        send(message, clock.now())
    except DeliveryError as error:
        if error.everyone and time.monotonic() - began > SLOW_SECONDS:
            cache.set(outage, error, OUTAGE_SECONDS)
        raise


def _record(result: Callable[[datetime], None]) -> None:
    """Record a result. Wait for the database, as the message would be sent again otherwise."""
    for _ in range(RECORD_SECONDS):
        try:
            return result(clock.now())
        except DATABASE_ERRORS:
            logger.warning(
                "The database is unavailable. Retrying to record the result of a message."
            )
            connection.close()
            time.sleep(1)
    return result(clock.now())
