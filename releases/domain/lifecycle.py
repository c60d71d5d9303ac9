"""The life of a release cycle: its milestones, its status on a date, the periods of its support.

Every rule takes the date as an argument; nothing here knows today. The rules of status and
`ends_soon` exist once more as SQL in `releases.models.status`, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from releases.domain.milestones import MilestoneValue, PartialDate

MILESTONES = ("release", "lts", "eoas", "eol", "eoes", "discontinued")
"""The milestones of a cycle, in the order in which pages and forms show them."""

STARTS = frozenset({"release", "lts"})
"""The milestones that are starts; all others are ends."""

ORDERED_PAIRS = (
    ("release", "eoas"),
    ("release", "eol"),
    ("eoas", "eol"),
    ("eol", "eoes"),
    ("eoas", "eoes"),
)
"""Pairs of which the first may not come after the second; `lts` and `discontinued` are free."""

MILESTONE_WORDS = {
    "release": "release",
    "lts": "start of long-term support",
    "eoas": "end of active support",
    "eol": "end of security support",
    "eoes": "end of extended support",
    "discontinued": "discontinuation",
}

SOON_DAYS = 120
"""An end is near from this many days before it (or a third of the cycle's life, if shorter)."""


class Phase(StrEnum):
    """What a cycle gets in a period of time."""

    ACTIVE = "active"
    SECURITY = "security"
    EXTENDED = "extended"


class Status(StrEnum):
    """Where a cycle stands on a date."""

    PLANNED = "planned"
    ACTIVE = "active"
    SECURITY = "security"
    EXTENDED = "extended"
    END_OF_LIFE = "eol"

    @property
    def supported(self) -> bool:
        """Whether anybody still mends it: active, security or extended."""
        return self not in (Status.PLANNED, Status.END_OF_LIFE)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The milestones of one cycle. `None` means that a milestone does not apply."""

    release: MilestoneValue = None
    lts: MilestoneValue = None
    eoas: MilestoneValue = None
    eol: MilestoneValue = None
    eoes: MilestoneValue = None
    discontinued: MilestoneValue = None

    @property
    def support_end(self) -> MilestoneValue:
        """The end of ordinary support: `eol`; where that does not apply, the first end given."""
        if self.eol is not None:
            return self.eol
        return self.eoas if self.eoas is not None else self.eoes


@dataclass(frozen=True, slots=True)
class Period:
    """A phase in time, half-open: `start` is its first day, `end` the day after its last.

    `start` None: as if since ever; `end` None: no end announced. The boundaries keep whether
    they are imprecise, so that they can be drawn so.
    """

    phase: Phase
    start: date | None
    end: date | None
    imprecise_start: bool = False
    imprecise_end: bool = False


@dataclass(frozen=True, slots=True)
class OrderError:
    """Two milestones in the wrong order; `str()` is the sentence, `later` the field to mend."""

    earlier: str
    later: str
    earlier_value: PartialDate
    later_value: PartialDate

    def __str__(self) -> str:
        return (
            f"The {MILESTONE_WORDS[self.later]} ({self.later_value}) is before the "
            f"{MILESTONE_WORDS[self.earlier]} ({self.earlier_value})."
        )


def start_reached(value: MilestoneValue, on: date) -> bool:
    """Whether a start (`release`, `lts`) has come: on its day it has. None: as if long ago."""
    if isinstance(value, PartialDate):
        return on >= value.date
    return value is not False


def end_reached(value: MilestoneValue, on: date) -> bool:
    """Whether an end has passed: its last day still counts. None is never reached."""
    if isinstance(value, PartialDate):
        return on > value.date
    return value is True


def milestone_reached(name: str, value: MilestoneValue, on: date) -> bool:
    """Return whether the milestone `name` has come to pass: a start on its day, an end after it."""
    return (start_reached if name in STARTS else end_reached)(value, on)


def status_on(life: Lifecycle, on: date) -> Status:
    """Where the cycle stands on `on`. `lts` and `discontinued` have no part in it."""
    if not start_reached(life.release, on):
        return Status.PLANNED
    if end_reached(life.support_end, on):
        extended = life.eoes is not None and not end_reached(life.eoes, on)
        return Status.EXTENDED if extended else Status.END_OF_LIFE
    return Status.SECURITY if end_reached(life.eoas, on) else Status.ACTIVE


def next_end(life: Lifecycle, on: date) -> MilestoneValue:
    """The end of the phase that the cycle is in on `on`.

    A date, or `False` when no end of it is announced, or `None` when nothing is running
    (planned, end of life) or no end was ever given.
    """
    match status_on(life, on):
        case Status.ACTIVE:
            return _active_end(life)
        case Status.SECURITY:
            return life.support_end
        case Status.EXTENDED:
            return life.eoes
    return None


def ends_soon(life: Lifecycle, on: date) -> bool:
    """Whether the next end is at most 120 days away, or a third of the time from the release to
    it if that is shorter (without a release date: 120 days)."""
    end = next_end(life, on)
    if not isinstance(end, PartialDate):
        return False
    left = (end.date - on).days
    if left > SOON_DAYS:
        return False
    return not isinstance(life.release, PartialDate) or (
        left * 3 <= (end.date - life.release.date).days
    )


def is_maintained(life: Lifecycle, on: date) -> bool:
    """Upstream's word: some of eoas, eol, discontinued, eoes is present and not reached.

    Source: `isMaintained` of the endoflife.date API v1, quirks included; never used for status.
    """
    ends = (life.eoas, life.eol, life.discontinued, life.eoes)
    return any(end is not None and not end_reached(end, on) for end in ends)


def is_lts(life: Lifecycle, on: date) -> bool:
    """Return whether a cycle has long-term support on `on`: from the first day of it on.

    `models.status.lts` is the same rule in SQL.
    """
    return life.lts is not None and start_reached(life.lts, on)


def is_lts_in_public_api(life: Lifecycle, on: date) -> bool:
    """Return `isLts` of the endoflife.date API v1: a date is reached on the day after it.

    Only API v1 follows it; the rest of the site follows `is_lts`.
    """
    if isinstance(life.lts, PartialDate):
        return on > life.lts.date
    return life.lts is True


def periods(life: Lifecycle) -> tuple[Period, ...]:
    """The phases of the cycle in time, in order, without gaps, never overlapping, none empty.

    What has an end that nobody dated (`True`) has no period: none is invented.
    """
    if life.release is False:
        return ()
    released = life.release if isinstance(life.release, PartialDate) else None
    start = released.first_day if released else None
    imprecise_start = bool(released and released.imprecise)
    end = life.support_end
    found: list[Period] = []

    def add(phase: Phase, until: MilestoneValue) -> None:
        nonlocal start, imprecise_start
        if until is True:
            return
        stop, imprecise = _day_after(until)
        if stop is None or start is None or start < stop:
            found.append(Period(phase, start, stop, imprecise_start, imprecise))
            start, imprecise_start = stop, imprecise

    if isinstance(life.eoas, PartialDate) and life.eoas is not end:
        add(Phase.ACTIVE, _active_end(life))
        add(Phase.SECURITY, end)
    else:
        add(Phase.SECURITY if life.eoas is True else Phase.ACTIVE, end)
    if isinstance(end, PartialDate) and life.eoes is not None and life.eoes is not end:
        add(Phase.EXTENDED, life.eoes)
    return tuple(found)


def order_errors(life: Lifecycle) -> list[OrderError]:
    """The pairs of milestones that stand in the wrong order.

    Equal dates are in order, and so are two imprecise ones whose periods can overlap.
    """
    errors = []
    for earlier, later in ORDERED_PAIRS:
        first, second = getattr(life, earlier), getattr(life, later)
        both = isinstance(first, PartialDate) and isinstance(second, PartialDate)
        if both and first.first_day > second.date:
            errors.append(OrderError(earlier, later, first, second))
    return errors


def _active_end(life: Lifecycle) -> MilestoneValue:
    """The end of active support. Imprecise ends may overlap: it never outlasts all support."""
    end = life.support_end
    if not isinstance(life.eoas, PartialDate):
        return end
    capped = isinstance(end, PartialDate) and end.date < life.eoas.date
    return end if capped else life.eoas


def _day_after(end: MilestoneValue) -> tuple[date | None, bool]:
    """The half-open end of a period that lasts through `end`, and whether it is imprecise."""
    if not isinstance(end, PartialDate):
        return None, False
    # Some write 9999-12-31 for "never"; the calendar has no day after it.
    return min(end.date, date.max - timedelta(days=1)) + timedelta(days=1), end.imprecise
