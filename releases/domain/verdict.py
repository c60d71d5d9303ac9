"""Should I upgrade? The answer for one version of a product, from the dates of its cycles.

`releases.domain.verdict_words` says it in sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from releases.domain.advice import HasLife, advise, latest_lts
from releases.domain.latest import Latest, Published, latest_on
from releases.domain.lifecycle import Lifecycle, Status, ends_soon, next_end, status_on
from releases.domain.milestones import PartialDate
from releases.domain.similarity import similarity
from releases.domain.version_text import VersionText, read_version
from releases.domain.versions import (
    ReleaseKind,
    match_cycle,
    release_key,
    version_key,
    version_tokens,
)

SUGGESTIONS = 3

ALIKE = 0.2
"""Names that are less alike than this (from 0 to 1) were not meant."""

_PRE_RELEASE = re.compile(r"\d(?:[._-]?(?:dev|alpha|beta|rc|preview|pre|a|b|c))\d*$", re.IGNORECASE)


class HasLatest(HasLife, Protocol):
    """A cycle: its names, the newest release in it (empty where none is known) and the day of
    that, its life."""

    @property
    def name(self) -> str: ...
    @property
    def codename(self) -> str: ...
    @property
    def latest(self) -> str: ...
    @property
    def latest_date(self) -> date | None: ...


Cycle = TypeVar("Cycle", bound=HasLatest)
Held = TypeVar("Held")
"""What a class only holds. Bound, it would be checked before the types of models are known."""


class Answer(StrEnum):
    """What to do, the most urgent first."""

    UNSUPPORTED = "unsupported"
    ENDS_SOON = "ends-soon"
    EXTENDED_ONLY = "extended-only"
    SECURITY_ONLY = "security-only"
    PATCH = "patch"
    NEWER = "newer"
    UP_TO_DATE = "up-to-date"
    PLANNED = "planned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Held]):
    """The answer for a version.

    `cycle` is the one that it belongs to, `latest` the latest release of that on the day. `behind`
    says that the version is an older one for sure, `maybe_behind` that it names only its cycle and
    may be; `ahead` that it is newer than anything known. `missed` are the security releases since
    the version, as far as they are known.

    `newer` is the cycle to upgrade to, and `lts` the one for the long term, if it is another; both
    are None where the version is in them already, and where nobody upgrades such a thing. `end`
    is the end of ordinary support, or of extended support once that is over. Where no cycle was
    found, `meant` are the names of those that perhaps were, else `known` the newest that there
    are.
    """

    answer: Answer
    text: str
    version: str = ""
    cycle: Held | None = None
    latest: str = ""
    behind: bool = False
    maybe_behind: bool = False
    ahead: bool = False
    missed: tuple[Published, ...] = ()
    newer: Held | None = None
    lts: Held | None = None
    end: PartialDate | None = None
    meant: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    installed: bool = True

    @property
    def patch(self) -> str:
        """The release to change to within the cycle; empty where there is none."""
        changes = self.behind or self.maybe_behind
        return self.latest if changes and self.answer is not Answer.PLANNED else ""

    def days_left(self, on: date) -> int | None:
        """Days until `end`; 0 on that day."""
        return (self.end.date - on).days if self.end else None


def find_cycle(text: str, cycles: Sequence[Cycle]) -> Cycle | None:
    """The cycle that a version belongs to, as somebody wrote it; by its name or codename, too."""
    read = read_version(text) or VersionText(text.strip())
    by_name = {cycle.name: cycle for cycle in cycles}
    name = match_cycle(read.version, by_name)
    return by_name[name] if name else _called(text, cycles)


def judge(
    text: str,
    cycles: Sequence[Cycle],
    on: date,
    releases: Sequence[Published] = (),
    *,
    installed: bool = True,
    today: date | None = None,
) -> Verdict[Cycle]:
    """The verdict on a version that somebody has, as they wrote it.

    `cycles` are all cycles of the product in its order, the newest first; `releases` those that
    are known of the cycle that `find_cycle` finds. `installed` is False for products that nobody
    upgrades, such as devices. `today` is as in `latest_on`.
    """
    read = read_version(text) or VersionText(text.strip())
    cycle = find_cycle(text, cycles)
    if cycle is None:
        return _unknown(text, read.version, cycles, on)
    latest = latest_on(Latest(cycle.latest, cycle.latest_date), releases, on, today)
    verdict = Verdict(
        answer=_answer(cycle, on),
        text=text,
        version=read.version,
        cycle=cycle,
        latest=latest.version if latest else "",
        end=_dated(next_end(_ordinary(cycle.life), on)),
        installed=installed,
    )
    if not installed:
        return verdict
    verdict = _compared(verdict, read, cycle)
    if verdict.behind:
        verdict = replace(verdict, missed=_security_since(read.version, releases, on))
    newer, lts = _targets(cycles, cycle, on)
    return replace(verdict, newer=newer, lts=lts, answer=_among(verdict, newer))


def is_pre_release(version: str) -> bool:
    """Whether a version is an alpha, a beta or the like: 6.2a1, 3.12.0rc1."""
    return bool(_PRE_RELEASE.search(version))


def _answer(cycle: Cycle, on: date) -> Answer:
    """The answer as the dates of the cycle alone give it."""
    status = status_on(cycle.life, on)
    if status is Status.PLANNED:
        return Answer.PLANNED
    if status is Status.END_OF_LIFE:
        return Answer.UNSUPPORTED
    if ends_soon(_ordinary(cycle.life), on):
        return Answer.ENDS_SOON
    if status is Status.EXTENDED:
        return Answer.EXTENDED_ONLY
    return Answer.SECURITY_ONLY if status is Status.SECURITY else Answer.UP_TO_DATE


def _among(verdict: Verdict[Cycle], newer: Cycle | None) -> Answer:
    """The answer, where there is a patch or a newer cycle besides."""
    if verdict.answer is not Answer.UP_TO_DATE:
        return verdict.answer
    if verdict.behind:
        return Answer.PATCH
    return Answer.NEWER if newer else Answer.UP_TO_DATE


def _ordinary(life: Lifecycle) -> Lifecycle:
    """A life without the line between active support and security fixes: who has those is safe,
    and need not plan anything when that line is near."""
    return life if life.eol is None else replace(life, eoas=None)


def _compared(verdict: Verdict[Cycle], read: VersionText, cycle: Cycle) -> Verdict[Cycle]:
    """The verdict with how the version and the latest release of its cycle stand to each other."""
    have, latest = release_key(read.version), release_key(verdict.latest)
    if not verdict.latest or have == latest:
        return verdict
    if not _numbered(read.version):  # a codename
        return replace(verdict, maybe_behind=True)
    tokens = version_tokens(read.version)
    names_cycle = tokens == version_tokens(cycle.name)[: len(tokens)]
    if have < latest:
        one = read.exact and (not names_cycle or is_pre_release(read.version))
        return replace(verdict, behind=one, maybe_behind=not one)
    # 16.4-1 is what a distribution makes of 16.4.
    packaged = "-" in read.version and have[: len(latest) - 1] == latest[:-1]
    return replace(verdict, ahead=not packaged and not names_cycle)


def _security_since(version: str, releases: Sequence[Published], on: date) -> tuple[Published, ...]:
    """The security releases after a version that were out on `on`, the newest first."""
    have = release_key(version)
    missed = [
        each
        for each in releases
        if each.kind is ReleaseKind.SECURITY
        and release_key(each.version) > have
        and (each.day is None or each.day <= on)
    ]
    return tuple(sorted(missed, key=lambda each: release_key(each.version), reverse=True))


def _targets(cycles: Sequence[Cycle], cycle: Cycle, on: date) -> tuple[Cycle | None, Cycle | None]:
    newest, lts = advise(cycles, on).newest, latest_lts(cycles, on)
    if status_on(cycle.life, on) is Status.PLANNED:
        return newest, None
    place = {id(each): index for index, each in enumerate(cycles)}
    newer = newest if newest and place[id(newest)] < place[id(cycle)] else None
    longer = lts if lts and lts is not newer and place[id(lts)] < place[id(cycle)] else None
    return newer, longer


def _unknown(text: str, version: str, cycles: Sequence[Cycle], on: date) -> Verdict[Cycle]:
    out = [cycle for cycle in cycles if status_on(cycle.life, on) is not Status.PLANNED]
    supported = [cycle for cycle in out if status_on(cycle.life, on).supported]
    newest = max((version_key(cycle.name) for cycle in out), default=version_key(""))
    meant = _meant(text, version, cycles)
    return Verdict(
        Answer.UNKNOWN,
        text,
        version,
        ahead=bool(out) and _numbered(version) and version_key(version) > newest,
        meant=meant,
        known=() if meant else tuple(each.name for each in (supported or cycles)[:SUGGESTIONS]),
    )


def _meant(text: str, version: str, cycles: Sequence[Cycle]) -> tuple[str, ...]:
    """Names of cycles that a version begins, else those next to it of the same first number; for
    a text without a number those that look alike."""
    tokens = version_tokens(version)
    if not _numbered(version):
        names = {cycle.name: f"{cycle.name} {cycle.codename}" for cycle in cycles}
        scores = {name: similarity(text, words) for name, words in names.items()}
        alike = [name for name, score in scores.items() if score >= ALIKE]
        return tuple(sorted(alike, key=lambda name: -scores[name])[:SUGGESTIONS])
    near = [each.name for each in cycles if version_tokens(each.name)[:1] == tokens[:1]]
    begun = [name for name in near if version_tokens(name)[: len(tokens)] == tokens]
    if begun:
        return tuple(begun[:SUGGESTIONS])
    near.sort(key=version_key, reverse=True)
    place = sum(version_key(name) > version_key(version) for name in near)
    return tuple(near[max(0, min(place - 1, len(near) - SUGGESTIONS)) :][:SUGGESTIONS])


def _numbered(version: str) -> bool:
    return version[:1].isdigit()


def _called(text: str, cycles: Sequence[Cycle]) -> Cycle | None:
    """The cycle of this name or codename, or of this first word of one: not all have numbers."""
    wanted = text.strip().casefold()
    if not wanted:
        return None
    for cycle in cycles:
        codename = cycle.codename.casefold()
        if wanted in (cycle.name.casefold(), codename, codename.partition(" ")[0]):
            return cycle
    return None


def _dated(end: object) -> PartialDate | None:
    return end if isinstance(end, PartialDate) else None
