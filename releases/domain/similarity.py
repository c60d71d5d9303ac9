"""The similarity of texts by their trigrams, as PostgreSQL's `pg_trgm` computes it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")


def trigrams(text: str) -> frozenset[str]:
    """The groups of three letters of each word, with two spaces before it and one behind."""
    words = (f"  {word} " for word in _WORD.findall(text.lower()))
    return frozenset(word[i : i + 3] for word in words for i in range(len(word) - 2))


def similarity(first: str, second: str) -> float:
    """From 0 (nothing in common) to 1 (the same trigrams): shared ones among all of both."""
    return shared_part(trigrams(first), trigrams(second))


def shared_part(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the similarity of two texts, from 0 to 1, by their trigrams."""
    every = one | other
    return len(one & other) / len(every) if every else 0.0


class Comparison:
    """A comparison of some texts with many names."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [
            (parts, [part.strip() for part in parts]) for parts in map(trigrams, texts) if parts
        ]

    def similarity(self, name: str) -> float:
        """Return the similarity of a name to the text that it is most similar to."""
        found = trigrams(name)
        return max((shared_part(found, parts) for parts, _ in self._texts), default=0.0)

    def reaches(self, name: str, least: float) -> bool:
        """Return whether the similarity of a name is `least` or more, which is above 0."""
        # Letters that are not in the name are in none of its trigrams, and quicker to look for.
        lowered = name.lower()
        return (
            any(
                sum(each in lowered for each in letters) >= least * len(parts)
                for parts, letters in self._texts
            )
            and self.similarity(name) >= least
        )
