"""Project the next cycle of a product from its earlier cycles with the same name pattern.

- Name: the release date if earlier names contain theirs, such as 24.04; else the next number.
- Release: the last release date plus the median of the most recent gaps between releases.
- Support: the median length for the most recent cycles of the same kind, LTS or not.
- LTS: yes, if LTS cycles were evenly spaced and the next one is due now.

A projection only prefills a form. Its dates are precise to the month at best.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from statistics import median_low, multimode

from releases.domain.lifecycle.milestones import (
    SUPPORT_ENDS,
    MilestoneValue,
    PartialDate,
    Precision,
)
from releases.domain.lifecycle.order import HasName, in_order
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.lifecycle.versions import version_key
from releases.domain.names import bad_cycle_name

SAMPLE_SIZE = 5
"""Number of recent cycles that a projection uses; older ones may follow another policy."""

_NUMBERS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Projection:
    """A projected cycle that follows the cycle named `after`.

    `name` is empty if no name can be projected from the existing ones. `gap` is the number of
    months from one release to the next, or None if it is not known. `like` names the cycles that
    the support dates are based on, newest first.
    """

    name: str
    lifecycle: Lifecycle
    after: str
    gap: int | None
    like: tuple[str, ...]


def next_cycle(cycles: Sequence[HasName], after: str = "") -> Projection | None:
    """Project the cycle after the one named `after`, or after the newest one if that is empty.

    Returns None if there is no such cycle. If the projected cycle already exists, the projection
    starts from the last cycle with the same name pattern instead: if 6.0 to 6.2 exist, the
    projection for 5.2 is 7.0.
    """
    by_name = {cycle.name: cycle for cycle in cycles}
    last = by_name.get(after) if after else max(cycles, key=_release_order, default=None)
    if last is None:
        return None
    projection = _project_after(last, cycles)
    if projection.name in by_name:
        same_kind = [
            cycle for cycle in cycles if _name_pattern(cycle.name) == _name_pattern(last.name)
        ]
        projection = _project_after(in_order(same_kind)[-1], cycles)
    # A calendar name may still clash with a cycle that was released at another time.
    return replace(projection, name="") if projection.name in by_name else projection


def _project_after(last: HasName, cycles: Sequence[HasName]) -> Projection:
    series = _series(last, cycles)
    gap = _median_gap(series, last) or _median_gap(cycles, last)
    release = _projected_release(last, gap)
    lts_next = _is_next_lts(series)
    same_kind = [cycle for cycle in series if _is_lts(cycle) == lts_next] or series
    like = same_kind[-SAMPLE_SIZE:]
    return Projection(
        _next_name(series, release),
        _projected_lifecycle(release, like),
        last.name,
        gap,
        tuple(cycle.name for cycle in reversed(like)),
    )


def _series(last: HasName, cycles: Sequence[HasName]) -> list[HasName]:
    """Return the cycles up to `last` with the same name pattern, in version order."""
    pattern, key = _name_pattern(last.name), version_key(last.name)
    return [
        cycle
        for cycle in in_order(cycles)
        if _name_pattern(cycle.name) == pattern and version_key(cycle.name) <= key
    ]


# ---- names ------------------------------------------------------------------------------------


def _name_pattern(name: str) -> tuple[str, ...]:
    """Return the text around the numbers of a name."""
    return tuple(_NUMBERS.split(name)[::2])


def _numbers(name: str) -> list[str]:
    return _NUMBERS.findall(name)


def _next_name(series: Sequence[HasName], release: MilestoneValue) -> str:
    last = series[-1].name
    numbers = _numbers(last)
    if not numbers:
        return ""
    if isinstance(release, PartialDate) and _follows_calendar(series):
        numbers = _calendar_numbers(series, release.date)
    else:
        numbers = _next_numbers([[int(text) for text in _numbers(c.name)] for c in series], numbers)
    pieces = _NUMBERS.split(last)
    pieces[1::2] = numbers
    name = "".join(pieces)
    return "" if bad_cycle_name(name) else name


def _follows_calendar(series: Sequence[HasName]) -> bool:
    """Return True if names contain the year, or year and month, of their releases: 2028, 24.04."""
    dated = ((cycle.name, cycle.lifecycle.release) for cycle in series)
    known = [(name, day.date) for name, day in dated if isinstance(day, PartialDate)][-SAMPLE_SIZE:]
    return len(known) > 1 and all(_matches_date(name, day) for name, day in known)


def _matches_date(name: str, day: date) -> bool:
    numbers = [int(text) for text in _numbers(name)]
    return numbers in ([day.year], [day.year, day.month], [day.year % 100, day.month])


def _calendar_numbers(series: Sequence[HasName], day: date) -> list[str]:
    all_numbers = [_numbers(cycle.name) for cycle in series]
    year = str(day.year) if len(all_numbers[-1][0]) == 4 else f"{day.year % 100:02}"
    if len(all_numbers[-1]) == 1:
        return [year]
    unpadded = any(len(month) == 1 for _, month in all_numbers)
    return [year, str(day.month) if unpadded else f"{day.month:02}"]


def _next_numbers(series: Sequence[Sequence[int]], last: Sequence[str]) -> list[str]:
    """Return the next numbers: 3.14 -> 3.15, but 5.2 -> 6.0 if 3.x and 4.x also ended at .2."""
    *head, tail = series[-1]
    by_prefix: dict[tuple[int, ...], list[int]] = {}
    for *start, end in series:
        by_prefix.setdefault(tuple(start), []).append(end)
    *completed, _ = by_prefix.values()
    is_complete = len(completed) > 1 and max(completed[-1]) == max(completed[-2]) <= tail
    if head and is_complete:
        return [*map(str, head[:-1]), str(head[-1] + 1), str(min(completed[-1]))]
    steps = [
        later - earlier
        for line in by_prefix.values()
        for earlier, later in pairwise(line)
        if later > earlier
    ]
    return [*last[:-1], str(tail + _usual_step(steps[-SAMPLE_SIZE:])).zfill(len(last[-1]))]


def _usual_step(steps: Sequence[int]) -> int:
    """Return the most frequent step, or 1 if no step occurred twice."""
    step = min(multimode(steps), default=1)
    return step if steps.count(step) > 1 else 1


# ---- dates ------------------------------------------------------------------------------------


def _release_order(cycle: HasName) -> tuple[date, object]:
    release = cycle.lifecycle.release
    return release.date if isinstance(release, PartialDate) else date.min, version_key(cycle.name)


def _month_number(day: PartialDate) -> int:
    """Return the number of months since the year 0."""
    return day.date.year * 12 + day.date.month - 1


def _month_start(month: int, precision: Precision) -> PartialDate:
    """Return the date of a month number, at most the last month that `date` can represent."""
    year, month_of_year = divmod(min(month, date.max.year * 12 + 11), 12)
    return PartialDate(date(year, month_of_year + 1, 1), precision)


def _median_gap(cycles: Iterable[HasName], last: HasName) -> int | None:
    """Return the median number of months between releases up to `last`, or None if unknown."""
    if not isinstance(last.lifecycle.release, PartialDate):
        return None
    until = _month_number(last.lifecycle.release)
    dated = (cycle.lifecycle.release for cycle in cycles)
    months = sorted({_month_number(day) for day in dated if isinstance(day, PartialDate)})
    gaps = [
        later - earlier for earlier, later in pairwise(month for month in months if month <= until)
    ]
    return median_low(gaps[-SAMPLE_SIZE:]) if gaps else None


def _projected_release(last: HasName, gap: int | None) -> MilestoneValue:
    """Return the projected release; False (not released) if no date can be projected."""
    release = last.lifecycle.release
    if gap is None or not isinstance(release, PartialDate):
        return False
    precision = release.precision if release.imprecise else Precision.MONTH
    return _month_start(_month_number(release) + gap, precision)


# ---- support ----------------------------------------------------------------------------------


def _is_lts(cycle: HasName) -> bool:
    return bool(cycle.lifecycle.lts)


def _is_next_lts(series: Sequence[HasName]) -> bool:
    """Return True if the last LTS cycles were evenly spaced and the next cycle continues that."""
    positions = [position for position, cycle in enumerate(series) if _is_lts(cycle)]
    intervals = {later - earlier for earlier, later in pairwise(positions[-3:])}
    return intervals == {len(series) - positions[-1]} if positions else False


def _projected_lifecycle(release: MilestoneValue, like: Sequence[HasName]) -> Lifecycle:
    """Return a lifecycle with the median support lengths of `like`, given oldest first."""
    ends: dict[str, MilestoneValue] = {}
    minimum = 0
    for name in SUPPORT_ENDS:
        length = _median_months(name, like)
        if length is None or not isinstance(release, PartialDate):
            ends[name] = _undated_end(name, like)
        else:
            # The medians may come from different cycles, so the order is enforced.
            minimum = max(minimum, length)
            ends[name] = _month_start(_month_number(release) + minimum, release.precision)
    return Lifecycle.of({"release": release, "lts": _projected_lts(release, like), **ends})


def _median_months(name: str, like: Sequence[HasName]) -> int | None:
    """Return the median months from release to an end; None if most cycles lack its date."""
    pairs = ((cycle.lifecycle.release, getattr(cycle.lifecycle, name)) for cycle in like)
    months = [
        max(0, _month_number(end) - _month_number(start))
        for start, end in pairs
        if isinstance(start, PartialDate) and isinstance(end, PartialDate)
    ]
    return median_low(months) if 2 * len(months) >= len(like) else None


def _undated_end(name: str, like: Sequence[HasName]) -> MilestoneValue:
    """Return None if an end does not apply to the newest cycle, else False (not announced)."""
    return None if getattr(like[-1].lifecycle, name) is None else False


def _projected_lts(release: MilestoneValue, like: Sequence[HasName]) -> MilestoneValue:
    lts = like[-1].lifecycle.lts
    length = _median_months("lts", like)
    if not isinstance(lts, PartialDate):
        return lts
    if length is None or not isinstance(release, PartialDate):
        return True
    return _month_start(_month_number(release) + length, release.precision)
