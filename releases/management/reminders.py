"""The base of the commands that send reminders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from releases.delivery.worker import Worker, stopped_by_signals


class ReminderCommand(BaseCommand):
    """A command that runs a worker, which SIGINT and SIGTERM stop after its current message."""

    def handle(self, *args: Any, **options: Any) -> None:
        # An empty SECRET_KEY, which signs the links, raises ImproperlyConfigured.
        if not (settings.SECRET_KEY and settings.REMINDERS):
            raise CommandError("SITE_URL is not set, so reminders cannot be sent.")
        worker = Worker()
        with stopped_by_signals(worker):
            self.work(worker, options)

    def work(self, worker: Worker, options: dict[str, Any]) -> None:
        """Run the command with a worker."""
        raise NotImplementedError
