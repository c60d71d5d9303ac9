"""Every read that a page needs. Each says how many queries it costs, and a test holds it to that.

All start from `public()`. Dates are handed in; the rules of status come from `models.status`.
"""

from releases.selectors.api.changed_products import ChangedProduct, changed_products
from releases.selectors.api.v1 import (
    changed_at,
    product_cycles,
    product_detail,
    product_details,
    product_file,
    product_identifiers,
    product_names,
    product_summaries,
)
from releases.selectors.history.changes import (
    ChangesPage,
    CycleChanges,
    PublicHistory,
    public_histories,
    recent_changes,
)
from releases.selectors.lists import (
    Lately,
    ProductCounts,
    ProductList,
    lately,
    names_in_use,
    products_by_letter,
)
from releases.selectors.product import (
    Freshness,
    all_cycles,
    data_age,
    freshness,
    names_called,
    present_names,
    product_page,
)
from releases.selectors.published import read_releases
from releases.selectors.resolver import resolver_of
from releases.selectors.revision import LastWrite, last_write
from releases.selectors.roadmap.events import cycles_in_view, new_products, product_with_cycles
from releases.selectors.roadmap.page import (
    MAX_CHOICES,
    MAX_COUNTED,
    PRODUCTS_A_PAGE,
    ROWS_A_PRODUCT,
    Choices,
    ProductRows,
    Roadmap,
    RoadmapSummary,
    roadmap,
)
from releases.selectors.search import Hit, search
from releases.selectors.site_map import MapEntries, MapEntry
from releases.selectors.stack import StackCheck, StackItem, check_components, stack
from releases.selectors.upgrade import is_installed, product_to_upgrade, runtime_of, verdict

__all__ = [
    "MAX_CHOICES",
    "MAX_COUNTED",
    "PRODUCTS_A_PAGE",
    "ROWS_A_PRODUCT",
    "ChangedProduct",
    "ChangesPage",
    "Choices",
    "CycleChanges",
    "Freshness",
    "Hit",
    "LastWrite",
    "Lately",
    "MapEntries",
    "MapEntry",
    "ProductCounts",
    "ProductList",
    "ProductRows",
    "PublicHistory",
    "Roadmap",
    "RoadmapSummary",
    "StackCheck",
    "StackItem",
    "all_cycles",
    "changed_at",
    "changed_products",
    "check_components",
    "cycles_in_view",
    "data_age",
    "freshness",
    "is_installed",
    "last_write",
    "lately",
    "names_called",
    "names_in_use",
    "new_products",
    "present_names",
    "product_cycles",
    "product_detail",
    "product_details",
    "product_file",
    "product_identifiers",
    "product_names",
    "product_page",
    "product_summaries",
    "product_to_upgrade",
    "product_with_cycles",
    "products_by_letter",
    "public_histories",
    "read_releases",
    "recent_changes",
    "resolver_of",
    "roadmap",
    "runtime_of",
    "search",
    "stack",
    "verdict",
]
