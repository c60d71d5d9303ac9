"""`manage.py set_milestone PRODUCT CYCLE NAME VALUE --reason REASON`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from releases.domain import limits
from releases.domain.lifecycle.milestones import MILESTONES, format_milestone, parse_milestone
from releases.management.rows import find_cycle, find_product
from releases.services.editing.cycles import set_milestones


class Command(BaseCommand):
    """Set a milestone of a release cycle."""

    help = "Set a milestone of a release cycle, with a reason that the history keeps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("product", metavar="PRODUCT", help="the name of the product")
        parser.add_argument("cycle", metavar="CYCLE", help="the name of the cycle")
        parser.add_argument("name", metavar="NAME", choices=list(MILESTONES))
        words = "2028-04-30, 2028-04, 2028-Q2, 2028, yes, no; an empty text removes it"
        parser.add_argument("value", metavar="VALUE", help=words)
        parser.add_argument("--reason", required=True, help="why; kept in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        reason = options["reason"].strip()
        if not reason or len(reason) > limits.REASON:
            raise CommandError(f"--reason: expected 1 to {limits.REASON} characters.")
        product = find_product(options["product"])
        cycle = find_cycle(product, options["cycle"])
        name = options["name"]
        try:
            value = parse_milestone(options["value"])
            cycle = set_milestones(cycle, {name: value}, reason=reason)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        now = format_milestone(getattr(cycle, name)) or "empty"
        self.stdout.write(f"{name} of {product} {cycle} is {now}.")
