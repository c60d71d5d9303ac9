"""A projection of the next cycle of a product from the cycles with names like the last one's.

The name follows the calendar where names say the month of their release, else it is counted on. The
release follows the median of the last gaps, support the median of its kind, and LTS comes where
every n-th cycle had it. A projection is a proposal that fills a form; it is never exact to the day.
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

LAST = 5
"""So many of the last cycles tell the pace: older ones followed another policy, perhaps."""

_NUMBERS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Projection:
    """What comes after the cycle `after`.

    `name` is empty where names of the product tell nothing of the next one. `gap` are the months
    from one release to the next, None where nobody knows them; `like` names the cycles whose
    support it is to have, the newest first.
    """

    name: str
    lifecycle: Lifecycle
    after: str
    gap: int | None
    like: tuple[str, ...]


def next_cycle(cycles: Sequence[HasName], after: str = "") -> Projection | None:
    """The cycle that comes next after the one that is named, or after the newest one; None where
    there is no such cycle.

    Where that exists already it is the one after the newest of its kind: after 5.2 comes 7.0, if
    there are 6.0 to 6.2.
    """
    by_name = {cycle.name: cycle for cycle in cycles}
    last = by_name.get(after) if after else max(cycles, key=_age, default=None)
    if last is None:
        return None
    projection = _after(last, cycles)
    if projection.name in by_name:
        alike = [cycle for cycle in cycles if _shape(cycle.name) == _shape(last.name)]
        projection = _after(in_order(alike)[-1], cycles)
    # Names by the calendar may meet another one, whose date is not what its name says.
    return replace(projection, name="") if projection.name in by_name else projection


def _after(last: HasName, cycles: Sequence[HasName]) -> Projection:
    series = _series(last, cycles)
    gap = _gap(series, last) or _gap(cycles, last)
    release = _release(last, gap)
    long_term = _is_long_term_next(series)
    alike = [cycle for cycle in series if _long_term(cycle) == long_term] or series
    like = alike[-LAST:]
    return Projection(
        _next_name(series, release),
        _life(release, like),
        last.name,
        gap,
        tuple(cycle.name for cycle in reversed(like)),
    )


def _series(last: HasName, cycles: Sequence[HasName]) -> list[HasName]:
    """The cycles up to the last one whose names are made like its name, in order of versions."""
    shape, key = _shape(last.name), version_key(last.name)
    return [
        cycle
        for cycle in in_order(cycles)
        if _shape(cycle.name) == shape and version_key(cycle.name) <= key
    ]


# ---- names ------------------------------------------------------------------------------------


def _shape(name: str) -> tuple[str, ...]:
    """What stands around the numbers of a name."""
    return tuple(_NUMBERS.split(name)[::2])


def _numbers(name: str) -> list[str]:
    return _NUMBERS.findall(name)


def _next_name(series: Sequence[HasName], release: MilestoneValue) -> str:
    last = series[-1].name
    numbers = _numbers(last)
    if not numbers:
        return ""
    if isinstance(release, PartialDate) and _by_calendar(series):
        numbers = _of_calendar(series, release.date)
    else:
        numbers = _counted_on([[int(text) for text in _numbers(c.name)] for c in series], numbers)
    pieces = _NUMBERS.split(last)
    pieces[1::2] = numbers
    name = "".join(pieces)
    return "" if bad_cycle_name(name) else name


def _by_calendar(series: Sequence[HasName]) -> bool:
    """Whether names say the year, or year and month, of their releases: 2028, 24.04."""
    dated = ((cycle.name, cycle.lifecycle.release) for cycle in series)
    known = [(name, day.date) for name, day in dated if isinstance(day, PartialDate)][-LAST:]
    return len(known) > 1 and all(_says(name, day) for name, day in known)


def _says(name: str, day: date) -> bool:
    numbers = [int(text) for text in _numbers(name)]
    return numbers in ([day.year], [day.year, day.month], [day.year % 100, day.month])


def _of_calendar(series: Sequence[HasName], day: date) -> list[str]:
    every = [_numbers(cycle.name) for cycle in series]
    year = str(day.year) if len(every[-1][0]) == 4 else f"{day.year % 100:02}"
    if len(every[-1]) == 1:
        return [year]
    short = any(len(month) == 1 for _, month in every)
    return [year, str(day.month) if short else f"{day.month:02}"]


def _counted_on(series: Sequence[Sequence[int]], last: Sequence[str]) -> list[str]:
    """The next numbers: 3.14 -> 3.15, but 5.2 -> 6.0 where the two lines before it ended with .2,
    too."""
    *head, tail = series[-1]
    lines: dict[tuple[int, ...], list[int]] = {}
    for *start, end in series:
        lines.setdefault(tuple(start), []).append(end)
    *done, _ = lines.values()
    full = len(done) > 1 and max(done[-1]) == max(done[-2]) <= tail
    if head and full:
        return [*map(str, head[:-1]), str(head[-1] + 1), str(min(done[-1]))]
    steps = [two - one for line in lines.values() for one, two in pairwise(line) if two > one]
    return [*last[:-1], str(tail + _usual(steps[-LAST:])).zfill(len(last[-1]))]


def _usual(steps: Sequence[int]) -> int:
    """The step that was taken most often; 1, where none was taken twice."""
    step = min(multimode(steps), default=1)
    return step if steps.count(step) > 1 else 1


# ---- dates ------------------------------------------------------------------------------------


def _age(cycle: HasName) -> tuple[date, object]:
    release = cycle.lifecycle.release
    return release.date if isinstance(release, PartialDate) else date.min, version_key(cycle.name)


def _month(day: PartialDate) -> int:
    """The months from the year 0 on."""
    return day.date.year * 12 + day.date.month - 1


def _in_month(month: int, precision: Precision) -> PartialDate:
    """Of what comes after the last year of the calendar that year's last month."""
    year, of_year = divmod(min(month, date.max.year * 12 + 11), 12)
    return PartialDate(date(year, of_year + 1, 1), precision)


