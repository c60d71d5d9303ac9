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

SAMPLE_SIZE = 5
"""Number of earlier cycles that a cycle is compared with; older ones may follow another policy."""

MIN_CYCLES = 3
"""Minimum number of cycles for a comparison; fewer do not show what is usual."""

EXPECTED_ENDS = ("eoas", "eol")

SLACK_DAYS = 31
"""Tolerated delay in days, since releases are often late by a few weeks."""

FIRST_YEAR = 1970
MAX_YEARS_AHEAD = 30


def warnings_about(
    cycle: HasName, others: Sequence[HasName], on: date, *, new: bool = False
) -> list[str]:
    """Return warnings about the dates of a cycle, as sentences.

    Args:
        cycle: The cycle to check.
        others: The other cycles of its product, in any order.
        on: The date of the check.
        new: True if the cycle is being added.
    """
    rules = (_years, _length, _gaps, _order, _missing_ends)
    warnings = [warning for rule in rules for warning in rule(cycle, others, on)]
    return [*warnings, *(_already_ended(cycle, others, on) if new else ())]


def _dated(value: MilestoneValue) -> TypeGuard[PartialDate]:
    return isinstance(value, PartialDate)


def _released(cycle: HasName) -> date | None:
    release = cycle.lifecycle.release
    return release.date if _dated(release) else None


def _by_release(cycles: Sequence[HasName]) -> list[HasName]:
    """Return the cycles that have a release date, oldest first."""
    return sorted(
        (cycle for cycle in cycles if _released(cycle)),
        key=lambda cycle: (_released(cycle) or date.min, cycle.name),
    )


def _before(cycle: HasName, others: Sequence[HasName]) -> list[HasName]:
    """Return the cycles that were released before this one, oldest first."""
    released = _released(cycle)
    if released is None:
        return []
    return [each for each in _by_release(others) if (_released(each) or released) < released]


# ---- years ------------------------------------------------------------------------------------


def _years(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """Warn about a year that looks like a typing error: 2208 or 0202."""
    for name in MILESTONES:
        value = getattr(cycle.lifecycle, name)
        # 9999-12-31 is a common way to write "never".
        if not _dated(value) or value.date.year == date.max.year:
            continue
        if not FIRST_YEAR <= value.date.year <= on.year + MAX_YEARS_AHEAD:
            yield f"The {MILESTONES[name].noun} is {value}, {distance(value.date, on)}."


# ---- length of support ------------------------------------------------------------------------


def _months(life: Lifecycle) -> int | None:
    """Return the months of ordinary support, or None if its start or end is not known."""
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
    if usual and _much_shorter(months, min(usual)):
        yield _length_warning("Shorter", kind, months, usual)
    elif usual and _much_shorter(max(usual), months):
        yield _length_warning("Longer", kind, months, usual)
    ordinary = _lengths([each for each in before if not _long_term(each)])
    if _long_term(cycle) and ordinary and months < min(ordinary):
        yield _length_warning("An LTS cycle with shorter", "cycles that are none", months, ordinary)


def _lengths(cycles: Sequence[HasName]) -> list[int]:
    """Return the months of support of the last cycles; empty if too few have known dates."""
    lengths = [
        months for each in cycles[-SAMPLE_SIZE:] if (months := _months(each.lifecycle)) is not None
    ]
    return lengths if len(lengths) >= MIN_CYCLES else []


def _much_shorter(months: int, usual: int) -> bool:
    """Return True if support is shorter by more than a third and by more than 2 months.

    The minimum of 2 months ignores releases that were merely late.
    """
    return months * 3 < usual * 2 and usual - months > 2


def _length_warning(word: str, kind: str, months: int, usual: Sequence[int]) -> str:
    least, most = min(usual), max(usual)
    span = str(most) if least == most else f"{least} to {most}"
    had = f"{count(months, 'month')}, they had {span}"
    return f"{word} support than the last {len(usual)} {kind}: {had}."


# ---- beside the other cycles ------------------------------------------------------------------


def _gaps(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """Warn about a gap without support, if the other cycles always overlap."""
    before, after = _before(cycle, others), _after(cycle, others)
    pairs = [*pairwise(before[-SAMPLE_SIZE:]), *pairwise(after[:SAMPLE_SIZE])]
    if len(pairs) < MIN_CYCLES or any(_gap([older], newer) for older, newer in pairs):
        return
    if before and (days := _gap(before, cycle)):
        yield f"No overlap with {before[-1].name}: {_gap_words(days)}."
    if after and (days := _gap([*before, cycle], after[0])):
        yield f"No overlap with {after[0].name}: {_gap_words(days)}."


def _after(cycle: HasName, others: Sequence[HasName]) -> list[HasName]:
    """Return the cycles that were released after this one, oldest first."""
    released = _released(cycle)
    if released is None:
        return []
    return [each for each in _by_release(others) if (_released(each) or released) > released]


def _gap(older: Iterable[HasName], newer: HasName) -> int:
    """Return the days without support between older cycles and a newer one.

    Returns 0 for a gap of at most `SLACK_DAYS`, and if the dates are not known.
    """
    ends = [cycle.lifecycle.support_end for cycle in older]
    released = newer.lifecycle.release
    dated = [end.date for end in ends if _dated(end)]
    if not _dated(released) or len(dated) < len(ends):
        return 0
    days = (released.first_day - max(dated)).days - 1
    return days if days > SLACK_DAYS else 0


def _gap_words(days: int) -> str:
    return f"for {count(days, 'day')} between them there is no support"


def _order(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """Warn about a release date out of version order, if the other cycles are in order."""
    if (
        not _dated(cycle.lifecycle.release)
        or len(others) < MIN_CYCLES
        or any(_swapped(in_order(others)))
    ):
        return
    for earlier, later in _swapped(in_order([*others, cycle])):
        other, word = (earlier, "older") if later is cycle else (later, "newer")
        where = "before" if later is cycle else "after"
        yield f"Released {where} {other.name}, which is {word} ({other.lifecycle.release})."
        return


def _swapped(cycles: Sequence[HasName]) -> Iterator[tuple[HasName, HasName]]:
    """Yield the neighbours in version order of which the first was released later."""
    dated = [cycle for cycle in cycles if _dated(cycle.lifecycle.release)]
    for one, two in pairwise(dated):
        first, second = one.lifecycle.release, two.lifecycle.release
        if _dated(first) and _dated(second) and (first.first_day - second.date).days > SLACK_DAYS:
            yield one, two


def _missing_ends(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """Warn about a missing end of support that the last cycles have."""
    before = _before(cycle, others) if _released(cycle) else _by_release(others)
    last = before[-SAMPLE_SIZE:]
    if len(last) < MIN_CYCLES:
        return
    for name in EXPECTED_ENDS:
        if getattr(cycle.lifecycle, name) is None and all(
            getattr(each.lifecycle, name) is not None for each in last
        ):
            yield f"No {MILESTONES[name].noun} is given; the last {len(last)} cycles have one."


def _already_ended(cycle: HasName, others: Sequence[HasName], on: date) -> Iterator[str]:
    """Warn about a new cycle, the newest one, whose support is over already."""
    end = cycle.lifecycle.support_end
    if end_reached(end, on) and not _after(cycle, others):
        past = f", {distance(end.date, on)}" if _dated(end) else ""
        yield f"Its support ends on a day that has passed{past}."
