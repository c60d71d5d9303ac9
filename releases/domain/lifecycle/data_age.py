"""The age of the data of a product: the day up to which it is known.

A check is recorded by an editor, by a sync that asked the source, or by a product file
(`checkedOn`); an import alone is no check. Beyond `OLD_AFTER_DAYS` a newer release cannot be ruled
out, so the verdict "up to date" becomes "No newer release known here; data as of ...".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Lifecycle

OLD_AFTER_DAYS: Final = 60
"""Age in days beyond which data counts as old, and pages say so."""


@dataclass(frozen=True, slots=True)
class DataAge:
    """The age of the data of a product.

    `as_of` is the day up to which the data is known, or None if that is unknown. `old` is True if a
    newer release cannot be ruled out.
    """

    as_of: date | None = None
    old: bool = False

    @property
    def words(self) -> str:
        """`data as of 22 Aug 2026`."""
        return f"data as of {PartialDate(self.as_of)}" if self.as_of else "data of unknown age"


CURRENT: Final = DataAge()
"""The age of data that is not in question."""


class HasReleaseDates(Protocol):
    """A cycle with the day of its latest release and its milestones."""

    @property
    def latest_date(self) -> date | None: ...
    @property
    def lifecycle(self) -> Lifecycle: ...


def age_of(
    checked_on: date | None, cycles: Iterable[HasReleaseDates], on: date, today: date
) -> DataAge:
    """Return the age of the data of a product for statements about the day `on`.

    Data of unknown age is old.
    """
    known = data_as_of(checked_on, cycles, today)
    return DataAge(known, old=known is None or (on - known).days > OLD_AFTER_DAYS)


def data_as_of(
    checked_on: date | None, cycles: Iterable[HasReleaseDates], today: date
) -> date | None:
    """Return the day up to which the data of a product is known, or None.

    That is the day of the last check. Without a check it is the newest date of a latest release up
    to `today`, because the data was written then or later. If no cycle has such a date (devices),
    it is the newest release date of a cycle. The release date of a cycle without a release is a
    plan and says nothing about the age.
    """
    if checked_on:
        return checked_on
    every = list(cycles)
    latest = [cycle.latest_date for cycle in every if cycle.latest_date]
    past = [day for day in latest or _released(every) if day <= today]
    return max(past, default=None)


def _released(cycles: Iterable[HasReleaseDates]) -> Iterable[date]:
    releases = (cycle.lifecycle.release for cycle in cycles)
    return (day.date for day in releases if isinstance(day, PartialDate) and not day.imprecise)
