"""The categories of public products in words."""

from __future__ import annotations

from typing import Final

CATEGORIES: Final = {
    "app": ("Application", "Applications"),
    "database": ("Database", "Databases"),
    "device": ("Device", "Devices"),
    "framework": ("Framework", "Frameworks"),
    "lang": ("Language", "Languages"),
    "os": ("Operating system", "Operating systems"),
    "server-app": ("Server application", "Server applications"),
    "service": ("Service", "Services"),
    "standard": ("Standard", "Standards"),
}
"""The words for one product of a category, and for all of them."""
