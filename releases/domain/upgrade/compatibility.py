"""Parser for the runtime versions of a cycle: `3.8 - 3.12 (added in 4.2.8)`.

Such texts are values of custom fields (`supportedPythonVersions`). A text that cannot be parsed is
no constraint, and a page shows it unchanged.
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
_OLD_JAVA = re.compile(r"\b1\.(?=[5-8]\b)")  # Java 1.8 is commonly called 8
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
    """Versions from `low` to `high`, both inclusive.

    Each bound includes the versions that begin with it: 3.12 contains 3.12.4. An empty bound is
    open. `since` is the first release of the product that supports `high`, or empty.
    """

    low: str
    high: str
    since: str = ""

    def __contains__(self, cycle: str) -> bool:
        tokens = version_tokens(cycle)
        return _begins_at(tokens, self.low) and (not self.high or _ends_at(tokens, self.high))

    @property
    def majors(self) -> tuple[int, int] | None:
        """The major versions of the bounds if they differ and both bounds have a minor version.

        Otherwise None.
        """
        low, high = version_tokens(self.low), version_tokens(self.high)
        if len(low) < 2 or len(high) < 2 or low[0] == high[0]:
            return None
        return low[0][1], high[0][1]


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The runtime versions that a cycle supports, and the original text."""

    text: str
    ranges: tuple[VersionRange, ...]

    def allows(self, cycle: str) -> bool:
        """Return True if the latest release of the product's cycle runs on this runtime cycle."""
        return any(cycle in each for each in self.ranges)

    @property
    def least(self) -> str:
        """The least version; empty if versions have no lower bound."""
        lows = [each.low for each in self.ranges]
        return min(lows, key=version_tokens, default="") if all(lows) else ""

    def open_ended(self) -> Compatibility:
        """Return the same with all versions after the highest ones."""
        last = max(self.ranges, key=lambda each: version_tokens(each.high or each.low))
        return replace(self, ranges=(*self.ranges, VersionRange(last.low, "")))

    def precedes(self, cycle: str) -> bool:
        """Return True if a runtime cycle is newer than all versions that are named."""
        tokens = version_tokens(cycle)
        return all(each.high and not _ends_at(tokens, each.high) for each in self.ranges)

    def needs(self, cycle: str) -> str:
        """Return the first release of the product that runs on this cycle of the runtime.

        Empty if all of them do, or none.
        """
        tokens = version_tokens(cycle)
        found = [each for each in self.ranges if cycle in each]
        if any(not each.since or not _at_the_end(tokens, each) for each in found):
            return ""
        return found[0].since if found else ""

    def floor(self, major: int) -> str:
        """Return the lowest version with this major version that a range begins with, or ""."""
        lows = [
            each.low for each in self.ranges if each.low and version_tokens(each.low)[0][1] == major
        ]
        return min(lows, key=version_tokens, default="")


def runtime_of(column: str) -> str:
    """Return the runtime of a custom field, or "": `python` for `supportedPythonVersions`."""
    found = _COLUMN.fullmatch(column)
    name = found["name"].lower() if found else ""
    return _ALSO_CALLED.get(name, name)


def by_runtime(columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the custom fields about runtimes, by runtime.

    `minJvmVersion` and `maxJvmVersion` are both about java.
    """
    found: dict[str, tuple[str, ...]] = {}
    for column in columns:
        if name := runtime_of(column):
            found[name] = (*found.get(name, ()), column)
    return found


def text_of(columns: Iterable[str], values: Mapping[str, str]) -> str:
    """Return the supported versions of a runtime as one text; empty if the cycle has none.

    Args:
        columns: The custom fields about this runtime; a minimum and a maximum form a range.
        values: The values of the cycle by custom field.
    """
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
    """Parse a text of supported versions; None if it cannot be parsed (`N/A`)."""
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
    """Parse the texts of all cycles of a product, given by name, newest first.

    Texts that cannot be parsed are left out. A range across two major versions, `2.7 - 3.7`, does
    not tell the first supported version of the second one. It is taken from the nearest newer cycle
    that tells it, as old versions are only ever dropped, then from the nearest older one. Without
    one the range begins at `.0`.
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
    """Return a version without a leading `v` and a trailing `.x`."""
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
