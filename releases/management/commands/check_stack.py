"""`manage.py check_stack FILE... [--fail-on eol] [--accept-extended [PRODUCT...]]`, and more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.management.stack import FORMATS, answer_to
from releases.web import clock


class Command(BaseCommand):
    help = (
        "Says what of a stack is unsupported, what ends next, and what to do. The exit code is 0"
        " where all is well, 1 where a part is what --fail-on forbids, 2 for what cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="- is the standard input")
        parser.add_argument("--fail-on", action="append", default=[], metavar="RULE")
        words = "count the extended support of these products, or of all if none is named"
        parser.add_argument("--accept-extended", nargs="*", metavar="PRODUCT", help=words)
        parser.add_argument("--format", choices=list(FORMATS), default="table")
        parser.add_argument("--on", default="", metavar="DATE", help="as of another day")

    def handle(self, *args: Any, **options: Any) -> None:
        files, rules, on = options["files"], options["fail_on"], options["on"]
        try:
            answer = answer_to(files, rules, on, clock.today(), options["accept_extended"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        for problem in answer.problems:
            self.stderr.write(problem)
        self.stdout.write(FORMATS[options["format"]](answer))
        if answer.failure:
            raise CommandError(answer.failure, returncode=1)