def _gap(cycles: Iterable[HasName], last: HasName) -> int | None:
    """The months between two releases, as they were up to the last one."""
    if not isinstance(last.lifecycle.release, PartialDate):
        return None
    until = _month(last.lifecycle.release)
    dated = (cycle.lifecycle.release for cycle in cycles)
    months = sorted({_month(day) for day in dated if isinstance(day, PartialDate)})
    gaps = [two - one for one, two in pairwise(month for month in months if month <= until)]
    return median_low(gaps[-LAST:]) if gaps else None


def _release(last: HasName, gap: int | None) -> MilestoneValue:
    """No, where no date can be told: the next cycle is not released."""
    release = last.lifecycle.release
    if gap is None or not isinstance(release, PartialDate):
        return False
    precision = release.precision if release.imprecise else Precision.MONTH
    return _in_month(_month(release) + gap, precision)


# ---- support ----------------------------------------------------------------------------------


def _long_term(cycle: HasName) -> bool:
    return bool(cycle.lifecycle.lts)


def _is_long_term_next(series: Sequence[HasName]) -> bool:
    """Whether every n-th cycle was an LTS one lately, and the next is an n-th one again."""
    places = [place for place, cycle in enumerate(series) if _long_term(cycle)]
    rhythm = {two - one for one, two in pairwise(places[-3:])}
    return rhythm == {len(series) - places[-1]} if places else False


def _life(release: MilestoneValue, like: Sequence[HasName]) -> Lifecycle:
    """Support as long as cycles had it that are like this one, the last of `like` the newest."""
    ends: dict[str, MilestoneValue] = {}
    least = 0
    for name in SUPPORT_ENDS:
        length = _length(name, like)
        if length is None or not isinstance(release, PartialDate):
            ends[name] = _without_date(name, like)
        else:
            # The lengths may be of different cycles, but ends do not overtake each other.
            least = max(least, length)
            ends[name] = _in_month(_month(release) + least, release.precision)
    return Lifecycle.of({"release": release, "lts": _lts(release, like), **ends})


def _length(name: str, like: Sequence[HasName]) -> int | None:
    """The months from the release to a milestone; None where most of them have no date of it."""
    pairs = ((cycle.lifecycle.release, getattr(cycle.lifecycle, name)) for cycle in like)
    months = [
        max(0, _month(end) - _month(start))
        for start, end in pairs
        if isinstance(start, PartialDate) and isinstance(end, PartialDate)
    ]
    return median_low(months) if 2 * len(months) >= len(like) else None


def _without_date(name: str, like: Sequence[HasName]) -> MilestoneValue:
    """Nothing, where it does not apply to the newest one either; else it is not announced."""
    return None if getattr(like[-1].lifecycle, name) is None else False


def _lts(release: MilestoneValue, like: Sequence[HasName]) -> MilestoneValue:
    lts = like[-1].lifecycle.lts
    length = _length("lts", like)
    if not isinstance(lts, PartialDate):
        return lts
    if length is None or not isinstance(release, PartialDate):
        return True
    return _in_month(_month(release) + length, release.precision)
