"""The next cycle of a product: the form of a new cycle, filled by the cadence of the product."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from releases.domain.lifecycle.cadence import Projection, next_cycle
from releases.domain.lifecycle.milestones import MILESTONES, format_milestone
from releases.models import ReleaseCycle

AFTER = "after"
"""Parameter of the form's address: the name of the preceding cycle, or empty for the newest one."""


def fill_next_cycle(request: HttpRequest, initial: dict[str, Any]) -> dict[str, Any]:
    """Return the initial values of a new cycle, as `?product=1&after=6.2` asks for them.

    They are returned unchanged if the address names no product or no preceding cycle.
    """
    if AFTER not in request.GET or "product" not in initial:
        return initial
    # Lifecycles need the terms of the product's extended support.
    every = ReleaseCycle.objects.all().with_product()
    cycles = list(every.filter(product=initial["product"]).order_by("position", "id"))
    projection = next_cycle(cycles, request.GET[AFTER])
    if projection is None:
        messages.warning(request, "There is no release cycle to go on from.")
        return initial
    messages.info(request, _message(projection))
    return initial | _values(projection) | {"position": _position(cycles, projection.after)}


def _values(projection: Projection) -> dict[str, Any]:
    """Return a projection as values of form fields."""
    dates = {name: format_milestone(getattr(projection.lifecycle, name)) for name in MILESTONES}
    return {"name": projection.name, "unconfirmed": True, **dates}


def _position(cycles: list[ReleaseCycle], after: str) -> int | None:
    """Return the position directly above a cycle, or None for the top.

    Rows of the same position are ordered by age.
    """
    names = [cycle.name for cycle in cycles]
    above = names.index(after) - 1
    return cycles[above].position if above >= 0 else None


def _message(projection: Projection) -> str:
    pace = f"a release every {projection.gap} months" if projection.gap else "no pace to tell"
    return (
        f"A proposal for what comes after {projection.after}: {pace}, and support as of"
        f" {', '.join(projection.like)}. Change what you know better; it is to be confirmed later."
    )
