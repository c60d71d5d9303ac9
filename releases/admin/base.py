"""What the admins of products, cycles and notes on upgrades have in common."""

from __future__ import annotations

from simple_history.admin import SimpleHistoryAdmin


class CatalogueAdmin(SimpleHistoryAdmin):
    """An admin of a table whose changes are kept."""
