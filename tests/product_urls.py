"""All URLs that contain a product or a cycle, collected from the URL configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from releases.urls import urlpatterns

NON_PRODUCT_VIEWS = frozenset({"category", "tag"})
"""Views whose `name` parameter is not a product name."""
_API = "api/v2/products/<product>"
POSTS = frozenset({f"{_API}/releases", f"{_API}/cycles"})
"""Routes that accept POST only, without a slash at the end."""
PRODUCT = frozenset({"name", "product"})
CYCLE = frozenset({"cycle_name", "cycle", "release"})

_PARAMETER = re.compile(r"<(?:str:)?(\w+)>")


def product_urls(product: str, cycle: str) -> Iterator[str]:
    """Yield every path that contains a product, and a cycle where the route has one."""
    for each in urlpatterns:
        route = str(each.pattern)
        names = _PARAMETER.findall(route)
        if each.name in NON_PRODUCT_VIEWS or route.removesuffix("/") in POSTS:
            continue
        if names and set(names) <= PRODUCT | CYCLE:
            for name in names:
                value = product if name in PRODUCT else cycle
                route = _PARAMETER.sub(value, route, count=1)
            yield f"/{route}"


def query_for(address: str, version: str) -> str:
    """Return a query string that the view at `address` accepts.

    API v2 rejects unknown parameters, and `from` is the start of an upgrade plan in one view and of
    a date range in others.
    """
    query = "?on=2026-11-20"
    if address.startswith("/api/v2/") and "/verdict" not in address:
        return query
    start = f"&from={version}" if address.startswith("/upgrade/") else ""
    return f"{query}&version={version}{start}"
