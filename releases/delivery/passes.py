"""A pass: find new notices, create the messages that are due, and delete old data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django_tasks_db.models import DBTaskResult

from releases.delivery.find import find_news
from releases.services.reminders import outbox
from releases.services.reminders.notices import still_true
from releases.services.reminders.subscribe import delete_unconfirmed

TASKS_KEPT: Final = timedelta(days=1)
"""Time to keep tasks that are finished, or whose worker was killed."""


@dataclass(frozen=True, slots=True)
class PassReport:
    """The numbers of new notices and new messages."""

    notices: int
    messages: int


def run_pass(now: datetime) -> PassReport:
    """Find new notices, and create the messages that are due. Passes may run concurrently.

    Args:
        now: The time.
    """
    return PassReport(find_news(now), outbox.make_messages(now, still_true))


def delete_old(now: datetime) -> None:
    """Delete old messages, notices, unconfirmed subscriptions and tasks."""
    outbox.delete_old(now)
    delete_unconfirmed(now)
    old = DBTaskResult.objects.filter(enqueued_at__lt=now - TASKS_KEPT)
    (old.finished() | old.running()).delete()
