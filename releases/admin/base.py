"""What the admins of products, cycles and notes on upgrades have in common."""

from __future__ import annotations

from django.contrib import admin

from releases.admin.conflicts import CheckedAdmin
from releases.admin.history import HistoryAdmin
from releases.admin.parameters import CheckedInitial


class CatalogueAdmin(CheckedAdmin, HistoryAdmin, CheckedInitial):
    """An admin of a table whose changes are kept."""

    # Counts beside the choices of filters take a query for each choice, of the whole table.
    show_facets = admin.ShowFacets.NEVER
