"""The search for products by their names, without the database.

A text is an item ("django 4.2"), a question around one ("is django 4.2 supported?"), or several
items ("django 4.2, node 18"). An item is a name, and a version after it. A name is compared without
case, spaces and punctuation.

The search page, the suggestions of error pages and the filter of the roadmap share this search.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from heapq import nlargest
from itertools import takewhile
from typing import Final, NamedTuple

from releases.domain.similarity import trigrams

MAX_QUESTION: Final = 500
"""Maximum number of characters of a text."""
MAX_ITEM: Final = 100
"""Maximum number of characters of an item."""
MAX_ITEMS: Final = 20
MIN_NAME: Final = 2
"""Minimum number of characters of a part of a name before a version: `k8s` is not Kotlin 8s."""
MIN_SIMILARITY: Final = 0.25
GROUP_SCORE: Final = 0.8
PART_SCORE: Final = 0.5
MAX_STOP_WORDS: Final = 10
"""Maximum number of stop words that are ignored at each side of an item."""
MAX_SIMILAR: Final = 20
NEAR_THE_BEST: Final = 0.75
"""Names that are less similar than this fraction of the best similarity are left out."""

_QUESTION: Final = """
    a an and any are be been can date dates dead did do does end ended ending ends eol eos expire
    expires for from get gets good has have how i in is it latest life lifecycle long longer
    maintained me much my need needs no now of old on our out outdated patches please release
    released releases run running safe schedule secure security should stable status still stop
    support supported supports the there this to until up update updates upgrade use using version
    versions was we what when which why will with yet you
"""
STOP_WORDS: Final = frozenset(_QUESTION.split())
"""The words of a question that are ignored before and after an item.

They are ignored only if the item with them is not found, so they hide no product of that name.
"""

_LISTED: Final = re.compile(r"[,;\n\r]+")
_AND: Final = re.compile(r"\s+(?:and|&)\s+", re.IGNORECASE)
_QUOTES: Final = " \t\"'`“”‘’?!"
_WORD: Final = re.compile(r"[^\W_]+[+#]*")
# A version begins after a separator, or after a letter: django 4.2, Django==4.2, node@18, py3.9.
_STARTS: Final = re.compile(r"(?<=[\s=~^>@/:_-])(?=\w)|(?<=[^\W\d_])(?=\d)")
_SEPARATORS: Final = " =~^>@/:_-"
_NUMBERS: Final = re.compile(r"[vV]?[\d.]+")
_VERSION: Final = re.compile(
    r"(?:(?:version|release|v)[\s.]*)?(?P<version>\d[\w.+~-]*)(?:\s+\(?lts\)?)?", re.IGNORECASE
)


Keys = defaultdict[str, dict[int, None]]
"""The products by names without case and punctuation, in the order of the names."""


class NameKind(StrEnum):
    """The kinds of names that lead to a product."""

    OWN = "own"
    """Its name, label or an alias."""
    CODENAME = "codename"
    """The codename of one of its cycles."""
    GROUP = "group"
    """A tag or category, which several products share."""


class Rank(StrEnum):
    """How a product was found."""

    FULL = "full"
    """The whole text is its name, with or without a version."""
    PART = "part"
    """The text is a tag or category of it, or a part of its names."""
    SIMILAR = "similar"
    """One of its names is similar to the text."""


class Match(NamedTuple):
    """A product by its key, with the version that was typed for it, and a score from 0 to 1."""

    key: int
    version: str
    rank: Rank
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """The result for an item: the products, the best match first.

    Attributes:
        text: The item as it was typed.
        matches: The products. Similar names are listed only if there is no other match.
        version: The version that was typed; empty if there is none.
        alone: True if the item is nothing but a version, whose cycles may be of any product.
    """

    text: str
    matches: tuple[Match, ...] = ()
    version: str = ""
    alone: bool = False

    @property
    def full(self) -> Match | None:
        """The only product that the whole item names, or None."""
        full = [each for each in self.matches if each.rank is Rank.FULL]
        return full[0] if len(full) == 1 else None


class Name(NamedTuple):
    """A name that leads to the product with a key."""

    key: int
    kind: str
    text: str


def normalized(text: str) -> str:
    """Return a text in lower case without spaces and punctuation: `nodejs` for `Node.js`."""
    return "".join(_WORD.findall(text.lower()))


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _WORD.findall(text.lower())


def version_in(text: str) -> str:
    """Return the version that a text consists of, or an empty text."""
    found = _VERSION.fullmatch(text)
    return found["version"].rstrip(".+~-") if found else ""


def readings(item: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a name and the text after it that an item may be, the longest name first.

    The text after the name may be empty, the name is not.
    """
    yield item, ""
    for start in sorted((found.start() for found in _STARTS.finditer(item)), reverse=True):
        if name := item[:start].rstrip(_SEPARATORS):
            yield name, item[start:]


