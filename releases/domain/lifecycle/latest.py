"""The latest release of a cycle on a date.

Every output shows the result of this rule (`ReleaseCycle.as_of`), never the column `latest`. An
announced release becomes the latest one on its day, and a later release does not appear on a past
date. A link to release notes belongs to the release that it was entered for; a template fits every
release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate
from releases.domain.lifecycle.versions import ReleaseKind, release_key


@dataclass(frozen=True, slots=True)
class Published:
    """A recorded release of a cycle.

    `day` is None if it is not known. `exact` is False if only the month, quarter or year is known;
    `day` is then its last day.
    """

    version: str
    kind: ReleaseKind
    day: date | None
    exact: bool = True


def precedes_cycle(release: Published, cycle: MilestoneValue) -> bool:
    """Return True if a release that is no pre-release is dated before the release of its cycle.

    A date in the period of an imprecise release of the cycle is not before it.
    """
    if release.day is None or release.kind.pre_release or not isinstance(cycle, PartialDate):
        return False
    return release.day < cycle.first_day


@dataclass(frozen=True, slots=True)
class LatestRelease:
    """The latest release of a cycle.

    `date` is None if it is not known to the day. `link` is the cycle's own link to release notes, a
    URL or a template; empty if the cycle has none that holds for this release.
    """

    version: str
    date: date | None = None
    link: str = ""


def latest_on(
    own: LatestRelease, releases: Iterable[Published], on: date, today: date | None = None
) -> LatestRelease | None:
    """Return the latest release of a cycle on `on`, or None if none is known.

    It is the highest version that is out on `on`, among the release that the cycle itself names and
    the recorded releases. Recorded pre-releases and recorded releases without a date do not count.

    Args:
        own: The release that the cycle itself names, in its column `latest`; its version is empty
            if there is none.
        releases: The recorded releases of the cycle, in any order.
        on: The date of the answer, inclusive: a release is out on its own day.
        today: The date on which `own` was known; `on` by default. If neither it nor its recorded
            release has a date, `own` counts as out from this day on, because nothing shows how
            long it had been out by then.
    """
    dated = [each for each in releases if each.day and not each.kind.pre_release]
    out = [_named(each) for each in dated if each.day and each.day <= on]
    if own.version and _is_out(own, dated, on, today or on):
        # First, because `max` returns the first of equal items.
        out.insert(0, own)
    highest = max(out, key=lambda each: release_key(each.version), default=None)
    if highest is None or highest is own:
        return highest and _with_date(own, dated)
    same = _same(highest, own)
    return replace(highest, link=own.link if same or fits_every_release(own.link) else "")


def fits_every_release(link: str) -> bool:
    """Return True if a link to release notes is a template: it names the latest release."""
    return "__" in link


def newer(version: str, other: str) -> bool:
    """Return True if `version` is a later release than `other`; no release is the earliest."""
    return bool(version) and (not other or release_key(version) > release_key(other))


def _is_out(own: LatestRelease, dated: Iterable[Published], on: date, today: date) -> bool:
    """Return True if the release that the cycle itself names is out on `on`."""
    day = own.date or next((each.day for each in dated if _same(each, own)), None) or today
    return day <= on


def _with_date(own: LatestRelease, dated: Iterable[Published]) -> LatestRelease:
    """Return `own` with the date of its recorded release, if it has none of its own."""
    recorded = next((_named(each) for each in dated if _same(each, own)), None)
    return replace(own, date=recorded.date) if recorded and not own.date else own


def _named(release: Published) -> LatestRelease:
    return LatestRelease(release.version, release.day if release.exact else None)


def _same(one: LatestRelease | Published, other: LatestRelease) -> bool:
    return release_key(one.version) == release_key(other.version)
