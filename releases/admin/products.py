"""Products in the admin, with their cycles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.forms import TextInput
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from releases.admin.base import CatalogueAdmin
from releases.admin.editing.bulk import PRODUCT_ACTIONS
from releases.admin.editing.confirmations import MARK_CHECKED
from releases.admin.editing.conflicts import ConflictInline
from releases.admin.editing.copies import COPY_PRODUCT, MERGE
from releases.admin.editing.draft_page import DRAFT_PAGE
from releases.admin.editing.find_cycle import FIND_CYCLE
from releases.admin.editing.new_release import NEW_RELEASE
from releases.admin.editing.preview import PreviewAdmin, preview_product
from releases.admin.editing.publication_requests import REQUEST_PUBLICATION
from releases.admin.editing.publishing import (
    DRAFT_ACTIONS,
    VISIBILITY,
    DraftAdmin,
    PublicPageAdmin,
    may_publish,
    report_draft,
)
from releases.admin.editing.renames import RenameAdmin
from releases.admin.exports import EXPORT_ACTIONS
from releases.admin.fields import FIELD_OVERRIDES
from releases.admin.filters import (
    NotRecordedFilter,
    ProductNeedFilter,
    RuleFilter,
    TermsFilter,
    VisibilityFilter,
)
from releases.admin.forms import (
    CycleForm,
    CycleFormSet,
    IdentifierForm,
    IdentifierFormSet,
    ProductForm,
)
from releases.admin.history.pages import DELETED_PRODUCTS
from releases.admin.imports.local_edits import LOCAL_EDITS, local_edits_link
from releases.domain.lifecycle.milestones import MILESTONES, MilestoneKind
from releases.domain.roadmap.columns import SUPPORT_COLUMNS
from releases.models import (
    Alias,
    Category,
    CustomField,
    Identifier,
    Product,
    ReleaseCycle,
    Tag,
)
from releases.models.upgrade_rule import RULE_COLUMNS

MAX_INLINE = 60
"""Maximum number of cycles in the form of a product; with more, they have a list of their own."""

FOLDED = (
    "latest_date",
    "codename",
    *(name for name, spec in MILESTONES.items() if spec.kind is MilestoneKind.OTHER_END),
    "unconfirmed",
    "own_columns",
)
"""The fields of a cycle that its row shows on demand."""


class CycleInline(PublicPageAdmin, ConflictInline):
    """The release cycles of a product, in its form."""

    model = ReleaseCycle
    form = CycleForm
    formset = CycleFormSet
    folded = FOLDED
    fields = ("name", *(name for name in MILESTONES if name not in FOLDED), "latest", *FOLDED)
    # Without the CSS class that makes fields wide, so that a row fits on a screen.
    formfield_overrides: ClassVar = FIELD_OVERRIDES | {
        models.CharField: {"widget": TextInput(attrs={"size": 10, "class": ""})}
    }
    show_change_link = True
    shows_status = True
    add_link = "product"
    after = "Basics"
    description = (
        "A date, as exactly as it is known: 2028-04-30, 2028-04, 2028-Q2 or 2028. Or yes, no, or"
        " nothing."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReleaseCycle]:
        # The cycles of a draft product have no page on the site.
        product = Prefetch("product", Product.objects.all().without_large_columns())
        return super().get_queryset(request).prefetch_related(product)


class CustomFieldInline(ConflictInline):
    """The custom fields of a product, in its form."""

    model = CustomField
    verbose_name_plural = "own columns"
    classes = ("collapse",)
    folded = ("description", "link", "position")


class AliasInline(ConflictInline):
    """The aliases of a product, in its form."""

    model = Alias
    classes = ("collapse",)


class IdentifierInline(ConflictInline):
    """The identifiers of a product, in its form."""

    model = Identifier
    form = IdentifierForm
    formset = IdentifierFormSet
    classes = ("collapse",)


@admin.register(Product)
class ProductAdmin(PreviewAdmin, DraftAdmin, RenameAdmin, CatalogueAdmin):
    """The admin of products."""

    pages = (
        MARK_CHECKED,
        LOCAL_EDITS,
        NEW_RELEASE,
        DRAFT_PAGE,
        REQUEST_PUBLICATION,
        COPY_PRODUCT,
        MERGE,
        FIND_CYCLE,
        DELETED_PRODUCTS,
    )
    actions = (*DRAFT_ACTIONS, *PRODUCT_ACTIONS, *EXPORT_ACTIONS)
    product_path = "pk__"
    prepopulated_fields: ClassVar = {"name": ("label",)}
    template_fields = ("cycle_label", "changelog_template", "lts_label")
    preview_of = staticmethod(preview_product)
    form = ProductForm
    list_display = (
        "titled",
        "category",
        "cycle_count",
        "visibility",
        "source",
        "checked_on",
    )
    list_filter = (
        ProductNeedFilter,
        NotRecordedFilter,
        RuleFilter,
        TermsFilter,
        VisibilityFilter,
        "category",
        "source",
        "tags",
    )
    list_select_related = ("category",)
    show_full_result_count = False
    search_fields = ("label", "name", "aliases__name")
    readonly_fields = ("all_cycles", "origin", "local_edits")
    fieldsets = (
        (
            "Basics",
            {"fields": ("label", "name", "category", "featured", "tags", "description")},
        ),
        ("Vendor", {"fields": ("vendor", "vendor_link"), "classes": ("collapse",)}),
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
            "Table columns",
            {
                "fields": (
                    *((f"show_{name}", f"{name}_label") for name in SUPPORT_COLUMNS),
                    "lts_label",
                ),
                "classes": ("collapse", "pairs"),
                "description": "Leave a label empty for the default.",
            },
        ),
        (
            "Upgrade rule",
            {
                "fields": tuple(RULE_COLUMNS.values()),
                "classes": ("collapse",),
                "description": "How upgrades may go, as the maker states it: plans follow it."
                " Cycles are named by their names or by patterns.",
            },
        ),
        VISIBILITY,
        (
            "Source",
            {
                "fields": (
                    "all_cycles",
                    "origin",
                    "local_edits",
                    "checked_on",
                    "added_on",
                    "stale_days",
                ),
                "classes": ("collapse",),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products = super().get_queryset(request).defer("imported", "file_text")
        return products.annotate(cycle_total=_cycles_of_each())

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> list[Any]:
        others = [CustomFieldInline, AliasInline, IdentifierInline]
        few = obj is None or getattr(obj, "cycle_total", 0) <= MAX_INLINE
        return [CycleInline, *others] if few else others

    @admin.display(description="product", ordering="label")
    def titled(self, product: Product) -> SafeString:
        return format_html("{}<small> {}</small>", product.label, product.name)

    @admin.display(description="cycles", ordering="cycle_total")
    def cycle_count(self, product: Product) -> int:
        return getattr(product, "cycle_total", 0)

    @admin.display(description="all its cycles")
    def all_cycles(self, product: Product) -> SafeString | str:
        if product._state.adding:
            return "Save first."
        address = reverse("admin:releases_releasecycle_changelist")
        return format_html(
            '<a href="{}?product__id__exact={}">List of all its cycles</a>', address, product.pk
        )

    def _changeform_view(self, request: HttpRequest, object_id: Any, *args: Any) -> HttpResponse:
        """Make the address of a new product from its title if the editor left it empty."""
        if object_id is None and request.POST and not request.POST.get("name", "").strip():
            sent = request.POST.copy()
            sent["name"] = slugify(request.POST.get("label", ""))
            request.POST = sent  # type: ignore[assignment]
        return super()._changeform_view(request, object_id, *args)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the names of the cycles, for the field that leads to one of them."""
        if product := context.get("original"):
            first = product.cycles.order_by("position", "id")[:MAX_INLINE]
            names = first.values_list("name", flat=True)
            for inline in context["inline_admin_formsets"]:
                if inline.formset.model is ReleaseCycle:
                    names = [form.instance.name for form in inline.formset.initial_forms]
            context["cycle_names"] = names
        return super().render_change_form(request, context, *args, **kwargs)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Make cycles that are added in the form drafts, unless the user may publish them."""
        if formset.model is ReleaseCycle and not may_publish(request, ReleaseCycle):
            for line in formset.extra_forms:
                line.instance.draft = True
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects if formset.model is ReleaseCycle else ():
            report_draft(request, row)

    @admin.display(description="differs from its source")
    def local_edits(self, product: Product) -> SafeString | str:
        return local_edits_link(product)

    @admin.display(description="source")
    def origin(self, product: Product) -> str:
        place = f" ({product.source_address})" if product.source_address else ""
        gone = "; no longer there" if product.missing_in_source else ""
        return f"{product.get_source_display()}{place}{gone}"


def _cycles_of_each() -> Combinable:
    """Return the number of cycles of a product, counted only for the products of a page."""
    cycles = ReleaseCycle.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return Coalesce(Subquery(cycles.values(total=Count("pk"))), 0)


@admin.register(Category, Tag)
class WordAdmin(admin.ModelAdmin):
    """The admin of categories and tags."""

    search_fields = ("name",)
    list_display = ("name", "product_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(product_total=Count("products"))

    @admin.display(description="products", ordering="product_total")
    def product_count(self, word: Any) -> int:
        return word.product_total
