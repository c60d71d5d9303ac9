"""On which versions of a runtime the cycles of a product run: `3.8 - 3.12 (added in 4.2.8)`.

Such texts are values of a product's own columns (`supportedPythonVersions`). They are read here,
and never guessed: what cannot be read is no constraint, and a page shows it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from releases.domain.lifecycle.versions import Token, version_tokens

_COLUMN = re.compile(
    r"(?P<kind>supported|min|max|minimum|maximum|required)(?P<name>[A-Za-z]+?)Versions?"
)
_ALSO_CALLED = {"jvm": "java", "jdk": "java", "node": "nodejs"}
_OLD_JAVA = re.compile(r"\b1\.(?=[5-8]\b)")  # 1.8 is what people call 8
_MAX_TEXT = 500

_VERSION = r"v?\d+(?:\.\d+)*(?:\.[x*])?"
_ITEM = re.compile(
    rf"(?:(?P<least>>=|≥)|(?P<most><=|≤|up\s+to\b))?\s*(?P<low>{_VERSION})"
    rf"(?:\s*(?:-|–|—|to|through)\s*(?P<high>{_VERSION})|(?P<open>\s*\+|\s+(?:or|and)\s+"
    rf"(?:later|newer|higher|above|up)))?"
    rf"\s*(?:\(\s*(?:added\s+in|since|from|as\s+of)\s+(?P<since>{_VERSION})\s*\))?",
    re.IGNORECASE,
)
_PLAIN = re.compile(_VERSION, re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[,;/]|\band\b|\bor\b)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Versions from `low` to `high`, both included, each with everything that begins like it:
    3.12 holds 3.12.4. An empty one is no end. `since` is the release of the product from which on
    `high` works, where a text says so."""

    low: str
    high: str
    since: str = ""

    def __contains__(self, cycle: str) -> bool:
        tokens = version_tokens(cycle)
        return _begins_at(tokens, self.low) and (not self.high or _ends_at(tokens, self.high))

    @property
    def majors(self) -> tuple[int, int] | None:
        """The major versions that it reaches over, where it is more than one and both ends are
        more exact than that."""
        low, high = version_tokens(self.low), version_tokens(self.high)
        if len(low) < 2 or len(high) < 2 or low[0] == high[0]:
            return None
        return low[0][1], high[0][1]


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The versions of a runtime that a cycle runs on, and the text that says so."""

    text: str
    ranges: tuple[VersionRange, ...]

    def allows(self, cycle: str) -> bool:
        """Whether the product's cycle, at its latest release, runs on this cycle of the runtime."""
        return any(cycle in each for each in self.ranges)

    def needs(self, cycle: str) -> str:
        """The release of the product from which on it runs on the runtime's `cycle`; empty where
        every one does, or none."""
        tokens = version_tokens(cycle)
        found = [each for each in self.ranges if cycle in each]
        if any(not each.since or not _at_the_end(tokens, each) for each in found):
            return ""
        return found[0].since if found else ""

    def floor(self, major: int) -> str:
        """The lowest version of a major one that a range begins with; empty if none does."""
        lows = [
            each.low for each in self.ranges if each.low and version_tokens(each.low)[0][1] == major
        ]
        return min(lows, key=version_tokens, default="")


def runtime_of(column: str) -> str:
    """The runtime that a column is about, as a product may be named: `supportedPythonVersions` is
    about python; empty where a column is about none."""
    found = _COLUMN.fullmatch(column)
    name = found["name"].lower() if found else ""
    return _ALSO_CALLED.get(name, name)


def by_runtime(columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The columns that are about runtimes, by the runtime: `minJvmVersion` and `maxJvmVersion`
    are about one, java."""
    found: dict[str, tuple[str, ...]] = {}
    for column in columns:
        if name := runtime_of(column):
            found[name] = (*found.get(name, ()), column)
    return found


def text_of(columns: Iterable[str], values: Mapping[str, str]) -> str:
    """What a cycle says of one runtime, in one text. `columns` are all that are about it, `values`
    those of the cycle. A lowest and a highest version make a range; empty where it says nothing."""
    bounds: dict[str, str] = {}
    for column in columns:
        found = _COLUMN.fullmatch(column)
        if found and (text := str(values.get(column, "")).strip()):
            if runtime_of(column) == "java":
                text = _OLD_JAVA.sub("", text)
            bounds.setdefault(found["kind"][:3], text)
    low, high = (bounds.get(kind, "") for kind in ("min", "max"))
    for kind in ("sup", "req"):
        if kind in bounds:
            return bounds[kind]
    if not _PLAIN.fullmatch(low):
        return low or (f"<= {high}" if _PLAIN.fullmatch(high) else high)
    return f"{low} - {high}" if _PLAIN.fullmatch(high) else f"{low}+"


def read_compatibility(text: str) -> Compatibility | None:
    """What a text says; None where it says nothing that can be read (`N/A`)."""
    ranges: list[VersionRange] = []
    rest = text.strip()
    if len(rest) > _MAX_TEXT:
        return None
    while rest:
        item = _ITEM.match(rest)
        if item is None:
            return None
        ranges.append(_range(item))
        rest = rest[item.end() :]
        between = _BETWEEN.match(rest)
        if rest and not between:
            return None
        rest = rest[between.end() :] if between else rest
    return Compatibility(text.strip(), tuple(ranges)) if ranges else None


def read_column(texts: Sequence[tuple[str, str]]) -> Mapping[str, Compatibility]:
    """The column of a product: for its cycles, the newest first, each with its text, what those
    say that can be read.

    A range over two major versions, `2.7 - 3.7`, does not say where the second one begins to
    work. The next newer cycle that says so decides, as support is only ever dropped with time;
    then the next older one. Else it is all of the second one.
    """
    found = {name: read for name, text in texts if (read := read_compatibility(text))}
    names = list(found)
    for index, name in enumerate(names):
        neighbours = [*reversed(names[:index]), *names[index + 1 :]]
        ranges: list[VersionRange] = []
        for each in found[name].ranges:
            ranges += _apart(each, [found[other] for other in neighbours])
        found[name] = replace(found[name], ranges=tuple(ranges))
    return found


def _range(item: re.Match[str]) -> VersionRange:
    low = _plain(item["low"])
    if item["most"]:
        return VersionRange("", low, _plain(item["since"] or ""))
    if item["high"]:
        return VersionRange(low, _plain(item["high"]), _plain(item["since"] or ""))
    is_open = item["open"] or item["least"]
    return VersionRange(low, "" if is_open else low, _plain(item["since"] or ""))


def _plain(version: str) -> str:
    """Without the v before it and the x behind it."""
    return re.sub(r"^v|\.[x*]$", "", version, flags=re.IGNORECASE)


def _apart(each: VersionRange, neighbours: Sequence[Compatibility]) -> list[VersionRange]:
    if each.majors is None:
        return [each]
    first, last = each.majors
    floor = next((floor for other in neighbours if (floor := other.floor(last))), f"{last}.0")
    return [
        VersionRange(each.low, str(max(first, last - 1))),
        VersionRange(floor, each.high, each.since),
    ]


def _begins_at(tokens: tuple[Token, ...], low: str) -> bool:
    bound = version_tokens(low)
    length = min(len(bound), len(tokens))
    return tokens[:length] >= bound[:length]


def _ends_at(tokens: tuple[Token, ...], high: str) -> bool:
    bound = version_tokens(high)
    return tokens[: len(bound)] <= bound


def _at_the_end(tokens: tuple[Token, ...], each: VersionRange) -> bool:
    bound = version_tokens(each.high)
    return tokens[: len(bound)] == bound
