"""The lifecycle of a release cycle: its milestones, its status on a date, its periods of support.

Every rule takes the date as an argument; this module never reads the clock. The rules of status and
`ends_soon` also exist as SQL in `releases.models.status`; a test keeps the two equal.

Ordinary support ends at `eol`. Extended support counts as support only if everybody gets it free of
charge, which the product records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from releases.domain.lifecycle.extended_support import (
    NOT_RECORDED,
    ExtendedSupport,
    ExtendedTerms,
)
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    ORDERED_PAIRS,
    MilestoneValue,
    PartialDate,
)

SOON_DAYS = 120
"""Maximum number of days before an end that ends soon; see `ends_soon`."""


class Phase(StrEnum):
    """A phase of support."""

    ACTIVE = "active"
    SECURITY = "security"
    EXTENDED = "extended"


class Status(StrEnum):
    """The status of a cycle on a date.

    `FREE_EXTENDED`: ordinary support has ended, and extended support continues for everybody.
    `EXTENDED`: ordinary support has ended, and the support that continues is not known to be free.
    """

    PLANNED = "planned"
    ACTIVE = "active"
    SECURITY = "security"
    FREE_EXTENDED = "extended-free"
    EXTENDED = "extended"
    END_OF_LIFE = "eol"

    @property
    def supported(self) -> bool:
        """True if everybody gets fixes: active, security or free extended support."""
        return self in (Status.ACTIVE, Status.SECURITY, Status.FREE_EXTENDED)

    @property
    def ended(self) -> bool:
        """True if the support that everybody gets is over."""
        return self in (Status.EXTENDED, Status.END_OF_LIFE)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The milestones of one cycle; `None` means that a milestone does not apply.

    `extended` is the extended support of the product.
    """

    release: MilestoneValue = None
    lts: MilestoneValue = None
    eoas: MilestoneValue = None
    eol: MilestoneValue = None
    eoes: MilestoneValue = None
    discontinued: MilestoneValue = None
    extended: ExtendedSupport = field(default=NOT_RECORDED, kw_only=True)

    @classmethod
    def of(cls, milestones: Mapping[str, MilestoneValue]) -> Lifecycle:
        """Return a lifecycle with these milestones, by name; the others do not apply."""
        return cls(*(milestones.get(name) for name in MILESTONES))

    @property
    def support_end(self) -> MilestoneValue:
        """The end of ordinary support: `eol`, else `eoas`, else `eoes`.

        A cycle with only an end of active support is out of support after that day.
        """
        if self.eol is not None:
            return self.eol
        return self.eoas if self.eoas is not None else self.eoes

    @property
    def supported_until(self) -> MilestoneValue:
        """The end of the support that everybody gets.

        It is the end of extended support if that is free and outlasts ordinary support, else
        `support_end`.
        """
        end, later = self.support_end, self.eoes
        if not self.extended.free or later is None or later is True:
            return end
        if isinstance(end, PartialDate) and isinstance(later, PartialDate):
            return max(end, later, key=lambda each: each.date)  # Imprecise ends may overlap.
        return end if end is False else later

    def with_extended(self) -> Lifecycle:
        """Return the lifecycle for a user who has the extended support, whatever its terms."""
        return replace(self, extended=replace(self.extended, terms=ExtendedTerms.FREE))


@dataclass(frozen=True, slots=True)
class Period:
    """A phase in time: `start` is its first day, `end` the day after its last day.

    `start` is None if it is not known; `end` is None if no end is announced. `imprecise_start` and
    `imprecise_end` are True for a boundary that is not known to the day. `until` is the milestone
    that ends the phase.
    """

    phase: Phase
    start: date | None
    end: date | None
    imprecise_start: bool = False
    imprecise_end: bool = False
    until: MilestoneValue = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OrderError:
    """Two milestones in the wrong order; `str()` is a sentence for the field `later`."""

    earlier: str
    later: str
    earlier_value: PartialDate
    later_value: PartialDate

    def __str__(self) -> str:
        return (
            f"The {MILESTONES[self.later].noun} ({self.later_value}) is before the "
            f"{MILESTONES[self.earlier].noun} ({self.earlier_value})."
        )


def start_reached(value: MilestoneValue, on: date) -> bool:
    """Return True if a start (`release`, `lts`) is reached, on its own day or later.

    An imprecise start is reached on the last day of its period. None counts as reached long ago,
    False as not reached.
    """
    if isinstance(value, PartialDate):
        return on >= value.date
    return value is not False


def end_reached(value: MilestoneValue, on: date) -> bool:
    """Return True if an end has passed: the day after it or later, since its last day still counts.

    True (no date known) has passed; None and False have not.
    """
    if isinstance(value, PartialDate):
        return on > value.date
    return value is True


def milestone_reached(name: str, value: MilestoneValue, on: date) -> bool:
    """Return True if `name` is reached: a start on its day, an end on the day after."""
    return (start_reached if MILESTONES[name].is_start else end_reached)(value, on)


