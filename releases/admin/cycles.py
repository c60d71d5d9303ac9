"""Release cycles in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from releases.admin.base import OfProductAdmin
from releases.admin.editing.bulk import CYCLE_ACTIONS
from releases.admin.editing.confirmations import CONFIRM_DATES
from releases.admin.editing.conflict_forms import ConflictForm
from releases.admin.editing.conflicts import ConflictInline
from releases.admin.editing.copies import COPY_CYCLE
from releases.admin.editing.next_cycle import fill_next_cycle
from releases.admin.editing.preview import PreviewAdmin, preview_cycle
from releases.admin.editing.publication_requests import REQUEST_PUBLICATION
from releases.admin.editing.publishing import DRAFT_ACTIONS, VISIBILITY, DraftAdmin
from releases.admin.editing.renames import FormerNameInline, RenameAdmin
from releases.admin.filters import (
    CycleNeedFilter,
    LtsFilter,
    ProductFilter,
    StatusFilter,
    VisibilityFilter,
)
from releases.admin.forms import CycleForm, IdentifierForm
from releases.admin.pages import admin_url
from releases.domain.lifecycle.latest import Published, precedes_cycle
from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.lifecycle.versions import ReleaseKind
from releases.models import CycleIdentifier, Product, Release, ReleaseCycle
from releases.models.cycle import CycleQuerySet
from releases.presentation.rows import badge_of, milestone_text
from releases.templatetags.timeline import pill
from releases.web import clock


class ReleaseForm(ConflictForm):
    """The form of a release in the form of its cycle."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse a new date before the release of the cycle, except for pre-releases."""
        cleaned = super().clean()
        values, cycle = self.cleaned_data, self.owner
        if "kind" in values and {"kind", "date"} & set(self.changed_data):
            version, kind = values.get("version", ""), ReleaseKind(values["kind"])
            if precedes_cycle(Published(version, kind, values.get("date")), cycle.release):
                message = f"This is before the release of the cycle ({cycle.release})."
                self.add_error("date", f"{message} Correct one of the two dates.")
        return cleaned


class CycleIdentifierInline(ConflictInline):
    """The identifiers in the form of their cycle."""

    model = CycleIdentifier
    form = IdentifierForm
    verbose_name_plural = "identifiers of this cycle"
    classes = ("collapse",)


class ReleaseInline(ConflictInline):
    """The releases of a cycle, in its form."""

    model = Release
    form = ReleaseForm


@admin.register(ReleaseCycle)
class ReleaseCycleAdmin(PreviewAdmin, DraftAdmin, RenameAdmin, OfProductAdmin):
    """The admin of release cycles."""

    pages = (CONFIRM_DATES, REQUEST_PUBLICATION, COPY_CYCLE)
    actions = (*DRAFT_ACTIONS, *CYCLE_ACTIONS)
    template_fields = ("label", "link")
    preview_of = staticmethod(preview_cycle)
    form = CycleForm
    inlines = (ReleaseInline, FormerNameInline, CycleIdentifierInline)
    list_display = (
        "titled",
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
    fieldsets = (
        ("Basics", {"fields": ("product", "name", "codename")}),
        (
            "Milestones",
            {
                "fields": (*MILESTONES, "unconfirmed"),
                "description": "A date as exactly as it is known: 2028-04-30, 2028-04, 2028-Q2"
                " or 2028. Yes or no where only the fact is known. Empty where it does not apply.",
                "classes": ("three",),
            },
        ),
        VISIBILITY,
        ("Latest release", {"fields": ("latest", "latest_date", "link", "no_link")}),
        ("Own columns", {"fields": ("own_columns",)}),
        ("Versions", {"fields": ("versions",), "classes": ("collapse",)}),
        ("Name and order", {"fields": ("label", "position"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> CycleQuerySet:
        cycles: Any = super().get_queryset(request)
        return cycles.with_product()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return fill_next_cycle(request, super().get_changeform_initial_data(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Give the list of the cycles of one product the tools of that product."""
        key = request.GET.get("product__id__exact", "")
        of_product = key if key.isascii() and key.isdigit() else ""
        context = {"of_product": of_product, **(extra_context or {})}
        return super().changelist_view(request, context)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return _to_product(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return _to_product(request, obj) or super().response_post_save_change(request, obj)

    @admin.display(description="release", ordering="product__label")
    def titled(self, cycle: ReleaseCycle) -> str:
        return f"{cycle.product} {cycle}"

    @admin.display(description="status today")
    def status(self, cycle: ReleaseCycle) -> SafeString:
        return pill(badge_of(cycle.lifecycle, clock.today()))

    @admin.display(description="released", ordering="release_date")
    def released(self, cycle: ReleaseCycle) -> str:
        return milestone_text(cycle.release)

    @admin.display(description="active support until", ordering="eoas_date")
    def active(self, cycle: ReleaseCycle) -> str:
        return milestone_text(cycle.eoas)

    @admin.display(description="security support until", ordering="eol_date")
    def security(self, cycle: ReleaseCycle) -> str:
        return milestone_text(cycle.eol)


def _to_product(request: HttpRequest, cycle: ReleaseCycle) -> HttpResponseRedirect | None:
    """Return a redirect to the product of a saved cycle.

    Return None if the form was opened from a filtered list, or if the user may not see products.
    """
    from_list = "_changelist_filters" in request.GET
    if from_list or not request.user.has_perm("releases.view_product"):
        return None
    return redirect(f"{admin_url(Product, 'change', cycle.product_id)}#cycles-group")
