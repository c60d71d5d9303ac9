"""Delete the reminders of a person: subscriptions with their messages and notices."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from releases.domain.lifecycle.words import count
from releases.services.reminders.subscribe import forget


class Command(BaseCommand):
    """`manage.py forget ADDRESS`."""

    help = "Delete all subscriptions of an e-mail address or webhook, and what was sent to it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the e-mail address, in any case")

    def handle(self, *args: Any, **options: Any) -> None:
        found = forget(options["address"])
        self.stdout.write(
            f"Deleted {count(found.subscriptions, 'subscription')},"
            f" {count(found.messages, 'message')} and {count(found.notices, 'notice')}."
        )
