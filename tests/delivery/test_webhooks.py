"""Reminders by webhook, sent to real receivers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from time_machine import TimeMachineFixture

from releases.delivery.tasks import deliver
from releases.delivery.webhooks import error_of, retry_after, send
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.reminders.news import News, NewsKind
from releases.models import Channel, Message, MessagePurpose, ReleaseCycle, SubscriptionState
from releases.services.reminders import safe_http
from releases.services.reminders.errors import DeliveryError
from releases.services.reminders.outbox import lease_due, resume
from releases.services.reminders.safe_http import Answer
from tests.factories import make_cycle, make_product
from tests.receivers import Receiver, Request, receive
from tests.reminders import NOW, news
from tests.reminders import make_message as make_reminder

pytestmark = pytest.mark.django_db
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GUIDE = Path(__file__).parents[2] / "docs/reminders.md"
NEWS = news(NewsKind.END, milestone="eol", day=PartialDate(date(2026, 12, 21)))


@pytest.fixture
def receiver(settings: Settings, time_machine: TimeMachineFixture) -> Iterator[Receiver]:
    time_machine.move_to(NOW, tick=False)
    settings.SITE_URL = "https://roadmap.example.org"
    make_cycle(make_product("django", label="Django"), "5.2", eol="2026-12-21")
    with receive() as running:
        settings.WEBHOOK_HOSTS = running.named
        yield running


def make_message(
    address: str,
    channel: Channel = Channel.GENERIC,
    purpose: MessagePurpose = MessagePurpose.NEWS,
    *told: News,
) -> Message:
    """Return a due message of a new subscription; news tell `NEWS` by default."""
    pending = purpose == MessagePurpose.CONFIRM
    if purpose == MessagePurpose.NEWS and not told:
        told = (replace(NEWS, cycle_key=ReleaseCycle.objects.get().pk),)
    return make_reminder(
        *told,
        purpose=purpose,
        channel=channel,
        address=address,
        secret=SECRET,
        state=SubscriptionState.PENDING if pending else SubscriptionState.ACTIVE,
    )


def attempt(message: Message) -> Message:
    """Make an attempt as a worker does, and return the message after it."""
    for lease in lease_due(NOW):
        deliver.call(lease.message, lease.until.isoformat())
    return Message.objects.select_related("subscription").get(pk=message.pk)


def verified(request: Request) -> Any:
    return Webhook(SECRET).verify(request.body, request.headers)


def test_receiver_verifies_and_reads_a_message(receiver: Receiver) -> None:
    message = make_message(receiver.url("/200?token=1"))
    assert attempt(message).sent_at
    (request,) = receiver.requests
    assert request.path == "/200?token=1"
    assert request.headers["Content-Type"] == "application/json"
    body = verified(request)
    assert body["type"] == "reminder.news"
    (item,) = body["data"]["items"]
    assert item["text"] == "End of security support in 30 days, 21 Dec 2026."
    assert item["url"] == "https://roadmap.example.org/django/5.2/"
    assert (item["date"], item["precision"]) == ("2026-12-21", "day")
    tampered = request.body.replace(b"30 days", b"31 days")
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(tampered, request.headers)


def test_example_of_the_documentation_verifies_a_request(receiver: Receiver) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    attempt(make_message(receiver.url()))
    (request,) = receiver.requests
    (item,) = names["read_items"](request.body, request.headers)
    assert item["title"] == "Django 5.2"


def test_id_is_the_same_at_each_attempt_and_the_time_is_not(receiver: Receiver) -> None:
    message = make_message(receiver.url("/500"))
    for minutes in (0, 3):
        with pytest.raises(DeliveryError, match="responded with 500"):
            send(message, NOW + timedelta(minutes=minutes))
    first, second = receiver.requests
    assert verified(first) == verified(second)
    assert {each.headers["webhook-id"] for each in receiver.requests} == {str(message.public_id)}
    times = [int(each.headers["webhook-timestamp"]) for each in receiver.requests]
    assert times[1] - times[0] == 180


@pytest.mark.parametrize(
    ("channel", "where"),
    [
        (Channel.SLACK, lambda body: body["blocks"][1]["text"]["text"]),
        (Channel.TEAMS, lambda body: json.dumps(body["attachments"][0]["content"])),
        (Channel.MATTERMOST, lambda body: body["text"]),
        (Channel.DISCORD, lambda body: body["embeds"][0]["description"]),
    ],
)
def test_chats_are_sent_their_format_and_no_signature(
    receiver: Receiver, channel: Channel, where: Callable[[Any], str]
) -> None:
    attempt(make_message(receiver.url(), channel))
    (request,) = receiver.requests
    assert "21 Dec 2026" in where(json.loads(request.body))
    assert not [name for name in request.headers if name.lower().startswith("webhook-")]


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [(MessagePurpose.CONFIRM, "reminder.confirmation"), (MessagePurpose.TEST, "reminder.test")],
)
def test_confirmations_and_tests(receiver: Receiver, purpose: MessagePurpose, kind: str) -> None:
    assert attempt(make_message(receiver.url(), Channel.GENERIC, purpose)).sent_at
    body = verified(receiver.requests[0])
    assert body["type"] == kind
    assert ("confirm" in body["data"]["links"]) == (purpose == MessagePurpose.CONFIRM)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/500", "The receiver responded with 500, a temporary failure."),
        ("/429", "The receiver responded with 429, a temporary failure."),
        ("/404", "The receiver responded with 404: the URL may be wrong or retired."),
        ("/redirect", "The receiver responded with 302. Redirects are not followed."),
        ("/hangs", "127.0.0.1 did not respond within 0.5 seconds."),
        ("/trickles", "127.0.0.1 did not respond within 0.5 seconds."),
        ("/breaks", "127.0.0.1 closed the connection, or its response is not HTTP."),
    ],
)
def test_message_that_fails_is_sent_again(
    receiver: Receiver, path: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_http, "TIMEOUT", 0.5)
    began = time.monotonic()
    message = attempt(make_message(receiver.url(path)))
    assert time.monotonic() - began < 15
    assert message.error == error
    assert message.next_attempt_at == NOW + timedelta(minutes=1)
    assert message.subscription.state == SubscriptionState.ACTIVE
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("path", ["/404", "/410", "/500?wait=3600", "/redirect", "/breaks"])
def test_strangers_learn_nothing_about_an_internal_host(receiver: Receiver, path: str) -> None:
    """The failures of a confirmation are the same, whatever the host answers."""
    url = receiver.url(path)
    message = attempt(make_message(url, Channel.SLACK, MessagePurpose.CONFIRM))
    assert message.error == "The receiver did not accept the message."
    assert message.next_attempt_at == NOW + timedelta(minutes=1)


def test_receiver_asks_for_a_later_attempt(receiver: Receiver) -> None:
    message = attempt(make_message(receiver.url("/429?wait=1800")))
    assert message.next_attempt_at == NOW + timedelta(minutes=30)


def test_response_410_pauses_the_subscription(receiver: Receiver) -> None:
    message = attempt(make_message(receiver.url("/410")))
    assert message.next_attempt_at is None
    assert message.subscription.state == SubscriptionState.PAUSED
    assert (
        message.subscription.paused_because
        == "The receiver responded with 410: it accepts no more messages."
    )
    type(message.subscription).objects.update(address=receiver.url("/200"))
    resume(message.subscription, NOW)
    assert attempt(message).sent_at


def test_host_that_is_no_longer_named_is_not_reached(
    receiver: Receiver, settings: Settings
) -> None:
    message = make_message(receiver.url())
    settings.WEBHOOK_HOSTS = []
    assert attempt(message).error.startswith("Enter a URL that begins with https://.")
    assert receiver.requests == []


@pytest.mark.parametrize("purpose", [MessagePurpose.NEWS, MessagePurpose.CONFIRM])
def test_stored_address_that_is_invalid(receiver: Receiver, purpose: MessagePurpose) -> None:
    message = attempt(make_message("http://[", Channel.SLACK, purpose))
    assert message.error == "Enter a URL that begins with https://."


def test_errors_and_logs_have_no_secret_of_the_address(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """The path of an address is the password of most webhooks."""
    caplog.set_level("DEBUG")
    for path in ("/500?T0-secret", "/breaks?T0-secret", "/200?T0-secret"):
        assert "T0-secret" not in attempt(make_message(receiver.url(path))).error
    assert len(receiver.requests) == 3
    assert "T0-secret" not in caplog.text


def test_many_items_are_one_request(receiver: Receiver) -> None:
    many = [replace(NEWS, cycle=f"5.{number}", title=f"Django 5.{number}") for number in range(300)]
    send(make_message(receiver.url(), Channel.GENERIC, MessagePurpose.NEWS, *many), NOW)
    (request,) = receiver.requests
    data = verified(request)["data"]
    assert len(data["items"]) + data["more"] == 300
    assert data["more"]
    assert len(request.body) <= 60_000


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_accepts_a_message(status: int) -> None:
    assert error_of(Answer(status, ""), NOW) is None


@pytest.mark.parametrize("status", [*range(300, 310), *range(400, 430), *range(500, 512), 999])
def test_only_410_is_permanent(status: int) -> None:
    error = error_of(Answer(status, ""), NOW)
    assert error is not None
    assert str(error).startswith(f"The receiver responded with {status}")
    assert error.permanent == (status == 410)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("", None),
        ("120", timedelta(minutes=2)),
        ("Sat, 21 Nov 2026 12:30:00 GMT", timedelta(minutes=30)),
        ("Sat, 21 Nov 2026 12:30:00 -0000", timedelta(minutes=30)),
        ("Sat, 21 Nov 2026 13:30:00 +0100", timedelta(minutes=30)),
        ("Sat, 21 Nov 2026 11:30:00 GMT", timedelta(minutes=-30)),
        *((value, None) for value in ("soon", "-5", "1.5", "٣", "9" * 20, "Sat, 99 Nov 2026")),
        *((value, None) for value in ("Mon, 01 Jan 99999 00:00:00 GMT", "\x00", "1e9")),
    ],
)
def test_retry_after(value: str, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == wait
