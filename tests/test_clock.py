"""The clock of the site and the fixed clock of the tests."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from releases.web import clock
from tests.conftest import ANOTHER_DAY, ON
from tests.factories import make_product

AUCKLAND = ZoneInfo("Pacific/Auckland")
IMPORTED = datetime.now(UTC) - timedelta(seconds=time.monotonic())


@pytest.mark.parametrize(
    ("local", "today"),
    [
        (datetime(2031, 3, 1, 12, 59, tzinfo=AUCKLAND), date(2031, 2, 28)),
        (datetime(2031, 3, 1, 13, 0, tzinfo=AUCKLAND), date(2031, 3, 1)),
    ],
)
def test_today_is_the_date_in_utc(
    time_machine: TimeMachineFixture, local: datetime, today: date
) -> None:
    time_machine.move_to(local)
    assert clock.today() == today


@pytest.mark.parametrize("on", ["never"])
def test_parameter_named_on_leaves_the_clock_fixed(on: str) -> None:
    """The clock does not depend on a fixture that a test can replace."""
    assert (on, clock.today()) == ("never", ON)


@pytest.mark.django_db
def test_history_records_the_fixed_date() -> None:
    moment = make_product().history.get().history_date
    assert moment.date() == timezone.now().date() == ON


@pytest.mark.real_clock
def test_marked_test_uses_the_clock_of_the_process() -> None:
    """It is the clock at the import of this module; with `--another-day`, the moved one."""
    now = timezone.now() - timedelta(seconds=time.monotonic())
    assert abs(now - IMPORTED) < timedelta(seconds=1)


@pytest.mark.real_clock
def test_another_day_begins_before_tests_are_imported(pytestconfig: pytest.Config) -> None:
    days = (datetime.now(UTC) - ANOTHER_DAY).days
    assert not pytestconfig.getoption("another_day") or days == 0
