"""Chromium and a live server; every browser error fails the test."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from releases.services.imports.import_products import BUNDLED, import_products, product_files
from releases.services.imports.upgrade_notes import import_upgrade_notes
from releases.services.imports.upgrade_rules import import_upgrade_rules
from tests.conftest import ON

NewPage = Callable[..., Page]

TIMEOUT = 15_000
"""Milliseconds that an action or an expected state may take on a busy machine."""

expect.set_options(timeout=TIMEOUT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Copies:
    """Copies of the test database in memory, which are restored in a millisecond each."""

    def __init__(self) -> None:
        self._made: dict[str, sqlite3.Connection] = {}

    def restore(self, name: str, fill: Callable[[], object]) -> None:
        """Restore the copy of this name. The first time, call `fill` and make the copy."""
        connection.ensure_connection()
        if name in self._made:
            self._made[name].backup(connection.connection)
            ContentType.objects.clear_cache()
            return
        fill()
        if connection.vendor == "sqlite":
            self._made[name] = sqlite3.connect(":memory:")
            connection.connection.backup(self._made[name])


@pytest.fixture(scope="session")
def copies() -> Copies:
    return Copies()


@pytest.fixture
def transactional_db(
    copies: Copies, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """An empty database, as pytest-django's fixture, but faster."""
    with django_db_blocker.unblock():
        copies.restore("empty", lambda: call_command("flush", verbosity=0, interactive=False))
        yield


@pytest.fixture
def bundled(transactional_db: None, copies: Copies, on: date) -> None:
    """The bundled catalogue, on the fixed date."""
    copies.restore("bundled", lambda: list(import_products(product_files([BUNDLED]), on=on)))


@pytest.fixture
def bundled_with_notes(bundled: None, copies: Copies) -> None:
    """The bundled catalogue, with its upgrade notes and rules."""
    copies.restore("bundled_with_notes", lambda: [*import_upgrade_notes(), *import_upgrade_rules()])


@pytest.fixture
def new_page(chromium: Browser, live_server: LiveServer) -> Iterator[NewPage]:
    """Return a function that opens pages (`width=375`, `color_scheme="dark"`, ...).

    Console errors, failed requests and policy violations on any of these pages fail the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(kind: str, text: str) -> None:
        complaints.append(f"{kind}: {text}")

    def make(*, width: int = 1280, height: int = 900, **options: object) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            # A page that scrolls smoothly can move a button away between press and release.
            **{"reduced_motion": "reduce"} | options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note_message(message.type, message.text, note))
        page.on("pageerror", lambda error: note("uncaught", str(error)))
        page.on("requestfailed", lambda request: _note_failure(request.url, request.failure, note))
        return page

    yield make
    for context in contexts:
        context.close()
    _wait_for_requests()
    assert complaints == []


def _wait_for_requests() -> None:
    """Wait for the threads of requests that pages left, before the database is restored."""
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(timeout=10)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


def _note_message(kind: str, text: str, note: Callable[[str, str], None]) -> None:
    # htmx logs a request that a navigation aborted by these two. Every other failure has an event
    # of its own beside `afterRequest`.
    aborted = text.startswith(("htmx:sendAbort,", "htmx:afterRequest,"))
    if kind in ("error", "warning") and not aborted:
        note(kind, text)


def _note_failure(url: str, failure: str | None, note: Callable[[str, str], None]) -> None:
    # A request that a navigation aborted is no failure.
    if failure != "net::ERR_ABORTED":
        note("request", f"{url} {failure}")


__all__ = ["ON"]
