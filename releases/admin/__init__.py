"""The editors' side: products, their cycles, and the releases in them."""

from releases.admin import cycles, products

__all__ = ["cycles", "products"]
