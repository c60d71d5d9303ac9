"""Resolve a version, typed by a user or found in a file, to a release cycle of a product.

The first match wins:

- the exact name of a cycle
- a former name of a cycle
- a label or codename that exactly one cycle has
- a recorded release
- the parts of the version, unless the recorded version range of the cycle excludes it
- the recorded version range of exactly one cycle

All text around a version must be understood: the name of the product, a leading `v`, an epoch, a
package revision, build metadata, the word LTS. Otherwise the result has candidates instead of a
cycle, because a wrong cycle is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final, Generic, Protocol, TypeVar

from releases.domain.lifecycle.status import Lifecycle, Status, status_on, support_ended_on
from releases.domain.lifecycle.vers import VersionRange, read_vers
from releases.domain.lifecycle.versions import (
    Token,
    is_word,
    token_spans,
    version_key,
    version_tokens,
    without_words,
)
from releases.domain.similarity import shared_part, trigrams

MAX_TEXT: Final = 100
"""Maximum length of a version text; longer ones resolve to nothing."""

MAX_DOTS: Final = 2
"""Maximum number of dots in a pinned release after it is padded with zeros."""

MAX_SUGGESTIONS: Final = 3
MIN_SIMILARITY: Final = 0.2
"""Minimum similarity, from 0 to 1, of the name of a suggested cycle to the text."""

Tokens = tuple[Token, ...]

_PIN: Final = re.compile(r"(?<![<>!~=])={2,3}(?!=)")
_OPERATOR: Final = re.compile(r"[=~^<>!]")
_EXCLUDED: Final = re.compile(r"<|!=|>(?!=)")
"""Operators that exclude the version after them."""
_JOINT: Final = re.compile(r"[\s:=@/_\"'()~^>.,-]*")
"""Characters that may precede a version and separate it from the names before it."""
_FILLERS: Final = (version_tokens("version"), version_tokens("release"))
_PREFIX: Final = re.compile(r"^(?:\d+:)?v?(?=\d)")
"""An epoch (`5:27.3.1`) and a leading `v`."""
_ANY: Final = re.compile(r"(?:\.[x*])+$")
_NUMBERS: Final = re.compile(r"\d+(?:[._-]\d+)*")
_JAVA: Final = re.compile(r"1\.(?P<major>[5-8])\.0_\d+(?:-b\d+)?")
"""Versions of Java up to 8: https://openjdk.org/jeps/223."""
_LETTERED: Final = re.compile(r"\d[a-z]\d*$", re.IGNORECASE)
_DASHED: Final = re.compile(r"\d-\d")
_SUFFIX: Final = (
    r"(?:"
    r"[+~][\w.~+-]*+"  # build metadata; Debian's backports
    r"|-\d[\w.~+-]*+"  # the revision of a package: Debian, RPM
    r"|-r\d++"  # Alpine
    r"|[._-](?:el|fc|amzn|azl|cm|mga|ph)\d[\w.~+-]*+"  # RPM's distribution tag
    r"|[.-]v\d{8}|[.-](?:final|release|ga|stable)"  # Maven
    r"|,?\s*build\s\w++|\s*\((?:debian|ubuntu|raspbian|red hat|fedora|homebrew)[^()]*+\)"
    r"|\s*\(?(?:{lts})\)?"
    r")*+"
)
_PRE: Final = r"(?:[._-]?(?:dev|alpha|beta|rc|preview|pre|a|b|c)(?![a-z])[._-]?\d*+)*+"


class NamedCycle(Protocol):
    """A cycle with the names that identify it."""

    @property
    def name(self) -> str: ...
    @property
    def codename(self) -> str: ...
    @property
    def latest(self) -> str: ...
    @property
    def lifecycle(self) -> Lifecycle: ...


Cycle = TypeVar("Cycle", bound=NamedCycle)
AnyCycle = TypeVar("AnyCycle")


