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
from releases.admin.pages import admin_url
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
    classes = ("collapse",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CycleAlias]:
        return super().get_queryset(request).select_related("product")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A cycle that is not saved yet has no former names."""
        return obj is not None and super().has_add_permission(request, obj)


class RenameAdmin(admin.ModelAdmin):
    """An admin that keeps the old addresses of its rows and of the cycles in its inline forms."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if change and "name" in form.base_fields:
            form.base_fields["name"].help_text += _RENAME_HELP
        return form

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if isinstance(form.instance, Product):
            _keep_addresses_of_product(request, form)
        for each in (form, *(line for formset in formsets for line in formset.initial_forms)):
            if isinstance(each.instance, ReleaseCycle) and each.instance.pk:
                _keep_addresses_of_cycle(request, each)


def _keep_addresses_of_product(request: HttpRequest, form: Any) -> None:
    """Keep the old address of the product of a form, and say so."""
    product, changed, old = form.instance, set(form.changed_data), form.initial.get("name")
    if changed & {"name", "draft", "publish_on"} and (other := take_name(product)):
        message = f"/{product.name}/ led to {other} until now. It is the address of {product} now."
        messages.warning(request, message)
    if "name" in changed and old:
        report_kept_address(request, keep_product_name(product, old))


def _keep_addresses_of_cycle(request: HttpRequest, form: Any) -> None:
    """Keep the old addresses of the cycle of a form, and say so."""
    cycle, old = form.instance, form.initial.get("name")
    if old and {"name", "product"}.intersection(form.changed_data):
        place = Place(form.initial.get("product", cycle.product_id), old)
        report_kept_address(request, keep_cycle_name(cycle, place))
        if place.product != cycle.product_id and (lost := values_lost_texts(cycle)):
            messages.warning(request, " ".join(lost))


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
    message = format_html(
        "The old address {} stays: it leads to {} now, and so do all the others with this name."
        ' Where nobody needs it, <a href="{}#aliases-0">remove “{}”</a>.',
        old,
        row.get_absolute_url(),
        admin_url(row, "change", row.pk),
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
