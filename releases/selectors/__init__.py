"""Every read that a page needs. Each says how many queries it costs, and a test holds it to that.

All start from `public()`. Dates are handed in; the rules of status come from `models.status`.
"""

from releases.selectors.lists import (
    Lately,
    MapEntry,
    ProductLine,
    lately,
    map_entries,
    names_in_use,
    products_by_letter,
)
from releases.selectors.product import (
    Freshness,
    freshness,
    product_of_alias,
    product_page,
    releases_of,
)
from releases.selectors.revision import revision
from releases.selectors.roadmap import (
    PRODUCTS_A_PAGE,
    ROWS_A_PRODUCT,
    Answer,
    Choices,
    ProductRows,
    Roadmap,
    roadmap,
)
from releases.selectors.search import Hit, search
from releases.selectors.upgrade import is_installed, product_to_upgrade, runtime_of, verdict

__all__ = [
    "PRODUCTS_A_PAGE",
    "ROWS_A_PRODUCT",
    "Answer",
    "Choices",
    "Freshness",
    "Hit",
    "Lately",
    "MapEntry",
    "ProductLine",
    "ProductRows",
    "Roadmap",
    "freshness",
    "is_installed",
    "lately",
    "map_entries",
    "names_in_use",
    "product_of_alias",
    "product_page",
    "product_to_upgrade",
    "products_by_letter",
    "releases_of",
    "revision",
    "roadmap",
    "runtime_of",
    "search",
    "verdict",
]
