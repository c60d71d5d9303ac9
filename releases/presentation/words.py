"""Names on pages: categories as people call them, and the initials of products."""

from __future__ import annotations

from releases.domain.categories import CATEGORIES


def category_word(name: str) -> str:
    """Return the category of one product: `Operating system`; an unknown one by its own name."""
    return CATEGORIES[name][0] if name in CATEGORIES else _words(name)


def category_title(name: str) -> str:
    """Return the category of many products: `Operating systems`."""
    return CATEGORIES[name][1] if name in CATEGORIES else _words(name)


def initials(label: str) -> str:
    """Return one or two letters for a product: `Django` is `Dj`, `Amazon Linux` is `AL`."""
    words = [word for word in label.split() if word[0].isalnum()] or label.split()
    if not words:
        return ""
    return words[0][:2] if len(words) == 1 else words[0][0].upper() + words[1][0].upper()


def _words(name: str) -> str:
    text = name.replace("-", " ")
    return text[:1].upper() + text[1:]
