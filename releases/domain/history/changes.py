"""The public history of a cycle, and the changes that it tells of.

A version is what was written at a moment. It is public until the next one is written, or from a
later day on where it is a draft that is published on that day; then there is no further version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate
from releases.domain.lifecycle.status import Lifecycle

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visibility:
    """Since when a row is a draft, to be published on a day or not, or deleted."""

    at: datetime
    draft: bool = False
    publish_on: date | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Visibility):
    """What was written of a cycle at a moment.

    `created`: the row was written to create the cycle in the product that it belongs to today.
    """

    lifecycle: Lifecycle
    created: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What everybody saw of a cycle from a moment on, up to another one (None: to this day)."""

    at: datetime
    until: datetime | None
    lifecycle: Lifecycle


@dataclass(frozen=True, slots=True)
class Change:
    """From when on everybody saw that a milestone has a date, or none."""

    at: datetime
    day: PartialDate | None


@dataclass(frozen=True, slots=True)
class Move:
    """A date that was moved, and when everybody saw that."""

    at: datetime
    old: PartialDate
    new: PartialDate


@dataclass(frozen=True, slots=True)
class Announcement:
    """When an event was first announced, when the announcement last changed, and by which move."""

    published: datetime
    updated: datetime
    move: Move | None


class ChangeKind(StrEnum):
    """The kinds of changes that are reported; a filter of the page, its feeds and its data."""

    ADDED = "added"
    ANNOUNCED = "announced"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class LifecycleChange:
    """A public change of a cycle, at the moment from which everybody could see it.

    `milestone` is empty for `ADDED`, and both values are None. Otherwise the values are those
    before and after the change: two different dates for `MOVED`; nothing, then a date or `True`
    (known without a date) for `ANNOUNCED`; the reverse for `WITHDRAWN`.
    """

    at: datetime
    kind: ChangeKind
    milestone: str = ""
    old: MilestoneValue = None
    new: MilestoneValue = None


V = TypeVar("V", bound=Visibility)


def public_history(
    versions: Sequence[Version], of_product: Sequence[Visibility], today: date
) -> list[Shown]:
    """What was public of a cycle up to `today`, the oldest first; what follows on each other
    differs, or something was not public in between.

    Versions are in the order in which they were written. What is written first of a product holds
    for the time before, too: no cycle is older.
    """
    first, *others = of_product or (Visibility(_EVER),)
    product = list(public_spans((replace(first, at=_EVER), *others), today))
    shown: list[Shown] = []
    for version, start, end in public_spans(versions, today):
        for _, product_start, product_end in product:
            at, until = max(start, product_start), min(end, product_end)
            if at < until:
                _add(shown, Shown(at, None if until == _NEVER else until, version.lifecycle))
    return shown


def public_changes(shown: Iterable[Shown]) -> Mapping[str, list[Change]]:
    """When which milestone got which date, the oldest change first. What was not public for a
    while goes on where it was: in between nobody saw anything else."""
    found: dict[str, list[Change]] = {name: [] for name in MILESTONES}
    for each in shown:
        for name, changes in found.items():
            value = getattr(each.lifecycle, name)
            day = value if isinstance(value, PartialDate) else None
            if (changes[-1].day if changes else None) != day:
                changes.append(Change(each.at, day))
    return found


def moves(changes: Iterable[Change]) -> list[Move]:
    """The moves among the changes of one milestone, the oldest first. A date that comes first, goes
    away, or is known more exactly is none."""
    found = []
    last: PartialDate | None = None
    for change in changes:
        if change.day is None:
            continue
        if last is not None and last.date != change.day.date:
            found.append(Move(change.at, last, change.day))
        last = change.day
    return found


def announcement(
    day: PartialDate, changes: Sequence[Change], due: Callable[[date], datetime]
) -> Announcement:
    """Return the times of the announcement of an event.

    An announcement of an event that never moved has the time of the event. A move updates it, but
    never before it is due: a date that moved years before the event is no news of that year.
    `published` is the time at which the first date that lasted until its announcement was due.

    Args:
        day: The date that the event has.
        changes: The dates that it had in public, oldest first.
        due: Returns the time at which an event on a day is announced.
    """
    moved = moves(changes)
    ends = [*(change.at for change in changes[1:]), _NEVER]
    lasted = (
        due(change.day.date)
        for change, end in zip(changes, ends, strict=False)
        if change.day and due(change.day.date) < end
    )
    now = due(day.date)
    return Announcement(
        published=next(lasted, now),
        updated=max([now, *(move.at for move in moved[-1:])]),
        move=moved[-1] if moved else None,
    )


