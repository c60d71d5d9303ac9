"""The roadmap: the release cycles of all products on one time axis."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases.domain.roadmap.query import NAMES, View
from releases.presentation.present import present_page
from releases.presentation.roadmap import roadmap_page
from releases.web.cached_views import cached
from releases.web.parameters import lenient_query
from releases.web.redirects import url_without_blank_parameters


@cached(*NAMES)
@require_safe
def roadmap(request: HttpRequest) -> HttpResponse:
    """`/`: the roadmap as the query parameters filter, sort and group it."""
    if url := url_without_blank_parameters(request):
        return HttpResponseRedirect(url)
    query = lenient_query(request)
    if query.view is View.PRESENT:
        context = present_page(query, request.build_absolute_uri)
        return render(request, "releases/present.html", context)
    context = roadmap_page(query, request.build_absolute_uri)
    return render(request, "releases/roadmap.html", context)
