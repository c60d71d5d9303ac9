"""E-mail by real SMTP servers, and the effects of their failures on subscriptions."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from pytest_django import Settings

from releases.delivery import smtp
from releases.delivery.mail import one_connection, send
from releases.delivery.tasks import deliver
from releases.domain.reminders.news import News, NewsKind
from releases.models import Message, Subscription, SubscriptionState
from releases.services.reminders.errors import DeliveryError
from releases.services.reminders.outbox import lease_due
from tests.mail_servers import BREAKS_OFF, HANGS, PASSWORD, USER, MailServer, receive_mail
from tests.receivers import CERTIFICATE
from tests.reminders import NOW, make_message

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]

AWAY = "The mail server could not be reached: Connection refused."
LATE = "The mail server did not answer in time."
BROKEN = "The mail server closed the connection before it accepted the message."


@pytest.fixture
def message() -> Message:
    """Return a message that tells what is always true."""
    return make_message(News(kind=NewsKind.GONE))


def error_of(message: Message, server: MailServer, settings: Settings) -> DeliveryError:
    """Return the error of an attempt. Its sentence is short and has no secrets."""
    settings.MAILERS = server.mailers
    began = time.monotonic()
    with pytest.raises(DeliveryError) as caught:
        send(message, NOW)
    assert time.monotonic() - began < 8
    sentence = str(caught.value)
    assert len(sentence) < 300
    assert PASSWORD not in sentence
    assert message.subscription.address not in sentence
    return caught.value


def test_message_arrives(message: Message, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Roadmap <roadmap@example.org>"
    with receive_mail() as server:
        settings.MAILERS = server.mailers
        send(message, NOW)
    [mail] = server.messages
    assert (mail["From"], mail["To"]) == ("Roadmap <roadmap@example.org>", "ada@example.org")
    assert server.senders == ["roadmap@example.org"]
    assert mail["Message-ID"] == f"<{message.public_id}@127.0.0.1>"
    assert b"\r\nList-Unsubscribe: <http" in server.raw[0]


@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_message_arrives_over_tls_after_login(
    message: Message, settings: Settings, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    """`SSL_CERT_FILE` names the authority of the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with receive_mail(tls=tls, login=True) as server:
        server.options |= {"username": USER, "password": PASSWORD}
        server.options["use_ssl" if tls == "ssl" else "use_tls"] = True
        settings.MAILERS = server.mailers
        send(message, NOW)
    assert len(server.messages) == 1


@pytest.mark.parametrize(
    ("command", "answer", "permanent", "everyone"),
    [
        # About the recipient, for good.
        ("RCPT", "550 5.1.1 <ada@example.org>: No such user", True, False),
        ("RCPT", "550 5.2.1 The mailbox is disabled", True, False),
        ("RCPT", "553 5.1.3 Bad syntax", True, False),
        ("RCPT", "550 No such user here", True, False),
        ("DATA", "550 5.1.1 No such user", True, False),
        # About the recipient, for now.
        ("RCPT", "450 4.2.0 Greylisted, come again", False, False),
        ("RCPT", "450 Mailbox busy", False, False),
        ("RCPT", "452 4.2.2 Mailbox full", False, False),
        ("RCPT", "552 5.2.2 Mailbox full", False, False),
        ("RCPT", "550 5.4.4 Unable to route", False, False),
        # About the site or the server, whatever the code.
        ("RCPT", "451 4.7.1 Greylisting in action", False, True),
        ("RCPT", "421 4.3.2 System shutting down", False, True),
        ("RCPT", "554 5.7.1 Relay access denied", False, True),
        ("RCPT", "550 relay not permitted", False, True),
        ("RCPT", "550 5.1.8 Sender address has no domain", False, True),
        ("RCPT", "530 5.7.0 Authentication required", False, True),
        ("RCPT", "553 sorry, that domain is not in my list", False, True),
        ("MAIL", "550 5.1.0 Sender refused", False, True),
        ("MAIL", "550 5.7.1 Not allowed to send as this sender", False, True),
        ("MAIL", "452 4.3.1 No space", False, True),
        ("DATA", "550 No such user here", False, True),
        ("DATA", "554 5.7.1 Message looks like spam", False, True),
        ("DATA", "552 5.3.4 Message too big", False, True),
        ("DATA", "451 4.3.0 Try later", False, True),
    ],
)
def test_refusal_is_about_the_recipient_or_the_site(
    message: Message,
    settings: Settings,
    command: str,
    answer: str,
    permanent: bool,
    everyone: bool,
) -> None:
    """Only the first kind can pause a subscription, and only a permanent one does so at once."""
    with receive_mail({command: answer}) as server:
        error = error_of(message, server, settings)
    assert (error.permanent, error.everyone) == (permanent, everyone)
    what = {"MAIL": "the sender", "RCPT": "the address", "DATA": "the message"}[command]
    verb = f"refuses {what}" if answer[0] == "5" else f"does not accept {what} at present"
    shown = answer.replace("ada@example.org", "…")
    assert str(error) == f"The mail server {verb}: {shown}"


