"""`manage.py import_products [PATH ...] [--dry-run]`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from releases import clock
from releases.services.import_products import (
    BUNDLED,
    Outcome,
    Result,
    import_products,
    product_files,
)
from releases.services.upgrade_notes import NotesOutcome, import_upgrade_notes


class Command(BaseCommand):
    help = (
        "Imports product files (or folders of them); without a path, the bundled catalogue."
        " The notes on upgrades that come with the project are brought in besides."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", default=[BUNDLED])
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            files = product_files(options["paths"])
        except FileNotFoundError as error:
            raise CommandError(str(error)) from None
        outcomes = []
        # disable=None: a bar on a terminal, nothing elsewhere.
        with tqdm(total=len(files), unit="product", disable=None, leave=False) as bar:
            for outcome in import_products(files, on=clock.today(), dry_run=options["dry_run"]):
                outcomes.append(outcome)
                with bar.external_write_mode():
                    for line in lines_of(outcome, verbosity=options["verbosity"]):
                        self.stdout.write(line)
                bar.update()
        self.stdout.write(summary(outcomes, dry_run=options["dry_run"]))
        for notes in import_upgrade_notes(dry_run=options["dry_run"]):
            for line in lines_of_notes(notes):
                self.stdout.write(line)
        if any(outcome.result is Result.FAILED for outcome in outcomes):
            raise CommandError("Some files could not be imported; the lines above say why.")


def lines_of(outcome: Outcome, *, verbosity: int) -> list[str]:
    """What there is to say of one file."""
    lines = [f"{outcome.path}: {problem}" for problem in outcome.problems]
    lines += [f"{outcome.path}: warning: {warning}" for warning in outcome.warnings]
    name = outcome.product or outcome.path.name
    if outcome.note:
        lines.append(f"{name}: {outcome.result}, {outcome.note}")
    elif outcome.result is not Result.FAILED and (
        verbosity > 1 or outcome.result is not Result.UNCHANGED
    ):
        fields = f" ({', '.join(outcome.changes)})" if outcome.changes else ""
        lines.append(f"{name}: {outcome.result}{fields}")
    if outcome.kept:
        lines.append(f"{name}: kept as edited here: {', '.join(outcome.kept)}")
    return lines


def lines_of_notes(outcome: NotesOutcome) -> list[str]:
    """What there is to say of the notes on upgrades of one product."""
    said = {
        "notes on upgrades brought in": outcome.changed,
        "notes on upgrades kept as edited here": outcome.kept,
        "notes on upgrades that cannot be read": list(map(str, outcome.problems)),
    }
    return [
        f"{outcome.product}: {words}: {', '.join(keys)}" for words, keys in said.items() if keys
    ]


def summary(outcomes: list[Outcome], *, dry_run: bool) -> str:
    counts = Counter(outcome.result for outcome in outcomes)
    kept = sum(1 for outcome in outcomes if outcome.kept)
    parts = [f"{counts[result]} {result}" for result in Result]
    parts.insert(2, f"{kept} kept in part")
    files = f"{len(outcomes)} file{'' if len(outcomes) == 1 else 's'}"
    return f"{files}: {', '.join(parts)}.{' Nothing was written (dry run).' if dry_run else ''}"
