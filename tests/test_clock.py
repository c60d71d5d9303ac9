"""The clock of the site, and the fixed clock of the tests."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from releases import clock
from tests.conftest import ON
from tests.factories import make_product

AUCKLAND = ZoneInfo("Pacific/Auckland")


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
def test_a_parameter_named_on_leaves_the_clock_fixed(on: str) -> None:
    """The clock does not depend on a fixture that a test can replace."""
    assert (on, clock.today()) == ("never", ON)


@pytest.mark.django_db
def test_the_history_records_the_fixed_date() -> None:
    moment = make_product().history.get().history_date
    assert moment.date() == timezone.now().date() == ON


@pytest.mark.real_clock
def test_a_marked_test_has_the_clock_of_the_machine() -> None:
    command = [sys.executable, "-c", "import time; print(time.time())"]
    said = float(subprocess.check_output(command, text=True))
    assert abs(datetime.fromtimestamp(said, UTC) - timezone.now()) < timedelta(minutes=1)
