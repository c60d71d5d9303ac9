"""The page of one release cycle."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases.domain.roadmap.query import NAMES
from releases.presentation.cycle import cycle_page
from releases.web.cached_views import cached
from releases.web.parameters import lenient_query
from releases.web.redirects import get_product_or_redirect, redirect_if_renamed


@cached(*NAMES)
@require_safe
def cycle(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/<product>/<cycle>/`: the page of a release cycle. Raises `Http404`."""
    product = get_product_or_redirect(request, name, "cycle", cycle_name)
    if isinstance(product, HttpResponse):
        return product
    this = next((each for each in product.cycles.all() if each.name == cycle_name), None)
    if this is None:
        if redirect := redirect_if_renamed(request, "cycle", name, cycle_name):
            return redirect
        raise Http404(f"{product.label} has no release cycle “{cycle_name}”.")
    context = cycle_page(product, this, lenient_query(request), request.build_absolute_uri)
    return render(request, "releases/cycle.html", context)
