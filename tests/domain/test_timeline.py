"""Timeline geometry: bars, marks and bands as fractions of a window."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.status import Lifecycle, Phase, periods
from releases.domain.roadmap.timeline import (
    MAX_LABELS,
    Band,
    Bar,
    Mark,
    MarkKind,
    Window,
    bands,
    default_window,
    draw,
    window_of,
)
from tests.domain.strategies import days, few, lives, windows
from tests.lifecycles import make_lifecycle

YEAR = Window(date(2027, 1, 1), date(2028, 1, 1))
"""A window of 365 days, in which a day is 1/365."""


def bars(**milestones: str) -> tuple[Bar, ...]:
    return draw(make_lifecycle(**milestones), YEAR).bars


def labels(start: str, end: str) -> list[str]:
    """Return the labels of a window's bands, `-` for none; minor ones are in brackets."""
    window = Window(date.fromisoformat(start), date.fromisoformat(end))
    return [
        f"({band.label})" if band.minor and band.label else band.label or "-"
        for band in bands(window)
    ]


# ---- windows -------------------------------------------------------------------------------------


def test_default_window_holds_seven_years() -> None:
    """It begins in January two years ago and ends in December in four years."""
    window = default_window(date(2026, 11, 21))
    assert (window.start, window.last_day) == (date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize("end", [date(2027, 1, 1), date(2026, 12, 31)])
def test_window_must_end_after_it_starts(end: date) -> None:
    with pytest.raises(ValueError, match="A window must end after it starts"):
        Window(date(2027, 1, 1), end)


def test_window_of_one_day() -> None:
    """The shortest window contains exactly one day."""
    window = Window(date(2027, 3, 1), date(2027, 3, 2))
    assert (window.days, window.months, window.last_day) == (1, 1, date(2027, 3, 1))
    assert [date(2027, 3, day) in window for day in (1, 2)] == [True, False]


def test_fraction_is_0_on_the_first_day_and_1_after_the_last() -> None:
    """A day outside the window is below 0 or above 1."""
    around = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2), date(2028, 1, 1)]
    assert [YEAR.fraction(day) for day in around] == [-1 / 365, 0, 1 / 365, 1]
    assert YEAR.fraction(date(2028, 1, 2)) > 1


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2027-01-01", "2027-02-01", 1),
        ("2027-01-01", "2027-02-02", 2),
        ("2027-01-15", "2027-02-15", 1),
        ("2027-01-15", "2027-02-14", 1),
        ("2027-01-31", "2027-02-28", 1),
        ("2027-01-01", "2028-01-01", 12),
        ("2027-12-31", "2028-01-01", 1),
    ],
)
def test_months_are_rounded_up(start: str, end: str, months: int) -> None:
    """A month that has begun counts."""
    assert Window(date.fromisoformat(start), date.fromisoformat(end)).months == months


@pytest.mark.parametrize(
    ("lives", "first", "last"),
    [
        ([], 2025, 2027),
        ([{"release": "2024-05-06", "eol": "2029-05-06"}], 2024, 2029),
        ([{"release": "2023", "eol": "2024"}, {"release": "2030-02", "eol": "no"}], 2023, 2030),
        ([{"release": "2026-05-06", "eol": "2026-07-08"}], 2025, 2027),
        ([{"eol": "2028-05-06"}], 2025, 2028),
        ([{"release": "1990-01-01", "eol": "2090-01-01"}], 2016, 2038),
    ],
)
def test_window_of_lifecycles_has_whole_years(
    lives: list[dict[str, str]], first: int, last: int
) -> None:
    """It contains the cycles and a year around today, within limits."""
    window = window_of([make_lifecycle(**life) for life in lives], date(2026, 11, 21))
    assert (window.start, window.last_day) == (date(first, 1, 1), date(last, 12, 31))


# ---- bars ----------------------------------------------------------------------------------------


def test_bar_spans_its_phase() -> None:
    """A bar ends on the day after the last day of its phase."""
    found = bars(release="2027-01-11", eoas="2027-01-20", eol="2027-01-31", eoes="2027-03-01")
    places = [(bar.phase, round(bar.x * 365), round(bar.end * 365)) for bar in found]
    assert places == [(Phase.ACTIVE, 10, 20), (Phase.SECURITY, 20, 31), (Phase.EXTENDED, 31, 60)]


