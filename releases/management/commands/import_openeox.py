"""`manage.py import_openeox PATH ... [--dry-run]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.formats.openeox import SUFFIX
from releases.management.report import report
from releases.services.imports.import_products import product_files
from releases.services.imports.openeox import import_openeox


class Command(BaseCommand):
    """Import OpenEoX documents."""

    help = (
        "Import OpenEoX documents, or folders of them: Core statements in files with the name"
        " <product>/<cycle>.openeox.json or <product>@<cycle>.openeox.json, and documents in the"
        " draft Shell form. A statement changes nothing if it is older than the last imported one"
        " about the same release cycle."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--dry-run", action="store_true", help="report the changes without writing them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            files = product_files(options["paths"], f"**/*{SUFFIX}")
        except FileNotFoundError as error:
            raise CommandError(str(error)) from None
        report(
            self,
            import_openeox(files, dry_run=options["dry_run"]),
            total=len(files),
            noun="product",
            dry_run=options["dry_run"],
            verbosity=options["verbosity"],
        )
