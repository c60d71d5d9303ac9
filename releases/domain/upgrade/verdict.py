"""Should I upgrade? The answer for one version of a product, from the dates of its cycles.

`releases.domain.upgrade.verdict_words` says it in sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from releases.domain.lifecycle.data_age import CURRENT, DataAge
from releases.domain.lifecycle.latest import LatestRelease, Published, latest_on
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.resolver import NamedCycle, Resolution
from releases.domain.lifecycle.status import Lifecycle, Status, ends_soon, next_end, status_on
from releases.domain.lifecycle.versions import (
    ReleaseKind,
    Token,
    release_key,
    version_key,
    version_tokens,
)
from releases.domain.upgrade.advice import advise, latest_lts

MAX_KNOWN = 3
"""Number of the newest cycles that are named where a version is not known."""

_PRE_RELEASE = re.compile(r"\d(?:[._-]?(?:dev|alpha|beta|rc|preview|pre|a|b|c))\d*$", re.IGNORECASE)


class HasLatest(NamedCycle, Protocol):
    """A cycle: its names, the newest release in it (empty where none is known) and the day of
    that, its life."""

    @property
    def latest_date(self) -> date | None: ...


Cycle = TypeVar("Cycle", bound=HasLatest)
Held = TypeVar("Held")
"""What a class only holds. Bound, it would be checked before the types of models are known."""


class Answer(StrEnum):
    """What to do, the most urgent first.

    `EXTENDED_ONLY`: ordinary support has ended, and extended support continues, which is not known
    to be free. `EXTENDED`: extended support continues that is free, or that the asker has.
    """

    UNSUPPORTED = "unsupported"
    EXTENDED_ONLY = "extended-only"
    ENDS_SOON = "ends-soon"
    EXTENDED = "extended"
    SECURITY_ONLY = "security-only"
    PATCH = "patch"
    NEWER = "newer"
    UP_TO_DATE = "up-to-date"
    PLANNED = "planned"
    UNKNOWN = "unknown"


OVER: Final = (Answer.UNSUPPORTED, Answer.EXTENDED_ONLY)
"""The answers where the support that everybody gets has ended."""


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Held]):
    """The answer for a version.

    `cycle` is the one that it belongs to, `latest` the latest release of that on the day. `behind`
    says that the version is an older one for sure, `maybe_behind` that it names only its cycle and
    may be; `ahead` that it is newer than anything known, `older` that it is older. `missed` are
    the security releases since the version, as far as they are known.

    `newer` is the cycle to upgrade to, and `lts` the one for the long term, if it is another; both
    are None where the version is in them already, and where nobody upgrades such a thing. `end`
    is the end of support to come; None where that is over. Extended support counts where it is
    free, or `accepted`: the asker has it. Where no cycle was found, `meant` are the names of those
    that perhaps were, else `known` the newest that are supported. `data` is the age of what is
    known of the product, `patches_only_fix` what its policy says of patches.

    `line` is what several cycles share, where the version says no more: `cycle` is the newest of
    them if `moving`, else the last of them to end, as all have ended.
    """

    answer: Answer
    text: str
    version: str = ""
    cycle: Held | None = None
    latest: str = ""
    behind: bool = False
    maybe_behind: bool = False
    ahead: bool = False
    older: bool = False
    line: str = ""
    moving: bool = False
    missed: tuple[Published, ...] = ()
    newer: Held | None = None
    lts: Held | None = None
    end: PartialDate | None = None
    meant: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    installed: bool = True
    data: DataAge = CURRENT
    patches_only_fix: bool = False
    accepted: bool = False

    @property
    def patch(self) -> str:
        """The release to change to within the cycle; empty where there is none."""
        changes = self.behind or self.maybe_behind
        return self.latest if changes and self.answer is not Answer.PLANNED else ""

    def status(self, on: date) -> Status | None:
        """Return the status of the cycle; end of life for a version that is older than every cycle,
        where those have ended. None: not known."""
        if self.cycle is not None:
            return status_on(self.cycle.lifecycle, on)  # type: ignore[attr-defined]
        return Status.END_OF_LIFE if self.answer is Answer.UNSUPPORTED else None

    def days_left(self, on: date) -> int | None:
        """Days until `end`; 0 on that day."""
        return (self.end.date - on).days if self.end else None


def judge(
    resolution: Resolution[Cycle],
    cycles: Sequence[Cycle],
    on: date,
    releases: Sequence[Published] = (),
    *,
    installed: bool = True,
    accept_extended: bool = False,
    today: date | None = None,
) -> Verdict[Cycle]:
    """Return the verdict on a version that was resolved for the same date.

    `cycles` are all cycles of the product in its order, the newest first; `releases` those that
    are recorded of the cycle of the resolution. `installed` is False for products that are never
    upgraded, such as devices. `accept_extended` is True where the asker has the extended support of
    the product: the verdict is then that of a cycle with free extended support, while the status of
    the cycle stays the same. `today` is as in `latest_on`.
    """
    cycle = resolution.cycle
    if cycle is None:
        return _unknown(resolution, cycles, on)
    latest = latest_on(LatestRelease(cycle.latest, cycle.latest_date), releases, on, today)
    life = cycle.lifecycle.with_extended() if accept_extended else cycle.lifecycle
    verdict = Verdict(
        answer=_answer(life, on),
        text=resolution.text,
        version=resolution.version,
        cycle=cycle,
        latest=latest.version if latest else "",
        end=_end(life, on),
        line=resolution.line,
        moving=resolution.moving,
        installed=installed,
        accepted=accept_extended,
    )
    if not installed:
        return verdict
    verdict = _compared(verdict, resolution)
    if verdict.behind:
        verdict = replace(verdict, missed=_security_since(resolution.version, releases, on))
    newer, lts = _targets(cycles, cycle, on)
    return replace(verdict, newer=newer, lts=lts, answer=_among(verdict, newer))


def is_pre_release(version: str) -> bool:
    """Whether a version is an alpha, a beta or the like: 6.2a1, 3.12.0rc1."""
    return bool(_PRE_RELEASE.search(version))


def _answer(life: Lifecycle, on: date) -> Answer:
    """The answer as the dates of a cycle alone give it."""
    status = status_on(life, on)
    if status is Status.PLANNED:
        return Answer.PLANNED
    if status is Status.END_OF_LIFE:
        return Answer.UNSUPPORTED
    if status is Status.EXTENDED:
        return Answer.EXTENDED_ONLY
    if ends_soon(_as_one(life), on):
        return Answer.ENDS_SOON
    if status is Status.FREE_EXTENDED:
        return Answer.EXTENDED
    return Answer.SECURITY_ONLY if status is Status.SECURITY else Answer.UP_TO_DATE


def _among(verdict: Verdict[Cycle], newer: Cycle | None) -> Answer:
    """The answer, where there is a patch or a newer cycle besides."""
    if verdict.answer is not Answer.UP_TO_DATE:
        return verdict.answer
    if verdict.behind:
        return Answer.PATCH
    return Answer.NEWER if newer else Answer.UP_TO_DATE


def _as_one(life: Lifecycle) -> Lifecycle:
    """A life without the lines inside its support: whoever gets security fixes is safe, and need
    not plan anything when active support or, before free extended support, `eol` is near."""
    if life.extended.free:
        return replace(life, eoas=None, eol=life.supported_until, eoes=None)
    return life if life.eol is None else replace(life, eoas=None)


def _end(life: Lifecycle, on: date) -> PartialDate | None:
    """The end of support to come, if it has a date."""
    return None if status_on(life, on).ended else _dated(next_end(_as_one(life), on))


def _compared(verdict: Verdict[Cycle], resolution: Resolution[Cycle]) -> Verdict[Cycle]:
    """The verdict with how the version and the latest release of its cycle stand to each other."""
    if not verdict.latest or (verdict.line and not verdict.moving):
        return verdict
    have, latest = _without_build(resolution.version, verdict.latest)
    if have == latest:
        return verdict
    if not resolution.one_release:
        return replace(verdict, maybe_behind=True)
    return replace(verdict, behind=have < latest, ahead=have > latest)


def _without_build(have: str, latest: str) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """The keys of two versions; build metadata counts only where both have it."""
    if ("+" in have) != ("+" in latest):
        have, latest = have.partition("+")[0], latest.partition("+")[0]
    return release_key(have), release_key(latest)


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
    if status_on(cycle.lifecycle, on) is Status.PLANNED:
        return newest, None
    place = {id(each): index for index, each in enumerate(cycles)}
    newer = newest if newest and place[id(newest)] < place[id(cycle)] else None
    longer = lts if lts and lts is not newer and place[id(lts)] < place[id(cycle)] else None
    return newer, longer


def _unknown(resolution: Resolution[Cycle], cycles: Sequence[Cycle], on: date) -> Verdict[Cycle]:
    out = [cycle for cycle in cycles if status_on(cycle.lifecycle, on) is not Status.PLANNED]
    supported = [cycle for cycle in out if status_on(cycle.lifecycle, on).supported]
    # A release that several cycles have is neither.
    ahead, oldest = _outside("" if resolution.one_release else resolution.version, out)
    ended = oldest is not None and status_on(oldest.lifecycle, on).ended
    meant = () if oldest else tuple(each.name for each in resolution.candidates)
    return Verdict(
        Answer.UNSUPPORTED if ended else Answer.UNKNOWN,
        resolution.text,
        resolution.version,
        ahead=ahead,
        older=oldest is not None,
        meant=meant,
        known=() if meant else tuple(each.name for each in supported[:MAX_KNOWN]),
    )


def _outside(version: str, out: Sequence[Cycle]) -> tuple[bool, Cycle | None]:
    """True if a version is newer than all cycles that are out; the oldest of them if it is older.

    Known only of products whose cycles are called by the first numbers of their releases: Windows
    Server 2019 is 10.0.17763, which is neither newer nor older than that.
    """
    if not version or not out or not all(map(_named_by_releases, out)):
        return False, None
    tokens, in_order = version_tokens(version), sorted(out, key=lambda each: version_key(each.name))
    oldest, newest = in_order[0], in_order[-1]
    older = tokens < version_tokens(oldest.name)[: len(tokens)]
    return version_key(version) > version_key(newest.name), oldest if older else None


def _named_by_releases(cycle: Cycle) -> bool:
    """True if the name of a cycle is a number, and the first one of its latest release."""
    first = cycle.name[:1].isdigit()
    if not cycle.latest[:1].isdigit():
        return first
    return first and version_tokens(cycle.name)[0] == version_tokens(cycle.latest)[0]


def _dated(end: object) -> PartialDate | None:
    return end if isinstance(end, PartialDate) else None
