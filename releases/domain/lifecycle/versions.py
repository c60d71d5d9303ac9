"""Version names: their order and their parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

_PRE = {"dev": 0, "pre": 1, "preview": 1, "alpha": 2, "a": 2, "beta": 3, "b": 3, "rc": 4, "c": 4}
# A single letter marks a pre-release only between digits: 6.2a1, but not galaxy-tab-a.
_TOKEN = re.compile(
    r"(?P<number>\d+)"
    r"|(?P<pre>(?:(?<=\d)[abc](?=\d))|(?:dev|preview|pre|alpha|beta|rc)(?![a-z]))"
    r"|(?P<word>[^\W\d_]+|\+)"
)

_NUMBERS = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_LEADING_V = re.compile(r"\s*(?:v(?=\d))?")

_PRE_RANK, _END_RANK, _WORD_RANK, _NUMBER_RANK = range(4)
Token = tuple[int, int, str]
VersionKey = tuple[tuple[Token, ...], str]
_END: Token = (_END_RANK, 0, "")
# Longer runs of digits are names; Python refuses to convert very long ones to numbers.
_MAX_DIGITS = 100


def token_spans(text: str) -> list[tuple[Token, int, int]]:
    """Return the tokens of a lower-case text, each with its start and end index.

    The end is exclusive. Separators and a leading `v` are no tokens.
    """
    spans: list[tuple[Token, int, int]] = []
    for found in _TOKEN.finditer(text, _LEADING_V.match(text).end()):  # type: ignore[union-attr]
        word = found[0]
        if found.lastgroup == "number" and len(word) <= _MAX_DIGITS:
            token = (_NUMBER_RANK, int(word), "")
        elif found.lastgroup == "pre":
            token = (_PRE_RANK, _PRE[word], "")
        else:
            token = (_WORD_RANK, 0, word)
        spans.append((token, *found.span()))
    return spans


@lru_cache(maxsize=10_000)
def version_tokens(name: str) -> tuple[Token, ...]:
    """Return the tokens of a version name, which define its order."""
    return tuple(token for token, _, _ in token_spans(name.lower()))


def is_word(token: Token) -> bool:
    """Return True for a token that is neither a number nor a pre-release mark."""
    return token[0] == _WORD_RANK


def without_words(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens without trailing words: those of `8.0` for `8.0-lts`."""
    while tokens and is_word(tokens[-1]):
        tokens = tokens[:-1]
    return tokens


def version_key(name: str) -> VersionKey:
    """Return a sort key, total over all names: 2.9 < 2.10 and 6.2a1 < 6.2rc1 < 6.2 < 6.2-lts."""
    return (*version_tokens(name), _END), name


def cycle_name_of(version: str, names: Iterable[str]) -> str:
    """Return the name that the cycle of a version would have: `6.3` for `6.3.1`.

    It has as many numbers as the names of all other cycles. It is empty if these have different
    numbers of parts, or if a name or the version has other characters than digits and dots.
    """
    lengths = {name.count(".") + 1 if _NUMBERS.fullmatch(name) else 0 for name in names}
    length = lengths.pop() if len(lengths) == 1 else 0
    numbers = version.split(".") if _NUMBERS.fullmatch(version) else []
    return ".".join(numbers[:length]) if length <= len(numbers) else ""


def release_key(version: str) -> tuple[Token, ...]:
    """Return a sort key of releases: 5.2a1 < 5.2rc1 < 5.2 = 5.2.0 < 5.2.1.

    Words before the first number (`cos-117`) and trailing zeros are ignored.
    """
    tokens = version_tokens(version)
    first = next((i for i, token in enumerate(tokens) if token[0] == _NUMBER_RANK), 0)
    tokens = tokens[first:]
    place = next((i for i, token in enumerate(tokens) if token[0] == _PRE_RANK), len(tokens))
    end = place
    while end > 1 and tokens[end - 1] == (_NUMBER_RANK, 0, ""):
        end -= 1
    return (*tokens[:end], *tokens[place:], _END)


class ReleaseKind(StrEnum):
    """The kind of a release in its cycle."""

    ALPHA = "alpha"
    BETA = "beta"
    RC = "rc"
    FINAL = "final"
    PATCH = "patch"
    SECURITY = "security"

    @property
    def pre_release(self) -> bool:
        """True if it precedes the final release; a pre-release is never the latest release."""
        return self in (ReleaseKind.ALPHA, ReleaseKind.BETA, ReleaseKind.RC)


_KINDS = {
    _PRE["rc"]: ReleaseKind.RC,
    _PRE["beta"]: ReleaseKind.BETA,
}


def kind_of(version: str, cycle: str) -> ReleaseKind:
    """Return the kind of a release, as far as its version shows it.

    A security release looks like any other patch. Any other pre-release before a beta counts as an
    alpha.
    """
    ranks = [number for rank, number, _ in version_tokens(version) if rank == _PRE_RANK]
    if ranks:
        return _KINDS.get(ranks[0], ReleaseKind.ALPHA)
    first = without_words(version_tokens(cycle))
    numbers = version_tokens(version)[len(first) :]
    return ReleaseKind.PATCH if any(number for _, number, _ in numbers) else ReleaseKind.FINAL


def first_release(cycle: str, latest: str, *, bare: bool) -> str:
    """Return the version of the first release of a cycle: 17.0 of 17, as its latest one shows.

    Args:
        cycle: The name of the cycle.
        latest: Its latest release; returned if its first numbers are not those of the cycle.
        bare: True if first releases are called as their cycles, without zeros.
    """
    if not latest.startswith(f"{cycle}."):
        return latest
    zeros = latest.removeprefix(cycle).count(".")
    return cycle if bare else cycle + ".0" * zeros
