"""The next cycle of a product: the usual form, filled with what its cadence lets expect."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from releases.domain.lifecycle.cadence import Projection, next_cycle
from releases.domain.lifecycle.milestones import format_milestone
from releases.domain.lifecycle.status import MILESTONES
from releases.models import ReleaseCycle
from releases.selectors.large_columns import LARGE_COLUMNS_OF_PRODUCT

AFTER = "after"
"""In the address of the form: the name of the cycle to go on from; empty for the newest one."""


class NextCycle(admin.ModelAdmin):
    """Fills the form of a new cycle where its address asks for it: `?product=1&after=6.2`."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if AFTER not in request.GET or "product" not in initial:
            return initial
        # Their lifecycles ask what extended support of the product is worth.
        every = ReleaseCycle.objects.select_related("product").defer(*LARGE_COLUMNS_OF_PRODUCT)
        cycles = list(every.filter(product=initial["product"]).order_by("position", "id"))
        projection = next_cycle(cycles, request.GET[AFTER])
        if projection is None:
            self.message_user(request, "There is no release cycle to go on from.", messages.WARNING)
            return initial
        self.message_user(request, _said(projection), messages.INFO)
        return initial | _filled(projection) | {"position": _place(cycles, projection.after)}


def _filled(projection: Projection) -> dict[str, Any]:
    """The proposal as the fields of the form take it."""
    dates = {name: format_milestone(getattr(projection.lifecycle, name)) for name in MILESTONES}
    return {"name": projection.name, "unconfirmed": True, **dates}


def _place(cycles: list[ReleaseCycle], after: str) -> int | None:
    """Directly above the cycle that it follows: rows of one position stand by age. None: on top."""
    names = [cycle.name for cycle in cycles]
    above = names.index(after) - 1
    return cycles[above].position if above >= 0 else None


def _said(projection: Projection) -> str:
    pace = f"a release every {projection.gap} months" if projection.gap else "no pace to tell"
    return (
        f"A proposal for what comes after {projection.after}: {pace}, and support as of"
        f" {', '.join(projection.like)}. Change what you know better; it is to be confirmed later."
    )
