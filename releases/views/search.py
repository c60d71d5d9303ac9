"""The search for products and versions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases import selectors
from releases.presentation.search import answer_url, search_page
from releases.web import clock
from releases.web.cached_views import cached


@cached("q")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`/search/?q=`: a text that names a product, a version or a stack redirects to its page."""
    text, today = request.GET.get("q", ""), clock.today()
    found = selectors.search(text, today)
    if url := answer_url(found):
        return HttpResponseRedirect(url)
    return render(request, "releases/search.html", search_page(found, text.strip(), today))
