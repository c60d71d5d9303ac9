"""Upgrade notes: advice for the upgrade from one cycle to another.

A note is hidden while a cycle that it refers to is unpublished.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from releases.domain import limits
from releases.domain.upgrade.notes import Severity, bad_range
from releases.models.cycle import CycleAlias, ReleaseCycle, validate_cycle_name
from releases.models.history import history_records
from releases.models.product import Product, validate_name
from releases.models.querysets import CatalogueManager, CatalogueModel
from releases.models.visibility import (
    check_day,
    draft_constraint,
    draft_field,
    publish_on_field,
    published,
    requested_on_field,
)


class UpgradeNote(CatalogueModel):
    """A note on the upgrade from one cycle of a product to another."""

    public_by = ("", "product__")

    product = models.ForeignKey(Product, models.CASCADE, related_name="upgrade_notes")
    key = models.CharField(
        max_length=limits.NAME,
        validators=[validate_name],
        help_text="A short name that stays the same, such as python-3.",
    )
    from_cycle = models.CharField(
        "from",
        max_length=limits.NAME,
        blank=True,
        validators=[validate_cycle_name],
        help_text="The note belongs to every step on the way from this release cycle: 1.11."
        " Empty: from any older one.",
    )
    to_cycle = models.CharField(
        "to",
        max_length=limits.NAME,
        blank=True,
        validators=[validate_cycle_name],
        help_text="The cycle that this way leads to: 2.0. Empty: to any newer one.",
    )
    runtime = models.CharField(
        max_length=limits.NAME,
        blank=True,
        help_text="Only for projects on this version of the runtime: 2 stands for Python 2.7."
        " Empty: for all.",
    )
    title = models.CharField(max_length=limits.LABEL)
    text = models.TextField(max_length=limits.TEXT, blank=True, help_text="Markdown.")
    severity = models.CharField(
        max_length=9,
        choices=[(severity.value, severity.value) for severity in Severity],
        default=Severity.NOTE.value,
    )
    position = models.IntegerField(default=0, help_text="The smallest comes first.")
    draft = draft_field("")
    publish_on = publish_on_field()
    requested_on = requested_on_field()
    imported = models.JSONField(
        null=True,
        editable=False,
        help_text="The values of the last import: what differs from them was edited here.",
    )

    history = history_records(excluded_fields=["imported"])
    objects: ClassVar[CatalogueManager[UpgradeNote]] = CatalogueManager()

    class Meta:
        ordering = ("product", "position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "key"),
                name="upgrade_note_unique_in_product",
                violation_error_message="The product has a note of this key already.",
            ),
            draft_constraint("note_published_on_is_draft"),
        )
        permissions = (("publish_upgradenote", "Can publish upgrade note"),)

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        check_day(self)
        if problem := bad_range(self.from_cycle, self.to_cycle):
            raise ValidationError({"to_cycle": problem})

    @classmethod
    def public_on(cls, today: date) -> Q:
        """Return the condition of the public notes.

        A note about an unpublished cycle is as secret as the cycle.
        """
        return super().public_on(today) & ~cls.unpublished_named(today)

    @classmethod
    def unpublished_named(cls, today: date) -> Q:
        """Return the condition of the notes that refer to an unpublished cycle."""
        ends = OuterRef("product"), OuterRef("from_cycle"), OuterRef("to_cycle")
        return reduce(or_, (Q(Exists(rows)) for rows in _unpublished(*ends, today)))

    def names_unpublished(self, today: date) -> bool:
        ends = self.product_id, self.from_cycle, self.to_cycle
        return any(rows.exists() for rows in _unpublished(*ends, today))


def _unpublished(product: Any, first: Any, last: Any, today: date) -> list[Any]:
    """Return querysets of unpublished cycles with one of two names.

    The cycles have the name now, had it once, or were deleted before they were published.
    """
    named = Q(product=product) & (Q(name=first) | Q(name=last))
    cycles = ReleaseCycle.objects.order_by()
    public = cycles.filter(
        published([""], today), product=OuterRef("product"), name=OuterRef("name")
    )
    former = CycleAlias.objects.order_by().filter(named, ~Exists(public))
    past = ReleaseCycle.history.order_by().filter(named, ~Exists(public))
    published_then = Q(publish_on__isnull=False, publish_on__lte=F("history_date__date"))
    return [
        cycles.filter(named).exclude(published([""], today)),
        former.exclude(published(["cycle__"], today)),
        past.filter(history_type="-", draft=True).exclude(published_then),
    ]
