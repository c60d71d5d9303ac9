"""`manage.py sync_products SOURCE [--product NAME ...] [--dry-run]`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.management.report import report
from releases.services.sync.sync_products import sync_products
from releases.services.sync.upstream import UpstreamError
from releases.web import clock


class Command(BaseCommand):
    """Update the catalogue from API v1 of another site."""

    help = "Update the catalogue from an API v1, such as https://endoflife.date/api/v1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help="the URL of an API v1, or a folder")
        parser.add_argument(
            "--product", action="append", default=[], help="update only this product (repeatable)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="report the changes without writing them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source, only, dry_run = options["source"], options["product"], options["dry_run"]
        try:
            sync = sync_products(source, on=clock.today(), only=only, dry_run=dry_run)
        except UpstreamError as error:
            raise CommandError(str(error)) from None
        if sync.total is None:
            self.stdout.write("Nothing is new there since the last sync.")
        report(
            self,
            sync.outcomes,
            total=sync.total or 0,
            noun="product",
            dry_run=dry_run,
            verbosity=options["verbosity"],
        )
