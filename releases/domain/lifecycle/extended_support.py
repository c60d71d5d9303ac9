"""Extended support: the terms on which people get it, and its name in sentences.

Extended support without recorded terms counts as not free: a missed end of support does more harm
than one warning too many.
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
"""Words that have a capital letter in the head of a column but not within a sentence."""


class ExtendedTerms(StrEnum):
    """The terms on which people get the extended support of a product."""

    NOT_RECORDED = ""
    FREE = "free"
    PAID = "paid"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class ExtendedSupport:
    """The extended support of a product.

    `label` is the label that the product gives to the column, which may have HTML in it; empty for
    the usual one. `product` is the title of the product.
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

        It is the label of the column without the product's own title: `Debian LTS` is `LTS`. A
        label that names an end instead of support is not used. The word `paid` comes before it
        where that is recorded.
        """
        words = " ".join(unescape(_TAG.sub("", self.label)).split())
        if self.product and words.lower().startswith(f"{self.product.lower()} "):
            words = words[len(self.product) :].strip()
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
        """`Commercial support continues`, `Extended Security Updates continue`."""
        return f"{self.title} {'continue' if self.name.endswith('s') else 'continues'}"


NOT_RECORDED: Final = ExtendedSupport()
"""That of a product which says nothing of it."""
