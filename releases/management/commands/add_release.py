"""`manage.py add_release PRODUCT VERSION [--date DAY] [--security] [--notes URL]`."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from releases.domain.lifecycle.versions import ReleaseKind
from releases.management.rows import find_cycle, find_product
from releases.services.editing.add_release import (
    PlannedCycleError,
    RefusedReleaseError,
    add_release,
)
from releases.web import clock


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--date: “{text}” is not a day such as 2028-04-30.") from None


class Command(BaseCommand):
    """Add a release to the cycle of its version."""

    help = "Add a release. Its cycle and its kind follow from the version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("product", metavar="PRODUCT", help="the name of the product")
        parser.add_argument("version", metavar="VERSION", help="such as 5.2.20 or 6.0rc1")
        parser.add_argument("--date", default="", metavar="DAY", help="default: today, in UTC")
        parser.add_argument("--security", action="store_true", help="it is a security release")
        parser.add_argument("--cycle", default="", help="if the version fits several cycles")
        words = "release the cycle on the same day if it is still planned"
        parser.add_argument("--starts-cycle", action="store_true", help=words)
        parser.add_argument("--notes", default="", metavar="URL", help="the address of its notes")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        product = find_product(options["product"])
        try:
            added = add_release(
                product,
                options["version"],
                _day(options["date"]) if options["date"] else today,
                on=today,
                cycle=find_cycle(product, options["cycle"]) if options["cycle"] else None,
                kind=ReleaseKind.SECURITY if options["security"] else None,
                notes=options["notes"],
                starts_cycle=options["starts_cycle"],
            )
        except PlannedCycleError as error:
            message = f"{error} Add --starts-cycle to release it on {error.day}, too."
            raise CommandError(message) from None
        except RefusedReleaseError as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(f"--notes: {' '.join(error.messages)}") from None
        release = added.release
        latest = " It is the latest release now." if added.latest else ""
        self.stdout.write(f"Added {product} {release} ({release.kind}) to {release.cycle}.{latest}")
