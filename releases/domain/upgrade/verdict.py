"""The answer to "Should I upgrade?" for a version, from the dates of the cycles of its product.

`releases.domain.upgrade.verdict_words` has its sentences.
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
from releases.domain.upgrade.rules import NO_RULE, UpgradeRule

MAX_KNOWN = 3
"""Maximum number of the newest cycles that are suggested for an unknown version."""

_PRE_RELEASE = re.compile(r"\d(?:[._-]?(?:dev|alpha|beta|rc|preview|pre|a|b|c))\d*$", re.IGNORECASE)


class HasLatest(NamedCycle, Protocol):
    """A cycle with its names, milestones and latest release.

    `latest` is empty and `latest_date` is None if they are not known.
    """

    @property
    def latest_date(self) -> date | None: ...


Cycle = TypeVar("Cycle", bound=HasLatest)
AnyCycle = TypeVar("AnyCycle")
"""A type variable without a bound for generic dataclasses.

A bound would be checked before the types of the models are known.
"""


class Answer(StrEnum):
    """The recommended action, most urgent first.

    `EXTENDED_ONLY`: ordinary support has ended, and the extended support that continues is not
    known to be free. `EXTENDED`: extended support continues that is free, or that the user has.
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
"""The answers for which the support that everybody gets has ended."""


@dataclass(frozen=True, slots=True)
class Verdict(Generic[AnyCycle]):
    """The answer for a version.

    Attributes:
        answer: The recommended action.
        text: The original text of the version.
        version: The version in it; empty if there is none.
        cycle: The cycle of the version, or None if it is not known.
        latest: The latest release of that cycle on the date; empty if none is known.
        behind: True if the version is certainly older than `latest`.
        maybe_behind: True if the version names only its cycle and may be older than `latest`.
        ahead: True if the version is newer than any known release.
        older: True if the version is older than any known release.
        line: The prefix that several cycles share, if the version contains no more.
        moving: True if `cycle` is the newest cycle of `line`. If False and `line` is set, all of
            them have ended, and `cycle` ended last.
        missed: The known security releases after the version.
        newer: The cycle to upgrade to; None if the version is in it or the product is never
            upgraded.
        lts: The cycle for long-term use, if it is another one; else None.
        end: The next end of support; None if support is over or the end has no date. Extended
            support counts if it is free or `accepted`.
        meant: The names of cycles that an unknown version may mean.
        known: The newest supported cycles, if `meant` is empty.
        installed: False for a product that is never upgraded, such as a device.
        data: The age of the data of the product.
        patches_only_fix: True if the policy of the product says that patches only fix bugs.
        accepted: True if the user has the extended support of the product.
    """

    answer: Answer
    text: str
    version: str = ""
    cycle: AnyCycle | None = None
    latest: str = ""
    behind: bool = False
    maybe_behind: bool = False
    ahead: bool = False
    older: bool = False
    line: str = ""
    moving: bool = False
    missed: tuple[Published, ...] = ()
    newer: AnyCycle | None = None
    lts: AnyCycle | None = None
    end: PartialDate | None = None
    meant: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    installed: bool = True
    data: DataAge = CURRENT
    patches_only_fix: bool = False
    accepted: bool = False

    @property
    def should_upgrade(self) -> bool | None:
        """True if an upgrade to another cycle is due; None for a question without that answer.

        A supported version needs no upgrade, though its patch may be due.
        """
        if not self.installed or self.answer in (Answer.PLANNED, Answer.UNKNOWN):
            return None
        return self.answer in (*OVER, Answer.ENDS_SOON)

    @property
    def patch(self) -> str:
        """The release to update to within the cycle; empty if there is none."""
        changes = self.behind or self.maybe_behind
        return self.latest if changes and self.answer is not Answer.PLANNED else ""

    def status(self, on: date) -> Status | None:
        """Return the status of the cycle, or None if it is not known.

        A version that is older than every known cycle is at its end of life if the oldest one is.
        """
        if self.cycle is not None:
            return status_on(self.cycle.lifecycle, on)  # type: ignore[attr-defined]
        return Status.END_OF_LIFE if self.answer is Answer.UNSUPPORTED else None

    def days_left(self, on: date) -> int | None:
        """The number of days until `end`, 0 on that day; None without a dated end."""
        return (self.end.date - on).days if self.end else None


