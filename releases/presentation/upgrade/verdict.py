"""The verdict on an installed version, on the page of its product."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from releases import selectors
from releases.domain.roadmap.query import MAX_TEXT, RoadmapQuery
from releases.domain.upgrade.install import Command, install_command
from releases.domain.upgrade.query import LATEST, LATEST_LTS
from releases.domain.upgrade.verdict import Answer, Verdict
from releases.domain.upgrade.verdict_words import answer_sentences, reasons
from releases.models import Product, ReleaseCycle

VERSION: Final = "version"
"""The query parameter with the installed version."""


def verdict_context(product: Product, text: str, query: RoadmapQuery) -> dict[str, Any]:
    """Return the template context of the form and of the verdict on a version.

    Args:
        product: The product, with its cycles and identifiers.
        text: The version as it was entered; empty for the form only.
        query: The query of the page.
    """
    context: dict[str, Any] = {
        "installed": selectors.is_installed(product),
        "example": _example(product, query.on),
    }
    if not text:
        return context
    verdict = selectors.verdict(product, text[:MAX_TEXT], query.on)
    day = {"on": query.on.isoformat()} if query.what_if else {}
    lines = answer_sentences(verdict, product.label, query.on)
    short = " ".join(lines[:2] if verdict.should_upgrade else lines[:1])
    return context | {
        "title": f"{product.label} {verdict.text}: {short.rstrip('.')}",
        "verdict": verdict,
        "headlines": lines,
        "reasons": reasons(verdict, product.label, query.on),
        "command": patch_command(product, verdict),
        "plans": upgrade_links(product, verdict, day),
        "permalink": verdict_url(product, verdict.text, day),
        "others": [
            (name, verdict_url(product, name, day)) for name in (*verdict.meant, *verdict.known)
        ],
    }


def patch_command(product: Product, verdict: Verdict[ReleaseCycle]) -> Command | None:
    """Return the command that installs the patch of a verdict.

    The result is None if there is no patch, or no package that a command is known for.
    """
    if not verdict.patch:
        return None
    purls = [each.value for each in product.identifiers.all() if each.type == "purl"]
    return install_command(purls, verdict.patch, product.label)


def verdict_url(product: Product, version: str, day: dict[str, str]) -> str:
    """Return the path and query of the verdict on a version.

    Args:
        product: The product.
        version: The version.
        day: The parameter `on`, unless the date is today's.
    """
    return f"{product.get_absolute_url()}?{urlencode({VERSION: version} | day)}"


def _example(product: Product, on: date) -> str:
    """Return the newest release that is known on a date, or else the name of the oldest cycle."""
    cycles = [cycle.as_of(on) for cycle in product.cycles.all()]
    return next(filter(None, (each.latest for each in cycles)), cycles[-1].name if cycles else "")


def upgrade_links(
    product: Product, verdict: Verdict[ReleaseCycle], day: dict[str, str]
) -> list[tuple[str, str]]:
    """Return labels and URLs of upgrade plans: to the newest cycle, and to the latest LTS cycle."""
    if verdict.cycle is None or verdict.answer is Answer.PLANNED:
        return []
    address, start = reverse("releases:upgrade", args=[product.name]), verdict.cycle.name
    targets = ((verdict.newer, LATEST), (verdict.lts, LATEST_LTS))
    return [
        (
            f"Plan the upgrade to {target.name}",
            f"{address}?{urlencode({'from': start, 'to': word} | day)}",
        )
        for target, word in targets
        if target
    ]
