"""How alike two texts are, by their trigrams: what PostgreSQL's `pg_trgm` computes."""

from __future__ import annotations

import re

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
