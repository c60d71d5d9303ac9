"""Shared by all tests: the fixed clock, the shared catalogue where it is present, and Chromium."""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from scripts.production import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.settings import DEVELOPMENT_DATABASE

# Playwright's synchronous API runs an event loop in the thread of the test, where Django would
# refuse to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The time at which the clock of the tests starts."""

ON = NOON.date()
"""Today in every test, and the date of the answers in `../shared/catalog/expected`."""

ANOTHER_DAY = datetime(2031, 2, 28, 23, 30, tzinfo=ZoneInfo("Pacific/Auckland"))
"""The time and the local time zone of the process with `--another-day`."""

# As Playwright's own choice: it opens a page in a fifth of the time of the whole browser.
HEADLESS_CHROMIUM = shutil.which("chromium-headless-shell") or CHROMIUM

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CATALOGUE = SHARED / "catalog"

SLOW = ("hypothesis", "catalogue")
"""The markers of tests that `--brief` leaves out."""


# A busy machine must not fail a test: examples have no time limit, in CI and elsewhere.
hypothesis_settings.register_profile("no_deadline", hypothesis_settings.default, deadline=None)
hypothesis_settings.load_profile("no_deadline")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--another-day",
        action="store_true",
        help=f"run as if the process had started at {ANOTHER_DAY:%Y-%m-%d %H:%M} in Auckland",
    )
    parser.addoption(
        "--brief",
        action="append",
        default=[],
        metavar="FOLDER",
        help="in this folder, run one case of each test, and none that is a property or reads the "
        "shared catalogue",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Set the clock before any test is imported, if `--another-day` is given."""
    if config.getoption("another_day"):
        travel = time_machine.travel(ANOTHER_DAY)
        travel.start()
        config.add_cleanup(travel.stop)
    config.stash[_CLOCK_OFFSET] = time.time() - time.monotonic()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test that has the database from a fixture, for `-m django_db`."""
    if "db" in getattr(item, "fixturenames", ()) and item.get_closest_marker("django_db") is None:
        item.add_marker("django_db")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what `--brief` leaves out, and what reads the shared catalogue if it is missing.

    This comes after `-k` and `-m`, so that the one case of a test is one that they select.
    """
    folders = [config.rootpath / folder for folder in config.getoption("brief")]
    brief = [item for item in items if any(map(item.path.is_relative_to, folders))]
    left_out = all_but_one_case(brief)
    if not CATALOGUE.is_dir():
        without = [item for item in items if item.get_closest_marker("catalogue")]
        left_out.update(without)
        config.stash[_DESELECTED] = len(without)
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))


def all_but_one_case(items: list[pytest.Item]) -> set[pytest.Item]:
    """Return the slow tests, and all cases but the first of each other test."""
    left_out, seen = set(), set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        repeated = test in seen and item.get_closest_marker("every_case") is None
        if repeated or any(map(item.get_closest_marker, SLOW)):
            left_out.add(item)
        else:
            seen.add(test)
    return left_out


def pytest_collection_finish() -> None:
    """Leave modules and collected tests out of garbage collections, and collect less often.

    Going through all of them again and again took a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = terminalreporter.config.stash.get(_DESELECTED, 0)
    if left_out:
        terminalreporter.write_line(
            f"{left_out} tests that read ../shared/catalog were left out: there is no such folder."
        )


_DESELECTED = pytest.StashKey[int]()
_CLOCK_OFFSET = pytest.StashKey[float]()
"""Seconds to add to the monotonic clock to get the clock that the process started with."""


@pytest.fixture(scope="session", autouse=True)
def _fixed_clock() -> Iterator[None]:
    """Start the clock of the process at `NOON`; it keeps ticking from there.

    The whole clock is replaced because the history and uploads record the time. It starts once per
    session because fixtures of a module write to the database, and a later test must not write at
    an earlier time. A test moves the clock with the fixture `time_machine`.
    """
    # A number, because a datetime would also set the local time zone.
    with time_machine.travel(NOON.timestamp()):
        yield


@pytest.fixture(autouse=True)
def _real_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give a test with the marker `real_clock` the clock that the process started with."""
    if request.node.get_closest_marker("real_clock") is None:
        yield
        return
    with time_machine.travel(request.config.stash[_CLOCK_OFFSET] + time.monotonic()):
        yield


@pytest.fixture
def on() -> date:
    """Return the date of today in every test.

    A test may give a parameter the same name.
    """
    return ON


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Put the SQLite database into a file if a test with a browser is selected.

    A browser sends requests at the same time. With a database in memory, their threads would share
    one connection, and so each other's transactions.
    """
    browser = any(item.get_closest_marker("browser") for item in request.session.items)
    if browser and connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(file)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Create the test database in the same state, whichever test comes first.

    pytest-django creates one only if a selected test requests `db`, and the tests that share a
    catalogue do not. Django asks a database once whether it supports JSON; doing so here keeps that
    query out of the query budgets.
    """
    created = None
    with django_db_blocker.unblock():
        if connection.settings_dict["NAME"] == DEVELOPMENT_DATABASE:
            created = setup_databases(verbosity=0, interactive=False, aliases={"default": False})
        assert connection.features.supports_json_field
    yield
    if created:
        with django_db_blocker.unblock():
            teardown_databases(created, verbosity=0)


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a database that threads and processes can write to at the same time.

    An in-memory SQLite database, which fails instead of waiting for a lock, becomes a file.
    """
    if connection.vendor != "sqlite":
        name = quote(connection.settings_dict["NAME"], safe="")
        yield os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        return
    file = tmp_path / "shared.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    memory, name = connections["default"], connection.settings_dict["NAME"]
    memory.settings_dict["NAME"] = str(file)  # the settings of new threads, too
    connections["default"] = memory.copy()
    try:
        yield f"sqlite:///{file}"
    finally:
        connection.close()
        memory.settings_dict["NAME"] = name
        connections["default"] = memory


@pytest.fixture(scope="module")
def catalogue(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Import the 60 products of ../shared/catalog, for modules whose tests only read.

    Tests that use this fixture must not request `db`.
    """
    from releases.services.imports.import_products import (  # noqa: PLC0415
        import_products,
        product_files,
    )

    with django_db_blocker.unblock(), transaction.atomic():
        list(import_products(product_files([CATALOGUE / "products"]), on=ON))
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium; one for all tests, because Playwright runs one event loop per thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=HEADLESS_CHROMIUM, args=list(CHROMIUM_ARGUMENTS)
        )
        yield browser
        browser.close()
