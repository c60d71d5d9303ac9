"""The similarity of texts by their trigrams, as PostgreSQL's `pg_trgm` computes it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")


def trigrams(text: str) -> frozenset[str]:
    """Return the trigrams of each word, padded with two spaces before it and one after it."""
    words = (f"  {word} " for word in _WORD.findall(text.lower()))
    return frozenset(word[i : i + 3] for word in words for i in range(len(word) - 2))


def similarity(first: str, second: str) -> float:
    """Return the similarity of two texts, from 0 to 1: shared trigrams divided by all trigrams."""
    return shared_part(trigrams(first), trigrams(second))


def shared_part(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the similarity of two sets of trigrams, from 0 (disjoint) to 1 (equal)."""
    every = one | other
    return len(one & other) / len(every) if every else 0.0


class Comparison:
    """A comparison of some texts with many names."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [
            (parts, [part.strip() for part in parts]) for parts in map(trigrams, texts) if parts
        ]

    def similarity(self, name: str) -> float:
        """Return the similarity of a name to the most similar text."""
        found = trigrams(name)
        return max((shared_part(found, parts) for parts, _ in self._texts), default=0.0)

    def reaches(self, name: str, minimum: float) -> bool:
        """Return True if the similarity of a name is at least `minimum`, which is above 0."""
        # A cheap upper bound first: a trigram cannot match if the name lacks its letters.
        lowered = name.lower()
        return (
            any(
                sum(each in lowered for each in letters) >= minimum * len(parts)
                for parts, letters in self._texts
            )
            and self.similarity(name) >= minimum
        )
