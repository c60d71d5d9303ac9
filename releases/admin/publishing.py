"""Drafts in the admin: visibility of rows, the right to publish, and filters.

Users without the right to publish add drafts only, and cannot move or revert a row to where it
would be public.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.admin.bulk import BulkForm
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import count
from releases.models import Product, ReleaseCycle, UpgradeNote
from releases.models.visibility import is_published
from releases.services.editing.bulk import MAX_ROWS
from releases.services.editing.publishing import (
    OF_PRODUCT,
    make_drafts,
    publish_products,
    publish_rows,
)
from releases.web import clock

WHEN = ("draft", "publish_on")
VISIBILITY: Any = (
    "Visibility",
    {
        "fields": ("visibility", WHEN),
        "description": "A draft is seen here only. With a day it is published on that day by"
        " itself.",
    },
)
OF_AN_EDITOR: Any = (
    "Visibility",
    {
        "fields": (),
        "description": "What you add is a draft, which is seen here only, until a release manager"
        " publishes it.",
    },
)


def may_publish(request: HttpRequest, model: Any) -> bool:
    """Whether somebody may decide what of a table everybody sees."""
    name = f"{model._meta.app_label}.publish_{model._meta.model_name}"
    return bool(request.user.has_perm(name))


class VisibilityFilter(admin.SimpleListFilter):
    """What everybody sees today, and what is not public yet."""

    title = "visibility"
    parameter_name = "visibility"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        of_product = [("product", "Of a draft product")] if model_admin.model is not Product else []
        return [
            ("public", "Public"),
            ("draft", "Draft"),
            ("scheduled", "Draft with a day"),
            *of_product,
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        coming, model = Q(draft=True, publish_on__gt=clock.today()), queryset.model
        match self.value():
            case "public":
                return queryset.filter(pk__in=model.objects.public().order_by().values("pk"))
            case "draft":
                return queryset.filter(draft=True, publish_on=None)
            case "scheduled":
                return queryset.filter(coming)
            case "product" if model is not Product:
                public = Product.objects.public().order_by()
                return queryset.exclude(product__in=public.values("pk"))
        return queryset


class PublishForm(BulkForm):
    """Asks before products are published."""

    drafts = forms.BooleanField(
        label="Their cycles and upgrade notes that are drafts, too", required=False, initial=True
    )
    field_order = ("drafts", "reason")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of which somebody is asked whether its visibility is to change."""

    title: str
    now: str
    drafts: tuple[str, ...] = ()


