"""Upgrade notes in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import HttpRequest

from releases.admin.base import CatalogueAdmin
from releases.admin.editing.publication_requests import REQUEST_PUBLICATION
from releases.admin.editing.publishing import VISIBILITY, DraftAdmin
from releases.admin.filters import ProductFilter, VisibilityFilter
from releases.models import UpgradeNote
from releases.web import clock


@admin.register(UpgradeNote)
class UpgradeNoteAdmin(DraftAdmin, CatalogueAdmin):
    """The admin of upgrade notes."""

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

    def get_queryset(self, request: HttpRequest) -> QuerySet[UpgradeNote]:
        named = ExpressionWrapper(UpgradeNote.unpublished_named(clock.today()), BooleanField())
        return super().get_queryset(request).annotate(names_hidden=named)
