"""Products in the admin, with their cycles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.forms import TextInput
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.admin.base import CatalogueAdmin
from releases.admin.bulk import BulkProducts
from releases.admin.conflicts import CheckedInline
from releases.admin.desk import CheckProduct, ProductNeedFilter
from releases.admin.draft_page import OnSite, ProductDraft
from releases.admin.exports import Exports
from releases.admin.forms import CycleForm
from releases.admin.history import ProductHistory
from releases.admin.kept import KeptValues
from releases.admin.new_release import NewRelease
from releases.admin.preview import ProductPreview
from releases.admin.publishing import VISIBILITY, ProductPublishing, Publishing, VisibilityFilter
from releases.admin.renames import KeepsAddresses
from releases.models import (
    Alias,
    Category,
    CustomField,
    Identifier,
    Product,
    ReleaseCycle,
    Tag,
)

OVERRIDES: dict[Any, Any] = {models.URLField: {"assume_scheme": "https"}}

MOST_INLINE = 60
"""A product with more cycles than this has them on a list of their own, not in its form."""


class CycleInline(OnSite, CheckedInline):
    model = ReleaseCycle
    form = CycleForm
    fields = ("name", "release", "lts", "eoas", "eol", "eoes", "latest")
    # Without the class by which the admin makes fields wide: a row is to fit on a screen.
    formfield_overrides: ClassVar = {
        models.CharField: {"widget": TextInput(attrs={"size": 10, "class": ""})}
    }
    extra = 0
    show_change_link = True
    verbose_name_plural = (
        "release cycles (a milestone is 2028-04-30, 2028-04, 2028-Q2, 2028, yes, no or nothing)"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReleaseCycle]:
        cycles: QuerySet[ReleaseCycle] = super().get_queryset(request)
        # Whether a line has a page on the site hangs on its product, too.
        return cycles.prefetch_related(
            Prefetch("product", Product.objects.only("draft", "publish_on"))
        )


class CustomFieldInline(CheckedInline):
    model = CustomField
    formfield_overrides = OVERRIDES
    extra = 0


class AliasInline(CheckedInline):
    model = Alias
    extra = 0


class IdentifierInline(CheckedInline):
    model = Identifier
    extra = 0


@admin.register(Product)
class ProductAdmin(
    ProductPreview,
    ProductDraft,
    ProductPublishing,
    BulkProducts,
    Exports,
    CheckProduct,
    KeptValues,
    NewRelease,
    KeepsAddresses,
    ProductHistory,
    CatalogueAdmin,
):
    actions = (*Publishing.actions, *BulkProducts.actions, *Exports.actions)  # type: ignore[assignment]
    list_display = (
        "label",
        "name",
        "category",
        "cycle_count",
        "visibility",
        "featured",
        "source",
        "checked_on",
    )
    list_filter = (ProductNeedFilter, VisibilityFilter, "category", "source", "tags")
    list_select_related = ("category",)
    show_full_result_count = False
    search_fields = ("label", "name", "aliases__name")
    filter_horizontal = ("tags",)
    readonly_fields = ("all_cycles", "origin", "kept")
    formfield_overrides = OVERRIDES
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("label", "name", "category", "tags", "featured", "description")}),
        (
            "Support",
            {
                "fields": (
                    "policy_link",
                    "patches_only_fix",
                    "extended_terms",
                    "version_command",
                    "changelog_template",
                    "cycle_label",
                )
            },
        ),
        (
            "Columns of its support table",
            {
                "fields": (
                    ("show_release", "release_label"),
                    ("show_eoas", "eoas_label"),
                    ("show_eol", "eol_label"),
                    ("show_eoes", "eoes_label"),
                    ("show_discontinued", "discontinued_label"),
                    ("show_latest", "latest_label"),
                    "lts_label",
                ),
                "description": "An empty label is the usual one.",
            },
        ),
        VISIBILITY,
        (
            "Where it comes from",
            {"fields": ("all_cycles", "origin", "kept", "checked_on", "added_on", "stale_days")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products: QuerySet[Product] = super().get_queryset(request)
        return products.defer("imported", "file_text").annotate(cycle_total=_cycles_of_each())

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> list[Any]:
        others = [CustomFieldInline, AliasInline, IdentifierInline]
        few = obj is None or getattr(obj, "cycle_total", 0) <= MOST_INLINE
        return [CycleInline, *others] if few else others

    @admin.display(description="cycles", ordering="cycle_total")
    def cycle_count(self, product: Product) -> int:
        count: int = getattr(product, "cycle_total", 0)
        return count

    @admin.display(description="all its cycles")
    def all_cycles(self, product: Product) -> SafeString | str:
        if product._state.adding:
            return "Save first."
        address = reverse("admin:releases_releasecycle_changelist")
        return format_html(
            '<a href="{}?product__id__exact={}">List of all its cycles</a>', address, product.pk
        )

    @admin.display(description="source")
    def origin(self, product: Product) -> str:
        place = f" ({product.source_address})" if product.source_address else ""
        gone = "; no longer there" if product.missing_in_source else ""
        return f"{product.get_source_display()}{place}{gone}"


def _cycles_of_each() -> Combinable:
    """How many cycles a product has: counted for the products of a page, not joined to all."""
    cycles = ReleaseCycle.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return Coalesce(Subquery(cycles.values(total=Count("pk"))), 0)


@admin.register(Category, Tag)
class WordAdmin(admin.ModelAdmin):
    search_fields = ("name",)
    list_display = ("name", "product_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(product_total=Count("products"))

    @admin.display(description="products", ordering="product_total")
    def product_count(self, word: Any) -> int:
        count: int = word.product_total
        return count