def test_bar_inside_the_window_is_whole() -> None:
    """It is neither cut nor open, and its ends are exact."""
    (bar,) = bars(release="2027-01-01", eol="2027-12-31")
    assert bar == Bar(Phase.ACTIVE, x=0, width=1)


def test_bar_of_one_day_has_the_width_of_a_day() -> None:
    (bar,) = bars(release="2027-05-01", eol="2027-05-01")
    assert bar.width == pytest.approx(1 / 365)


@pytest.mark.parametrize(
    ("release", "eol", "cut_start", "cut_end"),
    [
        ("2026-12-31", "2027-12-31", True, False),
        ("2027-01-01", "2028-01-01", False, True),
        ("2020-01-01", "2035-01-01", True, True),
    ],
)
def test_bar_is_cut_at_the_edges_of_the_window(
    release: str, eol: str, cut_start: bool, cut_end: bool
) -> None:
    (bar,) = bars(release=release, eol=eol)
    assert (bar.x, bar.end, bar.cut_start, bar.cut_end) == (0, 1, cut_start, cut_end)


def test_bar_without_release_date_is_open_to_the_left() -> None:
    """It begins at the window and is not cut."""
    (bar,) = bars(eol="2027-12-31")
    assert (bar.x, bar.open_start, bar.cut_start, bar.open_end) == (0, True, False, False)


@pytest.mark.parametrize("ends", [{"eol": "no"}, {}, {"eoas": "no"}])
def test_bar_without_announced_end_is_open_to_the_right(ends: dict[str, str]) -> None:
    """It extends to the edge and is not cut."""
    (bar,) = bars(release="2027-07-01", **ends)
    assert (bar.end, bar.open_end, bar.cut_end, bar.open_start) == (1, True, False, False)


def test_extended_support_without_announced_end_is_open() -> None:
    """An `eoes` of `False` after eol is an extended bar with an open end."""
    _, extended = bars(release="2027-01-01", eol="2027-06-30", eoes="no")
    assert (extended.phase, extended.open_end) == (Phase.EXTENDED, True)


def test_imprecise_boundaries_are_ragged() -> None:
    """Boundaries known to the month, quarter or year are ragged, on both sides of them."""
    active, security = bars(release="2027-02", eoas="2027-Q2", eol="2027-12-31")
    assert (active.approximate_start, active.approximate_end) == (True, True)
    assert (security.approximate_start, security.approximate_end) == (True, False)


def test_imprecise_boundary_outside_the_window_is_cut_not_ragged() -> None:
    """A ragged boundary that is out of sight leaves a straight cut."""
    (bar,) = bars(release="2026", eol="2028")
    assert (bar.cut_start, bar.cut_end) == (True, True)
    assert (bar.approximate_start, bar.approximate_end) == (False, False)


def test_imprecise_boundary_at_the_edge_of_the_window_is_ragged() -> None:
    """A ragged boundary exactly at the edge is still seen."""
    (bar,) = bars(release="2027", eol="2027")
    assert (bar.approximate_start, bar.approximate_end, bar.cut_start, bar.cut_end) == (
        True,
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("milestones", "before", "after", "drawn"),
    [
        ({"release": "2020-01-01", "eol": "2026-12-31"}, True, False, 0),
        ({"release": "2020-01-01", "eol": "2027-01-01"}, False, False, 1),
        ({"release": "2028-01-01", "eol": "2030-01-01"}, False, True, 0),
        ({"release": "2027-12-31", "eol": "2030-01-01"}, False, False, 1),
        ({"release": "2020-01-01", "eoas": "2025-01-01", "eol": "2027-05-01"}, True, False, 1),
        ({"release": "2027-01-01", "eoas": "2027-12-31", "eol": "2030-01-01"}, False, True, 1),
        ({"release": "no"}, False, False, 0),
    ],
)
def test_row_has_the_sides_with_hidden_parts(
    milestones: dict[str, str], before: bool, after: bool, drawn: int
) -> None:
    """A hidden part lies wholly outside the window."""
    row = draw(make_lifecycle(**milestones), YEAR)
    assert (row.before, row.after, len(row.bars)) == (before, after, drawn)


# ---- marks ---------------------------------------------------------------------------------------


def test_discontinuation_is_a_mark() -> None:
    """It changes no bar."""
    row = draw(make_lifecycle(release="2027-01-01", eol="no", discontinued="2027-01-11"), YEAR)
    assert row.marks == (Mark(MarkKind.DISCONTINUED, 10 / 365),)
    assert len(row.bars) == 1