def lifecycle_changes(
    versions: Sequence[Version], of_product: Sequence[Visibility], today: date
) -> list[LifecycleChange]:
    """Return the public changes of a cycle up to `today`, the oldest first.

    Takes the same arguments as `public_history`. A cycle is added when it becomes public later
    than its product: the cycles that come with a new product are no news. A milestone changes
    between two states that follow each other in public: a date comes first, becomes another one,
    or goes away. A date that is only known more or less exactly is no change.
    """
    shown = public_history(versions, of_product, today)
    found = []
    if shown and _was_added(versions, of_product, shown[0].at, today):
        found.append(LifecycleChange(shown[0].at, ChangeKind.ADDED))
    for before, after in pairwise(shown):
        for name in MILESTONES:
            old, new = getattr(before.lifecycle, name), getattr(after.lifecycle, name)
            if kind := _kind(old, new):
                found.append(LifecycleChange(after.at, kind, name, old, new))
    return found


def public_spans(versions: Sequence[V], today: date) -> Iterator[tuple[V, datetime, datetime]]:
    """The versions that were ever public, oldest first: from when (inclusive) to when
    (exclusive). What is public to this day ends at the end of all time."""
    ends = [*(version.at for version in versions[1:]), _NEVER]
    for version, end in zip(versions, ends, strict=False):
        start = version.at
        if version.deleted:
            continue
        if version.draft:
            if version.publish_on is None or version.publish_on > today:
                continue
            start = max(start, first_moment(version.publish_on))
        if start < end:
            yield version, start, end


def last_public_change(
    of_product: Sequence[Visibility],
    of_cycles: Iterable[tuple[Sequence[Visibility], Iterable[datetime]]],
    others: Iterable[datetime],
    today: date,
) -> datetime | None:
    """Return when everybody last saw a product change; None for one that was never public.

    Whatever was written to it or to what belongs to it counts, as far as that was public.

    Args:
        of_product: The versions of the product.
        of_cycles: The versions of each cycle that ever belonged to it, with the times at which its
            releases were written. A version in another product counts as deleted.
        others: When anything else of the product was written, such as an identifier.
        today: The real date.
    """
    spans = [(start, end) for _, start, end in public_spans(of_product, today)]
    found = {at for span in spans for at in span}
    found.update(at for at in others if _within(spans, at))
    for versions, releases in of_cycles:
        own = [(start, end) for _, start, end in public_spans(versions, today)]
        written = [at for span in own for at in span]
        written += (at for at in releases if _within(own, at))
        found.update(at for at in written if _within(spans, at))
    return max(found - {_NEVER}, default=None)


def first_moment(day: date) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time.min, UTC)


def _was_added(
    versions: Sequence[Version], of_product: Sequence[Visibility], at: datetime, today: date
) -> bool:
    """True if the history tells that the cycle, public since `at`, is younger than its product."""
    product_since = next((start for _, start, _ in public_spans(of_product, today)), None)
    first = next((version for version in versions if not version.deleted), None)
    return bool(first and first.created and product_since and product_since < at)


def _kind(old: MilestoneValue, new: MilestoneValue) -> ChangeKind | None:
    """The kind of a step from one value to the next; None if it is no change to report."""
    if isinstance(old, PartialDate) and isinstance(new, PartialDate):
        return ChangeKind.MOVED if old.date != new.date else None
    if bool(old) == bool(new):
        return None
    return ChangeKind.ANNOUNCED if new else ChangeKind.WITHDRAWN


def _within(spans: Iterable[tuple[datetime, datetime]], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)


def _add(shown: list[Shown], new: Shown) -> None:
    """Puts it behind what was shown last, or makes that last longer."""
    if shown and (shown[-1].until, shown[-1].lifecycle) == (new.at, new.lifecycle):
        shown[-1] = replace(shown[-1], until=new.until)
    else:
        shown.append(new)


def change_words(change: LifecycleChange) -> str:
    """Return a change in few words: `end of security support moved to 30 Apr 2028`."""
    if change.kind is ChangeKind.ADDED:
        return "new release cycle"
    what = MILESTONES[change.milestone].noun
    if change.kind is ChangeKind.WITHDRAWN:
        return f"{what} withdrawn"
    if not isinstance(change.new, PartialDate):
        return f"{what} announced, without a date"
    verb = "moved to" if change.kind is ChangeKind.MOVED else "announced for"
    return f"{what} {verb} {change.new}"


def change_details(change: LifecycleChange) -> str:
    """Return a change as a sentence that tells the date before it, if there was one."""
    before = f"; it was {change.old}" if isinstance(change.old, PartialDate) else ""
    return f"{change_words(change)}{before}."
