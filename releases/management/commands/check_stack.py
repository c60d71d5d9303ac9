"""`manage.py check_stack FILE... [--fail-on RULE]... [--accept-extended [PRODUCT...]]`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.management.stack import FORMATS, make_report
from releases.web import clock


class Command(BaseCommand):
    """Check the components of a stack against the catalogue."""

    help = (
        "Report the support status of the components of a stack, and what to upgrade. The exit code"
        " is 0 if no --fail-on rule is broken, 1 if one is, and 2 for input that cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="- for standard input")
        parser.add_argument("--fail-on", action="append", default=[], metavar="RULE")
        words = "count extended support of these products, or of all products if none is named"
        parser.add_argument("--accept-extended", nargs="*", metavar="PRODUCT", help=words)
        parser.add_argument("--format", choices=list(FORMATS), default="table")
        parser.add_argument("--on", default="", metavar="DATE", help="the date of the check")

    def handle(self, *args: Any, **options: Any) -> None:
        files, rules, on = options["files"], options["fail_on"], options["on"]
        try:
            report = make_report(files, rules, on, clock.today(), options["accept_extended"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        for problem in report.problems:
            self.stderr.write(problem)
        self.stdout.write(FORMATS[options["format"]](report))
        if report.failure:
            raise CommandError(report.failure, returncode=1)
