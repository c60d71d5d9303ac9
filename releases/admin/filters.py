"""Filters of the lists of products, release cycles and upgrade notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.text import capfirst

from releases.domain.lifecycle.status import Status
from releases.models import Identifier, Product, ReleaseCycle
from releases.models.cycle import CycleQuerySet
from releases.models.product import EXTENDED_TERMS
from releases.models.status import lts
from releases.models.upgrade_rule import RULE_KINDS
from releases.presentation.rows import BADGES
from releases.selectors import MAX_CHOICES
from releases.selectors.desk import (
    CHECK_DAYS,
    ENDING_DAYS,
    CycleNeed,
    ProductNeed,
    cycles_in_need,
    products_in_need,
)
from releases.web import clock


class StatusFilter(admin.SimpleListFilter):
    """A filter by status as of today, by the same rule as on the pages."""

    title = "status today"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        choices = [(status.value, f"{sign} {word}") for status, (sign, word) in BADGES.items()]
        return [*choices, ("soon", "⚠ Ends soon")]

    def queryset(self, request: HttpRequest, queryset: Any) -> CycleQuerySet:
        on, value = clock.today(), self.value()
        if value == "soon":
            return queryset.ends_soon(on)
        if value in list(Status):
            return queryset.in_status([Status(value)], on)
        return queryset


class LtsFilter(admin.SimpleListFilter):
    """A filter by LTS, upcoming LTS included."""

    title = "LTS"
    parameter_name = "lts"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("1", "Yes, or later"), ("0", "No")]

    def queryset(self, request: HttpRequest, queryset: Any) -> CycleQuerySet:
        match self.value():
            case "1":
                return queryset.lts()
            case "0":
                return queryset.exclude(lts(date.max))
        return queryset


class ProductFilter(admin.RelatedFieldListFilter):
    """A filter by product.

    It lists no products if there are too many to choose from; users search for them, and the form
    of a product has a link to its cycles.
    """

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: ModelAdmin
    ) -> list[tuple[str, Any]]:
        products = Product.objects.order_by(Lower("label"), "name").values_list("pk", "label")
        choices = list(products[: MAX_CHOICES + 1])
        if len(choices) > MAX_CHOICES:
            keys = [key for key in self.lookup_val or () if key.isdecimal()]
            choices = list(products.filter(pk__in=keys))
        return [(str(key), label) for key, label in choices]

    def has_output(self) -> bool:
        """Return True if a product is selected: Django drops a filter without output."""
        return bool(self.lookup_val) or super().has_output()


class VisibilityFilter(admin.SimpleListFilter):
    """A filter by visibility as of today."""

    title = "visibility"
    parameter_name = "visibility"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        of_product = [("product", "Of a draft product")] if model_admin.model is not Product else []
        return [
            ("public", "Public"),
            ("draft", "Draft"),
            ("scheduled", "Draft with a day"),
            *of_product,
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
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


class RuleFilter(admin.SimpleListFilter):
    """A filter by the kind of upgrade rule, or by its absence."""

    title = "upgrade rule"
    parameter_name = "rule"
    NONE: ClassVar = "none"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        kinds = [(kind, capfirst(label)) for kind, label in RULE_KINDS if kind]
        return [(self.NONE, capfirst(dict(RULE_KINDS)[""])), *kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(rule_kind="" if value == self.NONE else value)


class TermsFilter(admin.SimpleListFilter):
    """A filter by the terms of extended support, or by their absence."""

    title = "extended support"
    parameter_name = "terms"
    NONE: ClassVar = "none"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(terms or self.NONE, capfirst(label)) for terms, label in EXTENDED_TERMS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(extended_terms="" if value == self.NONE else value)


class NotRecordedFilter(admin.SimpleListFilter):
    """A filter for products in which a value is not recorded that pages would show."""

    title = "not recorded"
    parameter_name = "lacks"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(name, text) for name, (text, _) in _LACKING.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        _, condition = _LACKING.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)


_LACKING: Final[Mapping[str, tuple[str, Any]]] = {
    "terms": (
        "Kind of extended support, with an end of it",
        Q(extended_terms="")
        & Exists(
            ReleaseCycle.objects.filter(product=OuterRef("pk")).filter(
                Q(eoes_date__isnull=False) | Q(eoes_flag=True)
            )
        ),
    ),
    "policy": ("Support policy", Q(policy_link="")),
    "command": ("Version command", Q(version_command="")),
    "notes": ("Link of release notes", Q(changelog_template="")),
    "vendor": ("Vendor", Q(vendor="")),
    "identifiers": (
        "Identifiers",
        ~Exists(Identifier.objects.filter(product=OuterRef("pk"))),
    ),
    "basis": ("Basis of the upgrade rule", ~Q(rule_kind="") & Q(rule_basis="")),
    "source": ("Source of the upgrade rule", ~Q(rule_kind="") & Q(rule_source="")),
}
"""The values that may be missing, with their conditions. Some only matter with another value."""


class NeedFilter(admin.SimpleListFilter):
    """A filter for the lists of the editors' desk.

    `labels` are the names of the lists; `select` returns the rows of one.
    """

    title = "needs attention"
    parameter_name = "needs"
    labels: ClassVar[Mapping[Any, str]]
    select: ClassVar[Callable[..., QuerySet[Any]]]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(need.value, label) for need, label in self.labels.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        for need in self.labels:
            if need == self.value():
                return self.select(queryset, need, clock.today())
        return queryset


class CycleNeedFilter(NeedFilter):
    """A filter for the lists of cycles on the editors' desk."""

    labels: ClassVar = {
        CycleNeed.CONFIRMATION: "To be confirmed",
        CycleNeed.ENDING: f"Ends within {ENDING_DAYS} days",
        CycleNeed.UNKNOWN_END: "No end announced",
        CycleNeed.DRAFT: "Drafts that wait",
    }
    select = staticmethod(cycles_in_need)


class ProductNeedFilter(NeedFilter):
    """A filter for the lists of products on the editors' desk."""

    labels: ClassVar = {
        ProductNeed.CHECK: f"Not checked for {CHECK_DAYS} days",
        ProductNeed.COMPARISON: "Edited here, from a source",
        ProductNeed.DRAFT: "Drafts that wait",
    }
    select = staticmethod(products_in_need)
