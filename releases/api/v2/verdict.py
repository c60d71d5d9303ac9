"""The verdict of API v2."""

from __future__ import annotations

from django.http import HttpRequest

from releases import selectors
from releases.api.v2 import answers
from releases.api.v2.parameters import VerdictQuery
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product
from releases.presentation.snippets import badge_url
from releases.presentation.stack.rows import StackRow
from releases.presentation.upgrade.verdict import patch_command
from releases.selectors import StackItem
from releases.web import clock


def judged(request: HttpRequest, product: Product, asked: VerdictQuery) -> answers.Verdict:
    """Return the verdict on a version of a product, in 1 query.

    The product comes with its category, cycles and identifiers.
    """
    query = RoadmapQuery(today=clock.today(), on=asked.on)
    verdict = selectors.verdict(product, asked.version, asked.on)
    row = StackRow(StackItem(product, verdict.text, verdict), query)
    command = patch_command(product, verdict)
    badge = badge_url(product, verdict.text)
    return answers.Verdict(
        **row.facts,
        on=asked.on,
        patch=verdict.patch or None,
        command=command.text if command else None,
        missed=[each.version for each in verdict.missed],
        should_upgrade=verdict.should_upgrade,
        newer=verdict.newer.name if verdict.newer else None,
        lts=verdict.lts.name if verdict.lts else None,
        meant=list(verdict.meant),
        page=request.build_absolute_uri(row.address),
        plan=request.build_absolute_uri(row.plan) if row.plan else None,
        badge=request.build_absolute_uri(badge),
    )
