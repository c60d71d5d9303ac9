"""Version range specifiers (vers): `vers:pypi/>=5.2|<5.3`.

The rules are those of ECMA-428, annex "vers", and of https://github.com/package-url/vers-spec. The
order of versions is that of `release_key` for every scheme, in which 5.2 and 5.2.0 are equal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, Protocol
from urllib.parse import quote, unquote

from releases.domain import limits
from releases.domain.identifiers import parse_purl
from releases.domain.lifecycle.versions import release_key, version_tokens

GENERIC: Final = "generic"
"""The scheme of versions that belong to no package manager."""

_SPECIFIER: Final = re.compile(r"vers:(?P<scheme>[a-z][a-z0-9.-]*)/(?P<constraints>.+)", re.I)
_CONSTRAINT: Final = re.compile(r"(?P<comparator>>=|<=|!=|<|>|)(?P<version>[^<>=!*|]+)")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNESCAPED: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "<>=!*|%")
_LOWER: Final = frozenset({">", ">="})
_UPPER: Final = frozenset({"<", "<="})
_NUMBERS: Final = re.compile(r"(?:0|[1-9]\d{0,8})(?:\.\d{1,9})*", re.ASCII)
_SCHEMES: Final = frozenset(
    {"cargo", "composer", "gem", "hex", "maven", "npm", "nuget", "pub", "pypi"}
)
"""The types of package URLs that use the version numbers of the software itself.

