"""`manage.py create_first_admin`, for development only."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

NAME = "admin"


class Command(BaseCommand):
    """Create the first superuser of a development database."""

    help = "Create a superuser with a random password, and print it, unless there is a superuser."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "This command is for development (DEBUG=1) only; in production use createsuperuser."
            )
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            return
        if users.filter(username=NAME).exists():
            raise CommandError(f"The user “{NAME}” is no superuser; use createsuperuser.")
        password = secrets.token_urlsafe(12)
        users.create_superuser(username=NAME, password=password)
        self.stdout.write(f"Log in to the admin as {NAME} with the password {password}")
        self.stdout.write(
            "The password is shown only once; manage.py changepassword sets a new one."
        )
