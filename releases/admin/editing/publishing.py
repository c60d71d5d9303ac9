"""Drafts in the admin: visibility of rows, and the actions that change it.

Users without the right to publish add drafts only, and cannot move or revert a row to where it
would be public.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import BaseModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.admin.editing.bulk import selected_keys, selection
from releases.admin.editing.draft_page import draft_page_url
from releases.admin.editing.publication_requests import may_be_requested, request_url
from releases.admin.fields import ReasonForm
from releases.admin.pages import render_page
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import count
from releases.models import Product, ReleaseCycle, UpgradeNote
from releases.models.visibility import is_published
from releases.services.editing.publishing import (
    OF_PRODUCT,
    make_drafts,
    publish_products,
    publish_rows,
)
from releases.web import clock

DRAFT_FIELDS: Final = ("draft", "publish_on")
VISIBILITY: Any = (
    "Visibility",
    {
        "fields": ("visibility", DRAFT_FIELDS),
        "classes": ("three",),
        "description": "A draft is seen here only. With a day it is published on that day by"
        " itself.",
    },
)
"""The fieldset of a row that exists."""
_VISIBILITY_OF_NEW: Any = (VISIBILITY[0], VISIBILITY[1] | {"fields": (DRAFT_FIELDS,)})
_VISIBILITY_OF_NEW_DRAFT: Any = (
    "Visibility",
    {
        "fields": (),
        "description": "What you add is a draft, which is seen here only, until a release manager"
        " publishes it.",
    },
)
"""The fieldset of a new row of a user who may not publish."""

_BELONGINGS: Final[dict[Any, str]] = {
    Product: ", with all that belongs to them",
    ReleaseCycle: ", with their releases",
    UpgradeNote: "",
}
"""The words for the rows that are hidden together with rows of a table."""
_CONDITIONS: Final[dict[Any, str]] = {
    Product: ", with their public release cycles and upgrade notes",
    ReleaseCycle: ", where their products are public",
    UpgradeNote: ", where their products and the cycles that they name are public",
}
"""The words for what is published with rows of a table, or must be public already."""


def may_publish(request: HttpRequest, model: Any) -> bool:
    """Return True if the user may decide which rows of a table are public."""
    name = f"{model._meta.app_label}.publish_{model._meta.model_name}"
    return bool(request.user.has_perm(name))


class PublishProductsForm(ReasonForm):
    """The form that confirms the publication of products."""

    drafts = forms.BooleanField(
        label="Also publish their draft cycles and upgrade notes", required=False, initial=True
    )
    field_order = ("drafts", "reason")


@admin.action(description="Publish …", permissions=["publish"])
def publish(model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
    """Publish the selected rows after a page that asks for confirmation."""
    return _confirm(model_admin, request, rows, "publish")


@admin.action(description="Make a draft …", permissions=["publish"])
def make_draft(
    model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet
) -> HttpResponse | None:
    """Make the selected rows drafts after a page that asks for confirmation."""
    return _confirm(model_admin, request, rows, "make_draft")


DRAFT_ACTIONS: Final = (publish, make_draft)


class PublicPageAdmin(BaseModelAdmin):
    """An admin or inline whose rows have a page on the site unless they are drafts."""

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        address: str | None = super().get_view_on_site_url(obj)
        return address if address and is_published(obj, clock.today()) else None


class DraftAdmin(PublicPageAdmin, admin.ModelAdmin):
    """An admin of rows that can be drafts. Users who may not publish add only drafts."""

    actions: tuple[Any, ...] = DRAFT_ACTIONS

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return may_publish(request, self.model)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is not None:
            return fieldsets
        publishes = self.has_publish_permission(request)
        new = _VISIBILITY_OF_NEW if publishes else _VISIBILITY_OF_NEW_DRAFT
        return [new if each is VISIBILITY else each for each in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = (*super().get_readonly_fields(request, obj), "visibility")
        return fields if self.has_publish_permission(request) else (*fields, *DRAFT_FIELDS)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the address of the page on which drafts are seen before they are published."""
        row = context.get("original")
        context["draft_page"] = draft_page_url(row)
        asks = self.has_change_permission(request, row) and not self.has_publish_permission(request)
        context["request_page"] = request_url(row) if asks else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep users who may not publish from doing so by adding or moving a row."""
        if not self.has_publish_permission(request) and self._would_appear(obj, change):
            obj.draft = True
        if not may_be_requested(obj):
            obj.requested_on = None
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        response = super().response_add(request, obj, *args)
        report_draft(request, obj)
        return response

    def _would_appear(self, row: Any, change: bool) -> bool:
        """Return True if saving a row makes it public that was not."""
        today = clock.today()
        if not change:
            return not row.draft
        before = self.model._default_manager.get(pk=row.pk)
        return is_published(row, today) and not is_published(before, today)

    @admin.display(description="visibility")
    def visibility(self, row: Any) -> SafeString:
        words: str | SafeString = visibility_of(row)
        if row.draft and not is_published(row, clock.today()):
            words = format_html('<span class="pill planned">{}</span>', words)
        return format_html("{}{}", words, "".join(_reasons_hidden(row)))


def report_draft(request: HttpRequest, row: Any) -> None:
    """Say that a new row is a draft, and how it becomes public."""
    if not may_be_requested(row):
        return
    then: str | SafeString = "Publish it when it is complete."
    if not may_publish(request, type(row)):
        link = '<a href="{}">Request publication</a> when it is complete.'
        then = format_html(link, request_url(row))
    noun = row._meta.verbose_name
    message = format_html("The {} “{}” is a draft, which only editors see. {}", noun, row, then)
    messages.info(request, message)


def visibility_of(row: Product | ReleaseCycle | UpgradeNote) -> str:
    """Return the state of a row in words, without the rows that it depends on."""
    if not row.draft:
        return "Public"
    if row.publish_on is None:
        return "Draft"
    due = row.publish_on <= clock.today()
    return f"{'Public since' if due else 'Draft until'} {PartialDate(row.publish_on)}"


def _reasons_hidden(row: Any) -> list[str]:
    """Return what hides a row besides being a draft itself."""
    reasons = []
    if not isinstance(row, Product) and not is_published(row.product, clock.today()):
        reasons.append("; its product is a draft")
    if getattr(row, "names_hidden", False):
        reasons.append("; it names a cycle that is a draft")
    return reasons


def _confirm(
    model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet, action: str
) -> HttpResponse | None:
    """Return the page of an action, or None (back to the list) once it is done or impossible."""
    keys = selected_keys(request, rows)
    if keys is None:
        return None
    model, publishes = model_admin.model, action == "publish"
    of_products = model is Product and publishes
    form_class = PublishProductsForm if of_products else ReasonForm
    form = form_class(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        messages.success(request, _apply(model, action, keys, form.cleaned_data))
        return None
    return render_page(
        request,
        model_admin,
        "publish",
        "Publish" if publishes else "Make a draft",
        form=form,
        publish=publishes,
        of_products=of_products,
        belongings=_BELONGINGS[model],
        condition=_CONDITIONS[model],
        lines=_lines(model, rows),
        hidden=selection(request, action),
    )


def _apply(model: Any, action: str, keys: list[int], values: dict[str, Any]) -> str:
    """Publish rows or make them drafts. Return what was done as a sentence."""
    noun = str(model._meta.verbose_name)
    if action == "make_draft":
        number = make_drafts(model, keys, reason=values["reason"] or "made a draft")
        return f"{count(number, noun)} {'is now a draft' if number == 1 else 'are now drafts'}."
    reason = values["reason"] or "published"
    if model is not Product:
        return f"{count(publish_rows(model, keys, reason=reason), noun)} published."
    products, *others = publish_products(keys, drafts=values["drafts"], reason=reason)
    nouns = [str(model._meta.verbose_name) for model in OF_PRODUCT]
    of_them = [count(*each) for each in zip(others, nouns, strict=True) if each[0]]
    together = f", with {' and '.join(of_them)}" if of_them else ""
    return f"{count(products, noun)} published{together}."


@dataclass(frozen=True, slots=True)
class VisibilityLine:
    """A selected row, its visibility, and the names of its own drafts."""

    title: str
    now: str
    drafts: tuple[str, ...] = ()


def _lines(model: Any, rows: QuerySet) -> list[VisibilityLine]:
    if model is Product:
        products = rows.prefetch_related("cycles", "upgrade_notes")
        return [VisibilityLine(str(each), visibility_of(each), _drafts(each)) for each in products]
    found = rows.select_related("product")
    return [VisibilityLine(f"{each.product} {each}", visibility_of(each)) for each in found]


def _drafts(product: Product) -> tuple[str, ...]:
    rows: list[Any] = [*product.cycles.all(), *product.upgrade_notes.all()]
    return tuple(str(each) for each in rows if each.draft)
