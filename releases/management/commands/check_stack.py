"""`manage.py check_stack PATH... [--fail-on RULE]... [--strict] [--format FORMAT]`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.formats.errors import FormatError
from releases.management.stack import add_arguments, make_report, outcome, problem_lines
from releases.presentation.stack.formats import CYCLONEDX, FORMATS
from releases.web import clock


class Command(BaseCommand):
    """Check the components of a stack against the catalogue."""

    help = (
        "Report the support status of the components of a stack, and what to upgrade. The exit code"
        " is 0 if no rule is broken, 1 if one is, and 2 for input that cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = make_report(options, clock.today())
            text = FORMATS[options["format"]].text(report)
        except (FormatError, ValueError) as error:
            raise CommandError(str(error), returncode=2) from None
        for problem in problem_lines(report):
            self.stderr.write(problem)
        self.stdout.write(text)
        if options["format"] == CYCLONEDX:
            self.stderr.write(report.enriched.summary)
        reason, code = outcome(report)
        if code:
            raise CommandError(reason, returncode=code)
