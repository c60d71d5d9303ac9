"""The page of one release cycle."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases.domain.roadmap.query import NAMES
from releases.presentation.cycle import cycle_page
from releases.web.cached_views import cached
from releases.web.parameters import lenient_query
from releases.web.redirects import get_cycle_or_redirect


@cached(*NAMES)
@require_safe
def cycle(request: HttpRequest, name: str, cycle_name: str) -> HttpResponse:
    """`/<product>/<cycle>/`: the page of a release cycle. Raises `Http404`."""
    found = get_cycle_or_redirect(request, name, "cycle", cycle_name)
    if isinstance(found, HttpResponse):
        return found
    context = cycle_page(*found, lenient_query(request), request.build_absolute_uri)
    return render(request, "releases/cycle.html", context)