class Publishing(admin.ModelAdmin):
    """Rows that are drafts first. Who may not publish sees whether they are, and adds only such."""

    actions: tuple[str, ...] = ("publish", "make_draft")
    publish_template: ClassVar = "admin/releases/publish.html"
    belongings: ClassVar = ""
    """What is published or hidden with a row."""
    condition: ClassVar = ""
    """On what it depends whether everybody sees a row that is published."""

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return may_publish(request, self.model)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is not None:
            return fieldsets
        title, options = VISIBILITY
        own = (title, options | {"fields": (WHEN,)})
        new = own if self.has_publish_permission(request) else OF_AN_EDITOR
        return [new if each is VISIBILITY else each for each in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = (*super().get_readonly_fields(request, obj), "visibility")
        return fields if self.has_publish_permission(request) else (*fields, *WHEN)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nobody publishes by adding something, or by moving it, who may not publish."""
        if not self.has_publish_permission(request) and self._would_appear(obj, change):
            obj.draft = True
        super().save_model(request, obj, form, change)

    def _would_appear(self, row: Any, change: bool) -> bool:
        """Whether saving a row would make it public that was not."""
        today = clock.today()
        if not change:
            return not row.draft
        before = self.model._default_manager.get(pk=row.pk)
        return is_published(row, today) and not is_published(before, today)

    @admin.display(description="visibility")
    def visibility(self, row: Any) -> str:
        return visibility_of(row)

    @admin.action(description="Publish …", permissions=["publish"])
    def publish(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._asked(request, rows, "publish")

    @admin.action(description="Make a draft …", permissions=["publish"])
    def make_draft(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._asked(request, rows, "make_draft")

    def _asked(self, request: HttpRequest, rows: QuerySet[Any], action: str) -> HttpResponse | None:
        """The page that asks; None, and so back to the list, when it is done or cannot be."""
        keys = list(rows.order_by().values_list("pk", flat=True)[: MAX_ROWS + 1])
        if len(keys) > MAX_ROWS:
            message = f"At most {MAX_ROWS} rows can be changed at once. Narrow the list first."
            self.message_user(request, message, messages.ERROR)
            return None
        of_products = self.model is Product and action == "publish"
        form_class = PublishForm if of_products else BulkForm
        form = form_class(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            words = self._done(action, keys, form.cleaned_data)
            self.message_user(request, words, messages.SUCCESS)
            return None
        return self._page(request, rows, action, form)

    def _done(self, action: str, keys: list[int], said: dict[str, Any]) -> str:
        """Does it, and says what was done."""
        noun = str(self.opts.verbose_name)
        if action == "make_draft":
            reason = said["reason"] or "made a draft"
            number = make_drafts(self.model, keys, reason=reason)
            return f"{count(number, noun)} made a draft."
        reason = said["reason"] or "published"
        if self.model is not Product:
            return f"{count(publish_rows(self.model, keys, reason=reason), noun)} published."
        products, *others = publish_products(keys, drafts=said["drafts"], reason=reason)
        nouns = [str(model._meta.verbose_name) for model in OF_PRODUCT]
        of_them = [count(*each) for each in zip(others, nouns, strict=True) if each[0]]
        together = f", with {' and '.join(of_them)}" if of_them else ""
        return f"{count(products, noun)} published{together}."

    def _page(
        self, request: HttpRequest, rows: QuerySet[Any], action: str, form: BulkForm
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": "Publish" if action == "publish" else "Make a draft",
            "opts": self.opts,
            "form": form,
            "publish": action == "publish",
            "of_products": self.model is Product,
            "belongings": self.belongings,
            "condition": self.condition,
            "lines": _lines(self.model, rows),
            "hidden": [
                ("action", action),
                ("select_across", request.POST.get("select_across", "0")),
                *((ACTION_CHECKBOX_NAME, k) for k in request.POST.getlist(ACTION_CHECKBOX_NAME)),
            ],
        }
        return TemplateResponse(request, self.publish_template, context)


class OfProductPublishing(Publishing):
    """Rows of a product that are drafts first."""

    @admin.display(description="visibility")
    def visibility(self, row: Any) -> str | SafeString:
        """Of its product, too: it may be that what stands in the way."""
        return format_html("{}{}", visibility_of(row), "".join(self.hidden_by(row)))

    def hidden_by(self, row: Any) -> Iterator[str]:
        """Yield what hides a row besides being a draft."""
        if not is_published(row.product, clock.today()):
            yield "; its product is a draft"


class CyclePublishing(OfProductPublishing):
    belongings = ", with their releases"
    condition = ", where their products are public"


class NotePublishing(OfProductPublishing):
    condition = ", where their products and the cycles that they name are public"

    def get_queryset(self, request: HttpRequest) -> QuerySet[UpgradeNote]:
        notes: QuerySet[UpgradeNote] = super().get_queryset(request)
        named = UpgradeNote.unpublished_named(clock.today())
        return notes.annotate(names_hidden=ExpressionWrapper(named, BooleanField()))

    def hidden_by(self, row: Any) -> Iterator[str]:
        yield from super().hidden_by(row)
        if row.names_hidden:
            yield "; it names a cycle that is a draft"


class ProductPublishing(Publishing):
    """Cycles that somebody adds in the form of a product are drafts by the same rule."""

    belongings = ", with all that belongs to them"
    condition = ", with their public release cycles and upgrade notes"

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is ReleaseCycle and not may_publish(request, ReleaseCycle):
            for line in formset.extra_forms:
                line.instance.draft = True
        super().save_formset(request, form, formset, change)


def visibility_of(row: Product | ReleaseCycle | UpgradeNote) -> str:
    """Whether a row is a draft, whatever it belongs to."""
    if not row.draft:
        return "Public"
    if row.publish_on is None:
        return "Draft"
    due = row.publish_on <= clock.today()
    return f"{'Public since' if due else 'Draft until'} {PartialDate(row.publish_on)}"


def _lines(model: Any, rows: QuerySet[Any]) -> list[Line]:
    if model is Product:
        products = rows.prefetch_related("cycles", "upgrade_notes")
        return [Line(str(each), visibility_of(each), _drafts(each)) for each in products]
    found = rows.select_related("product")
    return [Line(f"{each.product} {each}", visibility_of(each)) for each in found]


def _drafts(product: Product) -> tuple[str, ...]:
    rows: list[Any] = [*product.cycles.all(), *product.upgrade_notes.all()]
    return tuple(str(each) for each in rows if each.draft)
