"""Upgrade notes in the admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import HttpRequest

from releases.admin.base import OfProductAdmin
from releases.admin.editing.conflict_forms import ConflictForm
from releases.admin.editing.publication_requests import REQUEST_PUBLICATION
from releases.admin.editing.publishing import VISIBILITY, DraftAdmin
from releases.admin.filters import ProductFilter, VisibilityFilter
from releases.models import UpgradeNote
from releases.selectors.resolver import unknown_cycles
from releases.web import clock


class UpgradeNoteForm(ConflictForm):
    """The form of an upgrade note."""

    unknown: Sequence[str] = ()
    """The named cycles that the product does not have."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse a note whose cycles are all unknown. One known end may lead to an older cycle."""
        cleaned = super().clean()
        values, product = self.cleaned_data, self.cleaned_data.get("product")
        ends = {name: values[name] for name in ("from_cycle", "to_cycle") if values.get(name)}
        if product and {"product", *ends} & set(self.changed_data):
            self.unknown = unknown_cycles(product, ends.values())
            if len(self.unknown) == len(ends):
                for name, cycle in ends.items():
                    self.add_error(name, f"{product} has no release cycle {cycle}.")
        return cleaned


@admin.register(UpgradeNote)
class UpgradeNoteAdmin(DraftAdmin, OfProductAdmin):
    """The admin of upgrade notes."""

    form = UpgradeNoteForm
    pages = (REQUEST_PUBLICATION,)
    list_display = ("title", "product", "from_cycle", "to_cycle", "severity", "visibility")
    list_filter = ("severity", VisibilityFilter, ("product", ProductFilter))
    list_select_related = ("product",)
    search_fields = ("title", "text", "product__label", "product__name")
    autocomplete_fields = ("product",)
    prepopulated_fields = {"key": ("title",)}  # noqa: RUF012 - read, never changed
    ordering = ("product__label", "position", "id")
    fieldsets = (
        (None, {"fields": ("product", "title", "key", "severity", "text")}),
        (
            "Where it belongs",
            {
                "fields": ("from_cycle", "to_cycle", "runtime", "position"),
                "description": "With neither end it is shown once, before the first step. A note"
                " is hidden while a cycle that it names is a draft.",
            },
        ),
        VISIBILITY,
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        for cycle in form.unknown:
            text = f"{obj.product} has no release cycle {cycle}: check the name."
            messages.warning(request, text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[UpgradeNote]:
        named = ExpressionWrapper(UpgradeNote.unpublished_named(clock.today()), BooleanField())
        return super().get_queryset(request).annotate(names_hidden=named)