@pytest.mark.parametrize("discontinued", ["2026-12-31", "2028-01-01", "yes", "no", ""])
def test_discontinuation_outside_the_window_has_no_mark(discontinued: str) -> None:
    """The same goes for one without a date."""
    assert draw(make_lifecycle(eol="no", discontinued=discontinued), YEAR).marks == ()


@pytest.mark.parametrize(
    ("milestones", "day"),
    [
        ({"release": "2027-01-11", "eol": "yes"}, 10),
        ({"release": "2027-01-11", "eoas": "2027-01-20", "eol": "yes"}, 20),
        ({"release": "2027-01-11", "eoas": "yes"}, 10),
        ({"release": "2027-01-11", "eol": "2027-01-20", "eoes": "yes"}, 20),
        ({"release": "2027-01", "eol": "yes"}, 0),
        ({"release": "2020-01-01", "eol": "2027-12-31", "eoes": "yes"}, 365),
    ],
)
def test_unknown_end_is_a_mark_at_the_end_of_the_known_life(
    milestones: dict[str, str], day: int
) -> None:
    """An end on an unknown day adds no bar."""
    (mark,) = draw(make_lifecycle(**milestones), YEAR).marks
    assert (mark.kind, round(mark.x * 365)) == (MarkKind.UNKNOWN_END, day)


@pytest.mark.parametrize(
    "milestones",
    [
        {"eol": "yes"},  # nothing of it is known
        {"release": "yes", "eol": "yes"},
        {"release": "2020-01-01", "eol": "yes"},  # out of sight
        {"release": "2027-01-01", "eol": "no", "eoes": "yes"},
        {"release": "2027-01-01", "eoas": "yes", "eol": "2027-06-30"},
    ],
)
def test_unknown_end_without_a_position_has_no_mark(milestones: dict[str, str]) -> None:
    """The position is unknown or outside the window, or an end is announced."""
    assert draw(make_lifecycle(**milestones), YEAR).marks == ()


# ---- bands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # monthly up to 18 months, labelled by the quarter
        ("2027-11-15", "2028-03-01", "-, -, Jan 2028, -"),
        (
            "2027-01-01",
            "2028-01-01",
            "Jan 2027, -, -, (Apr 2027), -, -, Jul 2027, -, -, (Oct 2027), -, -",
        ),
        # quarterly up to 3 years
        (
            "2027-01-01",
            "2029-01-01",
            "Q1 2027, (Q2 2027), (Q3 2027), (Q4 2027), Q1 2028, (Q2 2028), (Q3 2028), (Q4 2028)",
        ),
        (
            "2027-01-01",
            "2030-01-01",
            "Q1 2027, -, (Q3 2027), -, Q1 2028, -, (Q3 2028), -, Q1 2029, -, (Q3 2029), -",
        ),
        # yearly up to 12 years
        ("2024-01-01", "2031-01-01", "2024, 2025, 2026, 2027, 2028, 2029, 2030"),
        ("2024-07-01", "2031-06-01", "2024, 2025, 2026, 2027, 2028, 2029, 2030, -"),
        (
            "2024-01-01",
            "2034-01-01",
            "2024, (2025), 2026, (2027), 2028, (2029), 2030, (2031), 2032, (2033)",
        ),
        # every 5 years up to 60 years
        ("2018-01-01", "2037-01-01", "-, 2020, 2025, 2030, -"),
        (
            "1990-01-01",
            "2035-01-01",
            "1990, (1995), 2000, (2005), 2010, (2015), 2020, (2025), 2030",
        ),
        (
            "2000-01-01",
            "2100-01-01",
            "2000, (2010), 2020, (2030), 2040, (2050), 2060, (2070), 2080, (2090)",
        ),
    ],
)
def test_labels_of_bands(start: str, end: str, expected: str) -> None:
    """A band that is mostly outside the window has no label."""
    assert ", ".join(labels(start, end)) == expected


