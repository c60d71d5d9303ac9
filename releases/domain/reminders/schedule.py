"""Due times of messages: at once, or as a digest at a local hour of the subscriber."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_WEEK = 7


class Frequency(StrEnum):
    """The frequency of messages."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of a subscriber's messages.

    Attributes:
        frequency: At once, or as a daily or weekly digest.
        hour: The local hour of a digest, 0 to 23.
        weekday: The local day of a weekly digest, 0 (Monday) to 6.
        zone: The name of an IANA time zone.
    """

    frequency: Frequency = Frequency.IMMEDIATE
    hour: int = 8
    weekday: int = 0
    zone: str = "UTC"

    def due_at(self, noticed: datetime) -> datetime:
        """Return the time, in UTC, at which a notice from the time `noticed` is due.

        A digest has the notices up to its hour, inclusive. If clocks skip that hour, it is due an
        hour later; if they repeat it, it is due the first time.

        Args:
            noticed: The time of the notice, in any time zone.
        """
        if self.frequency is Frequency.IMMEDIATE:
            return noticed.astimezone(UTC)
        day = noticed.astimezone(ZoneInfo(self.zone)).date()
        if self.frequency is Frequency.WEEKLY:
            day += timedelta(days=(self.weekday - day.weekday()) % _WEEK)
        step = timedelta(days=1 if self.frequency is Frequency.DAILY else _WEEK)
        while (due := self._at(day)) < noticed:
            day += step
        return due

    def due_for_day(self, day: date, noticed: datetime) -> datetime:
        """Return the time, in UTC, at which a notice for a local day is due.

        It is the hour of that day, or the last weekly digest up to the day, so that no notice comes
        after the event. If that time has passed, the notice is due at once.
        """
        if self.frequency is Frequency.WEEKLY:
            day -= timedelta(days=(day.weekday() - self.weekday) % _WEEK)
        return max(self._at(day), noticed.astimezone(UTC))

    def last_day(self, now: datetime) -> date:
        """Return the last local day, inclusive, to search for notices now.

        It is today, or for weekly digests the day before the next digest but one.
        """
        if self.frequency is Frequency.WEEKLY:
            return self.due_at(now).astimezone(ZoneInfo(self.zone)).date() + timedelta(_WEEK - 1)
        return now.astimezone(ZoneInfo(self.zone)).date()

    def _at(self, day: date) -> datetime:
        """Return the hour of a day, in UTC."""
        return datetime.combine(day, time(self.hour), ZoneInfo(self.zone)).astimezone(UTC)
