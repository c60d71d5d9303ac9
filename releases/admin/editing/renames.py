"""Renames in the admin: old addresses are kept, and the forms say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from releases.admin.editing.conflict_forms import ConflictForm
from releases.admin.editing.conflicts import ConflictInline
from releases.models import Alias, CycleAlias, Product, ReleaseCycle
from releases.services.renames import (
    Place,
    keep_cycle_name,
    keep_product_name,
    take_name,
    values_without_column,
)

_RENAME_HELP: Final = " If you change it, the old addresses stay: they lead to the new ones."


class FormerNameForm(ConflictForm):
    """The form of a former name of a cycle."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse a name that is in use, or leads elsewhere already."""
        cleaned = super().clean() or {}
        alias, name = self.instance, cleaned.get("name")
        if alias.product_id is None:
            alias.product_id = alias.cycle.product_id
        if ReleaseCycle.objects.filter(product=alias.product_id, name=name).exists():
            raise ValidationError({"name": f"There is a release cycle “{name}”."})
        others = CycleAlias.objects.filter(product=alias.product_id, name=name)
        if other := others.exclude(pk=alias.pk).select_related("cycle").first():
            message = f"“{name}” is a former name of “{other.cycle}” already."
            raise ValidationError({"name": message})
        return cleaned


class FormerNameInline(ConflictInline):
    """The former names of a cycle, in its form."""

    model = CycleAlias
    form = FormerNameForm
    readonly_fields = ("product",)
    fields = ("name", "product")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CycleAlias]:
        rows: QuerySet[CycleAlias] = super().get_queryset(request)
        return rows.select_related("product")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A cycle that is not saved yet has no former names."""
        return obj is not None and super().has_add_permission(request, obj)


class RenameAdmin(admin.ModelAdmin):
    """An admin of products or cycles, with those in its inline forms, whose old addresses stay."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if change and "name" in form.base_fields:
            form.base_fields["name"].help_text += _RENAME_HELP
        return form

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        lines = [line for formset in formsets for line in getattr(formset, "initial_forms", ())]
        deleted = {id(row) for formset in formsets for row in formset.deleted_objects}
        for each in (form, *lines):
            if isinstance(each.instance, (Product, ReleaseCycle)) and id(each.instance) not in (
                deleted
            ):
                self._keep_addresses(request, each)

    def _keep_addresses(self, request: HttpRequest, form: Any) -> None:
        """Keep the old addresses of the row of one form, and say so."""
        row, before = form.instance, form.initial
        if isinstance(row, Product):
            if {"name", "draft", "publish_on"}.intersection(form.changed_data) and (
                other := take_name(row)
            ):
                message = f"/{row.name}/ led to {other} until now. It is the address of {row} now."
                self.message_user(request, message, messages.WARNING)
            if "name" in form.changed_data and before.get("name"):
                report_kept_address(request, keep_product_name(row, before["name"]))
        elif {"name", "product"}.intersection(form.changed_data) and before.get("name"):
            old = Place(before.get("product", row.product_id), before["name"])
            report_kept_address(request, keep_cycle_name(row, old))
            if old.product != row.product_id and (lost := values_lost_texts(row)):
                self.message_user(request, " ".join(lost), messages.WARNING)


def values_lost_texts(cycle: ReleaseCycle) -> list[str]:
    """Return a sentence for each value of a cycle whose column its product lacks."""
    return [
        f"{cycle.product} has no column “{name}”: “{value}” is kept, but shown nowhere."
        for name, value in values_without_column(cycle).items()
    ]


def report_kept_address(request: HttpRequest, alias: Alias | CycleAlias | None) -> None:
    """Say that an old address was kept, and where it can be removed."""
    if alias is None:
        return
    row: Product | ReleaseCycle = alias.product if isinstance(alias, Alias) else alias.cycle
    old = reverse("releases:product", args=[alias.name])
    if isinstance(alias, CycleAlias):
        old = reverse("releases:cycle", args=[alias.product.name, alias.name])
    opts = row._meta
    form = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    message = format_html(
        "The old address {} stays: it leads to {} now, and so do all the others with this name."
        ' Where nobody needs it, <a href="{}#aliases-group">remove “{}”</a>.',
        old,
        row.get_absolute_url(),
        form,
        alias.name,
    )
    messages.info(request, message)


def rename_notes(form: Any) -> Iterator[str]:
    """Yield what a form of a cycle that was sent, but not saved, would mean for its addresses."""
    cycle: ReleaseCycle = form.instance
    if not form.is_bound or cycle._state.adding:
        return
    if {"name", "product"}.intersection(form.changed_data):
        yield f"Its old addresses stay: “{form.initial['name']}” becomes a former name."
    if "product" in form.changed_data:
        yield from values_lost_texts(cycle)
