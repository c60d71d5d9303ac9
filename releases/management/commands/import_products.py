"""`manage.py import_products [PATH ...] [--dry-run]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.management.report import report
from releases.services.imports.bundled import BundledOutcome
from releases.services.imports.import_products import BUNDLED, import_products, product_files
from releases.services.imports.upgrade_notes import import_upgrade_notes
from releases.services.imports.upgrade_rules import import_upgrade_rules
from releases.web import clock


class Command(BaseCommand):
    """Import product files, and the bundled upgrade notes and rules."""

    help = (
        "Import product files, or folders of them; without a path, the bundled catalogue."
        " The bundled upgrade notes and rules are imported as well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", default=[BUNDLED])
        parser.add_argument(
            "--dry-run", action="store_true", help="report the changes without writing them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        try:
            files = product_files(options["paths"])
        except FileNotFoundError as error:
            raise CommandError(str(error)) from None
        try:
            report(
                self,
                import_products(files, on=clock.today(), dry_run=dry_run),
                total=len(files),
                noun="file",
                dry_run=dry_run,
                verbosity=options["verbosity"],
            )
        finally:  # also if some files cannot be imported
            for outcome in import_upgrade_notes(dry_run=dry_run):
                self.stdout.writelines(lines_of(outcome, "upgrade notes"))
            for rule in import_upgrade_rules(dry_run=dry_run):
                self.stdout.writelines(lines_of(rule, "upgrade rule"))


def lines_of(outcome: BundledOutcome, subject: str) -> list[str]:
    """Return the lines to print for the upgrade notes or the rule of one product."""
    keys_by_result = {
        f"{subject} imported": outcome.changed,
        f"local edits of {subject} kept": outcome.local_edits,
        f"{subject} that cannot be read": list(map(str, outcome.problems)),
    }
    return [
        f"{outcome.product}: {words}: {', '.join(keys)}\n"
        for words, keys in keys_by_result.items()
        if keys
    ]
