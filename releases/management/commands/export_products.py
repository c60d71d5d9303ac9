"""`manage.py export_products DIR [--product NAME ...] [--format yaml|json|csv]`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from releases.services.export_products import Format, Result, export_products
from releases.web import clock


class Command(BaseCommand):
    """Export the catalogue to files."""

    help = "Write the catalogue to a folder: product files, or one JSON or CSV file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--product", action="append", default=[], help="export only this product (repeatable)"
        )
        parser.add_argument("--format", choices=list(Format), default=Format.YAML.value)

    def handle(self, *args: Any, **options: Any) -> None:
        counts: Counter[Result] = Counter()
        only, form = options["product"], Format(options["format"])
        try:
            exported = export_products(options["folder"], on=clock.today(), only=only, form=form)
        except LookupError as error:
            raise CommandError(str(error)) from None
        with tqdm(exported, unit="file", disable=None, leave=False) as bar:
            for each in bar:
                counts[each.result] += 1
                lines = [each.problem, *(f"warning: {warning}" for warning in each.warnings)]
                with bar.external_write_mode():
                    for line in filter(None, lines):
                        self.stdout.write(f"{each.path}: {line}")
        self.stdout.write(", ".join(f"{counts[result]} {result}" for result in Result) + ".")
        if counts[Result.FAILED]:
            raise CommandError("Some files could not be written; the lines above say why.")
