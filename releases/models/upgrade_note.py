"""Notes on upgrades: what people should know at a step from one cycle to another."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from releases.domain import limits
from releases.domain.upgrade_notes import Severity, bad_range
from releases.models.cycle import validate_cycle_name
from releases.models.history import kept_history
from releases.models.product import Product, validate_name
from releases.models.querysets import CatalogueManager, CatalogueModel


class UpgradeNote(CatalogueModel):
    """What to know on the way from one cycle of a product to another."""

    public_by = ("product__",)

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
    title = models.CharField(max_length=limits.LABEL)
    text = models.TextField(max_length=limits.TEXT, blank=True, help_text="Markdown.")
    severity = models.CharField(
        max_length=9,
        choices=[(severity.value, severity.value) for severity in Severity],
        default=Severity.NOTE.value,
    )
    position = models.IntegerField(default=0, help_text="The smallest comes first.")
    imported = models.JSONField(
        null=True,
        editable=False,
        help_text="The values of the last import: what differs from them was edited here.",
    )

    history = kept_history(excluded_fields=["imported"])
    objects: ClassVar[CatalogueManager[UpgradeNote]] = CatalogueManager()

    class Meta:
        ordering = ("product", "position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "key"),
                name="upgrade_note_unique_in_product",
                violation_error_message="The product has a note of this key already.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if problem := bad_range(self.from_cycle, self.to_cycle):
            raise ValidationError({"to_cycle": problem})
