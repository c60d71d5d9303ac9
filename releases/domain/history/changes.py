"""The public history of a cycle, and the changes that it contains.

A version is the state of a row that was written at one time. It is public until the next version is
written. A draft with a day of publication is public from that day on, although nothing is written
then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Final, TypeVar

from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate
from releases.domain.lifecycle.status import Lifecycle

_MIN_TIME: Final = datetime.min.replace(tzinfo=UTC)
_MAX_TIME: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visibility:
    """The visibility of a row from the time `at` on.

    A draft with `publish_on` is public from that day on (UTC); a draft without it is not public.
    """

    at: datetime
    draft: bool = False
    publish_on: date | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Visibility):
    """The state of a cycle that was written at one time.

    `created` is True if this version created the cycle in the product that it belongs to today.
    """

    lifecycle: Lifecycle
    created: bool = False


@dataclass(frozen=True, slots=True)
class PublicState:
    """The public state of a cycle from `at` (inclusive) until `until` (exclusive).

    `until` is None if the state is still public.
    """

    at: datetime
    until: datetime | None
    lifecycle: Lifecycle


@dataclass(frozen=True, slots=True)
class Change:
    """A public date of a milestone from the time `at` on; `day` is None if it has no date."""

    at: datetime
    day: PartialDate | None


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a public date to another one, and the time from which the new one was public."""

    at: datetime
    old: PartialDate
    new: PartialDate


@dataclass(frozen=True, slots=True)
class Announcement:
    """The times of the announcement of an event, and the last move of its date, if any."""

    published: datetime
    updated: datetime
    move: Move | None


class ChangeKind(StrEnum):
    """The kinds of changes that are reported; the values of the filter of `/changes/`."""

    ADDED = "added"
    ANNOUNCED = "announced"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class LifecycleChange:
    """A public change of a cycle at the time from which it was public.

    `milestone` is empty for `ADDED`, and both values are None. Otherwise they are the values before
    and after the change: two different dates for `MOVED`; nothing, then a date or `True` (known
    without a date) for `ANNOUNCED`; the reverse for `WITHDRAWN`.
    """

    at: datetime
    kind: ChangeKind
    milestone: str = ""
    old: MilestoneValue = None
    new: MilestoneValue = None


V = TypeVar("V", bound=Visibility)


def public_history(
    versions: Sequence[Version], of_product: Sequence[Visibility], today: date
) -> list[PublicState]:
    """Return the public states of a cycle up to `today`, oldest first.

    Two states that follow each other differ, or the cycle was not public in between.

    Args:
        versions: The versions of the cycle, in the order in which they were written.
        of_product: The versions of its product, in the same order. The first one also holds for the
            time before it, since no cycle is older than its product.
        today: The real date; a draft that is published later is not public.
    """
    first, *others = of_product or (Visibility(_MIN_TIME),)
    product = list(public_spans((replace(first, at=_MIN_TIME), *others), today))
    shown: list[PublicState] = []
    for version, start, end in public_spans(versions, today):
        for _, product_start, product_end in product:
            at, until = max(start, product_start), min(end, product_end)
            if at < until:
                _append(
                    shown,
                    PublicState(at, None if until == _MAX_TIME else until, version.lifecycle),
                )
    return shown


def public_changes(shown: Iterable[PublicState]) -> Mapping[str, list[Change]]:
    """Return the public dates of each milestone by its name, oldest first.

    A time in which the cycle was not public is no change: it continues with the date before it.
    """
    found: dict[str, list[Change]] = {name: [] for name in MILESTONES}
    for each in shown:
        for name, changes in found.items():
            value = getattr(each.lifecycle, name)
            day = value if isinstance(value, PartialDate) else None
            if (changes[-1].day if changes else None) != day:
                changes.append(Change(each.at, day))
    return found


def moves(changes: Iterable[Change]) -> list[Move]:
    """Return the moves among the changes of one milestone, oldest first.

    A first date, a withdrawal and a change of precision are no moves.
    """
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
    ends = [*(change.at for change in changes[1:]), _MAX_TIME]
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
            if kind := change_kind(old, new):
                found.append(LifecycleChange(after.at, kind, name, old, new))
    return found


def lifecycles_before(
    life: Lifecycle, changes: Sequence[LifecycleChange]
) -> list[Lifecycle | None]:
    """Return the lifecycle before each change; None before the cycle was added.

    Args:
        life: The lifecycle after the last change.
        changes: The changes, the oldest first. Those of one moment have the same lifecycle before.
    """
    found: list[Lifecycle | None] = []
    for _, group in groupby(reversed(changes), key=attrgetter("at")):
        every = list(group)
        old: dict[str, Any] = {each.milestone: each.old for each in every if each.milestone}
        life = replace(life, **old)
        found += [None if each.kind is ChangeKind.ADDED else life for each in every]
    return found[::-1]


def public_spans(versions: Sequence[V], today: date) -> Iterator[tuple[V, datetime, datetime]]:
    """Yield each version that was ever public, oldest first, with its start and end.

    The start is inclusive and the end is exclusive. The end of a version that is still public is
    `datetime.max` in UTC.
    """
    ends = [*(version.at for version in versions[1:]), _MAX_TIME]
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
    """Return the time of the last public change of a product; None if it was never public.

    A write to the product, or to anything that belongs to it, counts if its row was public then.

    Args:
        of_product: The versions of the product.
        of_cycles: The versions of each cycle that ever belonged to it, with the times at which its
            releases were written. A version in another product counts as deleted.
        others: The times at which anything else of the product was written, such as an identifier.
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
    return max(found - {_MAX_TIME}, default=None)


def first_moment(day: date) -> datetime:
    """Return the time at which a day begins, in UTC."""
    return datetime.combine(day, time.min, UTC)


def _was_added(
    versions: Sequence[Version], of_product: Sequence[Visibility], at: datetime, today: date
) -> bool:
    """Return True if the cycle, public since `at`, was created after its product was public."""
    product_since = next((start for _, start, _ in public_spans(of_product, today)), None)
    first = next((version for version in versions if not version.deleted), None)
    return bool(first and first.created and product_since and product_since < at)


def change_kind(old: MilestoneValue, new: MilestoneValue) -> ChangeKind | None:
    """Return the kind of a change from one value to the next, or None if it is not reported."""
    if isinstance(old, PartialDate) and isinstance(new, PartialDate):
        return ChangeKind.MOVED if old.date != new.date else None
    if bool(old) == bool(new):
        return None
    return ChangeKind.ANNOUNCED if new else ChangeKind.WITHDRAWN


def _within(spans: Iterable[tuple[datetime, datetime]], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)


def _append(shown: list[PublicState], new: PublicState) -> None:
    """Append a state, or extend the last one if the new one continues it."""
    if shown and (shown[-1].until, shown[-1].lifecycle) == (new.at, new.lifecycle):
        shown[-1] = replace(shown[-1], until=new.until)
    else:
        shown.append(new)


def change_words(change: LifecycleChange) -> str:
    """Return a change as a phrase: `end of security support moved to 30 Apr 2028`."""
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
    """Return a change as a sentence that includes the date before it, if there was one."""
    before = f"; it was {change.old}" if isinstance(change.old, PartialDate) else ""
    return f"{change_words(change)}{before}."