Packages of distributions have epochs and revisions, and image tags have no order.
"""
_SEMANTIC: Final = frozenset({"cargo", "hex", "npm", "pub"})
"""The schemes that use Semantic Versioning, where a version has three numbers."""


class Constraint(NamedTuple):
    """A constraint of a range. The comparator is empty for equality, and `*` for all versions."""

    comparator: str
    version: str

    def __str__(self) -> str:
        return f"{self.comparator}{quote(self.version, safe=_UNESCAPED)}"


@dataclass(frozen=True, slots=True)
class VersionRange:
    """A version range with its constraints sorted by version."""

    scheme: str
    constraints: tuple[Constraint, ...]

    def __str__(self) -> str:
        return f"vers:{self.scheme}/{'|'.join(map(str, self.constraints))}"

    def __contains__(self, version: str) -> bool:
        """Return True if a version is in the range."""
        key = release_key(version)
        bounds: list[Constraint] = []
        for each in self.constraints:
            if each.comparator == "*":
                return True
            if each.comparator in _LOWER | _UPPER:
                bounds.append(each)
            if release_key(each.version) == key:
                return each.comparator in {"", ">=", "<="}
        if not bounds:
            return all(each.comparator == "!=" for each in self.constraints)
        return _is_between(key, bounds)


def _is_between(key: tuple[object, ...], bounds: list[Constraint]) -> bool:
    """Return True if a version that is no bound is within one of the intervals."""
    below = [each for each in bounds if release_key(each.version) < key]
    if below:
        return below[-1].comparator in _LOWER
    return bounds[0].comparator in _UPPER


def parse_vers(text: str) -> VersionRange:
    """Parse a range, whose constraints may be in any order.

    Raises:
        ValueError: The text is not a valid range. The message is a sentence.
    """
    found = _SPECIFIER.fullmatch(text.strip())
    if len(text) > limits.LINE or not found:
        raise ValueError("Expected a version range such as vers:pypi/>=5.2|<5.3.")
    scheme, constraints = found["scheme"].lower(), found["constraints"]
    if scheme == "invalid":
        raise ValueError("The scheme “invalid” is reserved for invalid ranges.")
    if constraints == "*":
        return VersionRange(scheme, (Constraint("*", ""),))
    parts = sorted(
        (_constraint(part) for part in constraints.split("|")),
        key=lambda part: release_key(part.version),
    )
    _check(parts)
    return VersionRange(scheme, tuple(parts))


def _constraint(text: str) -> Constraint:
    found = _CONSTRAINT.fullmatch(text)
    if not found:
        raise ValueError(f"“{text}” is no constraint. Expected a version after <, <=, >, >= or !=.")
    version = unquote(found["version"])
    if _BAD_PERCENT.search(text) or not version.isascii() or not version.isprintable():
        raise ValueError(f"“{text}” has characters that are not allowed in a version.")
    if " " in text:
        raise ValueError("A version range must not contain spaces.")
    return Constraint(found["comparator"], version)


def _check(parts: list[Constraint]) -> None:
    """Check the order of comparators. Raises `ValueError`."""
    for first, second in pairwise(parts):
        if release_key(first.version) == release_key(second.version):
            raise ValueError(f"The version {second.version} is twice in the range.")
    compared = [each for each in parts if each.comparator != "!="]
    for first, second in pairwise(compared):
        if first.comparator in _LOWER and second.comparator not in _UPPER:
            raise ValueError(f"“{second}” is redundant, as the range has “{first}”.")
        if first.comparator not in _LOWER and second.comparator in _UPPER:
            raise ValueError(f"“{first}” is redundant, as the range has “{second}”.")


def read_vers(text: str) -> VersionRange | None:
    """Return a range, or None if the text is not a valid one."""
    try:
        return parse_vers(text)
    except ValueError:
        return None


def canonical_vers(text: str) -> str:
    """Return a range in its canonical form. Raises `ValueError` if it is not valid."""
    return str(parse_vers(text))


def scheme_of(purl: str) -> str:
    """Return the scheme of the versions of a package URL: `pypi`, or `generic`."""
    parsed = parse_purl(purl)
    return parsed.type if parsed and parsed.type in _SCHEMES else GENERIC


class NamedCycle(Protocol):
    """A cycle with its latest release, which may be empty."""

    @property
    def name(self) -> str: ...
    @property
    def latest(self) -> str: ...


def ranges_by_rule(cycles: Iterable[NamedCycle], scheme: str) -> Mapping[str, str]:
    """Return the version ranges of the cycles of a product that can be derived from their names.

    A version belongs to the cycle with the longest name that it begins with: 5.2 has the versions
    `>=5.2|<5.3`, and beside a cycle 8.5, 8 has `>=8|<8.5|>=8.6|<9`. A range is derived only if the
    name consists of numbers and dots, and the latest release begins with it: Windows Server 2019 is
    version 10.0, and a device 15 is not a version. For a cycle without a latest release, that of
    another cycle is sufficient. Pre-releases of the upper bound are in the range, as they sort
    before it.

    Args:
        cycles: All cycles of the product.
        scheme: The scheme, from `scheme_of`.
    """
    numbered = {each.name: each for each in cycles if _NUMBERS.fullmatch(each.name)}
    confirmed = {name for name, each in numbered.items() if each.latest and _begins(each)}
    if not confirmed:
        return {}
    same: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for name in numbered:
        same[tuple(map(int, name.split(".")))].append(name)
    names = [_numbers(group[-1]) for group in same.values()]
    ranges = {}
    for name, *others in same.values():
        # 8.5 and 8.05 are the same version, so neither has a range.
        if others or (numbered[name].latest and name not in confirmed):
            continue
        bounds = _bounds(_numbers(name), names)
        if scheme in _SEMANTIC and not all(map(_is_semantic, bounds)):
            continue
        parts = (
            Constraint("<" if at % 2 else ">=", _version(bound, scheme))
            for at, bound in enumerate(bounds)
        )
        ranges[name] = str(VersionRange(scheme, tuple(parts)))
    return ranges


def _begins(cycle: NamedCycle) -> bool:
    """Return True if the latest release begins with the name of its cycle."""
    name = version_tokens(cycle.name)
    return version_tokens(cycle.latest)[: len(name)] == name


Numbers = tuple[str, ...]


def _numbers(name: str) -> Numbers:
    return tuple(name.split("."))


def _next(numbers: Numbers) -> Numbers:
    """Return the first version after all that begin with some numbers: 5.3 for 5.2."""
    last = numbers[-1]
    return (*numbers[:-1], str(int(last) + 1).zfill(len(last)))


def _bounds(name: Numbers, names: Iterable[Numbers]) -> list[Numbers]:
    """Return the alternating lower and upper bounds of a cycle, without the cycles inside it."""
    inside = [each for each in names if len(each) > len(name) and each[: len(name)] == name]
    outermost = [
        each
        for each in inside
        if not any(len(other) < len(each) and each[: len(other)] == other for other in inside)
    ]
    bounds = [name, _next(name)]
    for each in sorted(outermost, key=lambda each: [int(number) for number in each]):
        start, end = each, _next(each)
        bounds[-1:] = [start, end, bounds[-1]]
    return _joined(bounds)


def _joined(bounds: list[Numbers]) -> list[Numbers]:
    """Return the bounds without empty intervals: cycles inside may touch, or begin with theirs."""
    pairs = zip(bounds[::2], bounds[1::2], strict=True)
    return [
        bound
        for low, high in pairs
        if release_key(".".join(low)) != release_key(".".join(high))
        for bound in (low, high)
    ]


def _is_semantic(numbers: Numbers) -> bool:
    """Return True if Semantic Versioning has such a version: 2024.04.0 has a leading zero."""
    return len(numbers) <= 3 and all(each == str(int(each)) for each in numbers)


def _version(numbers: Numbers, scheme: str) -> str:
    padded = numbers + ("0",) * (3 - len(numbers)) if scheme in _SEMANTIC else numbers
    return ".".join(padded)
