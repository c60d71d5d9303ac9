"""Read-only queries. Each function states how many queries it runs; tests assert it.

All start from `public()`. Callers pass the dates; `models.status` has the rules of status.
"""

from releases.selectors.api.changed_products import ChangedProduct as ChangedProduct
from releases.selectors.api.changed_products import changed_products as changed_products
from releases.selectors.api.v1 import changed_at as changed_at
from releases.selectors.api.v1 import product_cycles as product_cycles
from releases.selectors.api.v1 import product_detail as product_detail
from releases.selectors.api.v1 import product_details as product_details
from releases.selectors.api.v1 import product_file as product_file
from releases.selectors.api.v1 import product_identifiers as product_identifiers
from releases.selectors.api.v1 import product_names as product_names
from releases.selectors.api.v1 import product_summaries as product_summaries
from releases.selectors.history.changes import CycleChanges as CycleChanges
from releases.selectors.history.changes import PublicHistory as PublicHistory
from releases.selectors.history.changes import public_histories as public_histories
from releases.selectors.history.changes import recent_changes as recent_changes
from releases.selectors.lists import ProductCounts as ProductCounts
from releases.selectors.lists import ProductList as ProductList
from releases.selectors.lists import names_in_use as names_in_use
from releases.selectors.lists import products_by_letter as products_by_letter
from releases.selectors.lists import recent_and_upcoming as recent_and_upcoming
from releases.selectors.product import all_cycles as all_cycles
from releases.selectors.product import data_age as data_age
from releases.selectors.product import freshness as freshness
from releases.selectors.product import names_called as names_called
from releases.selectors.product import present_names as present_names
from releases.selectors.product import product_page as product_page
from releases.selectors.published import read_releases as read_releases
from releases.selectors.resolver import resolver_of as resolver_of
from releases.selectors.revision import LastWrite as LastWrite
from releases.selectors.revision import last_write as last_write
from releases.selectors.roadmap.events import cycles_in_view as cycles_in_view
from releases.selectors.roadmap.events import new_products as new_products
from releases.selectors.roadmap.events import product_with_cycles as product_with_cycles
from releases.selectors.roadmap.page import MAX_CHOICES as MAX_CHOICES
from releases.selectors.roadmap.page import MAX_COUNTED as MAX_COUNTED
from releases.selectors.roadmap.page import PRODUCTS_A_PAGE as PRODUCTS_A_PAGE
from releases.selectors.roadmap.page import Choices as Choices
from releases.selectors.roadmap.page import Roadmap as Roadmap
from releases.selectors.roadmap.page import roadmap as roadmap
from releases.selectors.search import search as search
from releases.selectors.site_map import MapEntries as MapEntries
from releases.selectors.site_map import MapEntry as MapEntry
from releases.selectors.stack import StackCheck as StackCheck
from releases.selectors.stack import StackItem as StackItem
from releases.selectors.stack import check_components as check_components
from releases.selectors.stack import stack as stack
from releases.selectors.upgrade import Beside as Beside
from releases.selectors.upgrade import Surroundings as Surroundings
from releases.selectors.upgrade import is_installed as is_installed
from releases.selectors.upgrade import product_to_upgrade as product_to_upgrade
from releases.selectors.upgrade import surroundings_of as surroundings_of
from releases.selectors.upgrade import verdict as verdict
from releases.selectors.upgrade import verdict_on as verdict_on
