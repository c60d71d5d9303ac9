"""`manage.py import_cyclonedx FILE... [--dry-run]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.domain.lifecycle.words import one_line
from releases.services.editing.import_bills import BillOutcome, import_bills
from releases.web import clock


class Command(BaseCommand):
    """Import the lifecycle dates of CycloneDX files as proposals."""

    help = (
        "Import the lifecycle dates of components in CycloneDX files. Dates that differ from the"
        " catalogue are proposed to the editors, and unknown release cycles become drafts."
        " Nothing public changes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="report the proposals without writing them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        done = []
        for outcome in import_bills(options["files"], on=clock.today(), dry_run=dry_run):
            self.stdout.writelines(lines_of(outcome))
            done.append(outcome)
        proposed = sum(len(each.proposed) for each in done)
        drafts = sum(len(each.drafts) for each in done)
        unused = sum(len(each.unused) for each in done)
        end = " Nothing was written (dry run)." if dry_run else ""
        self.stdout.write(f"{proposed} proposed, {drafts} drafts, {unused} unused.{end}")
        if any(each.problems for each in done):
            raise CommandError("Some files could not be imported; the lines above say why.")


def lines_of(outcome: BillOutcome) -> list[str]:
    """Return the lines to print for one file."""
    by_word = {
        "proposed": outcome.proposed,
        "draft": outcome.drafts,
        "not used": outcome.unused,
        "not imported": list(map(str, outcome.problems)),
    }
    return [
        f"{one_line(f'{outcome.place}: {word}: {text}')}\n"
        for word, texts in by_word.items()
        for text in texts
    ]
