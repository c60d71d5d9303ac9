"""Delete the subscriptions of a person, with their messages and reminders."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from releases.domain.lifecycle.words import count
from releases.services.reminders.subscribe import forget


class Command(BaseCommand):
    """`manage.py forget ADDRESS`."""

    help = "Delete all subscriptions of an e-mail address or webhook URL, with their messages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="e-mail address or webhook URL, case-insensitive")

    def handle(self, *args: Any, **options: Any) -> None:
        found = forget(options["address"])
        self.stdout.write(
            f"Deleted {count(found.subscriptions, 'subscription')},"
            f" {count(found.messages, 'message')} and {count(found.notices, 'reminder')}."
        )
