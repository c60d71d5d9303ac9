"""The editors' side: products, their cycles, and the releases in them."""

from releases.admin import cycles, products, upgrade_notes

__all__ = ["cycles", "products", "upgrade_notes"]
