"""The base of the commands that send reminders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from releases.delivery.worker import Worker, stopped_by_signals
from releases.web.database import DATABASE_ERRORS


class ReminderCommand(BaseCommand):
    """A command that runs a worker, which SIGINT and SIGTERM stop after its current message."""

    def handle(self, *args: Any, **options: Any) -> None:
        # An empty SECRET_KEY, which signs the links, raises ImproperlyConfigured.
        if not (settings.SECRET_KEY and settings.REMINDERS):
            raise CommandError("SITE_URL is not set, so reminders cannot be sent.")
        worker = Worker()
        try:
            with stopped_by_signals(worker):
                self.work(worker, options)
        except DATABASE_ERRORS as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}") from error

    def work(self, worker: Worker, options: dict[str, Any]) -> None:
        """Run the command with a worker."""
        raise NotImplementedError