def test_long_answer_is_shortened(message: Message, settings: Settings) -> None:
    with receive_mail({"RCPT": f"550 5.1.1 {'no ' * 150}"}) as server:
        assert str(error_of(message, server, settings)).endswith("no …")


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("fault", "sentence"), [(HANGS, LATE), (BREAKS_OFF, BROKEN)])
def test_server_that_hangs_or_breaks_off(
    message: Message, settings: Settings, command: str, fault: str, sentence: str
) -> None:
    with receive_mail({command: fault}) as server:
        server.options["timeout"] = 0.5
        error = error_of(message, server, settings)
    assert (str(error), error.permanent, error.everyone) == (sentence, False, True)


@pytest.mark.parametrize("fault", [HANGS, BREAKS_OFF, "500 What?"])
def test_message_is_sent_once_the_server_accepted_it(
    message: Message, settings: Settings, fault: str
) -> None:
    """Any response to QUIT is accepted."""
    with receive_mail({"QUIT": fault}) as server:
        server.options["timeout"] = 0.5
        settings.MAILERS = server.mailers
        send(message, NOW)
    assert len(server.messages) == 1


def test_message_that_may_have_arrived_is_repeated_with_its_id(
    message: Message, settings: Settings
) -> None:
    with receive_mail({"DATA": BREAKS_OFF}) as server:
        error_of(message, server, settings)
        error_of(message, server, settings)
    first, second = server.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_login_that_is_refused(message: Message, settings: Settings) -> None:
    with receive_mail(login=True) as server:
        server.options |= {"username": USER, "password": f"{PASSWORD}?"}
        error = error_of(message, server, settings)
    assert str(error) == "The mail server refuses the user or the password (535)."
    assert (error.permanent, error.everyone) == (False, True)


def test_server_without_login(message: Message, settings: Settings) -> None:
    with receive_mail() as server:
        server.options |= {"username": USER, "password": PASSWORD}
        error = error_of(message, server, settings)
    assert str(error).startswith("The mail server cannot be used with this EMAIL_URL: SMTP AUTH")


@pytest.mark.parametrize(
    ("tls", "option", "sentence"),
    [
        ("starttls", "use_tls", "The certificate of the mail server is not valid: self-signed"),
        ("ssl", "use_ssl", "The certificate of the mail server is not valid: self-signed"),
        ("", "use_ssl", "The TLS connection to the mail server failed. Use smtps://"),
        ("", "use_tls", "The mail server cannot be used with this EMAIL_URL: STARTTLS"),
        ("ssl", "use_tls", LATE),
    ],
)
def test_wrong_tls(
    message: Message, settings: Settings, tls: str, option: str, sentence: str
) -> None:
    with receive_mail(tls=tls) as server:
        server.options |= {option: True, "timeout": 1}
        error = error_of(message, server, settings)
    assert str(error).replace("self signed", "self-signed").startswith(sentence)
    assert (error.permanent, error.everyone) == (False, True)


def test_unavailable_server(message: Message, settings: Settings) -> None:
    with receive_mail() as server:
        pass
    error = error_of(message, server, settings)
    assert (str(error), error.everyone) == (AWAY, True)


def test_email_that_is_no_longer_set_up(message: Message, settings: Settings) -> None:
    """Messages wait until it is set up again."""
    settings.REMINDERS_BY_EMAIL = False
    error = error_of(message, MailServer(), settings)
    assert (str(error), error.everyone) == ("E-mail is not set up on this site.", True)


def test_unknown_server(message: Message, settings: Settings) -> None:
    error = error_of(message, MailServer(options={"host": "mail.invalid", "port": 25}), settings)
    assert str(error).startswith("The mail server could not be reached: ")
    assert error.everyone


def test_server_with_an_invalid_name(message: Message, settings: Settings) -> None:
    """An error of `EMAIL_URL` pauses no subscription."""
    error = error_of(message, MailServer(options={"host": "mail..invalid", "port": 25}), settings)
    assert str(error) == (
        "The mail server cannot be used with this EMAIL_URL: The host name is not valid."
    )
    assert (error.permanent, error.everyone) == (False, True)


@contextmanager
def greeting(*parts: bytes) -> Iterator[MailServer]:
    """Run a server that sends parts of a greeting, one every 0.2 seconds, and then is silent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                for part in parts:
                    if ended.wait(0.2):
                        return
                    connection.sendall(part)
                ended.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        yield MailServer(options={"host": "127.0.0.1", "port": port, "timeout": 0.5})
        ended.set()
        thread.join()


def test_server_that_refuses_every_connection(message: Message, settings: Settings) -> None:
    with greeting(b"554 5.7.1 Your network is blocked\r\n") as server:
        error = error_of(message, server, settings)
    assert str(error) == (
        "The mail server refuses the connection: 554 5.7.1 Your network is blocked"
    )
    assert error.everyone


def test_server_that_never_greets(message: Message, settings: Settings) -> None:
    with greeting() as server:
        assert str(error_of(message, server, settings)) == LATE


def test_whole_attempt_has_a_limit(
    message: Message, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The timeout of each step does not limit a server that sends one byte at a time."""
    monkeypatch.setattr(smtp, "MAX_SECONDS", 1)
    with greeting(*[b"2"] * 100) as server:
        assert str(error_of(message, server, settings)) == LATE
    threads = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    assert not threads


