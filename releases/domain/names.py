"""Validation of the names that are part of URLs: products, cycles, categories, tags."""

from __future__ import annotations

import re
from typing import Final

from releases.domain import limits

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._+-]*")
"""The pattern of the name of a product, alias, category or tag."""

FIELD_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""The pattern of the name of a custom field, which is its key in files and API answers."""

RESERVED: Final = frozenset(
    {
        "about",
        "admin",
        "api",
        "badges",
        "brand.css",
        "calendar",
        "cards",
        "categories",
        "changes",
        "check",
        "docs",
        "favicon.ico",
        "healthz",
        "new-products",
        "products",
        "readyz",
        "roadmap",
        "search",
        "stack",
        "static",
        "subscribe",
        "subscriptions",
        "tags",
        "upgrade",
    }
)
"""Path segments at the root of the site, present and planned, that no product may have."""

_FILE_SUFFIXES = (".svg", ".csv", ".json", ".ics", ".atom", ".rss", ".txt", ".xml")
_BAD_IN_CYCLE_NAME = frozenset("/?#%\\<>\"'`")


def bad_name(name: str) -> str:
    """Return a sentence if the text is no valid name, else an empty string.

    Products, aliases, categories and tags share this rule.
    """
    if len(name) > limits.NAME or not NAME.fullmatch(name):
        shown = name[: limits.NAME]
        return f"“{shown}” is not a name (small letters, digits and . _ + - inside it)."
    return ""


def bad_product_name(name: str) -> str:
    """Return a sentence if a product may not have this name, else an empty string.

    Beside the rule of `bad_name`, the name may not be the address of a page of the site.
    """
    if name in RESERVED or name.endswith(_FILE_SUFFIXES):
        return f"“{name}” is the address of a page of this site."
    return bad_name(name)


def bad_cycle_name(name: str) -> str:
    """Return a sentence if the text is no valid name of a cycle, else an empty string."""
    if not name.strip():
        return "A release cycle needs a name."
    if len(name) > limits.NAME:
        return f"A cycle's name has at most {limits.NAME} characters."
    bad = sorted(_BAD_IN_CYCLE_NAME.intersection(name))
    if bad:
        return f"A cycle's name stands in addresses and cannot hold {' '.join(bad)}"
    if name != name.strip() or not name.isprintable() or name in (".", ".."):
        return "A cycle's name is a plain text without space around it."
    return ""
