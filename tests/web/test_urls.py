"""The URL configuration as a whole: reserved names and the site map."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from releases.domain.names import bad_product_name
from releases.urls import app_name, urlpatterns
from tests.factories import make_cycle, make_product

NOT_INDEXED = b'<meta name="robots" content="noindex">'


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Yield the route of each view; regular expressions as text."""
    for each in patterns:
        route = prefix + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        else:
            yield route


def first_segments() -> list[str]:
    """Return the literal first segments of all routes, with converters filled in."""
    segments = {
        route.split("/", 1)[0].split("(", 1)[0] for route in routes(get_resolver().url_patterns)
    }
    return sorted(
        segment.replace("<str:section>", "pages")
        for segment in segments
        if segment and not segment.startswith("<")
    )


@pytest.mark.parametrize("segment", first_segments())
def test_first_segment_of_every_route_is_reserved(segment: str) -> None:
    """A product of this name would have no page, or would hide this one."""
    assert "<" not in segment
    assert bad_product_name(segment)


def test_routes_are_collected() -> None:
    assert {"admin", "api", "products", "roadmap.svg", "sitemap-pages.xml"} <= set(first_segments())


@pytest.mark.django_db
def test_every_public_page_is_in_the_site_map(client: Client) -> None:
    """A public page is a URL without arguments that responds with HTML."""
    make_cycle(make_product("django"), "5.2")
    site_map = client.get("/sitemap.xml").content.decode()
    pages = []
    for each in urlpatterns:
        fixed = isinstance(each.pattern, RoutePattern) and not each.pattern.converters
        if not fixed or not each.name or each.default_args:
            continue
        url = reverse(f"{app_name}:{each.name}")
        response = client.get(url)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            pages.append(each.name)
            assert NOT_INDEXED in response.content or f"{url}</loc>" in site_map, each.name
    assert {"roadmap", "products", "changes", "check", "api"} <= set(pages)
