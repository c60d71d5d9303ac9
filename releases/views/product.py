"""The page of one product: advice, timeline, support tables and facts."""

from __future__ import annotations

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases.domain.roadmap.query import NAMES
from releases.presentation.breadcrumbs import breadcrumbs
from releases.presentation.product import TEMPLATE, product_page
from releases.presentation.upgrade.verdict import VERSION
from releases.web.cached_views import cached
from releases.web.parameters import lenient_query
from releases.web.redirects import (
    get_product_or_redirect,
    url_without_blank_parameters,
)


@cached(*NAMES, VERSION)
@require_safe
def product(request: HttpRequest, name: str) -> HttpResponse:
    """`/<product>/`, with the verdict on a version if the query has one (`?version=5.2.1`)."""
    if address := url_without_blank_parameters(request):
        return HttpResponseRedirect(address)
    found = get_product_or_redirect(request, name, "product")
    if isinstance(found, HttpResponse):
        return found
    query = lenient_query(request)
    absolute = request.build_absolute_uri
    context = product_page(found, query, request.GET.get(VERSION, ""), absolute) | {
        "structured": breadcrumbs(request.path, [found.label], absolute)
    }
    return render(request, TEMPLATE, context)
