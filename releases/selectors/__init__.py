"""Every read that a page needs. Each says how many queries it costs, and a test holds it to that.

All start from `public()`. Dates are handed in; the rules of status come from `models.status`.
"""

from releases.selectors.lists import (
    Lately,
    ProductLine,
    ProductList,
    lately,
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
    MOST_CHOICES,
    MOST_COUNTED,
    PRODUCTS_A_PAGE,
    ROWS_A_PRODUCT,
    Answer,
    Choices,
    ProductRows,
    Roadmap,
    roadmap,
)
from releases.selectors.search import Hit, search
from releases.selectors.site_map import MapEntries, MapEntry

__all__ = [
    "MOST_CHOICES",
    "MOST_COUNTED",
    "PRODUCTS_A_PAGE",
    "ROWS_A_PRODUCT",
    "Answer",
    "Choices",
    "Freshness",
    "Hit",
    "Lately",
    "MapEntries",
    "MapEntry",
    "ProductLine",
    "ProductList",
    "ProductRows",
    "Roadmap",
    "freshness",
    "lately",
    "names_in_use",
    "product_of_alias",
    "product_page",
    "products_by_letter",
    "releases_of",
    "revision",
    "roadmap",
    "search",
]
