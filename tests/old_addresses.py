"""Every address of the site that names a product or a cycle, from the URL configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from releases.urls import urlpatterns

NOT_OF_PRODUCTS = frozenset({"category", "tag"})
"""Views whose `name` is none of a product."""
PRODUCT = frozenset({"name", "product"})
CYCLE = frozenset({"cycle_name", "cycle", "release"})

_PARAMETER = re.compile(r"<(?:str:)?(\w+)>")


def addresses(product: str, cycle: str) -> Iterator[str]:
    """Return all addresses that have a product in their path, and a cycle where there is one."""
    for each in urlpatterns:
        route = str(each.pattern)
        names = _PARAMETER.findall(route)
        if names and set(names) <= PRODUCT | CYCLE and each.name not in NOT_OF_PRODUCTS:
            for name in names:
                value = product if name in PRODUCT else cycle
                route = _PARAMETER.sub(value, route, count=1)
            yield f"/{route}"


def query_of(address: str, version: str) -> str:
    """Return a query that the view of an address takes: API v2 refuses unknown parameters, and
    `from` is the start of a plan, or else of a window in time."""
    query = "?on=2026-11-20"
    if address.startswith("/api/v2/") and "/verdict" not in address:
        return query
    start = f"&from={version}" if address.startswith("/upgrade/") else ""
    return f"{query}&version={version}{start}"
