"""A projection of the next cycle of a product from the cycles that are named alike.

- Name: follows the calendar if names contain the year or month of the release, else is counted up.
- Release: the last one plus the median of the last gaps.
- Support: the median length of the last cycles of the same kind.
- LTS: yes, if every n-th cycle was LTS and the next one is an n-th.

A projection is a proposal that fills a form, exact to the month at best.
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
"""Number of the last cycles that the projection uses; older ones may follow another policy."""

_NUMBERS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Projection:
    """A projected cycle that follows the cycle named `after`.

    `name` is empty if the names of the product allow no projection. `gap` is the number of months
    from one release to the next, or None if it is not known. `like` are the names of the cycles
    whose support was the model, newest first.
    """

    name: str
    lifecycle: Lifecycle
    after: str
    gap: int | None
    like: tuple[str, ...]


def next_cycle(cycles: Sequence[HasName], after: str = "") -> Projection | None:
    """Project the cycle after the one named `after`, or after the newest one if that is empty.

    Returns None if there is no such cycle. If the projected cycle exists already, the result
    follows the last cycle that is named alike: after 5.2 comes 7.0 if there are 6.0 to 6.2.
    """
    by_name = {cycle.name: cycle for cycle in cycles}
    last = by_name.get(after) if after else max(cycles, key=_age, default=None)
    if last is None:
        return None
    projection = _project_after(last, cycles)
    if projection.name in by_name:
        alike = [cycle for cycle in cycles if _shape(cycle.name) == _shape(last.name)]
        projection = _project_after(in_order(alike)[-1], cycles)
    # A name from the calendar may exist already, on a cycle released at another time.
    return replace(projection, name="") if projection.name in by_name else projection


def _project_after(last: HasName, cycles: Sequence[HasName]) -> Projection:
    series = _series(last, cycles)
    gap = _gap(series, last) or _gap(cycles, last)
    release = _release(last, gap)
    long_term = _is_long_term_next(series)
    alike = [cycle for cycle in series if _long_term(cycle) == long_term] or series
    like = alike[-SAMPLE_SIZE:]
    return Projection(
        _next_name(series, release),
        _projected_lifecycle(release, like),
        last.name,
        gap,
        tuple(cycle.name for cycle in reversed(like)),
    )


def _series(last: HasName, cycles: Sequence[HasName]) -> list[HasName]:
    """Return the cycles up to `last` that are named alike, in version order."""
    shape, key = _shape(last.name), version_key(last.name)
    return [
        cycle
        for cycle in in_order(cycles)
        if _shape(cycle.name) == shape and version_key(cycle.name) <= key
    ]


# ---- names ------------------------------------------------------------------------------------


def _shape(name: str) -> tuple[str, ...]:
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
    every = [_numbers(cycle.name) for cycle in series]
    year = str(day.year) if len(every[-1][0]) == 4 else f"{day.year % 100:02}"
    if len(every[-1]) == 1:
        return [year]
    short = any(len(month) == 1 for _, month in every)
    return [year, str(day.month) if short else f"{day.month:02}"]


def _next_numbers(series: Sequence[Sequence[int]], last: Sequence[str]) -> list[str]:
    """Return the next numbers: 3.14 -> 3.15, but 5.2 -> 6.0 if the last series ended with .2."""
    *head, tail = series[-1]
    lines: dict[tuple[int, ...], list[int]] = {}
    for *start, end in series:
        lines.setdefault(tuple(start), []).append(end)
    *done, _ = lines.values()
    full = len(done) > 1 and max(done[-1]) == max(done[-2]) <= tail
    if head and full:
        return [*map(str, head[:-1]), str(head[-1] + 1), str(min(done[-1]))]
    steps = [two - one for line in lines.values() for one, two in pairwise(line) if two > one]
    return [*last[:-1], str(tail + _usual_step(steps[-SAMPLE_SIZE:])).zfill(len(last[-1]))]


def _usual_step(steps: Sequence[int]) -> int:
    """Return the most frequent step, or 1 if no step occurred twice."""
    step = min(multimode(steps), default=1)
    return step if steps.count(step) > 1 else 1


# ---- dates ------------------------------------------------------------------------------------


def _age(cycle: HasName) -> tuple[date, object]:
    release = cycle.lifecycle.release
    return release.date if isinstance(release, PartialDate) else date.min, version_key(cycle.name)


def _month(day: PartialDate) -> int:
    """Return the number of months since the year 0."""
    return day.date.year * 12 + day.date.month - 1


def _in_month(month: int, precision: Precision) -> PartialDate:
    """Return the date of a month number; beyond the last year of the calendar, its last month."""
    year, of_year = divmod(min(month, date.max.year * 12 + 11), 12)
    return PartialDate(date(year, of_year + 1, 1), precision)


def _gap(cycles: Iterable[HasName], last: HasName) -> int | None:
    """Return the median number of months between releases up to `last`, or None if not known."""
    if not isinstance(last.lifecycle.release, PartialDate):
        return None
    until = _month(last.lifecycle.release)
    dated = (cycle.lifecycle.release for cycle in cycles)
    months = sorted({_month(day) for day in dated if isinstance(day, PartialDate)})
    gaps = [two - one for one, two in pairwise(month for month in months if month <= until)]
    return median_low(gaps[-SAMPLE_SIZE:]) if gaps else None


def _release(last: HasName, gap: int | None) -> MilestoneValue:
    """Return the projected release; False (not released) if no date can be projected."""
    release = last.lifecycle.release
    if gap is None or not isinstance(release, PartialDate):
        return False
    precision = release.precision if release.imprecise else Precision.MONTH
    return _in_month(_month(release) + gap, precision)


# ---- support ----------------------------------------------------------------------------------


def _long_term(cycle: HasName) -> bool:
    return bool(cycle.lifecycle.lts)


def _is_long_term_next(series: Sequence[HasName]) -> bool:
    """Return True if the last LTS cycles were evenly spaced and the next cycle continues that."""
    places = [place for place, cycle in enumerate(series) if _long_term(cycle)]
    rhythm = {two - one for one, two in pairwise(places[-3:])}
    return rhythm == {len(series) - places[-1]} if places else False


def _projected_lifecycle(release: MilestoneValue, like: Sequence[HasName]) -> Lifecycle:
    """Return a lifecycle with support as long as that of the cycles `like`, oldest first."""
    ends: dict[str, MilestoneValue] = {}
    least = 0
    for name in SUPPORT_ENDS:
        length = _length(name, like)
        if length is None or not isinstance(release, PartialDate):
            ends[name] = _without_date(name, like)
        else:
            # The medians may come from different cycles, so the order is enforced.
            least = max(least, length)
            ends[name] = _in_month(_month(release) + least, release.precision)
    return Lifecycle.of({"release": release, "lts": _lts(release, like), **ends})


def _length(name: str, like: Sequence[HasName]) -> int | None:
    """Return the median months from release to a milestone; None if most cycles lack its date."""
    pairs = ((cycle.lifecycle.release, getattr(cycle.lifecycle, name)) for cycle in like)
    months = [
        max(0, _month(end) - _month(start))
        for start, end in pairs
        if isinstance(start, PartialDate) and isinstance(end, PartialDate)
    ]
    return median_low(months) if 2 * len(months) >= len(like) else None


def _without_date(name: str, like: Sequence[HasName]) -> MilestoneValue:
    """Return None if the milestone does not apply to the newest cycle, else False."""
    return None if getattr(like[-1].lifecycle, name) is None else False


def _lts(release: MilestoneValue, like: Sequence[HasName]) -> MilestoneValue:
    lts = like[-1].lifecycle.lts
    length = _length("lts", like)
    if not isinstance(lts, PartialDate):
        return lts
    if length is None or not isinstance(release, PartialDate):
        return True
    return _in_month(_month(release) + length, release.precision)
