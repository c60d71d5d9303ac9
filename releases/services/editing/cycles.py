"""Adding a release cycle, and setting its milestones, for programs.

The rules are those of the admin's forms, as both validate the model.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from releases.domain.lifecycle.milestones import MilestoneValue
from releases.models import Product, ReleaseCycle
from releases.models.history import set_change_reason
from releases.models.revision import Revision, bump_revision


class KnownCycleError(ValueError):
    """The product has a cycle of this name already."""

    def __init__(self, cycle: ReleaseCycle) -> None:
        super().__init__(f"{cycle.product} has a release cycle {cycle} already.")
        self.cycle = cycle


class ChangedMeanwhileError(Exception):
    """The milestones of a cycle are not those that the client has seen."""

    def __init__(self, cycle: ReleaseCycle) -> None:
        super().__init__()
        self.cycle = cycle


def add_cycle(
    product: Product,
    name: str,
    milestones: Mapping[str, MilestoneValue],
    *,
    codename: str = "",
    draft: bool = False,
    reason: str = "",
) -> ReleaseCycle:
    """Add a cycle on top of the others.

    Raises:
        KnownCycleError: The product has a cycle of this name.
        ValidationError: The name or a milestone is not valid; nothing is written.
    """
    with transaction.atomic(), bump_revision():
        known = product.cycles.filter(name=name).select_related("product").first()
        if known:
            raise KnownCycleError(known)
        cycle = ReleaseCycle(product=product, name=name, codename=codename, draft=draft)
        _set(cycle, milestones)
        set_change_reason(cycle, reason).save()
        return cycle


def set_milestones(
    cycle: ReleaseCycle,
    milestones: Mapping[str, MilestoneValue],
    *,
    seen: str | None = None,
    reason: str,
) -> ReleaseCycle:
    """Set milestones of a cycle, and return it as it is then. Equal values write nothing.

    Args:
        cycle: The cycle.
        milestones: The values by name; None for a milestone that does not apply.
        seen: The `state` of the cycle that the client has seen; None for any.
        reason: The reason in the history.

    Raises:
        ChangedMeanwhileError: The cycle is in another state; nothing is written.
        ValidationError: The milestones are not in order; nothing is written.
        ReleaseCycle.DoesNotExist: The cycle was deleted meanwhile.
    """
    with transaction.atomic():
        Revision.wait()  # `save` makes a new revision, so that equal values make no page outdated
        row = ReleaseCycle.objects.select_related("product").get(pk=cycle.pk)
        if seen not in (None, row.state):
            raise ChangedMeanwhileError(row)
        before = row.state
        _set(row, milestones)
        if row.state != before:
            set_change_reason(row, reason).save()
        return row


def _set(cycle: ReleaseCycle, milestones: Mapping[str, MilestoneValue]) -> None:
    for name, value in milestones.items():
        setattr(cycle, name, value)
    # `position` is set by `save`.
    cycle.full_clean(exclude=("position",))
