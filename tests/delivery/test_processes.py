"""Worker processes: several at once, and killed at critical points."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.reminders.news import News, NewsKind
from releases.models import Message
from tests.factories import make_cycle, make_product
from tests.mail_servers import MailServer, receive_mail
from tests.reminders import make_message, make_subscription

pytestmark = pytest.mark.django_db(transaction=True)

SITE_URL = "https://roadmap.example.org"


def before() -> datetime:
    """Return an hour ago."""
    return datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock_of_the_machine() -> Iterator[None]:
    """Use the real clock, as other processes do."""
    with time_machine.travel(time_machine.escape_hatch.time.time()):
        yield


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with receive_mail() as server:
        settings.MAILERS, settings.SITE_URL = server.mailers, SITE_URL
        yield server


def add_due(number: int = 1) -> None:
    """Add messages that are due, and tell what is always true."""
    for place in range(number):
        make_message(News(kind=NewsKind.GONE), at=before(), address=f"{place}@example.org")


def end_leases() -> None:
    """Make unsent messages due, as if their leases had expired."""
    Message.objects.filter(sent_at=None).update(next_attempt_at=before())


@contextmanager
def command(name: str, database: str, server: MailServer) -> Iterator[subprocess.Popen[str]]:
    """Run a command of manage.py in another process, which is killed in the end."""
    environment = os.environ | {
        "DEBUG": "1",
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SITE_URL": SITE_URL,
        "EMAIL_FROM": "roadmap@example.org",
        "EMAIL_URL": f"smtp://localhost:{server.options['port']}",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", name],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run() -> str:
    """Return the output of `send_due` in this process."""
    output = StringIO()
    call_command("send_due", stdout=output)
    return output.getvalue()


def wait_until(ready: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_runs_at_the_same_time_send_nothing_twice(shared_database: str, server: MailServer) -> None:
    make_cycle(make_product())
    add_due(30)
    with (
        command("send_due", shared_database, server) as one,
        command("send_due", shared_database, server) as other,
        command("worker", shared_database, server) as worker,
    ):
        outputs = [each.communicate(timeout=90)[0] for each in (one, other)]
        wait_until(lambda: not Message.objects.filter(sent_at=None).exists())
        worker.terminate()
        assert worker.wait(timeout=30) == 0
    assert [one.returncode, other.returncode] == [0, 0], outputs
    assert Counter(each["To"] for each in server.messages) == {
        f"{number}@example.org": 1 for number in range(30)
    }


@pytest.mark.parametrize(("moment", "received"), [("DATA", 2), ("RCPT", 1)])
def test_killed_worker_loses_no_message(
    shared_database: str, server: MailServer, moment: str, received: int
) -> None:
    """A message is repeated if it was sent and not recorded; both have the same Message-ID."""
    make_cycle(make_product())
    add_due()
    with command("send_due", shared_database, server) as process:
        server.before = lambda name: process.kill() if name == moment else None
        assert process.wait(timeout=60) == -signal.SIGKILL
    server.before = bool
    assert Message.objects.get().sent_at is None
    assert "Sent 0 messages" in run(), "the lease lasts"
    end_leases()
    assert "Sent 1 message" in run()
    assert "Sent 0 messages" in run()
    assert len(server.messages) == received
    assert len({each["Message-ID"] for each in server.messages}) == 1


def test_worker_reports_a_change_within_seconds_and_stops_after_its_message(
    shared_database: str, server: MailServer
) -> None:
    now = before() + timedelta(minutes=30)
    with time_machine.travel(before()):
        cycle = make_cycle(make_product(), release="2025-04-02", eol="2038-04-30")
    make_subscription(
        frequency="immediate", confirmed_at=now, changes_until=now, days_until=now.date()
    )
    with command("worker", shared_database, server) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == (
            "Sending reminders as they become due. Press Ctrl+C to stop.\n"
        )
        time.sleep(2)  # the first pass

        def terminate(name: str) -> None:
            if name == "RCPT":
                worker.terminate()
                time.sleep(1)

        server.before = terminate
        began = time.monotonic()
        cycle.eol = parse_milestone("2038-06-30")
        cycle.save()
        assert worker.wait(timeout=60) == 0
    assert time.monotonic() - began < 50  # a pass without a change is a minute later
    assert len(server.messages) == 1
    assert Message.objects.get().sent_at


def test_result_waits_for_a_database_that_restarts(
    shared_database: str, server: MailServer
) -> None:
    """Its connections are closed while the message is sent. SQLite has none."""
    make_cycle(make_product())
    add_due()

    own = connection.connection.info.backend_pid if connection.vendor == "postgresql" else 0

    def disconnect(name: str) -> None:
        if name == "DATA" and own:
            with connection.cursor() as cursor:  # of the thread of the mail server
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                    [own],
                )
            connection.close()

    server.before = disconnect
    with command("send_due", shared_database, server) as process:
        output, _ = process.communicate(timeout=60)
    assert "Sent 1 message" in output
    assert ("Retrying to record the result of a message." in output) == bool(own)
    assert Message.objects.get().sent_at
    assert len(server.messages) == 1


def test_send_due_without_a_database(server: MailServer) -> None:
    with command("send_due", "postgresql://roadmap@127.0.0.1:1/roadmap", server) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output.startswith("CommandError: The database cannot be used: ")
    assert "Traceback" not in output
