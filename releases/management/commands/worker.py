"""Find and send reminders, until the process is stopped."""

from __future__ import annotations

from typing import Any

from releases.delivery.worker import Worker
from releases.management.reminders import ReminderCommand


class Command(ReminderCommand):
    """`manage.py worker`."""

    help = "Find and send reminders as they become due, until stopped by SIGTERM or Ctrl+C."

    def work(self, worker: Worker, options: dict[str, Any]) -> None:
        self.stdout.write("Sending reminders as they become due. Press Ctrl+C to stop.")
        self.stdout.flush()
        worker.run()
