"""Preview pages of drafts for editors.

The page is the public one, read with `drafts=True`: no other selector of a page reads drafts.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.models.visibility import is_published
from releases.presentation.product import TEMPLATE, product_page
from releases.presentation.upgrade.verdict import VERSION
from releases.web import clock

VIEW: Final = "releases_product_preview"


class OnSite(BaseModelAdmin):
    """Leads to the page on the site where there is one; a draft has none yet."""

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        if obj is not None and not is_published(obj, clock.today()):
            return None
        address: str | None = super().get_view_on_site_url(obj)
        return address


class DraftLink(OnSite, admin.ModelAdmin):
    """The form of a draft leads to its preview."""

    def draft_page(self, row: Any) -> str:
        """The address of the preview, or nothing where there is no draft to see."""
        raise NotImplementedError

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        context["draft_page"] = self.draft_page(row) if row is not None else ""
        return super().render_change_form(request, context, *args, **kwargs)


class CycleDraft(DraftLink):
    def draft_page(self, row: ReleaseCycle) -> str:
        if is_published(row, clock.today()):
            return ""
        return f"{reverse(f'admin:{VIEW}', args=[row.product_id])}#{row.anchor}"


class ProductDraft(DraftLink):
    """Has the preview: the product's page as it would be if its drafts were public."""

    def draft_page(self, row: Product) -> str:
        if row.draft or row.cycles.filter(draft=True).exists():
            return reverse(f"admin:{VIEW}", args=[row.pk])
        return ""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)  # for staff, and in no cache
        return [path("<int:key>/preview/", view, name=VIEW), *super().get_urls()]

    @method_decorator(require_safe)
    def preview_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        name = get_object_or_404(Product.objects.only("name"), pk=key).name
        product = selectors.product_page(name, drafts=True)
        today = clock.today()
        query = RoadmapQuery.parse(dict(request.GET.lists()), today)
        hidden = {
            "hidden": not is_published(product, today),
            "drafts": [each.name for each in product.cycles.all() if not is_published(each, today)],
        }
        response = render(
            request,
            TEMPLATE,
            product_page(product, query, request.GET.get(VERSION, ""), request.build_absolute_uri)
            | hidden,
        )
        response["X-Robots-Tag"] = "noindex"
        return response