def status_on(life: Lifecycle, on: date) -> Status:
    """Return the status of a cycle on `on`; `lts` and `discontinued` do not affect it."""
    if not start_reached(life.release, on):
        return Status.PLANNED
    if end_reached(life.support_end, on):
        if life.eoes is None or end_reached(life.eoes, on):
            return Status.END_OF_LIFE
        return Status.FREE_EXTENDED if life.extended.free else Status.EXTENDED
    return Status.SECURITY if end_reached(life.eoas, on) else Status.ACTIVE


def next_end(life: Lifecycle, on: date) -> MilestoneValue:
    """Return the end of the phase that the cycle is in on `on`.

    Returns False if no end is announced, and None if no phase is running (planned, end of life) or
    no end was ever recorded.
    """
    match status_on(life, on):
        case Status.ACTIVE:
            return _active_end(life)
        case Status.SECURITY:
            return life.support_end
        case Status.FREE_EXTENDED | Status.EXTENDED:
            return life.eoes
    return None


def support_ended_on(life: Lifecycle, on: date) -> PartialDate | None:
    """Return the last day of the support that everybody got, once it is over.

    If that has no date, the end of extended support replaces it. Returns None if the cycle is
    planned or supported on `on`, or if no date is known.
    """
    if not status_on(life, on).ended:
        return None
    ends = (life.supported_until, life.support_end, life.eoes)
    dated = (end for end in ends if isinstance(end, PartialDate) and end_reached(end, on))
    return next(dated, None)


def ends_soon(life: Lifecycle, on: date) -> bool:
    """Return True if the next end is at most 120 days or a third of the lifetime away.

    The shorter of the two decides, inclusive; the lifetime lasts from the release to that end.
    Without a release date it is 120 days. Returns False while only extended support that is not
    free continues, because support is over for most users. `models.status.ends_soon` is the same
    rule in SQL.
    """
    end = next_end(life, on)
    if not isinstance(end, PartialDate) or status_on(life, on) is Status.EXTENDED:
        return False
    left = (end.date - on).days
    if left > SOON_DAYS:
        return False
    return not isinstance(life.release, PartialDate) or (
        left * 3 <= (end.date - life.release.date).days
    )


def is_maintained(life: Lifecycle, on: date) -> bool:
    """Return `isMaintained` of API v1: an end is recorded that has not passed.

    The ends are `eoas`, `eol`, `discontinued` and `eoes`; False (no end announced) has not passed.
    Source: the endoflife.date API v1, quirks included. The terms of extended support do not affect
    it, and it is never used for the status.
    """
    ends = (life.eoas, life.eol, life.discontinued, life.eoes)
    return any(end is not None and not end_reached(end, on) for end in ends)


def is_lts(life: Lifecycle, on: date) -> bool:
    """Return True if a cycle has long-term support on `on`, from its first day on.

    `models.status.lts` is the same rule in SQL.
    """
    return life.lts is not None and start_reached(life.lts, on)


def is_lts_in_public_api(life: Lifecycle, on: date) -> bool:
    """Return `isLts` of API v1, in which a date is reached on the day after it.

    Source: the endoflife.date API v1. Only API v1 uses it; the rest of the site uses `is_lts`.
    """
    if isinstance(life.lts, PartialDate):
        return on > life.lts.date
    return life.lts is True


def periods(life: Lifecycle) -> tuple[Period, ...]:
    """Return the phases of the cycle in order, without gaps, overlaps or empty ones.

    A phase whose end has no date (`True`) has no period, because its length is not known.
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
            found.append(Period(phase, start, stop, imprecise_start, imprecise, until))
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
    """Return the pairs of milestones that are in the wrong order.

    Equal dates are in order, and so are imprecise ones whose periods can overlap.
    """
    errors = []
    for earlier, later in ORDERED_PAIRS:
        first, second = getattr(life, earlier), getattr(life, later)
        both = isinstance(first, PartialDate) and isinstance(second, PartialDate)
        if both and first.first_day > second.date:
            errors.append(OrderError(earlier, later, first, second))
    return errors


def _active_end(life: Lifecycle) -> MilestoneValue:
    """Return the end of active support, which never outlasts all support.

    The two ends may overlap if they are imprecise.
    """
    end = life.support_end
    if not isinstance(life.eoas, PartialDate):
        return end
    capped = isinstance(end, PartialDate) and end.date < life.eoas.date
    return end if capped else life.eoas


def _day_after(end: MilestoneValue) -> tuple[date | None, bool]:
    """Return the exclusive end of a period that lasts through `end`, and if it is imprecise."""
    if not isinstance(end, PartialDate):
        return None, False
    # 9999-12-31 is a common way to write "never"; the calendar has no day after it.
    return min(end.date, date.max - timedelta(days=1)) + timedelta(days=1), end.imprecise
