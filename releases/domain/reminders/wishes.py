"""The choice of reminders: ends of support, changed dates, new cycles and releases."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from releases.domain.history.changes import ChangeKind
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.reminders.news import News, NewsKind

DAYS: Final = (365, 180, 90, 60, 30, 14, 7, 1, 0)
"""The numbers of days before an end that can be chosen."""
USUAL_DAYS: Final = (90, 30, 7, 0)


class Releases(StrEnum):
    """The releases to report."""

    NONE = "none"
    SECURITY = "security"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wishes:
    """The choice of a subscriber.

    Attributes:
        days: Numbers of days before an end of support; 0 is its last day.
        dates: True for dates that were announced, moved or withdrawn.
        cycles: True for new release cycles.
        releases: The kind of new releases.
    """

    days: Collection[int] = USUAL_DAYS
    dates: bool = True
    cycles: bool = True
    releases: Releases = Releases.SECURITY

    def ends_on(self, day: date) -> Iterator[tuple[int, date]]:
        """Yield the dates of the ends to announce on a day, after their distance in days."""
        for distance in sorted(set(self.days)):
            yield distance, day + timedelta(days=distance)

    def has(self, news: News) -> bool:
        """Return True if a reminder is chosen. A page that no longer exists is always reported."""
        match news.kind:
            case NewsKind.END:
                return news.distance in self.days
            case NewsKind.CHANGE:
                return self.dates
            case NewsKind.CYCLE:
                return self.cycles
            case NewsKind.RELEASE:
                return self.has_release(news.release_kind)
            case NewsKind.GONE:
                return True

    def has_change(self, kind: ChangeKind) -> bool:
        """Return True if a kind of change is chosen."""
        return self.cycles if kind is ChangeKind.ADDED else self.dates

    def has_release(self, kind: str | None) -> bool:
        """Return True if a `ReleaseKind` is chosen; an unknown kind is None or empty."""
        if self.releases is Releases.SECURITY:
            return kind == ReleaseKind.SECURITY
        return self.releases is Releases.ALL