def split_version(item: str) -> tuple[str, str]:
    """Return the name and the version in an item; the version is empty if there is none."""
    if version := version_in(item):
        return "", version
    pairs = ((name, version_in(rest)) for name, rest in readings(item))
    # The shortest name: `galaxy s24 2.1` has the version 2.1, and `4.2-rc1` is one version.
    return next((pair for pair in reversed(list(pairs)) if pair[1]), (item, ""))


def without_stop_words(item: str) -> Iterator[str]:
    """Yield an item with fewer and fewer stop words around it, the longest text first."""
    every = item.split()
    stops = [word.lower().strip(_QUOTES + ".") in STOP_WORDS for word in every]
    before, after = _leading(stops), _leading(stops[::-1])
    pairs = [
        (start, end)
        for start in range(before + 1)
        for end in range(len(every) - after, len(every) + 1)
        if start < end
    ]
    for start, end in sorted(pairs, key=lambda pair: pair[0] - pair[1]):
        yield " ".join(every[start:end])


def _leading(stops: Sequence[bool]) -> int:
    return sum(1 for _ in takewhile(bool, stops[:MAX_STOP_WORDS]))


class NameIndex:
    """The names of all products.

    Args:
        names: The names; those whose product has no name of its own are ignored.
    """

    def __init__(self, names: Iterable[Name]) -> None:
        self._own: defaultdict[int, list[str]] = defaultdict(list)
        self._others: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
        self._full: Keys = defaultdict(dict)
        for key, kind, text in names:
            if kind == NameKind.OWN:
                self._own[key].append(text.lower())
                self._full[normalized(text)][key] = None
            else:
                self._others[kind].setdefault(text, []).append(key)

    # Only what a search needs is computed, as each write to the catalogue makes an index outdated.

    @cached_property
    def _codenames(self) -> Keys:
        """The products by the codenames of their cycles, and by the first word of each."""
        return self._by_parts(NameKind.CODENAME, lambda name: [name, name.partition(" ")[0]])

    @cached_property
    def _groups(self) -> Keys:
        """The products by their tags and categories, and by each word of them."""
        return self._by_parts(NameKind.GROUP, lambda name: [name, *words(name)])

    def _by_parts(self, kind: NameKind, parts: Callable[[str], list[str]]) -> Keys:
        found: Keys = defaultdict(dict)
        for text, keys in self._others[kind].items():
            for part in parts(text):
                found[normalized(part)].update(
                    dict.fromkeys(key for key in keys if key in self._own)
                )
        return found

    @cached_property
    def _texts(self) -> Mapping[int, str]:
        """All names of each product as one text."""
        found = {key: "\n".join(own) for key, own in self._own.items()}
        for text, keys in self._others[NameKind.CODENAME].items():
            for key in keys:
                if key in found:
                    found[key] += f"\n{text.lower()}"
        return found

    def items(self, text: str) -> list[str]:
        """Return the items of a text, each once.

        They are separated by commas, semicolons, line breaks or "and".
        """
        text = text[:MAX_QUESTION]
        if self._called(text):
            return [_clean(text)]
        items = (item for part in _LISTED.split(text) for item in self._joined(part) if item)
        return list(dict.fromkeys(items))

    def _joined(self, part: str) -> list[str]:
        """Return the items of a text with "and", or the text itself if a product is so called."""
        parts = [_clean(each) for each in _AND.split(part)]
        whole = _clean(part)
        return parts if len(parts) > 1 and not self._in_full(whole) else [whole]

    def find(self, item: str) -> Found:
        """Return the products that an item names."""
        item = _clean(item[:MAX_ITEM])
        if not item:
            return Found(item)
        full = self._in_full(item)
        if full and full[0].version:
            return Found(item, tuple(full), full[0].version)
        *_, core = without_stop_words(item)
        name, version = split_version(core)
        alone = not name
        parts = [(core, ""), (name, version)] if version else [(core, "")]
        matches = full or [hit for part in parts for hit in self._in_groups(*part)]
        matches += [hit for part in parts for hit in self._in_part(*part)]
        if not matches and not _NUMBERS.fullmatch(core):
            matches = self._similar({core, name, core.partition(" ")[0]}, version)
        matches = _best_of_each(matches)
        return Found(item, tuple(matches), core.lower().lstrip("v") if alone else version, alone)

    def _in_full(self, item: str) -> list[Match]:
        """Return the products that all of the item names, with or without a version."""
        for text in without_stop_words(item):
            for name, rest in readings(text):
                keys = self._called(name)
                if found := [
                    Match(key, version, Rank.FULL)
                    for key in keys
                    if (version := self._version(key, rest)) or not rest
                ]:
                    return found
            if keys := self._codenames.get(normalized(text), {}):
                return [Match(key, text, Rank.FULL) for key in keys]
        return []

    def _called(self, text: str) -> Iterable[int]:
        name = normalized(text)
        return self._full.get(name, ()) if name else ()

    def _version(self, key: int, rest: str) -> str:
        """Return the version in the text after the name of a product, or its codename."""
        known = key in self._codenames.get(normalized(rest), ())
        return version_in(rest) or (rest if known else "")

    def _in_groups(self, name: str, version: str) -> list[Match]:
        """Return the products with a tag or a category that has this name or word."""
        keys = self._groups.get(normalized(name), ())
        return [Match(key, version, Rank.PART, GROUP_SCORE) for key in keys]

    def _in_part(self, name: str, version: str) -> list[Match]:
        """Return the products with the words of a name in their names, or at their beginning."""
        start, least = name.lower(), MIN_NAME if version else 1
        return [
            Match(key, version, Rank.PART, 1 if self._begins(key, start) else PART_SCORE)
            for key in (self._with_words(start.split()) if len(normalized(name)) >= least else ())
        ]

    def _with_words(self, wanted: list[str]) -> list[int]:
        """Return the products whose names together contain all of some words."""
        return [key for key, text in self._texts.items() if all(each in text for each in wanted)]

    def _begins(self, key: int, start: str) -> bool:
        return any(own.startswith(start) for own in self._own[key])

    def _similar(self, texts: set[str], version: str) -> list[Match]:
        """Return the products with a name about as similar to one of the texts as the best one."""
        scores: dict[int, float] = {}
        for wanted in filter(None, map(trigrams, texts)):
            shared = Counter(place for part in wanted for place in self._by_trigram.get(part, ()))
            for place, count in shared.items():
                key, size = self._sizes[place]
                score = count / (size + len(wanted) - count)
                scores[key] = max(score, scores.get(key, 0))
        least = max(MIN_SIMILARITY, NEAR_THE_BEST * max(scores.values(), default=0))
        near = [Match(key, version, Rank.SIMILAR, score) for key, score in scores.items()]
        near = [each for each in near if each.score >= least]
        return nlargest(MAX_SIMILAR, near, key=lambda each: each.score)

    @cached_property
    def _trigrams(self) -> list[tuple[int, frozenset[str]]]:
        """The names with the keys of their products, as trigrams."""
        return [(key, trigrams(own)) for key, every in self._own.items() for own in every]

    @cached_property
    def _sizes(self) -> list[tuple[int, int]]:
        return [(key, len(parts)) for key, parts in self._trigrams]

    @cached_property
    def _by_trigram(self) -> Mapping[str, list[int]]:
        """The places of names in `_trigrams` by each of their trigrams."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, (_, parts) in enumerate(self._trigrams):
            for part in parts:
                found[part].append(place)
        return found


def _clean(text: str) -> str:
    """Return a text on one line, without control characters, quotes and question marks around."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split()).strip(_QUOTES)


def _best_of_each(matches: Iterable[Match]) -> list[Match]:
    """Return the best match of each product, the best first."""
    found: dict[int, Match] = {}
    for each in sorted(matches, key=lambda match: (match.rank is not Rank.FULL, -match.score)):
        found.setdefault(each.key, each)
    return list(found.values())
