"""Extended support: its terms, and its name in sentences.

Extended support without recorded terms counts as not free, because a missed end of support does
more harm than a needless warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import Final

DEFAULT_NAME: Final = "extended support"

_TAG: Final = re.compile("<[^>]*>")
_COMMON_WORDS: Final = frozenset(
    ("commercial", "cycle", "extended", "life", "long", "maintenance", "pack", "paid", "premium",
     "security", "service", "support", "term")
)  # fmt: skip
"""Words that are capitalized in the heading of a column but not within a sentence."""


class ExtendedTerms(StrEnum):
    """The terms on which people get the extended support of a product."""

    NOT_RECORDED = ""
    FREE = "free"
    PAID = "paid"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class ExtendedSupport:
    """The extended support of a product.

    Attributes:
        terms: The terms on which users get it.
        label: The product's own label of the column, which may contain HTML; empty for the default.
        product: The title of the product.
    """

    terms: ExtendedTerms = ExtendedTerms.NOT_RECORDED
    label: str = ""
    product: str = ""

    @property
    def free(self) -> bool:
        """True if everybody gets it free of charge."""
        return self.terms is ExtendedTerms.FREE

    @property
    def name(self) -> str:
        """The name within a sentence: `commercial support`, `LTS`.

        It is the label of the column without the product's title: `Debian LTS` becomes `LTS`. A
        label that names an end instead of a kind of support is ignored. The word `paid` precedes it
        if the terms say so.
        """
        words = plain_label(self.label, self.product)
        if not words or "end of" in words.lower():
            words = DEFAULT_NAME
        if words.lower().endswith("support"):
            words = " ".join(
                word.lower() if word.lower() in _COMMON_WORDS else word for word in words.split()
            )
        paid = self.terms is ExtendedTerms.PAID and "paid" not in words.lower()
        return f"paid {words}" if paid else words

    @property
    def title(self) -> str:
        """The name at the beginning of a sentence: `Commercial support`, `LTS`."""
        return self.name[0].upper() + self.name[1:]

    @property
    def continues(self) -> str:
        """The subject and verb of a sentence: `Commercial support continues`.

        The verb is plural for a plural name: `Extended Security Updates continue`.
        """
        return f"{self.title} {'continue' if self.name.endswith('s') else 'continues'}"


def plain_label(label: str, product: str = "") -> str:
    """Return the label of a column as text, without the title of the product at its beginning."""
    words = " ".join(unescape(_TAG.sub("", label)).split())
    if product and words.lower().startswith(f"{product.lower()} "):
        return words[len(product) :].strip()
    return words


NOT_RECORDED: Final = ExtendedSupport()
"""The extended support of a product that records no terms."""
