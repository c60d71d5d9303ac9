"""A pass: it finds what is new, makes the messages of what is due, and deletes what is old."""

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
"""The time for which tasks are kept that are finished, or whose worker was killed."""


@dataclass(frozen=True, slots=True)
class PassReport:
    """The numbers of new notices and of new messages."""

    notices: int
    messages: int


def run_pass(now: datetime) -> PassReport:
    """Find what is new, and make the messages that are due. It may run twice at once.

    Args:
        now: The time.
    """
    return PassReport(find_news(now), outbox.make_messages(now, still_true))


def delete_old(now: datetime) -> None:
    """Delete old messages, notices, unconfirmed subscriptions, and tasks that are over."""
    outbox.delete_old(now)
    delete_unconfirmed(now)
    old = DBTaskResult.objects.filter(enqueued_at__lt=now - TASKS_KEPT)
    (old.finished() | old.running()).delete()
