"""The tables of the catalogue."""

from releases.models.api_token import ApiToken
from releases.models.cycle import CycleAlias, Release, ReleaseCycle
from releases.models.product import (
    Alias,
    Category,
    CustomField,
    Identifier,
    Product,
    Source,
    Tag,
)
from releases.models.querysets import CatalogueQuerySet
from releases.models.revision import Revision
from releases.models.upgrade_note import UpgradeNote
from releases.models.upload import Upload
from releases.models.upstream import Upstream

__all__ = [
    "Alias",
    "ApiToken",
    "CatalogueQuerySet",
    "Category",
    "CustomField",
    "CycleAlias",
    "Identifier",
    "Product",
    "Release",
    "ReleaseCycle",
    "Revision",
    "Source",
    "Tag",
    "UpgradeNote",
    "Upload",
    "Upstream",
]