@dataclass(frozen=True, slots=True)
class Resolution(Generic[AnyCycle]):
    """The result of resolving a version text.

    Attributes:
        text: The original text.
        version: The version in it, without the product's name, epoch, revision and the like; empty
            if the text contains none or has parts that are not understood.
        cycle: The cycle of the version, or None if it is not known.
        one_release: True if the version is a single release of a cycle, not the cycle itself.
        line: The prefix that selected `cycle` (`3` of `3.x`) if several cycles share it; else
            empty.
        moving: True if `cycle` is the newest of the line, which may be another cycle on another
            day. If False and `line` is set, every cycle of the line has ended, and `cycle` ended
            last.
        candidates: The cycles that the text may mean, if it does not identify one.
    """

    text: str
    version: str = ""
    cycle: AnyCycle | None = None
    one_release: bool = False
    line: str = ""
    moving: bool = False
    candidates: tuple[AnyCycle, ...] = ()


class Resolver(Generic[Cycle]):
    """A lookup of the cycles of a product by version text.

    Args:
        cycles: The cycles of the product in its order.
        names: The names of the product itself: its name, label and aliases.
        title: Returns the label of a cycle; called only if names do not suffice.
        former_names: Returns the former names of a cycle.
        releases: The versions of recorded releases, each with its cycle.
        versions: Returns the recorded version range (vers) of a cycle, or an empty text.
        lts: The product's word for long-term support.
    """

    def __init__(
        self,
        cycles: Sequence[Cycle],
        names: Iterable[str] = (),
        *,
        title: Callable[[Cycle], str] | None = None,
        former_names: Callable[[Cycle], Iterable[str]] | None = None,
        releases: Iterable[tuple[str, Cycle]] = (),
        versions: Callable[[Cycle], str] = lambda cycle: "",
        lts: str = "",
    ) -> None:
        self.cycles = cycles
        self._product = sorted(
            {tokens for name in names if (tokens := version_tokens(name))} | {*_FILLERS},
            key=len,
            reverse=True,
        )
        self._title = title
        self._former_names = former_names
        self._releases = releases
        self._recorded = versions
        self._lts = lts or "LTS"

    def resolve(self, text: str, on: date) -> Resolution[Cycle]:
        """Resolve a version text on a date.

        If several cycles share the text, or the version is too short to identify one, the result
        has candidates instead, unless all of them have ended: then it is the last one to end. `3.x`
        resolves to the newest released cycle of its line.
        """
        plain = " ".join(text.split()).strip("\"'`")
        if not plain or len(plain) > MAX_TEXT:
            return Resolution(text)
        forms = self._forms(plain)
        if not forms:
            return Resolution(text, candidates=self._suggested(plain))
        if _PIN.search(plain) and _NUMBERS.fullmatch(forms[-1]):
            return replace(self.resolve(self.release_text(forms[-1], on), on), text=text)
        for find in (self._by_name, self._by_former_name, self._by_title):
            for form in forms:
                if found := find(form):
                    number = _PREFIX.sub("", form, count=1)
                    version = number if _NUMBERS.fullmatch(number) else ""
                    return self._chosen(text, version, found, on)
        for form in forms:
            if found := self._by_release(form):
                version = _PREFIX.sub("", form, count=1)
                return self._chosen(text, version, found, on, one_release=True)
        return self._by_range(self._by_parts(text, forms, on), forms, on)

    def release_text(self, version: str, on: date) -> str:
        """Return a text that `resolve` reads as one release: `5.2.0` for `5.2`.

        `5.2` alone means any release of the cycle. Releases are equal when padded with zeros (PEP
        440).
        """
        padded = version
        while _NUMBERS.fullmatch(padded):
            found = self.resolve(padded, on)
            if found.cycle is not None and found.one_release:
                return padded
            if padded.count(".") == MAX_DOTS:
                break
            padded = f"{padded}.0"
        return version

    def line_text(self, version: str, on: date) -> str:
        """Return a text that `resolve` reads as the newest release of a line: `3.x` for `3`.

        The version is returned unchanged if it is a cycle itself or no prefix of any name.
        """
        line = f"{version}.x"
        return line if _NUMBERS.fullmatch(version) and self.resolve(line, on).moving else version

    # ---- text

    def _forms(self, text: str) -> list[str]:
        """Return the text in lower case, and the part of it after the name of the product.

        Returns an empty list for a range that pins no version.
        """
        text = text.lower()
        if _OPERATOR.search(text):
            text = text.partition(";")[0].partition(",")[0].rstrip()
        if _EXCLUDED.search(text):
            return []
        start, spans = 0, token_spans(text)
        while name := self._product_name(tuple(token for token, _, _ in spans)):
            start, spans = spans[len(name) - 1][2], spans[len(name) :]
        joint = _JOINT.match(text, start)
        short = text[joint.end() :].rstrip("\"'`") if joint else text
        return [text, short] if short and short != text else [text]

    def _product_name(self, tokens: Tokens) -> Tokens:
        """Return the longest name of the product that the tokens begin with, if more follows."""
        return next((name for name in self._product if tokens[: len(name)] == name != tokens), ())

    def _short(self, tokens: Tokens) -> Tokens:
        """Return the tokens of a cycle name without the name of the product before them."""
        return tokens[len(self._product_name(tokens)) :]

    # ---- names, titles, releases

    def _by_name(self, form: str) -> list[Cycle]:
        return self._names.get(form, [])

    def _by_former_name(self, form: str) -> list[Cycle]:
        return self._formers.get(version_tokens(form), [])

    def _by_title(self, form: str) -> list[Cycle]:
        tokens = version_tokens(form)
        return self._titles.get(tokens) or self._first_words.get(tokens, [])

    def _by_release(self, form: str) -> list[Cycle]:
        return self._versions.get(version_tokens(form), [])

    @cached_property
    def _names(self) -> Mapping[str, list[Cycle]]:
        found: dict[str, list[Cycle]] = {}
        for cycle in self.cycles:
            found.setdefault(cycle.name.lower(), []).append(cycle)
        return found

    @cached_property
    def _formers(self) -> Mapping[Tokens, list[Cycle]]:
        if self._former_names is None:
            return {}
        named = self._former_names
        return self._index((name, cycle) for cycle in self.cycles for name in named(cycle))

    @cached_property
    def _titles(self) -> Mapping[Tokens, list[Cycle]]:
        return self._index(self._titled())

    def _titled(self) -> Iterator[tuple[str, Cycle]]:
        for cycle in self.cycles:
            title = self._title(cycle) if self._title else ""
            yield cycle.name, cycle  # written in another way: 5-2
            yield title, cycle
            yield cycle.codename, cycle
            if cycle.lifecycle.lts:
                for word in (self._lts, f"Upcoming {self._lts}"):
                    yield f"{title or cycle.name} {word}", cycle

    @cached_property
    def _first_words(self) -> Mapping[Tokens, list[Cycle]]:
        return self._index((each.codename.partition(" ")[0], each) for each in self.cycles)

    @cached_property
    def _versions(self) -> Mapping[Tokens, list[Cycle]]:
        latest = [(cycle.latest, cycle) for cycle in self.cycles]
        return self._index([*latest, *self._releases])

    def _index(self, named: Iterable[tuple[str, Cycle]]) -> Mapping[Tokens, list[Cycle]]:
        """Return the cycles by the tokens of their names, with and without the product's name."""
        found: dict[Tokens, list[Cycle]] = {}
        for name, cycle in named:
            tokens = version_tokens(name)
            for each in {tokens, self._short(tokens)} - {()}:
                cycles = found.setdefault(each, [])
                if cycle not in cycles:
                    cycles.append(cycle)
        return found

    # ---- ranges

    @cached_property
    def _ranges(self) -> Sequence[tuple[Cycle, VersionRange]]:
        """The recorded version ranges, which are few: most are derived from names."""
        texts = ((cycle, self._recorded(cycle)) for cycle in self.cycles)
        return [(cycle, each) for cycle, text in texts if text and (each := read_vers(text))]

    def _by_range(
        self, found: Resolution[Cycle], forms: Sequence[str], on: date
    ) -> Resolution[Cycle]:
        """Return a resolution by the parts of a version, corrected by recorded version ranges.

        Pre-releases are excluded: those of the next cycle sort before the upper bound of this one.
        """
        version = _PREFIX.sub("", forms[-1], count=1)
        if not self._ranges or found.moving or not _NUMBERS.fullmatch(version):
            return found
        having = [cycle for cycle, each in self._ranges if version in each]
        excluded = [cycle for cycle, _ in self._ranges if cycle is found.cycle]
        if found.cycle in having or (found.cycle and not (excluded and found.one_release)):
            return found
        if len(having) == 1:
            return self._chosen(found.text, version, having, on, one_release=True)
        return replace(found, cycle=None, candidates=(*having, *excluded) or found.candidates)

    # ---- parts

    def _by_parts(self, text: str, forms: Sequence[str], on: date) -> Resolution[Cycle]:
        cores = [_PREFIX.sub("", form, count=1) for form in forms]
        for core in cores:
            size, found = self._begun(core)
            if found:
                return self._continued(text, core, size, found, on)
        core = cores[-1]
        if (java := _JAVA.fullmatch(core)) and (cycles := self._by_name(java["major"])):
            return self._chosen(text, "", cycles, on)
        return self._of_line(text, core, on)

    def _begun(self, core: str) -> tuple[int, list[Cycle]]:
        """Return the length of the longest name that the version begins with, and its cycles.

        The length is a number of tokens. Words at the end of a name (`8.0-lts`) may be missing in
        the version, but a complete match takes precedence.
        """
        wanted, best, found = version_tokens(core), (0, False), list[Cycle]()
        for tokens, whole, cycle in self._beginnings.get(wanted[0], ()) if wanted else ():
            if wanted[: len(tokens)] == tokens:
                score = (len(tokens), whole)
                if score > best:
                    best, found = score, []
                if score == best:
                    found.append(cycle)
        return best[0], found

    @cached_property
    def _tokens(self) -> Sequence[tuple[Cycle, Tokens]]:
        """The cycles with the tokens of their names; cached, as a stack file has many lookups."""
        return [(cycle, version_tokens(cycle.name)) for cycle in self.cycles]

    @cached_property
    def _beginnings(self) -> Mapping[Token, Sequence[tuple[Tokens, bool, Cycle]]]:
        """The beginnings of versions of each cycle, by their first token, in the order of cycles.

        The flag is True for a complete name.
        """
        found: dict[Token, list[tuple[Tokens, bool, Cycle]]] = {}
        for cycle, name in self._tokens:
            forms = {without_words(name): False, self._short(name): True, name: True}
            for tokens, whole in forms.items():
                if tokens:
                    found.setdefault(tokens[0], []).append((tokens, whole, cycle))
        return found

    def _continued(
        self, text: str, core: str, size: int, found: list[Cycle], on: date
    ) -> Resolution[Cycle]:
        """Return the resolution of a version that begins with a name of `size` tokens."""
        end = token_spans(core)[size - 1][2]
        for cycle in found:
            if codename := re.escape(cycle.codename.lower()):
                rest = re.sub(rf"[\s('\"]+{codename}[)'\"]*$", "", core[end:])
                core = core[:end] + rest
        match = self._rest.fullmatch(core, end)
        if match is None:
            return Resolution(text, candidates=tuple(found))
        version = core[: match.end("version")]
        one_release = match.end("version") > end and not match["any"]
        if one_release:
            found = self._with_editions(found, version_tokens(core)[:size])
        return self._chosen(text, version, found, on, one_release=one_release)

    def _with_editions(self, found: list[Cycle], begun: Tokens) -> list[Cycle]:
        """Return the cycles and those whose names continue with a word.

        The number does not tell which of `13.0` and `13.0-sp3` has the release 13.0.5026.
        """

        def goes_on(name: Tokens) -> bool:
            return name[: len(begun)] == begun and any(map(is_word, name[len(begun) :][:1]))

        return [
            cycle
            for cycle, tokens in self._tokens
            if cycle in found or goes_on(tokens) or goes_on(self._short(tokens))
        ]

    @cached_property
    def _rest(self) -> re.Pattern[str]:
        """The pattern of the text after the name of a cycle in a version."""
        latest = [cycle.latest for cycle in self.cycles]
        written = [*latest, *(cycle.name for cycle in self.cycles)]
        joints = "._-" if any(map(_DASHED.search, written)) else "._"
        letter = r"(?:[a-z]\d*)?" if any(map(_LETTERED.search, latest)) else ""
        words = "|".join({"lts", re.escape(self._lts.lower())})
        return re.compile(
            rf"(?P<version>(?:[{joints}]\d+)*{letter}{_PRE})(?P<any>(?:\.[x*])*)"
            rf"{_SUFFIX.replace('{lts}', words)}"
        )

    def _of_line(self, text: str, core: str, on: date) -> Resolution[Cycle]:
        """Return the resolution of a version that is a prefix of the names of cycles."""
        numbers = _ANY.sub("", core)
        if not _NUMBERS.fullmatch(numbers):
            return Resolution(text, candidates=self._suggested(core))
        wanted = version_tokens(numbers)
        cycles = [cycle for cycle, tokens in self._tokens if tokens[: len(wanted)] == wanted]
        if not cycles:
            return Resolution(text, numbers, candidates=self._near(wanted))
        out = [cycle for cycle in cycles if status_on(cycle.lifecycle, on) is not Status.PLANNED]
        if numbers != core and out:
            newest = max(out, key=lambda cycle: version_key(cycle.name))
            return Resolution(text, numbers, newest, line=numbers, moving=True)
        return self._chosen(text, numbers, cycles, on, line=numbers)

    # ---- choice

    def _chosen(
        self,
        text: str,
        version: str,
        cycles: Sequence[Cycle],
        on: date,
        *,
        one_release: bool = False,
        line: str = "",
    ) -> Resolution[Cycle]:
        """Return a resolution to the only cycle, or to the last one to end if all have ended.

        Otherwise the cycles are candidates.
        """
        if len(cycles) == 1 and not line:
            cycle = cycles[0]
            one_release = one_release and version_tokens(version) != version_tokens(cycle.name)
            return Resolution(text, version, cycle, one_release=one_release)
        every = tuple(cycles)
        if all(status_on(cycle.lifecycle, on).ended for cycle in cycles):
            last = max(
                cycles, key=lambda cycle: (_end(cycle.lifecycle, on), version_key(cycle.name))
            )
            return Resolution(text, version, last, one_release, line or text, candidates=every)
        return Resolution(text, version, one_release=one_release, candidates=every)

    def _near(self, wanted: Tokens) -> tuple[Cycle, ...]:
        """Return the cycles next to a version among those with the same first number."""
        first = [cycle for cycle, tokens in self._tokens if tokens[:1] == wanted[:1]]
        first.sort(key=lambda cycle: version_key(cycle.name), reverse=True)
        place = sum(version_tokens(cycle.name) > wanted for cycle in first)
        start = max(0, min(place - 1, len(first) - MAX_SUGGESTIONS))
        return tuple(first[start:][:MAX_SUGGESTIONS])

    @cached_property
    def _trigrams(self) -> Sequence[tuple[Cycle, Sequence[frozenset[str]]]]:
        """The cycles with the trigrams of their name and codename, and of their label."""
        found = []
        for cycle in self.cycles:
            title = self._title(cycle) if self._title else ""
            words = (f"{cycle.name} {cycle.codename}", title)
            found.append((cycle, [trigrams(each) for each in words]))
        return found

    def _suggested(self, core: str) -> tuple[Cycle, ...]:
        """Return the cycles that an unknown text may mean.

        These are the cycles of the first number in it, else those with the most similar names.
        """
        if (number := _NUMBERS.search(core)) and (cycles := self._begun(number[0])[1]):
            return tuple(cycles)
        wanted = trigrams(core)
        scores = [
            (max(shared_part(wanted, each) for each in words), cycle)
            for cycle, words in self._trigrams
        ]
        scores.sort(key=lambda each: -each[0])
        best = [cycle for score, cycle in scores if score >= MIN_SIMILARITY]
        return tuple(best[:MAX_SUGGESTIONS])


def _end(life: Lifecycle, on: date) -> date:
    ended = support_ended_on(life, on)
    return ended.date if ended else date.min
