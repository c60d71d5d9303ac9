"""Workers send everything that is due, once, and on time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from releases.delivery import mail, tasks
from releases.delivery.passes import TASKS_KEPT
from releases.delivery.tasks import enqueue_due
from releases.delivery.worker import Worker
from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.reminders.news import News, NewsKind
from releases.models import Message, Notice, ReleaseCycle, Revision, Subscription, SubscriptionState
from releases.services.reminders.outbox import LEASE
from releases.web import clock
from tests.factories import make_cycle, make_product
from tests.mail_servers import HANGS, MailServer, receive_mail
from tests.reminders import NOW, make_message, make_subscription

# A worker closes connections that are in a transaction.
pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with receive_mail() as server:
        settings.MAILERS = server.mailers
        yield server


@pytest.fixture
def cycle() -> ReleaseCycle:
    with time_machine.travel(NOW - timedelta(days=1)):
        return make_cycle(make_product(), release="2025-04-02", eol="2028-04-30")


def send_due() -> str:
    output = StringIO()
    call_command("send_due", stdout=output)
    return output.getvalue()


def add_due() -> Message:
    """Return a message that is due, and tells what is always true."""
    return make_message(News(kind=NewsKind.GONE))


def make_due_again(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(next_attempt_at=NOW)


# ---- a run --------------------------------------------------------------------------------------


def test_moved_date_is_sent_once(cycle: ReleaseCycle, server: MailServer) -> None:
    make_subscription(frequency="immediate")
    cycle.eol = parse_milestone("2028-06-30")
    cycle.save()
    revision = Revision.objects.get().token
    assert send_due() == "Found 1 reminder and made 1 message. Sent 1 message; 0 refused.\n"
    assert send_due() == "Found 0 reminders and made 0 messages. Sent 0 messages; 0 refused.\n"
    [mail] = server.messages
    assert "30 Jun 2028" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert Revision.objects.get().token == revision, "no page becomes outdated"


def test_messages_of_several_batches_are_sent(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    for _ in range(5):
        add_due()
    assert "Sent 5 messages" in send_due()
    assert len(server.messages) == 5
    assert len(server.sessions) == 3, "one connection for a batch"


def test_refused_message_is_no_failure_of_the_run(server: MailServer) -> None:
    message = add_due()
    server.answers = {"RCPT": "550 5.1.1 No such user"}
    assert "Sent 0 messages; 1 refused" in send_due()
    message.subscription.refresh_from_db()
    assert message.subscription.state == SubscriptionState.PAUSED


def test_run_fails_if_the_mail_server_is_unavailable_and_the_next_one_sends(
    server: MailServer,
) -> None:
    message = add_due()
    server.answers = {"MAIL": "421 4.3.2 Not now"}
    with pytest.raises(CommandError, match="1 message could not be sent; the lines above say why"):
        send_due()
    server.answers = {}
    assert "Sent 0 messages" in send_due(), "it waits a minute"
    make_due_again(message)
    assert "Sent 1 message" in send_due()


def test_mail_server_that_hangs_is_asked_once(server: MailServer) -> None:
    """Thousands of messages must not wait for it one by one."""
    asked: list[str] = []
    server.before = asked.append
    server.answers = {"MAIL": HANGS}
    server.options["timeout"] = 4
    for _ in range(5):
        add_due()
    with pytest.raises(CommandError, match="5 messages could not be sent"):
        send_due()
    assert asked.count("MAIL") == 1
    assert Message.objects.filter(attempts=1, sent_at=None).count() == 5


def test_unexpected_error_is_logged_and_leaves_the_message(
    server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    message = add_due()

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", broken)
        with pytest.raises(CommandError, match="1 message could not be sent"):
            send_due()
    assert [each.levelno for each in caplog.records if each.exc_info] == [logging.ERROR]
    assert "a bug" in caplog.text
    message.refresh_from_db()
    assert message.error == str(tasks.INTERNAL)
    make_due_again(message)
    assert "Sent 1 message" in send_due()


def test_notice_that_cannot_be_read_does_not_stop_the_others(
    cycle: ReleaseCycle, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A later version of the site may have written it."""
    unread = add_due()
    Notice.objects.update(facts={"kind": "later"}, message=None)
    unread.delete()
    make_subscription(address="bob@example.org", frequency="immediate")
    cycle.eol = parse_milestone("2028-06-30")
    cycle.save()
    assert "Sent 1 message" in send_due()
    assert "cannot be read" in caplog.text


