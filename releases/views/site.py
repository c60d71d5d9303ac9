"""What every page needs: the site's name, maps for robots, answers to errors."""

from __future__ import annotations

import sys
from datetime import datetime

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from releases import selectors
from releases.page_cache import AWAY, cached
from releases.views.lists import address_of

SUGGESTIONS = 3

RETRY_AFTER = "10"
"""Seconds after which a page that the database was needed for may be asked for again."""


def site(request: HttpRequest) -> dict[str, object]:
    """Template context of every page."""
    return {
        "site_name": settings.SITE_NAME,
        "site_strap_line": settings.SITE_STRAP_LINE,
        "canonical": request.build_absolute_uri(request.path),
    }


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, with what was perhaps meant."""
    hits = selectors.search(request.path.replace("/", " "))[:SUGGESTIONS]
    context = {"hits": [(hit, address_of(hit)) for hit in hits]}
    return HttpResponseNotFound(render_to_string("404.html", context, request=request))


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503, where the database cannot be reached and another try may help."""
    # Without a request: nothing that could fail again, such as a context processor, runs here.
    away = isinstance(sys.exception(), AWAY)
    context = {"site_name": settings.SITE_NAME, "away": away}
    page = render_to_string("500.html", context)
    if not away:
        return HttpResponseServerError(page)
    return HttpResponse(page, status=503, headers={"Retry-After": RETRY_AFTER})


@cached()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt`: everything but the admin, and no views of the roadmap with a query."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /*?",
        f"Sitemap: {request.build_absolute_uri(reverse('releases:sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


class PageMap(Sitemap):  # type: ignore[type-arg]
    """The pages that are not of a product."""

    def items(self) -> list[str]:
        return ["roadmap", "products", "categories", "tags", "calendar"]

    def location(self, item: str) -> str:
        return reverse(f"releases:{item}")


class ProductMap(Sitemap):  # type: ignore[type-arg]
    """The pages of the products and of their cycles."""

    def items(self) -> list[selectors.MapEntry]:
        return selectors.map_entries()

    def location(self, item: selectors.MapEntry) -> str:
        if item.cycle:
            return reverse("releases:cycle", args=[item.product, item.cycle])
        return reverse("releases:product", args=[item.product])

    def lastmod(self, item: selectors.MapEntry) -> datetime | None:
        return item.changed_at


SITEMAPS = {"pages": PageMap, "products": ProductMap}
