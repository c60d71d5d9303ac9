"""Version ranges in the notation of a package manager, and the release cycle they mean.

Each notation is translated to version specifiers of PEP 440, which `packaging` evaluates:

- npm (https://github.com/npm/node-semver#ranges): `1.2` is a prefix. Cargo: `1.2` is `^1.2`.
- Poetry: as npm, but `1.2` is that release.
- gem, Terraform: `~> 6.1` is `>= 6.1, < 7`; Composer's `~6.1` is the same.
- Maven, NuGet: `[1.0,2.0)`; a version alone is that release, because both resolve to it.

Pre-releases count as their release in bounds: no cycle begins or ends with one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Protocol, TypeVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from releases.domain.lifecycle.status import Lifecycle, Status, status_on, support_ended_on

MAX_TEXT: Final = 500
"""Maximum length of a range; longer ones say nothing."""
MAX_SPECIFIERS: Final = 20
"""Maximum number of comparisons in a range; one with more says nothing."""
MAX_DIGITS: Final = 9
"""Maximum number of digits of a number in a version."""

Numbers = tuple[int, ...]

_HIGH: Final = 10**MAX_DIGITS
"""A number above all that versions contain."""
_CARET_SCHEMES: Final = frozenset({"npm", "cargo", "composer", "poetry"})
_TILDE_SCHEMES: Final = frozenset({"npm", "cargo", "poetry"})
"""Notations in which `~1.2` is `1.2.*`; elsewhere it is `>=1.2, <2`."""
_PREFIX_SCHEMES: Final = frozenset({"npm", "cargo"})
"""Notations in which a version with fewer than three numbers is a prefix."""
_INTERVAL_SCHEMES: Final = frozenset({"maven", "nuget"})
_OR: Final = re.compile(r"\s*\|\|?\s*")
_HYPHEN: Final = re.compile(r"(?P<low>\S+)\s+-\s+(?P<high>\S+)")
_VERSION: Final = (
    rf"v?(?P<numbers>(?:\d{{1,{MAX_DIGITS}}}(?![\d]))(?:\.\d{{1,{MAX_DIGITS}}}(?![\d]))*+)?"
    r"(?P<wildcard>(?:(?:^|\.|(?<=[\s=<>~^v]))[xX*])*+)(?P<rest>[\w.+@-]*+)"
)
_COMPARISON: Final = re.compile(
    rf"[\s,]*+(?P<operator>\^|~>|~=|~|>=|<=|==|!=|>|<|=|)\s*+(?P<version>{_VERSION})[\s,]*+"
)
_INTERVAL: Final = re.compile(
    r"[\s,]*+(?P<opening>[\[(])\s*+(?P<low>[^\s,()\[\]]*+)\s*+"
    r"(?:(?P<comma>,)\s*+(?P<high>[^\s,()\[\]]*+)\s*+)?(?P<closing>[\])])"
)
_NUMBERS: Final = re.compile(rf"v?(\d{{1,{MAX_DIGITS}}}(?!\d)(?:\.\d{{1,{MAX_DIGITS}}}(?!\d))*)")
_EPOCH: Final = re.compile(r"^\d+!")


class RangedCycle(Protocol):
    """A cycle with the name that its versions begin with."""

    @property
    def name(self) -> str: ...
    @property
    def lifecycle(self) -> Lifecycle: ...


Cycle = TypeVar("Cycle", bound=RangedCycle)


@dataclass(frozen=True, slots=True)
class Range:
    """A version range: `Range("npm", "^18 || ^20")`.

    Attributes:
        scheme: The notation: pypi, poetry, npm, gem, composer, maven, nuget, cargo, golang,
            terraform or generic.
        text: The range as the file has it.
    """

    scheme: str
    text: str

    @property
    def exact(self) -> str:
        """The only version that is in the range; empty if it allows several or is not understood.

        `5.2.1` for `==5.2.1` and, in npm, for `5.2.1`.
        """
        alternatives = _alternatives(self)
        if len(alternatives) != 1:
            return ""
        versions = {
            _EPOCH.sub("", each.version)
            for each in alternatives[0]
            if each.operator in {"==", "==="} and not each.version.endswith(".*")
        }
        return versions.pop() if len(versions) == 1 else ""


def cycle_in_range(wanted: Range, cycles: Iterable[Cycle], on: date) -> Cycle | None:
    """Return the cycle that a range means on a date, or None if it leaves several open.

    It is the only cycle that has versions in the range. If there are several, and all of them have
    ended, it is the one that ended last. Planned cycles count only if no other cycle fits, because
    nobody runs them yet: on the day before its release, `>=5.2,<7` is not 6.0. A range without an
    upper bound means no cycle.
    """
    alternatives = _alternatives(wanted)
    if not alternatives or _admits(alternatives, (_HIGH,)):
        return None
    fitting = _fitting(alternatives, cycles)
    released = [each for each in fitting if status_on(each.lifecycle, on) is not Status.PLANNED]
    fitting = released or fitting
    if len(fitting) > 1:
        if not all(status_on(each.lifecycle, on).ended for each in fitting):
            return None
        fitting.sort(key=lambda each: _end(each.lifecycle, on))
    return fitting[-1] if fitting else None


def _end(life: Lifecycle, on: date) -> date:
    ended = support_ended_on(life, on)
    return ended.date if ended else date.min


def _fitting(alternatives: Sequence[SpecifierSet], cycles: Iterable[Cycle]) -> list[Cycle]:
    """Return the cycles that have versions in a range.

    A version belongs to the cycle with the longest name that it begins with. Ranges begin and end
    at the versions in them, and cycles at the longer names in them, so a few versions around those
    and at both ends of a cycle suffice.
    """
    named: dict[Numbers, list[Cycle]] = {}
    for cycle in cycles:
        if found := _NUMBERS.match(cycle.name):
            named.setdefault(_parts(found[1]), []).append(cycle)
    bounds = {
        _parts(found[1])
        for specifiers in alternatives
        for each in specifiers
        if (found := _NUMBERS.match(_EPOCH.sub("", each.version)))
    }
    fitting = []
    for name, every in named.items():
        inner = {each for each in named if len(each) > len(name)}
        if any(
            _owner(probe, named) == name and _admits(alternatives, probe)
            for probe in _probes(name, bounds | inner)
        ):
            fitting += every
    return fitting


def _probes(name: Numbers, edges: Iterable[Numbers]) -> Iterator[Numbers]:
    """Yield versions of a cycle: the first, the last, and those around some bounds within it."""
    yield from ((*name, 0), (*name, _HIGH - 1))
    for edge in edges:
        padded = edge + (0,) * (len(name) + 1 - len(edge))
        if padded[: len(name)] == name:
            yield from (padded, (*padded, 1))
            for place in range(len(name), len(padded)):
                before, number = padded[:place], padded[place]
                yield *before, number + 1
                if number:
                    yield *before, number - 1, _HIGH - 1


def _owner(version: Numbers, named: Mapping[Numbers, object]) -> Numbers:
    lengths = range(len(version), 0, -1)
    return next((version[:length] for length in lengths if version[:length] in named), ())


def _admits(alternatives: Iterable[SpecifierSet], version: Numbers) -> bool:
    text = ".".join(map(str, version))
    return any(each.contains(text, prereleases=True) for each in alternatives)


# ---- notations


@lru_cache(maxsize=10_000)
def _alternatives(wanted: Range) -> tuple[SpecifierSet, ...]:
    """Return the sets of specifiers of a range, one of which must hold.

    Returns none for a text that is no range in its notation, and for one that is too long.
    """
    text = wanted.text.strip()
    if not text or len(text) > MAX_TEXT:
        return ()
    try:
        if wanted.scheme == "pypi":
            sets = [SpecifierSet(text)]
        elif wanted.scheme in _INTERVAL_SCHEMES and text[0] in "[(":
            sets = [SpecifierSet(",".join(each)) for each in _intervals(text)]
        else:
            alternatives = _OR.split(text) if wanted.scheme in _CARET_SCHEMES else [text]
            sets = [
                SpecifierSet(",".join(_comparisons(each, wanted.scheme))) for each in alternatives
            ]
    except (InvalidSpecifier, ValueError):
        return ()
    return tuple(sets) if sum(map(len, sets)) <= MAX_SPECIFIERS else ()


def _intervals(text: str) -> Iterator[list[str]]:
    """Yield the specifiers of each interval: `[1.0,2.0),[3.0]`."""
    end = 0
    while found := _INTERVAL.match(text, end):
        end = found.end()
        if not found["comma"]:
            yield [f"==={_required(found['low'])}"]
            continue
        bounds = []
        if found["low"]:
            bounds.append((">=" if found["opening"] == "[" else ">") + _plain(found["low"]))
        if found["high"]:
            bounds.append(("<=" if found["closing"] == "]" else "<") + _plain(found["high"]))
        yield bounds
    if text[end:].strip(" ,"):
        raise ValueError(text)


def _comparisons(text: str, scheme: str) -> Iterator[str]:
    """Yield the specifiers of one alternative, all of which must hold: `>=18 <21`."""
    if scheme in _CARET_SCHEMES:
        text = _HYPHEN.sub(lambda found: f">={found['low']} <={found['high']}", text)
    end = 0
    while end < len(text):
        found = _COMPARISON.match(text, end)
        if not found or found.end() == end or not found["version"]:
            raise ValueError(text)
        end = found.end()
        yield from _specifiers(found, scheme)


def _specifiers(found: re.Match[str], scheme: str) -> Iterator[str]:
    """Yield the specifiers of a comparison such as `^5.4` or `~> 6.1`."""
    numbers = _parts(found["numbers"] or "")
    if not numbers:
        if not found["wildcard"] or found["rest"]:
            raise ValueError(found[0])
        return  # any version
    is_prefix = bool(found["wildcard"]) or (scheme in _PREFIX_SCHEMES and len(numbers) < 3)
    text = _text(numbers)
    match found["operator"]:
        case "" if scheme == "cargo" and not found["wildcard"]:
            yield from (f">={text}", f"<{_text(_after_caret(numbers))}")
        case "" | "=" | "==":
            yield f"=={text}.*" if is_prefix else f"==={found['numbers']}{found['rest']}"
        case "^" if scheme in _CARET_SCHEMES:
            yield from (f">={text}", f"<{_text(_after_caret(numbers))}")
        case "~" | "~>" | "~=" as operator:
            of_two = scheme in _TILDE_SCHEMES and operator != "~="
            short = numbers[:2] if of_two else numbers[:-1] or numbers
            yield from (f">={text}", f"=={_text(short)}.*")
        case ">" if is_prefix:
            yield f">={_text(_next(numbers))}"
        case "<=" if is_prefix:
            yield f"<{_text(_next(numbers))}"
        case ">" | ">=" | "<" | "<=" | "!=" as operator:
            yield f"{operator}{text}"
        case _:
            raise ValueError(found[0])


def _after_caret(numbers: Numbers) -> Numbers:
    """Return the version below which `^` stays: the first number that is not 0 may not change."""
    place = next((index for index, each in enumerate(numbers) if each), len(numbers) - 1)
    return _next(numbers[: place + 1])


def _next(numbers: Numbers) -> Numbers:
    return *numbers[:-1], numbers[-1] + 1


def _parts(text: str) -> Numbers:
    return tuple(map(int, text.split("."))) if text else ()


def _text(numbers: Numbers) -> str:
    return ".".join(map(str, numbers))


def _plain(version: str) -> str:
    """Return the numbers of a version: `5.3.0` for `5.3.0.RELEASE`."""
    found = _NUMBERS.match(version)
    if not found:
        raise ValueError(version)
    return found[1]


def _required(version: str) -> str:
    _plain(version)
    return version
