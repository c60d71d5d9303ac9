"""Find and send the reminders that are due, then exit."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from releases.delivery.tasks import Outcome
from releases.delivery.worker import CRASHED, Worker
from releases.domain.lifecycle.words import count
from releases.management.reminders import ReminderCommand


class Command(ReminderCommand):
    """`manage.py send_due`."""

    help = "Find and send the reminders that are due, then exit. For cron; runs may overlap."

    def work(self, worker: Worker, options: dict[str, Any]) -> None:
        report = worker.run_once()
        outcomes = worker.outcomes
        if options["verbosity"]:
            self.stdout.write(
                f"Found {count(report.notices, 'reminder')} and made"
                f" {count(report.messages, 'message')}."
                f" Sent {count(outcomes[Outcome.SENT], 'message')};"
                f" {outcomes[Outcome.REFUSED]} refused."
            )
        ours = outcomes[Outcome.UNSENT] + outcomes[CRASHED]
        problems = [
            *([f"{count(ours, 'message')} could not be sent"] if ours else []),
            *(["the search for reminders failed"] if worker.failed_passes else []),
        ]
        if problems:
            raise CommandError(f"{' and '.join(problems)}; the lines above say why.")
