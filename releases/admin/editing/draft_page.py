"""Preview pages of drafts, for editors.

A preview is the public product page, read with `drafts=True`. No public view passes that argument.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from releases import selectors
from releases.admin.pages import AdminPage, admin_url
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.models.visibility import is_published
from releases.presentation.product import TEMPLATE, product_page
from releases.presentation.upgrade.verdict import VERSION
from releases.web import clock


@require_safe
def _draft_page(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Return the page of a product as if its drafts were public."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    name = get_object_or_404(Product.objects.only("name"), pk=key).name
    product = selectors.product_page(name, drafts=True)
    today = clock.today()
    query = RoadmapQuery.parse(dict(request.GET.lists()), today)
    draft_context = {
        "hidden": not is_published(product, today),
        "drafts": [each.name for each in product.cycles.all() if not is_published(each, today)],
    }
    response = render(
        request,
        TEMPLATE,
        product_page(product, query, request.GET.get(VERSION, ""), request.build_absolute_uri)
        | draft_context,
    )
    response["X-Robots-Tag"] = "noindex"
    return response


DRAFT_PAGE = AdminPage("<int:key>/preview/", "preview", _draft_page)


def draft_page_url(row: Any) -> str:
    """Return the URL of the preview of a product or cycle, or "" if it has no draft to show."""
    if isinstance(row, Product) and (row.draft or row.cycles.filter(draft=True).exists()):
        return admin_url(Product, "preview", row.pk)
    if isinstance(row, ReleaseCycle) and not is_published(row, clock.today()):
        return f"{admin_url(Product, 'preview', row.product_id)}#{row.anchor}"
    return ""