@pytest.mark.parametrize(
    ("months", "step"),
    [(1, 1), (18, 1), (19, 3), (36, 3), (37, 12), (144, 12), (145, 60), (720, 60), (721, 120)],
)
def test_length_of_bands(months: int, step: int) -> None:
    end = date(2000 + months // 12, months % 12 + 1, 1)
    found = bands(Window(date(2000, 1, 1), end))
    assert len(found) == -(-months // step)


def test_first_band_is_cut_at_the_window() -> None:
    """The test window begins in the middle of a quarter."""
    first, second, *_ = bands(Window(date(2027, 2, 1), date(2029, 2, 1)))
    assert first == Band(0, 59 / 731, "Q1 2027", shaded=False, minor=False)
    assert (second.x, second.shaded) == (59 / 731, True)


def test_shading_of_a_year_does_not_depend_on_the_window() -> None:
    """A view that is moved by a year keeps the colours of the years."""
    first = bands(Window(date(2024, 1, 1), date(2031, 1, 1)))
    second = bands(Window(date(2025, 1, 1), date(2032, 1, 1)))
    assert [band.shaded for band in first[1:]] == [band.shaded for band in second[:-1]]


def test_bands_at_the_ends_of_the_calendar() -> None:
    assert bands(Window(date.min, date.max))[-1].label


any_windows = (
    st.tuples(st.dates(), st.dates())
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Window(min(pair), max(pair)))
)


@given(windows | any_windows)
def test_bands_fill_the_window(window: Window) -> None:
    """They have no gaps, neighbours differ in their shade, and there is room for their labels."""
    found = bands(window)
    assert found[0].x == 0
    assert found[-1].x + found[-1].width == pytest.approx(1)
    for one, other in pairwise(found):
        assert one.x + one.width == pytest.approx(other.x)
        assert one.shaded is not other.shaded
    assert all(band.width > 0 for band in found)
    labelled = [band for band in found if band.label]
    assert sum(not band.minor for band in labelled) <= MAX_LABELS
    assert len(labelled) <= 13


# ---- properties for any lifecycle and window -----------------------------------------------------


@given(lives, windows)
def test_bars_and_marks_are_within_the_window(life: Lifecycle, window: Window) -> None:
    """No bar is empty."""
    row = draw(life, window)
    assert all(0 <= bar.x < bar.end <= 1 for bar in row.bars)
    assert all(0 <= mark.x <= 1 for mark in row.marks)


@given(lives, windows)
def test_bars_of_a_row_are_in_order(life: Lifecycle, window: Window) -> None:
    """Bars do not overlap, and each begins at the end of the one before."""
    row = draw(life, window)
    assert all(one.end == pytest.approx(other.x) for one, other in pairwise(row.bars))
    assert all(one.x < other.x for one, other in pairwise(row.bars))


@given(lives, windows)
def test_width_is_the_share_of_days(life: Lifecycle, window: Window) -> None:
    spans = [
        (max(period.start or date.min, window.start), min(period.end or date.max, window.end))
        for period in periods(life)
    ]
    seen = [(left, right) for left, right in spans if left < right]
    row = draw(life, window).bars
    assert [bar.x for bar in row] == [(left - window.start).days / window.days for left, _ in seen]
    expected = [(right - left).days / window.days for left, right in seen]
    assert [bar.width for bar in row] == pytest.approx(expected)


@few
@given(lives, windows)
def test_only_the_outer_ends_of_a_row_are_open_or_cut(life: Lifecycle, window: Window) -> None:
    """Only the first bar is cut or open to the left, only the last one to the right."""
    row = draw(life, window).bars
    assert not any(bar.cut_start or bar.open_start for bar in row[1:])
    assert not any(bar.cut_end or bar.open_end for bar in row[:-1])
    assert not any(bar.cut_start and bar.open_start for bar in row)
    assert not any(bar.cut_end and bar.open_end for bar in row)


@few
@given(lives, windows, days)
def test_phase_of_a_day_does_not_depend_on_the_window(
    life: Lifecycle, window: Window, day: date
) -> None:
    if day not in window:
        return
    wide = Window(date(2019, 1, 1), date(2034, 1, 1))
    assert _phase_at(life, window, day) == _phase_at(life, wide, day)


def _phase_at(life: Lifecycle, window: Window, day: date) -> list[Phase]:
    noon = window.fraction(day) + 0.5 / window.days
    return [bar.phase for bar in draw(life, window).bars if bar.x <= noon < bar.end]


@few
@given(windows, days)
def test_fraction_converts_back_to_its_day(window: Window, day: date) -> None:
    """A day in the window has a fraction between 0 and 1."""
    fraction = window.fraction(day)
    assert (day in window) is (0 <= fraction < 1)
    assert window.start + timedelta(days=round(fraction * window.days)) == day
