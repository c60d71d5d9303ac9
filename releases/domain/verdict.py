"""Should I upgrade? The answer for one version of a product, from the dates of its cycles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from releases.domain.advice import HasLife, advise, latest_lts
from releases.domain.lifecycle import Status, ends_soon, next_end, status_on
from releases.domain.milestones import PartialDate
from releases.domain.similarity import similarity
from releases.domain.version_text import VersionText, read_version
from releases.domain.versions import match_cycle, version_tokens
from releases.domain.words import status_sentence

SUGGESTIONS = 3
_PRE_RELEASE = re.compile(r"\d(?:[._-]?(?:dev|alpha|beta|rc|preview|pre|a|b|c))\d*$", re.IGNORECASE)


class HasLatest(HasLife, Protocol):
    """A cycle: its name, the newest release in it (empty where none is known), its life."""

    @property
    def name(self) -> str: ...
    @property
    def latest(self) -> str: ...


Cycle = TypeVar("Cycle", bound=HasLatest)


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
class Verdict(Generic[Cycle]):
    """The answer for a version.

    `cycle` is the one that it belongs to. `patch` is the latest release of that, where the
    version is an older one or may be; `surely` says that it is. `newer` is the cycle to upgrade
    to, and `lts` the one for the long term, if it is another; both are None where the version is
    in them already. `end` is the end of the present phase. `meant` are the names of cycles that
    were perhaps meant, where none was found.
    """

    answer: Answer
    text: str
    version: str = ""
    cycle: Cycle | None = None
    patch: str = ""
    surely: bool = False
    newer: Cycle | None = None
    lts: Cycle | None = None
    end: PartialDate | None = None
    meant: tuple[str, ...] = ()

    def days_left(self, on: date) -> int | None:
        """Days until the present phase ends; 0 on its last day."""
        return (self.end.date - on).days if self.end else None


def judge(text: str, cycles: Sequence[Cycle], on: date) -> Verdict[Cycle]:
    """The verdict on a version that somebody has, as they wrote it. `cycles` are all cycles of the
    product in its order, the newest first."""
    read = read_version(text) or VersionText(text.strip())
    by_name = {cycle.name: cycle for cycle in cycles}
    name = match_cycle(read.version, by_name) or _same_name(text, by_name)
    if name is None:
        return Verdict(Answer.UNKNOWN, text, read.version, meant=_meant(read.version, by_name))
    cycle = by_name[name]
    status = status_on(cycle.life, on)
    patch, surely = _patch(read, cycle)
    newer, lts = _targets(cycles, cycle, on)
    end = next_end(cycle.life, on)
    return Verdict(
        answer=_answer(cycle, status, newer, on, behind=bool(patch) and surely),
        text=text,
        version=read.version,
        cycle=cycle,
        patch=patch,
        surely=surely,
        newer=newer,
        lts=lts,
        end=end if isinstance(end, PartialDate) else None,
    )


HEADLINES = {
    Answer.UNSUPPORTED: "Upgrade now",
    Answer.ENDS_SOON: "Plan the upgrade now",
    Answer.EXTENDED_ONLY: "Extended support only",
    Answer.SECURITY_ONLY: "Security fixes only",
    Answer.PATCH: "Take the patch",
    Answer.NEWER: "No need to upgrade yet",
    Answer.UP_TO_DATE: "You are up to date",
    Answer.PLANNED: "Not released yet",
    Answer.UNKNOWN: "Not known here",
}


def reasons(verdict: Verdict[Cycle], product: str, on: date) -> list[str]:
    """Why, in whole sentences with dates: where the cycle stands, the patch, what comes after it.
    `product` is what people call it."""
    if verdict.cycle is None:
        return [f"No release cycle of {product} is known that {verdict.text} belongs to."]
    here = f"{product} {verdict.cycle.name}"
    return [
        f"{here}: {_uncapitalised(status_sentence(verdict.cycle.life, on))}.",
        *_on_patch(verdict),
        *_on_targets(verdict, product, on),
    ]


def _on_patch(verdict: Verdict[Cycle]) -> list[str]:
    if verdict.answer is Answer.PLANNED or not verdict.patch:
        return []
    if verdict.surely:
        return [
            f"{verdict.patch} is its latest release. Always take the latest patch: it mends bugs"
            " and is meant to change nothing else."
        ]
    return [f"Its latest release is {verdict.patch}; if you run an older one, take it."]


def _on_targets(verdict: Verdict[Cycle], product: str, on: date) -> list[str]:
    if verdict.answer is Answer.PLANNED:
        return ["Use it for trying out only."] if is_pre_release(verdict.version) else []
    sentences = [
        f"{product} {target.name}{words} has {_uncapitalised(status_sentence(target.life, on))}."
        for target, words in ((verdict.newer, ""), (verdict.lts, ", for the long term,"))
        if target is not None
    ]
    if verdict.answer is Answer.UNSUPPORTED and not sentences:
        return [f"There is no supported {product} to upgrade to."]
    return sentences


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]


def is_pre_release(version: str) -> bool:
    """Whether a version is an alpha, a beta or the like: 6.2a1, 3.12.0rc1."""
    return bool(_PRE_RELEASE.search(version))


def _answer(cycle: Cycle, status: Status, newer: Cycle | None, on: date, *, behind: bool) -> Answer:
    if status is Status.PLANNED:
        return Answer.PLANNED
    if status is Status.END_OF_LIFE:
        return Answer.UNSUPPORTED
    if ends_soon(cycle.life, on):
        return Answer.ENDS_SOON
    if status is Status.EXTENDED:
        return Answer.EXTENDED_ONLY
    if status is Status.SECURITY:
        return Answer.SECURITY_ONLY
    if behind:
        return Answer.PATCH
    return Answer.NEWER if newer else Answer.UP_TO_DATE


def _patch(read: VersionText, cycle: Cycle) -> tuple[str, bool]:
    """The latest release of the cycle, if the version is not it, and whether it surely is older: a
    version that only names its cycle may be any of that."""
    have, latest = version_tokens(read.version), version_tokens(cycle.latest)
    if not latest or have >= latest:
        return "", False
    names_cycle = have == version_tokens(cycle.name)[: len(have)]
    return cycle.latest, read.exact and (not names_cycle or is_pre_release(read.version))


def _targets(cycles: Sequence[Cycle], cycle: Cycle, on: date) -> tuple[Cycle | None, Cycle | None]:
    newest, lts = advise(cycles, on).newest, latest_lts(cycles, on)
    place = list(cycles).index(cycle)
    newer = newest if newest and list(cycles).index(newest) < place else None
    longer = lts if lts and lts is not newer and list(cycles).index(lts) < place else None
    return newer, longer


def _same_name(text: str, names: Sequence[str] | dict[str, Cycle]) -> str | None:
    """A cycle that is called so: not all names have numbers."""
    wanted = text.strip().casefold()
    return next((name for name in names if name.casefold() == wanted), None)


def _meant(version: str, names: dict[str, Cycle]) -> tuple[str, ...]:
    alike = sorted(((similarity(version, name), name) for name in names), reverse=True)
    return tuple(name for score, name in alike[:SUGGESTIONS] if score > 0)
