"""Files of the site: `/robots.txt`, the site map, and the style sheet of its brand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import index, sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from releases import selectors
from releases.presentation.brand import brand_css, digest
from releases.web.cached_views import cached

MAX_MAP_ENTRIES = 10_000
"""Maximum number of entries of a site map file. The protocol allows 50,000, which take too long."""


@cached()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt`: allows all pages except the admin and URLs with a query string."""
    lines = [
        "User-agent: *",
        *([] if settings.ADMIN_HIDDEN else [f"Disallow: {reverse('admin:index')}"]),
        "Disallow: /*?",
        "Allow: /sitemap-",
        f"Sitemap: {request.build_absolute_uri(reverse('releases:sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def brand(request: HttpRequest) -> HttpResponse:
    """`/brand.css`: the style sheet of the site's own accent. Raises `Http404`.

    Browsers keep it at the address that pages name, which has a digest of the content.
    """
    css = brand_css()
    if not css:
        raise Http404("This site has no accent of its own.")
    current = request.GET.get("v") == digest(css)
    caching = "public, max-age=31536000, immutable" if current else "public, no-cache"
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": caching})


class PageMap(Sitemap):  # type: ignore[type-arg]
    """The pages that do not belong to a product."""

    def items(self) -> list[str]:
        return [
            "roadmap",
            "products",
            "categories",
            "tags",
            "calendar",
            "changes",
            "check",
            "upgrades",
            "api",
            "about_data",
            "about_statuses",
            "about_accessibility",
            "privacy",
        ]

    def location(self, item: str) -> str:
        return reverse(f"releases:{item}")


class ProductMap(Sitemap):  # type: ignore[type-arg]
    """The pages of products and of their release cycles."""

    limit = MAX_MAP_ENTRIES

    def __init__(self) -> None:
        self.entries = selectors.MapEntries()

    def items(self) -> Any:  # a lazy sequence, which the paginator slices
        return self.entries

    def location(self, item: selectors.MapEntry) -> str:
        if item.cycle:
            return reverse("releases:cycle", args=[item.product, item.cycle])
        return reverse("releases:product", args=[item.product])

    def lastmod(self, item: selectors.MapEntry) -> datetime | None:
        return item.changed_at

    def get_latest_lastmod(self) -> None:
        """Return None, because the index of site maps would have to read all entries."""


@cached("p")
@require_safe
def site_map(request: HttpRequest, section: str | None = None) -> HttpResponse:
    """`/sitemap.xml`: all pages, or an index of files with up to `MAX_MAP_ENTRIES` each."""
    products = ProductMap()
    maps: dict[str, Any] = {"pages": PageMap(), "products": products}
    if section is None and products.paginator.num_pages > 1:
        return index(request, maps, sitemap_url_name="releases:sitemap_part")
    return sitemap(request, maps, section)
