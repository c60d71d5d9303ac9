"""The tables of the catalogue."""

from releases.models.api_token import ApiToken
from releases.models.cycle import CycleAlias, CycleIdentifier, Release, ReleaseCycle
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
from releases.models.subscription import (
    Channel,
    Message,
    MessagePurpose,
    Notice,
    Subscription,
    SubscriptionState,
)
from releases.models.upgrade_note import UpgradeNote
from releases.models.upload import Upload
from releases.models.upstream import Upstream

__all__ = [
    "Alias",
    "ApiToken",
    "CatalogueQuerySet",
    "Category",
    "Channel",
    "CustomField",
    "CycleAlias",
    "CycleIdentifier",
    "Identifier",
    "Message",
    "MessagePurpose",
    "Notice",
    "Product",
    "Release",
    "ReleaseCycle",
    "Revision",
    "Source",
    "Subscription",
    "SubscriptionState",
    "Tag",
    "UpgradeNote",
    "Upload",
    "Upstream",
]
