"""The age of data, from the last check or else the newest past release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from releases.domain.lifecycle.data_age import OLD_AFTER_DAYS, age_of, data_as_of
from releases.domain.lifecycle.status import Lifecycle
from tests.conftest import ON
from tests.lifecycles import make_lifecycle

NOTHING = Lifecycle()


@dataclass(frozen=True)
class Cycle:
    latest_date: date | None = None
    lifecycle: Lifecycle = NOTHING


AUGUST = date(2026, 8, 22)


def test_check_wins_over_releases() -> None:
    assert data_as_of(AUGUST, [Cycle(date(2026, 11, 1))], ON) == AUGUST


def test_newest_past_release_is_the_fallback() -> None:
    """Future releases are ignored."""
    cycles = [Cycle(date(2024, 1, 1)), Cycle(AUGUST), Cycle(), Cycle(ON + timedelta(days=1))]
    assert data_as_of(None, cycles, ON) == AUGUST


def test_planned_release_of_a_cycle_is_no_evidence() -> None:
    """A planned date can pass unnoticed."""
    planned = Cycle(lifecycle=make_lifecycle(release="2026-10-01"))
    assert data_as_of(None, [planned, Cycle(AUGUST)], ON) == AUGUST


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        (["2020-09-01", "2026-08-22", "2027-09-01"], AUGUST),
        (["2026-08", "yes", "no", ""], None),
        ([], None),
    ],
)
def test_release_dates_where_no_cycle_has_a_latest_release(
    releases: list[str], expected: date | None
) -> None:
    cycles = [Cycle(lifecycle=make_lifecycle(release=text)) for text in releases]
    assert data_as_of(None, cycles, ON) == expected


def test_data_is_old_on_the_day_after_the_limit() -> None:
    """Data of unknown age is old."""
    last = AUGUST + timedelta(days=OLD_AFTER_DAYS)
    ages = [age_of(AUGUST, [], day, ON) for day in (last, last + timedelta(days=1))]
    assert [age.old for age in ages] == [False, True]
    assert [age.words for age in ages] == ["data as of 22 Aug 2026"] * 2
    assert age_of(None, [], ON, ON).old
