"""The window of the page of a cycle."""

from __future__ import annotations

from datetime import date

import pytest

from releases.domain.roadmap.timeline import Window, lifetime_window
from tests.conftest import ON
from tests.lifecycles import make_lifecycle


@pytest.mark.parametrize(
    ("milestones", "days", "first", "last"),
    [
        ({"release": "2025-04-02", "eoas": "2025-12-03", "eol": "2028-04-30"}, [], 2025, 2028),
        ({"release": "2027-01-20", "eol": "2029"}, [date(2026, 9, 1)], 2026, 2029),
        ({"release": "2021-01-06", "eol": "2027-01-01"}, [date(2020, 11, 3)], 2020, 2027),
        ({"release": "2025-09-19", "eol": "no"}, [], 2025, 2027),
        ({"release": "2027-04"}, [], 2026, 2028),
        ({"release": "2010-01-01", "eol": "2024-12-31"}, [], 2010, 2027),
        ({"release": "2010-01-01", "eol": "2023-12-31"}, [], 2010, 2023),
        ({"release": "2010-01-01", "eol": "yes"}, [], 2010, 2027),
        ({"release": "2020-01-01", "eol": "9999-12-31"}, [], 2020, 2038),
        ({"release": "2100-01-01", "eol": "2101"}, [], 2026, 2038),
        ({}, [], 2026, 2027),
    ],
)
def test_window_covers_the_lifetime(
    milestones: dict[str, str], days: list[date], first: int, last: int
) -> None:
    """It has whole years; today is left out long after the end, and so is the far future."""
    found = lifetime_window(make_lifecycle(**milestones), days, ON)
    assert found == Window(date(first, 1, 1), date(last + 1, 1, 1))


@pytest.mark.parametrize(("on", "last"), [("2026-11-01", 2026), ("2026-11-02", 2027)])
def test_window_has_room_for_labels_after_the_date(on: str, last: int) -> None:
    life = make_lifecycle(release="2024-01-01", eol="2026-06-30")
    found = lifetime_window(life, [], date.fromisoformat(on))
    assert found.last_day == date(last, 12, 31)