def assess(
    resolution: Resolution[Cycle],
    cycles: Sequence[Cycle],
    on: date,
    releases: Sequence[Published] = (),
    *,
    installed: bool = True,
    accept_extended: bool = False,
    today: date | None = None,
    rule: UpgradeRule = NO_RULE,
) -> Verdict[Cycle]:
    """Return the verdict on a version that was resolved for the same date.

    Args:
        resolution: The resolved version.
        cycles: All cycles of the product in its order, newest first.
        on: The date of the verdict.
        releases: The recorded releases of the resolved cycle.
        installed: False for a product that is never upgraded, such as a device.
        accept_extended: True if the user has the extended support of the product. The verdict is
            then that of a cycle with free extended support; the status of the cycle stays the same.
        today: The real date, as in `latest_on`.
        rule: The upgrade rule, which tells the cycles that may be recommended.
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
    newer, lts = _targets(rule.candidates(cycles, cycle), cycle, on)
    return replace(verdict, newer=newer, lts=lts, answer=_refined_answer(verdict, newer))


def is_pre_release(version: str) -> bool:
    """Return True if a version is a pre-release: 6.2a1, 3.12.0rc1."""
    return bool(_PRE_RELEASE.search(version))


def _answer(life: Lifecycle, on: date) -> Answer:
    """Return the answer from the dates of the cycle alone."""
    status = status_on(life, on)
    if status is Status.PLANNED:
        return Answer.PLANNED
    if status is Status.END_OF_LIFE:
        return Answer.UNSUPPORTED
    if status is Status.EXTENDED:
        return Answer.EXTENDED_ONLY
    if ends_soon(_with_single_end(life), on):
        return Answer.ENDS_SOON
    if status is Status.FREE_EXTENDED:
        return Answer.EXTENDED
    return Answer.SECURITY_ONLY if status is Status.SECURITY else Answer.UP_TO_DATE


def _refined_answer(verdict: Verdict[Cycle], newer: Cycle | None) -> Answer:
    """Return the answer, refined by a patch or a newer cycle."""
    if verdict.answer is not Answer.UP_TO_DATE:
        return verdict.answer
    if verdict.behind:
        return Answer.PATCH
    return Answer.NEWER if newer else Answer.UP_TO_DATE


def _with_single_end(life: Lifecycle) -> Lifecycle:
    """Return a lifecycle with one end of support.

    Users with security fixes are safe, so the end of active support, or `eol` before free extended
    support, is no reason to plan an upgrade.
    """
    if life.extended.free:
        return replace(life, eoas=None, eol=life.supported_until, eoes=None)
    return life if life.eol is None else replace(life, eoas=None)


def _end(life: Lifecycle, on: date) -> PartialDate | None:
    """Return the next end of support, if it has a date."""
    return None if status_on(life, on).ended else _dated(next_end(_with_single_end(life), on))


def _compared(verdict: Verdict[Cycle], resolution: Resolution[Cycle]) -> Verdict[Cycle]:
    """Return the verdict with the comparison of the version and the latest release of its cycle."""
    if not verdict.latest or (verdict.line and not verdict.moving):
        return verdict
    have, latest = _without_build(resolution.version, verdict.latest)
    if have == latest:
        return verdict
    if not resolution.one_release:
        return replace(verdict, maybe_behind=True)
    return replace(verdict, behind=have < latest, ahead=have > latest)


def _without_build(have: str, latest: str) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Return the sort keys of two versions; build metadata counts only if both have it."""
    if ("+" in have) != ("+" in latest):
        have, latest = have.partition("+")[0], latest.partition("+")[0]
    return release_key(have), release_key(latest)


def _security_since(version: str, releases: Sequence[Published], on: date) -> tuple[Published, ...]:
    """Return the security releases after a version that are out on `on`, newest first."""
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
    # A release that several cycles have is neither newer nor older.
    ahead, oldest = _compare_with_known("" if resolution.one_release else resolution.version, out)
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


def _compare_with_known(version: str, out: Sequence[Cycle]) -> tuple[bool, Cycle | None]:
    """Return True if a version is newer than all released cycles; the oldest cycle if it is older.

    This is known only if the names of all cycles are the first numbers of their releases. Windows
    Server 2019, for example, is 10.0.17763, so the two cannot be compared.
    """
    if not version or not out or not all(map(_named_by_releases, out)):
        return False, None
    tokens, in_order = version_tokens(version), sorted(out, key=lambda each: version_key(each.name))
    oldest, newest = in_order[0], in_order[-1]
    older = tokens < version_tokens(oldest.name)[: len(tokens)]
    return version_key(version) > version_key(newest.name), oldest if older else None


def _named_by_releases(cycle: Cycle) -> bool:
    """Return True if the name of a cycle is a number with which its latest release begins."""
    first = cycle.name[:1].isdigit()
    if not cycle.latest[:1].isdigit():
        return first
    return first and version_tokens(cycle.name)[0] == version_tokens(cycle.latest)[0]


def _dated(end: object) -> PartialDate | None:
    return end if isinstance(end, PartialDate) else None
