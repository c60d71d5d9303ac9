"""Products and cycles that a command names."""

from __future__ import annotations

from django.core.management.base import CommandError

from releases.models import Product, ReleaseCycle


def find_product(name: str) -> Product:
    """Return a product by its name. Raises `CommandError`."""
    found = Product.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no product “{name}”.")
    return found


def find_cycle(product: Product, name: str) -> ReleaseCycle:
    """Return a cycle of a product by its name. Raises `CommandError`."""
    found = product.cycles.filter(name=name).first()
    if found is None:
        raise CommandError(f"{product} has no release cycle “{name}”.")
    return found
