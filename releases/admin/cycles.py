"""Release cycles in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse

from releases.admin.base import CatalogueAdmin
from releases.admin.bulk import BulkCycles
from releases.admin.conflicts import CheckedInline
from releases.admin.desk import ConfirmCycle, CycleNeedFilter
from releases.admin.draft_page import CycleDraft
from releases.admin.forms import CycleForm
from releases.admin.next_cycle import NextCycle
from releases.admin.preview import CyclePreview
from releases.admin.publishing import VISIBILITY, CyclePublishing, Publishing, VisibilityFilter
from releases.admin.renames import FormerNameInline, KeepsAddresses
from releases.domain.lifecycle.status import Status
from releases.models import Product, Release, ReleaseCycle
from releases.models.status import ends_soon, lts_at_any_time, next_end, status_on
from releases.presentation.rows import BADGES, badge_of, milestone_text
from releases.selectors import MAX_CHOICES
from releases.selectors.large_columns import LARGE_COLUMNS_OF_PRODUCT
from releases.web import clock


class StatusFilter(admin.SimpleListFilter):
    """The status as of today, from the same rule as on the pages."""

    title = "status today"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        choices = [(status.value, f"{sign} {word}") for status, (sign, word) in BADGES.items()]
        return [*choices, ("soon", "⚠ Ends soon")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReleaseCycle]
    ) -> QuerySet[ReleaseCycle]:
        on, value = clock.today(), self.value()
        if value == "soon":
            return queryset.annotate(next_end=next_end(on)).filter(ends_soon(on))
        if value in list(Status):
            return queryset.annotate(status=status_on(on)).filter(status=value)
        return queryset


class LtsFilter(admin.SimpleListFilter):
    title = "LTS"
    parameter_name = "lts"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", "Yes, or later"), ("0", "No")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReleaseCycle]
    ) -> QuerySet[ReleaseCycle]:
        lts = lts_at_any_time()
        match self.value():
            case "1":
                return queryset.filter(lts)
            case "0":
                return queryset.exclude(lts)
        return queryset


class ProductFilter(admin.RelatedFieldListFilter):
    """The products, unless there are too many to choose from a list; the search finds them, and
    a product's form leads to its cycles."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, Any]]:
        products = Product.objects.order_by(Lower("label"), "name").values_list("pk", "label")
        choices = list(products[: MAX_CHOICES + 1])
        if len(choices) > MAX_CHOICES:
            keys = [key for key in self.lookup_val or () if key.isdecimal()]
            choices = list(products.filter(pk__in=keys))
        return [(str(key), label) for key, label in choices]

    def has_output(self) -> bool:
        """Without output a filter would not be one at all."""
        return bool(self.lookup_val) or super().has_output()


class ReleaseInline(CheckedInline):
    model = Release
    extra = 0


@admin.register(ReleaseCycle)
class ReleaseCycleAdmin(
    CyclePreview,
    CycleDraft,
    CyclePublishing,
    BulkCycles,
    ConfirmCycle,
    NextCycle,
    KeepsAddresses,
    CatalogueAdmin,
):
    actions = (*Publishing.actions, *BulkCycles.actions)
    form = CycleForm
    inlines = (ReleaseInline, FormerNameInline)
    list_display = (
        "name",
        "product",
        "status",
        "released",
        "active",
        "security",
        "latest",
        "visibility",
    )
    list_filter = (
        CycleNeedFilter,
        StatusFilter,
        LtsFilter,
        VisibilityFilter,
        "unconfirmed",
        "product__category",
        "product__tags",
        ("product", ProductFilter),
    )
    list_select_related = ("product",)
    show_full_result_count = False
    autocomplete_fields = ("product",)
    search_fields = ("name", "codename", "product__label", "product__name")
    ordering = (Lower("product__label"), "product__name", "position", "id")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("product", "name", "codename")}),
        (
            "Milestones",
            {
                "fields": ("release", "lts", "eoas", "eol", "eoes", "discontinued", "unconfirmed"),
                "description": "A date as exactly as it is known: 2028-04-30, 2028-04, 2028-Q2"
                " or 2028. Yes or no where only the fact is known. Empty where it does not apply.",
            },
        ),
        VISIBILITY,
        ("Latest release", {"fields": ("latest", "latest_date", "link", "no_link")}),
        ("More", {"fields": ("own_columns", "label", "position")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReleaseCycle]:
        cycles: QuerySet[ReleaseCycle] = super().get_queryset(request)
        return cycles.defer(*LARGE_COLUMNS_OF_PRODUCT)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list of the cycles of one product has the tools of that product."""
        key = request.GET.get("product__id__exact", "")
        of_product = key if key.isascii() and key.isdigit() else ""
        context = {"of_product": of_product, **(extra_context or {})}
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Its name alone says little."""
        if cycle := context.get("original"):
            context["subtitle"] = f"{cycle.product} {cycle}"
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="status today")
    def status(self, cycle: ReleaseCycle) -> str:
        badge = badge_of(cycle.lifecycle, clock.today())
        return f"{badge.sign} {badge.word}{' ⚠ Ends soon' if badge.soon else ''}"

    @admin.display(description="released", ordering="release_date")
    def released(self, cycle: ReleaseCycle) -> str:
        return milestone_text(cycle.release)

    @admin.display(description="active until", ordering="eoas_date")
    def active(self, cycle: ReleaseCycle) -> str:
        return milestone_text(cycle.eoas)

    @admin.display(description="security until", ordering="eol_date")
    def security(self, cycle: ReleaseCycle) -> str:
        return milestone_text(cycle.eol)
