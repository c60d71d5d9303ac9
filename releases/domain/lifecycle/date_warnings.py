"""Warnings about dates of a cycle that are unusual for its product.

They are hints and refuse nothing. A rule applies only where all earlier cycles agree, because
people ignore a warning that is always there: a test keeps the share of real cycles with a warning
below 1 in 20.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeGuard

from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate
from releases.domain.lifecycle.order import HasName, in_order
from releases.domain.lifecycle.status import Lifecycle, end_reached
from releases.domain.lifecycle.words import count, distance, months_between

LAST = 5
"""So many cycles before one tell what is usual: older ones followed another policy, perhaps."""

LEAST = 3
"""Of fewer cycles nobody can tell what is usual."""

ENDS = ("eoas", "eol")

SLACK_DAYS = 31
"""By so little somebody is late without anybody minding."""

FIRST_YEAR = 1970
MOST_YEARS_AHEAD = 30


def doubts_about(
    cycle: HasName, others: Sequence[HasName], on: date, *, new: bool = False
) -> list[str]:
    """What looks odd about `cycle` beside the `others` of its product, in whatever order they
    come. `new`: it is being added."""
    rules = (_years, _length, _gaps, _order, _missing_ends)
    doubts = [doubt for rule in rules for doubt in rule(cycle, others, on)]
    return [*doubts, *(_over(cycle, others, on) if new else ())]


def _dated(value: MilestoneValue) -> TypeGuard[PartialDate]:
    return isinstance(value, PartialDate)


def _released(cycle: HasName) -> date | None:
    release = cycle.lifecycle.release
    return release.date if _dated(release) else None


def _by_release(cycles: Sequence[HasName]) -> list[HasName]:
    """Those with a day of release, the oldest first."""
    return sorted(
        (cycle for cycle in cycles if _released(cycle)),
        key=lambda cycle: (_released(cycle) or date.min, cycle.name),
    )


def _before(cycle: HasName, others: Sequence[HasName]) -> list[HasName]:
    """The cycles that were released before this one, the oldest first."""
    released = _released(cycle)
    if released is None:
        return []
    return [each for each in _by_release(others) if (_released(each) or released) < released]


# ---- years ------------------------------------------------------------------------------------


def _years(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """A slip of the finger: 2208, or 0202."""
    for name in MILESTONES:
        value = getattr(cycle.lifecycle, name)
        # Some write 9999-12-31 for "never".
        if not _dated(value) or value.date.year == date.max.year:
            continue
        if not FIRST_YEAR <= value.date.year <= on.year + MOST_YEARS_AHEAD:
            yield f"The {MILESTONES[name].noun} is {value}, {distance(value.date, on)}."


# ---- length of support ------------------------------------------------------------------------


def _months(life: Lifecycle) -> int | None:
    """Months of ordinary support, where both of its ends are known."""
    end = life.support_end
    if not _dated(life.release) or not _dated(end) or end.date < life.release.date:
        return None
    return months_between(life.release.date, end.date)


def _long_term(cycle: HasName) -> bool:
    return bool(cycle.lifecycle.lts)


def _length(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    months = _months(cycle.lifecycle)
    if months is None:
        return
    before = _before(cycle, others)
    alike = [each for each in before if _long_term(each) == _long_term(cycle)]
    kind = "LTS cycles" if _long_term(cycle) else "cycles"
    usual = _lengths(alike)
    if usual and _less(months, min(usual)):
        yield _unusual("Shorter", kind, months, usual)
    elif usual and _less(max(usual), months):
        yield _unusual("Longer", kind, months, usual)
    ordinary = _lengths([each for each in before if not _long_term(each)])
    if _long_term(cycle) and ordinary and months < min(ordinary):
        yield _unusual("An LTS cycle with shorter", "cycles that are none", months, ordinary)


def _lengths(cycles: Sequence[HasName]) -> list[int]:
    """Of the last ones; nothing where too few tell theirs."""
    lengths = [months for each in cycles[-LAST:] if (months := _months(each.lifecycle)) is not None]
    return lengths if len(lengths) >= LEAST else []


def _less(months: int, usual: int) -> bool:
    """By more than a third, and not only because a release came when somebody had time for it."""
    return months * 3 < usual * 2 and usual - months > 2


def _unusual(word: str, kind: str, months: int, usual: Sequence[int]) -> str:
    least, most = min(usual), max(usual)
    span = str(most) if least == most else f"{least} to {most}"
    had = f"{count(months, 'month')}, they had {span}"
    return f"{word} support than the last {len(usual)} {kind}: {had}."


# ---- beside the other cycles ------------------------------------------------------------------


def _gaps(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """Time in which nothing is supported, where the next cycle always came early enough."""
    before, after = _before(cycle, others), _after(cycle, others)
    pairs = [*pairwise(before[-LAST:]), *pairwise(after[:LAST])]
    if len(pairs) < LEAST or any(_gap([older], newer) for older, newer in pairs):
        return
    if before and (days := _gap(before, cycle)):
        yield f"No overlap with {before[-1].name}: {_nothing(days)}."
    if after and (days := _gap([*before, cycle], after[0])):
        yield f"No overlap with {after[0].name}: {_nothing(days)}."


def _after(cycle: HasName, others: Sequence[HasName]) -> list[HasName]:
    """The cycles that were released after this one, the oldest first."""
    released = _released(cycle)
    if released is None:
        return []
    return [each for each in _by_release(others) if (_released(each) or released) > released]


def _gap(older: Iterable[HasName], newer: HasName) -> int:
    """The days between the last of the older cycles and a newer one; 0 for what is less than a
    month, or not known."""
    ends = [cycle.lifecycle.support_end for cycle in older]
    released = newer.lifecycle.release
    dated = [end.date for end in ends if _dated(end)]
    if not _dated(released) or len(dated) < len(ends):
        return 0
    days = (released.first_day - max(dated)).days - 1
    return days if days > SLACK_DAYS else 0


def _nothing(days: int) -> str:
    return f"for {count(days, 'day')} between them there is no support"


def _order(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """Released before what its number says is older, where all others come in their order."""
    if (
        not _dated(cycle.lifecycle.release)
        or len(others) < LEAST
        or any(_swapped(in_order(others)))
    ):
        return
    for earlier, later in _swapped(in_order([*others, cycle])):
        other, word = (earlier, "older") if later is cycle else (later, "newer")
        where = "before" if later is cycle else "after"
        yield f"Released {where} {other.name}, which is {word} ({other.lifecycle.release})."
        return


def _swapped(cycles: Sequence[HasName]) -> Iterator[tuple[HasName, HasName]]:
    """Pairs of cycles in the order of versions of which the first was released later."""
    dated = [cycle for cycle in cycles if _dated(cycle.lifecycle.release)]
    for one, two in pairwise(dated):
        first, second = one.lifecycle.release, two.lifecycle.release
        if _dated(first) and _dated(second) and (first.first_day - second.date).days > SLACK_DAYS:
            yield one, two


def _missing_ends(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """An end that was forgotten."""
    before = _before(cycle, others) if _released(cycle) else _by_release(others)
    last = before[-LAST:]
    if len(last) < LEAST:
        return
    for name in ENDS:
        if getattr(cycle.lifecycle, name) is None and all(
            getattr(each.lifecycle, name) is not None for each in last
        ):
            yield f"No {MILESTONES[name].noun} is given; the last {len(last)} cycles have one."


def _over(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """The newest cycle is added, and nobody supports it any more."""
    end = cycle.lifecycle.support_end
    if end_reached(end, on) and not _after(cycle, others):
        past = f", {distance(end.date, on)}" if _dated(end) else ""
        yield f"Its support ends on a day that has passed{past}."
