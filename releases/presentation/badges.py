"""Texts and colours of the badges of cycles, versions and stacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.template.loader import render_to_string

from releases import selectors
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.lifecycle.words import lower_first, status_words
from releases.domain.stack import worst
from releases.domain.upgrade.verdict import Verdict
from releases.domain.upgrade.verdict_words import headlines
from releases.models import Product, ReleaseCycle
from releases.presentation.badge_image import FONT_SIZE, HEIGHT, badge_image
from releases.presentation.snippets import STACK_LABEL, badge_label

LATEST: Final = "latest"
"""The name in URLs for the newest released cycle."""

LABEL_COLOURS: Final = ("#2b3138", "#ffffff")
COLOURS: Final = {
    Status.PLANNED: ("#525c66", "#ffffff"),
    Status.ACTIVE: ("#0b4f8a", "#ffffff"),
    Status.SECURITY: ("#f0b429", "#16191d"),
    Status.FREE_EXTENDED: ("#2e6b4f", "#ffffff"),
    Status.EXTENDED: ("#6b3fa0", "#ffffff"),
    Status.END_OF_LIFE: ("#b3261e", "#ffffff"),
}
"""Background and text colours, which are the same for light and dark pages."""
UNKNOWN_COLOURS: Final = ("#525c66", "#ffffff")
NOT_FOUND: Final = "not found"
CACHE_SECONDS: Final = 3600
"""The time for which shields.io may cache a badge, in seconds."""


@dataclass(frozen=True, slots=True)
class BadgeText:
    """The texts of a badge, and the background and text colours of its message."""

    label: str
    message: str
    colours: tuple[str, str]
    found: bool = True

    @property
    def svg(self) -> str:
        """The badge as an SVG image."""
        image = badge_image(self.label, self.message, LABEL_COLOURS, self.colours)
        context = {"image": image, "height": HEIGHT, "font_size": FONT_SIZE}
        return render_to_string("releases/badge.svg", context)

    @property
    def endpoint(self) -> dict[str, Any]:
        """The badge as JSON for shields.io (https://shields.io/badges/endpoint-badge)."""
        return {
            "schemaVersion": 1,
            "label": self.label,
            "message": self.message,
            "color": self.colours[0],
            "labelColor": LABEL_COLOURS[0],
            "cacheSeconds": CACHE_SECONDS,
            **({} if self.found else {"isError": True}),
        }


def not_found(name: str, version: str) -> BadgeText:
    """Return the badge for a product, cycle or version that does not exist."""
    return BadgeText(badge_label(name, version), NOT_FOUND, UNKNOWN_COLOURS, found=False)


def cycle_badge(product: Product, cycle: ReleaseCycle, on: date) -> BadgeText:
    """Return the badge with the status of a cycle on a date."""
    message, status = status_words(cycle.lifecycle, on), status_on(cycle.lifecycle, on)
    return BadgeText(badge_label(product.name, cycle.name), message, COLOURS[status])


def verdict_badge(product: Product, version: str, on: date) -> BadgeText:
    """Return the badge with the verdict on a version of a product on a date."""
    verdict = selectors.verdict(product, version, on)
    status = verdict.status(on)
    if status is None:
        return not_found(product.name, version)
    if verdict.cycle is not None and status is Status.EXTENDED:
        message = status_words(verdict.cycle.lifecycle, on)
    else:
        message = ", ".join(map(lower_first, headlines(verdict, on)))
    return BadgeText(badge_label(product.name, version), message, COLOURS[status])


def stack_badge(verdicts: Sequence[Verdict[ReleaseCycle]], on: date) -> BadgeText:
    """Return the badge with the worst verdict on the parts of a stack."""
    if not any(verdict.status(on) for verdict in verdicts):
        return BadgeText(STACK_LABEL, NOT_FOUND, UNKNOWN_COLOURS, found=False)
    message, status = worst(verdicts, on)
    return BadgeText(STACK_LABEL, message, COLOURS[status])


def cycle_named(product: Product, name: str, on: date) -> ReleaseCycle | None:
    """Return the cycle with a name, or None.

    The name `latest` means the first released cycle in the order of the product, unless a cycle has
    that name.
    """
    cycles = list(product.cycles.all())
    named = next((cycle for cycle in cycles if cycle.name == name), None)
    if named is not None or name != LATEST:
        return named
    released = (cycle for cycle in cycles if status_on(cycle.lifecycle, on) is not Status.PLANNED)
    return next(released, None)