def test_commands_need_the_address_of_the_site(settings: Settings) -> None:
    settings.REMINDERS = False
    for command in ("send_due", "worker"):
        with pytest.raises(CommandError, match="SITE_URL is not set"):
            call_command(command)


# ---- tasks --------------------------------------------------------------------------------------


def test_task_of_a_killed_worker_blocks_nothing(server: MailServer) -> None:
    message = add_due()
    assert enqueue_due() == 1
    DBTaskResult.objects.get().claim("killed")
    assert "Sent 0 messages" in send_due(), "the lease lasts"
    with time_machine.travel(clock.now() + LEASE + SECOND):
        assert "Sent 1 message" in send_due()
        assert "Sent 0 messages" in send_due()
    message.refresh_from_db()
    assert message.attempts == 1


def test_tasks_are_deleted_after_a_day(cycle: ReleaseCycle, server: MailServer) -> None:
    with time_machine.travel(NOW):
        for _ in range(2):
            add_due()
        send_due()
        DBTaskResult.objects.earliest("enqueued_at").claim("killed")
    with time_machine.travel(NOW + TASKS_KEPT - timedelta(minutes=1)):
        send_due()
        assert DBTaskResult.objects.count() == 2
    with time_machine.travel(NOW + TASKS_KEPT + timedelta(minutes=1)):
        send_due()
        assert not DBTaskResult.objects.exists()


def test_unconfirmed_subscriptions_are_deleted() -> None:
    with time_machine.travel(NOW):
        make_subscription(state=SubscriptionState.PENDING)
    with time_machine.travel(NOW + timedelta(days=7, minutes=1)):
        send_due()
    assert not Subscription.objects.exists()


# ---- the clocks of subscribers ------------------------------------------------------------------


def sent_hours(server: MailServer, first: datetime, hours: int) -> list[datetime]:
    """Return the hours, in UTC, in which a run sent a message."""
    found = []
    for hour in range(hours):
        with time_machine.travel(first + timedelta(hours=hour)):
            before = len(server.messages)
            send_due()
            found += [first + timedelta(hours=hour)] * (len(server.messages) - before)
    return found


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Pacific/Kiritimati", 8),  # 14 hours ahead of UTC
        ("Pacific/Auckland", 0),
        ("UTC", 0),
        ("America/Los_Angeles", 23),
        ("Asia/Kolkata", 8),  # half an hour off
    ],
)
def test_ends_are_announced_at_the_hour_of_the_subscriber(
    cycle: ReleaseCycle, server: MailServer, zone: str, hour: int
) -> None:
    """Once on the day before, and once on the last day."""
    end = date(2028, 4, 30)
    make_subscription(
        zone=zone, hour=hour, frequency="daily", days=[1, 0], days_until=end - timedelta(days=2)
    )
    first = datetime(2028, 4, 28, 10, tzinfo=UTC)
    Subscription.objects.update(changes_until=first)
    sent = [each.astimezone(ZoneInfo(zone)) for each in sent_hours(server, first, 70)]
    assert [each.date() for each in sent] == [end - timedelta(days=1), end]
    # A run at a full hour of UTC sends what was due half an hour before.
    assert {each.hour for each in sent} == {hour}


@pytest.mark.parametrize(
    ("end", "hours"),
    [
        (date(2027, 3, 28), [date(2027, 3, 27), date(2027, 3, 28)]),  # from 2:00 to 3:00
        (date(2027, 10, 31), [date(2027, 10, 30), date(2027, 10, 31)]),  # 2:00 comes twice
    ],
)
def test_changed_clocks_neither_lose_nor_repeat_a_message(
    cycle: ReleaseCycle, server: MailServer, end: date, hours: list[date]
) -> None:
    ReleaseCycle.objects.update(eol_date=end)
    make_subscription(zone="Europe/Berlin", hour=2, days=[1, 0], days_until=end - timedelta(days=2))
    first = datetime.combine(end, datetime.min.time(), UTC) - timedelta(days=2)
    Subscription.objects.update(changes_until=first)
    sent = sent_hours(server, first, 3 * 24)
    assert [each.astimezone(ZoneInfo("Europe/Berlin")).date() for each in sent] == hours


# ---- an idle worker -----------------------------------------------------------------------------


def test_idle_worker_locks_nothing_and_runs_few_queries() -> None:
    """SQLite has one lock of all writers, and a worker asks each second."""
    worker = Worker()
    worker._step()  # the first pass
    with CaptureQueriesContext(connection) as queries:
        assert not worker._step()
    assert len(queries) == 3
    assert all(each["sql"].startswith("SELECT") for each in queries)