@pytest.mark.parametrize("address", ["a@b\nBcc: x@example.org", "a@b, c@d"])
def test_invalid_address(settings: Settings, address: str) -> None:
    message = make_message(address=address)
    with receive_mail() as server:
        error = error_of(message, server, settings)
    assert (str(error), error.permanent) == ("The address is not a valid e-mail address.", True)
    assert not server.messages


# ---- several messages of a run -------------------------------------------------------------------


def test_messages_of_a_run_share_a_connection(message: Message, settings: Settings) -> None:
    with receive_mail() as server:
        settings.MAILERS = server.mailers
        with one_connection():
            for answers in ({}, {"RCPT": "550 5.1.1 No such user"}, {"DATA": "451 Later"}, {}):
                server.answers = answers
                with suppress(DeliveryError):
                    send(message, NOW)
    assert (len(server.messages), len(server.sessions)) == (2, 1)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("RSET", "421 4.4.2 You were silent for too long"),
        ("RSET", "500 What?"),
        ("RSET", BREAKS_OFF),
        ("RSET", HANGS),
        ("MAIL", "421 4.7.0 Too many messages in this connection"),
    ],
)
def test_connection_that_the_server_closes_between_two_messages_is_replaced(
    message: Message, settings: Settings, command: str, answer: str
) -> None:
    with receive_mail() as server:
        server.options["timeout"] = 0.5
        settings.MAILERS = server.mailers

        def answer_once(name: str) -> None:
            server.answers = {command: answer} if name == command and server.messages else {}
            if len(server.sessions) > 1:
                server.answers = {}

        server.before = answer_once
        with one_connection():
            send(message, NOW)
            send(message, NOW)
    assert (len(server.messages), len(server.sessions)) == (2, 2)


def test_message_that_the_server_may_have_accepted_is_not_repeated_at_once(
    message: Message, settings: Settings
) -> None:
    with receive_mail() as server:
        settings.MAILERS = server.mailers
        with one_connection():
            send(message, NOW)
            server.answers = {"DATA": BREAKS_OFF}
            error_of(message, server, settings)
    assert len(server.messages) == 2


def test_each_message_of_a_run_has_the_whole_limit(
    message: Message, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "MAX_SECONDS", 3)
    with receive_mail() as server:
        settings.MAILERS = server.mailers
        server.before = lambda name: time.sleep(0.6 if name == "DATA" else 0)
        with one_connection():
            for _ in range(6):
                send(message, NOW)
    assert (len(server.messages), len(server.sessions)) == (6, 1)


# ---- what becomes of the message and the subscription --------------------------------------------


def attempt(server: MailServer, settings: Settings) -> tuple[Message, Subscription]:
    """Make an attempt as a worker does, and return the message and its subscription."""
    settings.MAILERS = server.mailers
    [lease] = lease_due(NOW)
    deliver.call(lease.message, lease.until.isoformat())
    message = Message.objects.select_related("subscription").get()
    return message, message.subscription


def test_hard_bounce_pauses_the_subscription(message: Message, settings: Settings) -> None:
    with receive_mail({"RCPT": "550 5.1.1 No such user"}) as server:
        message, subscription = attempt(server, settings)
    assert message.next_attempt_at is None
    assert subscription.state == SubscriptionState.PAUSED
    assert subscription.paused_because == (
        "The mail server refuses the address: 550 5.1.1 No such user"
    )


@pytest.mark.parametrize("answer", ["450 4.2.0 Greylisted", "451 4.3.0 Try later"])
def test_message_is_retried_after_a_temporary_refusal(
    message: Message, settings: Settings, answer: str
) -> None:
    with receive_mail({"RCPT": answer}) as server:
        message, subscription = attempt(server, settings)
    assert message.next_attempt_at
    assert message.next_attempt_at > NOW
    assert subscription.state == SubscriptionState.ACTIVE


def test_server_that_refuses_the_site_pauses_no_subscription(
    message: Message, settings: Settings
) -> None:
    """The message is retried until the operator has solved the problem."""
    with receive_mail({"MAIL": "550 5.7.1 The account is closed"}) as server:
        for _ in range(3):
            message, subscription = attempt(server, settings)
            assert message.next_attempt_at
            Message.objects.update(next_attempt_at=NOW)
    assert subscription.state == SubscriptionState.ACTIVE
    assert subscription.failing_since is None
    with receive_mail() as server:
        message, _ = attempt(server, settings)
    assert message.sent_at
