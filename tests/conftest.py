"""Shared by all tests: the fixed clock, and the shared catalogue where it is present."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from tests.settings import DEVELOPMENT_DATABASE

# Playwright's synchronous API runs an event loop in the thread of the test, where Django would
# refuse to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The time at which the clock of the tests starts."""

ON = NOON.date()
"""Today in every test, and the day on which `../shared/catalog/expected` was made."""

ANOTHER_DAY = datetime(2031, 2, 28, 23, 30, tzinfo=ZoneInfo("Pacific/Auckland"))
"""The time and the local time zone of the process with `--another-day`."""

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CATALOGUE = SHARED / "catalog"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--another-day",
        action="store_true",
        help=f"run as if the process had started at {ANOTHER_DAY:%Y-%m-%d %H:%M} in Auckland",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Set the clock before any test is imported, if `--another-day` is given."""
    if config.getoption("another_day"):
        travel = time_machine.travel(ANOTHER_DAY)
        travel.start()
        config.add_cleanup(travel.stop)
    config.stash[_BEGAN] = time.time() - time.monotonic()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests that read the shared catalogue where there is none."""
    if CATALOGUE.is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("catalogue")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        config.stash[_LEFT_OUT] = len(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = terminalreporter.config.stash.get(_LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(
            f"{left_out} tests that read ../shared/catalog were left out: there is no such folder."
        )


_LEFT_OUT = pytest.StashKey[int]()
_BEGAN = pytest.StashKey[float]()
"""Seconds from the monotonic clock to the clock that the process started with."""


@pytest.fixture(scope="session", autouse=True)
def _fixed_clock() -> Iterator[None]:
    """Start the clock of the process at `NOON`; from there it ticks.

    The whole clock, because the history and uploads record the time. Once per session, because
    fixtures of a module write to the database, and a later test must not write at an earlier time.
    A test moves the clock with the fixture `time_machine`.
    """
    # A number, because a datetime would set the local time zone as well.
    with time_machine.travel(NOON.timestamp()):
        yield


@pytest.fixture(autouse=True)
def _real_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give a test with the marker `real_clock` the clock that the process started with."""
    if request.node.get_closest_marker("real_clock") is None:
        yield
        return
    with time_machine.travel(request.config.stash[_BEGAN] + time.monotonic()):
        yield


@pytest.fixture
def on() -> date:
    """Today in every test, as a value. A test may give a parameter the same name."""
    return ON


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of the tests, in the same state whichever test comes first.

    pytest-django makes one only if a selected test asks for `db`, and those that share a catalogue
    do not. Django asks a database once whether it knows JSON, which no query budget counts.
    """
    made = None
    with django_db_blocker.unblock():
        if connection.settings_dict["NAME"] == DEVELOPMENT_DATABASE:
            made = setup_databases(verbosity=0, interactive=False, aliases={"default": False})
        assert connection.features.supports_json_field
    yield
    if made:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def catalogue(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The 60 products of ../shared/catalog in the database, for the tests of a module that only
    read. They must not ask for `db` besides."""
    from releases.services.imports.import_products import (  # noqa: PLC0415
        import_products,
        product_files,
    )

    with django_db_blocker.unblock(), transaction.atomic():
        list(import_products(product_files([CATALOGUE / "products"]), on=ON))
        yield
        transaction.set_rollback(True)
