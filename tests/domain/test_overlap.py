"""The time in which several cycles are supported at once."""

from datetime import date

import pytest

from releases.domain.lifecycle.status import Lifecycle
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
    ("lives", "on", "sentence"),
    [
        (
            {"Django 5.2": LTS, "Python 3.12": PYTHON},
            ON,
            "Both are supported until 30 Apr 2028, when security fixes for Django 5.2 end.",
        ),
        (
            {"Open": OPEN, "Python 3.12": PYTHON, "Other": OPEN},
            ON,
            "All are supported until 31 Oct 2028, when support for Python 3.12 ends.",
        ),
        ({"One": OPEN, "Two": OPEN}, ON, "Both are supported. No end is announced."),
        (
            {"Open": OPEN, "Django 5.2": LTS},
            date(2025, 1, 1),
            "Both are supported from 2 Apr 2025 until 30 Apr 2028,"
            " when security fixes for Django 5.2 end.",
        ),
        (
            {"One": OPEN, "Two": OPEN},
            date(2023, 1, 1),
            "Both are supported from 1 Jan 2024. No end is announced.",
        ),
        ({"One": OLD, "Two": OLD}, ON, "Both were supported until 1 Jan 2020."),
        ({"One": LTS, "Two": OLD}, ON, "They are never all supported at the same time."),
    ],
)
def test_overlap_sentence(lives: dict[str, Lifecycle], on: date, sentence: str) -> None:
    assert overlap_sentence(overlap(lives.values()), lives, on) == sentence


def test_shade_is_the_visible_part_in_fractions() -> None:
    """An overlap outside the window has no shade."""
    window = Window(date(2025, 1, 1), date(2025, 1, 11))
    assert shade(Overlap(date(2025, 1, 3), date(2025, 1, 6)), window) == pytest.approx((0.2, 0.3))
    assert shade(Overlap(None, None), window) == (0, 1)
    assert shade(Overlap(date(2025, 1, 11), None), window) is None
    assert shade(None, window) is None
