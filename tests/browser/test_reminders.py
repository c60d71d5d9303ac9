"""Reminders from the form to the mailbox: a browser, a mail server and a receiver of webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import parseaddr
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from standardwebhooks.webhooks import Webhook

from releases.models import (
    Channel,
    Message,
    MessagePurpose,
    ReleaseCycle,
    Subscription,
    SubscriptionState,
)
from releases.presentation.reminders import links_of
from releases.services.reminders.outbox import add_message
from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits, log_in
from tests.browser.test_accessibility import violations
from tests.browser.test_markup import messages_for_pages
from tests.factories import make_cycle, make_product
from tests.mail_servers import MailServer, receive_mail
from tests.receivers import Receiver, Request, receive
from tests.reminders import NOW, make_subscription

pytestmark = pytest.mark.usefixtures("transactional_db")

ADDRESS = "ada@example.org"


@pytest.fixture(autouse=True)
def cycle(settings: Settings, live_server: LiveServer) -> ReleaseCycle:
    """A release cycle of a site whose links lead to the live server."""
    settings.SITE_URL = live_server.url
    settings.DEFAULT_FROM_EMAIL = "Roadmap <roadmap@example.org>"
    settings.REMINDERS = settings.REMINDERS_BY_EMAIL = True
    settings.MAIL_FOLDER = ""
    cache.clear()
    django = make_product("django", label="Django")
    return make_cycle(django, "5.2", release="2025-04-02", eol="2028-04-30")


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[MailServer]:
    with receive_mail() as server:
        settings.MAILERS = server.mailers
        yield server


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    with receive() as running:
        settings.WEBHOOK_HOSTS = running.named
        yield running


def send_due() -> None:
    """Send what is due, in a thread, as the main thread runs the event loop of Playwright."""

    def send() -> None:
        try:
            call_command("send_due", verbosity=0)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(send).result()


def next_mail(mailbox: MailServer) -> EmailMessage:
    """Return the only mail that is sent now."""
    mailbox.messages.clear()
    send_due()
    (mail,) = mailbox.messages
    assert parseaddr(mail["To"])[1] == ADDRESS
    return mail


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


def link_in(mail: EmailMessage, part: str) -> str:
    """Return the only link of a mail whose path has a part."""
    (link,) = {word for word in text_of(mail).split() if "://" in word and part in word}
    return link


def move_date(page: Page, cycle: ReleaseCycle, day: str) -> None:
    """Change the end of security support in the admin."""
    page.goto(reverse("admin:releases_releasecycle_change", args=[cycle.pk]))
    page.locator("#id_eol").fill(day)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("changed successfully")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_form_to_the_mailbox(
    new_page: NewPage, mailbox: MailServer, cycle: ReleaseCycle, *, javascript: bool
) -> None:
    """Subscribe, confirm, move a date in the admin, read the message, unsubscribe."""
    page = new_page(java_script_enabled=javascript, timezone_id="Europe/Berlin")
    page.goto("/django/5.2/")
    page.locator("details.subscribe summary").click()
    page.get_by_role("link", name="Get e-mail").click()
    expect(page.get_by_role("link", name="Django 5.2")).to_be_visible()
    zone = "Europe/Berlin" if javascript else "UTC"
    expect(page.get_by_label("Time zone")).to_have_value(zone)
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_label("How often").select_option("At once")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", name="Check your mailbox")).to_be_visible()

    page.goto(link_in(next_mail(mailbox), "/confirm/"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Confirmed.")).to_be_visible()
    made = Subscription.objects.get()
    assert (made.state, made.zone) == (SubscriptionState.ACTIVE, zone)

    move_date(log_in(new_page()), cycle, "2028-06-30")
    mail = next_mail(mailbox)
    assert "Django 5.2" in mail["Subject"]
    assert "moved to 30 Jun 2028; it was 30 Apr 2028" in " ".join(text_of(mail).split())
    page.reload()
    expect(page.get_by_role("row", name="Sent")).to_have_count(2)
    mailbox.messages.clear()
    send_due()
    assert mailbox.messages == []

    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert post(mail["List-Unsubscribe"].strip("<>"), "List-Unsubscribe=One-Click") == 200
    assert not Subscription.objects.exists()
    move_date(log_in(new_page(), "other"), cycle, "2028-07-31")
    send_due()
    assert mailbox.messages == []


def post(url: str, body: str) -> int:
    """Return the status of a POST request without cookies, as a mail program sends it."""
    parts = urlsplit(url)
    program = HTTPConnection(parts.netloc, timeout=10)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        program.request("POST", parts.path, body, kind)
        return program.getresponse().status
    finally:
        program.close()


def test_from_the_form_to_a_webhook(
    page: Page, new_page: NewPage, receiver: Receiver, cycle: ReleaseCycle
) -> None:
    """The receiver verifies each message with the secret that the page shows."""
    page.goto("/django/")
    page.locator("details.subscribe summary").click()
    page.get_by_role("link", name="Add a webhook").click()
    page.get_by_label("Webhook URL").fill(receiver.url("/"))
    page.get_by_label("How often").select_option("At once")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("This subscription is not confirmed yet.")).to_be_visible()
    own = page.url
    secret = page.get_by_label("Signing secret").input_value()
    expect(page.get_by_role("button", name="Send a test")).to_have_count(0)

    asked = next_request(receiver, secret)
    assert asked["type"] == "reminder.confirmation"
    page.goto(asked["data"]["links"]["confirm"])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Confirmed.")).to_be_visible()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("A test message will be sent now.")).to_be_visible()
    assert next_request(receiver, secret)["type"] == "reminder.test"

    move_date(log_in(new_page()), cycle, "2028-06-30")
    news = next_request(receiver, secret)
    assert news["type"] == "reminder.news"
    (item,) = news["data"]["items"]
    assert (item["product"], item["date"], item["old_date"]) == (
        "django",
        "2028-06-30",
        "2028-04-30",
    )
    page.goto(own)
    page.get_by_role("link", name="Unsubscribe").click()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You have unsubscribed")).to_be_visible()
    assert not Subscription.objects.exists()


def next_request(receiver: Receiver, secret: str) -> dict[str, Any]:
    """Return the only message that is sent now, after its signature is verified."""
    receiver.requests.clear()
    send_due()
    request: Request
    (request,) = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    Webhook(secret).verify(request.body, headers)
    found: dict[str, Any] = json.loads(request.body)
    return found


def private_pages() -> dict[str, str]:
    """Return the paths of all pages of subscriptions in their states, by a name."""
    waiting = make_subscription(
        state=SubscriptionState.PENDING,
        channel=Channel.GENERIC,
        address="https://a.example/x",
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    paused = make_subscription(
        state=SubscriptionState.PAUSED, paused_because="The mailbox is full.", view_gone=True
    )
    for error in ("", "The mailbox is full."):
        message = add_message(paused, MessagePurpose.NEWS, NOW)
        sent = {"sent_at": None if error else NOW, "next_attempt_at": None}
        Message.objects.filter(pk=message.pk).update(error=error, attempts=1, **sent)
    ended = make_subscription()
    links = {
        "pending": links_of(waiting).manage,
        "confirm": links_of(waiting).confirm,
        "paused": links_of(paused).manage,
        "unsubscribe": links_of(paused).unsubscribe,
        "ended": links_of(ended).unsubscribe,
    }
    ended.delete()
    return {name: urlsplit(link).path for name, link in links.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 1280])
def test_pages_of_subscriptions_have_no_violations(
    new_page: NewPage, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = new_page(width=width, color_scheme=scheme)
    paths = private_pages()
    ended = page.request.get(paths["ended"]).text()
    # The browser reports the status 404 as an error.
    page.route(
        f"**{paths['ended']}", lambda route: route.fulfill(body=ended, content_type="text/html")
    )
    for name, path in paths.items():
        page.goto(path)
        assert violations(page) == [], name
        assert_fits(page, width)
    page.goto("/subscribe/?view=/django/")
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_label("Time zone").fill("Berlin")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    assert_fits(page, width)


def test_pages_of_subscriptions_are_valid(client: Any, tmp_path: Path) -> None:
    found = {name: client.get(path).content for name, path in private_pages().items()}
    found["errors"] = client.post("/subscribe/", {"view": "/django/", "zone": "<b>"}).content
    assert messages_for_pages(tmp_path, found) == set()


def test_form_works_by_keyboard(page: Page) -> None:
    """Every field is reached in its order, and Enter submits."""
    page.goto("/subscribe/?view=/django/")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Tab")
    expect(page.get_by_label("1 year")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_label("1 year")).to_be_checked()
    for _ in range(9):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Dates that are announced")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your mailbox")).to_be_visible()
    assert 365 in Subscription.objects.get().days
