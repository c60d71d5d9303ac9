"""The time in which several cycles are supported at once."""

from datetime import date

import pytest

from releases.domain.roadmap.overlap import Overlap, overlap, overlap_sentence, shade
from releases.domain.roadmap.timeline import Window
from tests.conftest import ON
from tests.lifecycles import make_lifecycle

LTS = make_lifecycle(release="2025-04-02", eoas="2025-12-03", eol="2028-04-30")
PYTHON = make_lifecycle(release="2023-10-02", eol="2028-10-31", eoes="2035-01-01")
OPEN = make_lifecycle(release="2024-01-01", eol="no")
OLD = make_lifecycle(eol="2020-01-01")


def test_overlap() -> None:
    """It lasts from the latest release to the earliest end of ordinary support, inclusive."""
    assert overlap([LTS, PYTHON]) == Overlap(date(2025, 4, 2), date(2028, 5, 1))
    assert overlap([OPEN, PYTHON]) == Overlap(date(2024, 1, 1), date(2028, 11, 1))
    assert overlap([OPEN]) == Overlap(date(2024, 1, 1), None)
    assert overlap([OLD]) == Overlap(None, date(2020, 1, 2))


def test_no_overlap() -> None:
    """One cycle ends before another begins, or its dates are unknown."""
    assert overlap([LTS, OLD]) is None
    assert overlap([LTS, make_lifecycle(eol="yes")]) is None
    assert overlap([LTS, make_lifecycle(release="no")]) is None


def test_imprecise_start_counts_from_its_last_day() -> None:
    assert overlap([make_lifecycle(release="2027-04", eol="2030"), LTS]) == Overlap(
        date(2027, 4, 30), date(2028, 5, 1)
    )


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (None, "Never all supported at the same time"),
        (Overlap(date(2025, 1, 1), date(2028, 5, 1)), "All supported until 30 Apr 2028"),
        (Overlap(None, None), "All supported, no end announced"),
        (
            Overlap(date(2027, 1, 1), date(2028, 1, 1)),
            "All supported from 1 Jan 2027 until 31 Dec 2027",
        ),
        (Overlap(date(2027, 1, 1), None), "All supported from 1 Jan 2027, no end announced"),
        (Overlap(None, date(2026, 11, 21)), "All were supported until 20 Nov 2026"),
        (Overlap(None, date(2026, 11, 22)), "All supported until 21 Nov 2026"),
    ],
)
def test_overlap_sentence(found: Overlap | None, sentence: str) -> None:
    assert overlap_sentence(found, ON) == sentence


def test_shade_is_the_visible_part_in_fractions() -> None:
    """An overlap outside the window has no shade."""
    window = Window(date(2025, 1, 1), date(2025, 1, 11))
    assert shade(Overlap(date(2025, 1, 3), date(2025, 1, 6)), window) == pytest.approx((0.2, 0.3))
    assert shade(Overlap(None, None), window) == (0, 1)
    assert shade(Overlap(date(2025, 1, 11), None), window) is None
    assert shade(None, window) is None
