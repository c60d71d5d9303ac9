"""Version names: an order that people expect, and the cycle that a version belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

_PRE = {"dev": 0, "pre": 1, "preview": 1, "alpha": 2, "a": 2, "beta": 3, "b": 3, "rc": 4, "c": 4}
# A single letter is a pre-release mark between digits only: 6.2a1, but not galaxy-tab-a.
_TOKEN = re.compile(
    r"(?P<number>\d+)"
    r"|(?P<pre>(?:(?<=\d)[abc](?=\d))|(?:dev|preview|pre|alpha|beta|rc)(?![a-z]))"
    r"|(?P<word>[^\W\d_]+|\+)"
)

_PRE_RANK, _END_RANK, _WORD_RANK, _NUMBER_RANK = range(4)
Token = tuple[int, int, str]
VersionKey = tuple[tuple[Token, ...], str]
_END: Token = (_END_RANK, 0, "")
# Longer digit runs are names, not numbers; Python also refuses to convert endless ones.
_MAX_DIGITS = 100


def version_tokens(name: str) -> tuple[Token, ...]:
    """The parts of a version name that order it; separators and a leading `v` do not count."""
    text = name.strip().lower()
    text = re.sub(r"^v(?=\d)", "", text)
    tokens: list[Token] = []
    for found in _TOKEN.finditer(text):
        word = found[0]
        if found.lastgroup == "number" and len(word) <= _MAX_DIGITS:
            tokens.append((_NUMBER_RANK, int(word), ""))
        elif found.lastgroup == "pre":
            tokens.append((_PRE_RANK, _PRE[word], ""))
        else:
            tokens.append((_WORD_RANK, 0, word))
    return tuple(tokens)


def version_key(name: str) -> VersionKey:
    """A sort key, total over all names: 2.9 < 2.10 < 2028, and 6.2a1 < 6.2rc1 < 6.2 < 6.2-lts."""
    return (*version_tokens(name), _END), name


def release_key(version: str) -> tuple[Token, ...]:
    """A sort key of releases, in which zeros at the end of the numbers say nothing:
    5.2a1 < 5.2rc1 < 5.2 = 5.2.0 < 5.2.1."""
    tokens = version_tokens(version)
    place = next((i for i, token in enumerate(tokens) if token[0] == _PRE_RANK), len(tokens))
    end = place
    while end > 1 and tokens[end - 1] == (_NUMBER_RANK, 0, ""):
        end -= 1
    return (*tokens[:end], *tokens[place:], _END)


def match_cycle(version: str, cycles: Iterable[str]) -> str | None:
    """The name among `cycles` of the cycle that `version` belongs to, or None.

    The longest name whose parts begin the version's parts: 5.2.19 -> 5.2, 22.04.5 -> 22.04,
    2028.3 -> 2028. A name with words behind its numbers (`8.0-lts`) also matches without them.
    """
    wanted = version_tokens(version)
    best: tuple[int, int, str] | None = None
    for name in cycles:
        tokens = version_tokens(name)
        for exact, candidate in ((1, tokens), (0, _without_trailing_words(tokens))):
            if candidate and wanted[: len(candidate)] == candidate:
                score = (len(candidate), exact, name)
                best = max(best, score) if best else score
                break
    return best[2] if best else None


def _without_trailing_words(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    while tokens and tokens[-1][0] == _WORD_RANK:
        tokens = tokens[:-1]
    return tokens


class ReleaseKind(StrEnum):
    """What a release is to its cycle."""

    ALPHA = "alpha"
    BETA = "beta"
    RC = "rc"
    FINAL = "final"
    PATCH = "patch"
    SECURITY = "security"

    @property
    def pre_release(self) -> bool:
        """Whether it comes before the cycle is released; such a one is never its latest."""
        return self in (ReleaseKind.ALPHA, ReleaseKind.BETA, ReleaseKind.RC)


_KINDS = {
    _PRE["rc"]: ReleaseKind.RC,
    _PRE["beta"]: ReleaseKind.BETA,
}


def kind_of(version: str, cycle: str) -> ReleaseKind:
    """What a release is to its cycle, as far as its version tells: a security release looks like
    any other patch. What comes before a beta is an alpha, however it is called."""
    ranks = [number for rank, number, _ in version_tokens(version) if rank == _PRE_RANK]
    if ranks:
        return _KINDS.get(ranks[0], ReleaseKind.ALPHA)
    first = _without_trailing_words(version_tokens(cycle))
    numbers = version_tokens(version)[len(first) :]
    return ReleaseKind.PATCH if any(number for _, number, _ in numbers) else ReleaseKind.FINAL
