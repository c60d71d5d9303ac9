"""The pages about the site: its data, its statuses, accessibility, and privacy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases.presentation.about import data_page, privacy_page, statuses_page
from releases.web.cached_views import cached


@cached()
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """`/about/data/`: where the data comes from, and what the words about it mean."""
    return render(request, "about/data.html", data_page())


@cached()
@require_safe
def statuses(request: HttpRequest) -> HttpResponse:
    """`/about/statuses/`: the statuses of releases with their rules."""
    return render(request, "about/statuses.html", statuses_page())


@cached()
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """`/about/accessibility/`: what the site does for accessibility, and its limits."""
    return render(request, "about/accessibility.html")


@cached()
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """`/about/privacy/`: the data that the site stores about readers and subscribers."""
    return render(request, "about/privacy.html", privacy_page())
