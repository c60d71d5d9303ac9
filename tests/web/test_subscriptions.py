"""Subscriptions on the site: the form, its limits, and the pages behind the links of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import TimeMachineFixture

from releases.models import Channel, Message, MessagePurpose, Subscription, SubscriptionState
from releases.presentation.reminders import links_of
from releases.services.reminders.outbox import add_message
from releases.services.reminders.subscribe import MAX_SUBSCRIPTIONS, MAX_TESTS
from releases.views.subscriptions import FORMS_PER_HOUR
from releases.web.page_cache import build_digest
from tests.factories import make_cycle, make_product
from tests.reminders import NOW, make_notice, make_subscription
from tests.web.texts import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still", "products", "fresh_cache")]

ADDRESS = "ada@example.org"
FORM = {
    "view": "/django/",
    "channel": "email",
    "address": ADDRESS,
    "days": ["30", "0"],
    "dates": "on",
    "releases": "security",
    "frequency": "weekly",
    "hour": "6",
    "weekday": "2",
    "zone": "europe/berlin",
}
WEBHOOK = FORM | {"channel": "webhook", "format": "slack", "address": "https://hooks.example/x"}
OF_A_REQUEST = ("X-Request-ID", "Server-Timing")
"""Headers that each answer has its own of."""
PANELS = {
    "/": "/",
    "/?lts=1&status=security": "/?status=security&lts=1",
    "/django/": "/django/",
    "/django/5.2/": "/?pin=django%3A5.2",
    "/calendar/?category=framework": "/?category=framework",
    "/changes/?product=django": "/?product=django",
    "/stack/?of=django:5.2.1": "/stack/?of=django:5.2.1",
    "/upgrade/django/?from=5.2": "/django/",
}
"""The view that the panel of each page leads to."""


@pytest.fixture
def still(time_machine: TimeMachineFixture) -> None:
    """Stop the clock: a token has its time."""
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def products() -> None:
    django = make_product(label="Django", category="framework")
    make_cycle(django, "6.0", release="2025-12-03", eol="2027-04")
    make_cycle(django, "5.2", release="2025-04-02", eol="2028-04")
    make_product("hidden", draft=True)


@pytest.fixture
def fresh_cache() -> Iterator[None]:
    """Forget the forms that other tests sent."""
    cache.clear()
    yield
    cache.clear()


def path(address: str) -> str:
    """Return the path of an absolute address of this site."""
    return urlsplit(address).path


def manage(subscription: Subscription) -> str:
    return path(links_of(subscription).manage)


def unsubscribe(subscription: Subscription) -> str:
    return path(links_of(subscription).unsubscribe)


def confirm(subscription: Subscription) -> str:
    return path(links_of(subscription).confirm)


def pending(**values: Any) -> Subscription:
    waiting = {"state": SubscriptionState.PENDING, "confirmed_at": None, "changes_until": None}
    return make_subscription(**waiting, **values)


@pytest.mark.parametrize("page", PANELS)
def test_panel_leads_to_the_form_for_its_view(client: Client, page: str) -> None:
    html = client.get(page).content.decode()
    found = re.findall(r'href="(/subscribe/[^"]*)"', html)
    email, webhook = (unescape(each) for each in found)
    assert webhook == f"{email}&channel=webhook"
    form = client.get(email).content.decode()
    view = re.search(r'name="view" value="([^"]*)"', form)
    assert view
    assert unescape(view[1]) == PANELS[page]
    assert "E-mail address" in form
    assert "Webhook URL" in client.get(webhook).content.decode()


def test_panel_offers_what_is_configured(client: Client, settings: Settings) -> None:
    settings.REMINDERS_BY_EMAIL = False
    html = client.get("/django/").content.decode()
    assert html.count("/subscribe/") == 1
    form = client.get("/subscribe/?view=/django/").content.decode()
    assert "Webhook URL" in form
    assert "E-mail" not in words_of(form)
    settings.REMINDERS = False
    assert "/subscribe/" not in client.get("/django/").content.decode()
    assert client.get("/subscribe/?view=/django/").status_code == 404


def test_pages_of_a_site_without_reminders_have_another_etag(settings: Settings) -> None:
    found = {build_digest()}
    settings.REMINDERS_BY_EMAIL = False
    found.add(build_digest())
    settings.REMINDERS = False
    found.add(build_digest())
    assert len(found) == 3


@pytest.mark.parametrize(
    ("view", "label"),
    [
        ("/django/", "Django"),
        ("/?pin=django:5.2", "Django 5.2"),
        ("/?lts=1", "this view of the roadmap"),
        ("/stack/?of=django:5.2.1", "your stack"),
        ("", "the roadmap"),
    ],
)
def test_form_names_the_view(client: Client, view: str, label: str) -> None:
    page = client.get(f"/subscribe/?view={quote(view)}")
    assert f"Get reminders about {label} before" in words_of(page.content.decode())


@pytest.mark.parametrize(
    "view",
    [
        "https://example.org/django/",
        "//example.org/django/",
        "django",
        "/nothing/",
        "/hidden/",
        "/django/9/",
        "/?tag=unknown",
        "/?category=unknown",
        "/?product=unknown",
        "/stack/?of=unknown:1",
        "/admin/",
        "/dj\x00ango/",
        "/?q=" + "x" * 3000,
        "javascript:alert(1)",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_views_are_refused_in_words(client: Client, view: str, method: str) -> None:
    """A text that a roadmap ignores is dropped from the view."""
    page = getattr(client, method)("/subscribe/", FORM | {"view": view})
    if view.startswith("/?q="):
        assert page.status_code in (200, 303)
        return
    assert page.status_code == 404
    assert "You cannot subscribe to this page" in page.content.decode()
    assert not Subscription.objects.exists()


def test_form_is_not_stored_and_offers_the_usual(client: Client) -> None:
    page = client.get("/subscribe/?view=/django/")
    assert "no-store" in page["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in page.content.decode()
    form = page.context["form"]
    assert set(form["days"].value()) == {90, 30, 7, 0}
    assert (form["dates"].value(), form["cycles"].value()) == (True, True)
    assert (form["releases"].value(), form["frequency"].value()) == ("security", "daily")
    assert form["zone"].value() == "UTC"


def test_subscribing_by_email(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(9):
        answer = client.post("/subscribe/", FORM)
    assert (answer.status_code, answer["Location"]) == (303, "/subscribe/sent/")
    made = Subscription.objects.get()
    assert (made.channel, made.address, made.view) == ("email", ADDRESS, "/django/")
    assert (made.days, made.dates, made.cycles, made.releases) == ([30, 0], True, False, "security")
    assert (made.frequency, made.hour, made.weekday, made.zone) == ("weekly", 6, 2, "Europe/Berlin")
    assert made.state == SubscriptionState.PENDING
    assert made.messages.get().purpose == MessagePurpose.CONFIRM


def test_sent_page_says_where_mail_is_in_development(client: Client, settings: Settings) -> None:
    settings.MAIL_FOLDER = "/somewhere/mail"
    page = client.get("/subscribe/sent/")
    assert "no-store" in page["Cache-Control"]
    assert "writes the e-mails that are due to the folder /somewhere/mail" in words_of(
        page.content.decode()
    )
    settings.MAIL_FOLDER = ""
    assert "development" not in client.get("/subscribe/sent/").content.decode()


def test_answer_is_the_same_for_known_unknown_and_limited_addresses(client: Client) -> None:
    """Neither the page nor its headers tell an address that is subscribed."""
    make_subscription()
    answers = set()
    for number in range(7):
        address = "new@example.org" if number == 6 else ADDRESS
        answer = client.post("/subscribe/", FORM | {"address": address})
        headers = set(answer.items()) - {(name, answer[name]) for name in OF_A_REQUEST}
        answers.add((answer.status_code, answer.content, tuple(sorted(headers))))
    assert len(answers) == 1
    asked = Message.objects.filter(purpose="confirm", subscription__address=ADDRESS)
    assert asked.count() == 5


def test_forms_of_a_client_are_limited(client: Client) -> None:
    """Invalid forms do not count; other clients are not affected."""
    client.post("/subscribe/", FORM | {"address": "bad"})
    for number in range(FORMS_PER_HOUR):
        answer = client.post("/subscribe/", FORM | {"address": f"a{number}@example.org"})
        assert answer.status_code == 303
    refused = client.post("/subscribe/", FORM)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert "Try again in an hour" in refused.content.decode()
    assert Subscription.objects.count() == FORMS_PER_HOUR
    other = Client(REMOTE_ADDR="192.0.2.7").post("/subscribe/", FORM)
    assert other.status_code == 303


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"address": "ada"}, "Enter a valid email address."),
        ({"address": ""}, "This field is required."),
        ({"address": "a" * 250 + "@example.org"}, "at most 254 characters"),
        *(
            ({"address": address}, "Enter a valid email address.")
            for address in (
                "a@b",
                "a@localhost",
                "a@[127.0.0.1]",
                '"a"@example.org',
                "=?utf-8?q?b?=@example.org",
                f"a@{'ü' * 60}.de",
            )
        ),
        ({"address": "ada@example.org\nBcc: b@example.org"}, "Enter a valid email address."),
        ({"zone": "Berlin"}, "“Berlin” is not a time zone."),
        ({"zone": "../etc/passwd"}, "is not a time zone."),
        ({"days": ["13"]}, "Select a valid choice."),
        ({"hour": "24"}, "Select a valid choice."),
        ({"weekday": "x"}, "Select a valid choice."),
        ({"releases": "some"}, "Select a valid choice."),
        ({"frequency": ""}, "This field is required."),
        ({"days": [], "dates": "", "releases": "none"}, "Choose at least one kind"),
    ],
)
def test_bad_values_are_named_and_nothing_is_saved(
    client: Client, changes: dict[str, Any], sentence: str
) -> None:
    page = client.post("/subscribe/", {**FORM, **changes})
    assert page.status_code == 200
    html = page.content.decode()
    assert sentence in unescape(html)
    assert 'role="alert"' in html
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("domain", ["MÜNCHEN.de", "xn--mnchen-3ya.de", "mün\u00adchen.DE"])
def test_domain_is_stored_as_mail_is_sent_to_it(client: Client, domain: str) -> None:
    """Other spellings of an address would evade its limits."""
    client.post("/subscribe/", FORM | {"address": f"Ada@{domain}"})
    assert Subscription.objects.get().address == "Ada@xn--mnchen-3ya.de"


def test_errors_are_tied_to_their_fields(client: Client) -> None:
    html = client.post("/subscribe/", FORM | {"zone": "Berlin"}).content.decode()
    field = re.search(r'<input [^>]*id="id_zone"[^>]*>', html)
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert "id_zone_error" in field[0]
    assert 'id="id_zone_error"' in html


def test_all_errors_are_listed_with_links_in_the_order_of_the_page(client: Client) -> None:
    nothing = {"days": [], "dates": "", "releases": "none"}
    sent = WEBHOOK | nothing | {"address": "http://hooks.example/x", "zone": "Berlin"}
    html = client.post("/subscribe/", sent).content.decode()
    summary = html[html.index('id="errors"') : html.index("</ul></div>")]
    assert re.findall("at least one kind|#id_[a-z]+", summary) == [
        "at least one kind",
        "#id_address",
        "#id_zone",
    ]
    assert "<title>Error: " in html


def test_subscribing_by_webhook_shows_its_page_at_once(client: Client) -> None:
    sent = WEBHOOK | {"format": "generic"}
    page = client.post("/subscribe/", sent, follow=True)
    made = Subscription.objects.get()
    assert page.redirect_chain == [(manage(made), 303)]
    assert (made.channel, made.state) == (Channel.GENERIC, SubscriptionState.PENDING)
    html = page.content.decode()
    assert made.secret in html
    assert "is not confirmed yet" in html
    assert "Send a test" not in html
    assert links_of(made).confirm.rsplit("/", 2)[1] not in html


def test_only_generic_webhooks_show_a_secret(client: Client) -> None:
    client.post("/subscribe/", WEBHOOK)
    made = Subscription.objects.get()
    assert made.secret not in client.get(manage(made)).content.decode()


def test_webhook_with_too_many_confirmations_says_so(client: Client) -> None:
    for _ in range(5):
        assert client.post("/subscribe/", WEBHOOK).status_code == 303
    page = client.post("/subscribe/", WEBHOOK)
    assert "Too many messages to confirm were sent to this address" in page.content.decode()
    assert Subscription.objects.count() == 5


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://hooks.example/x", "begins with https://"),
        ("https://localhost/x", "not on the public internet"),
        ("https://chat.internal/x", "not on the public internet"),
        ("https://127.0.0.1/x", "not on the public internet"),
        ("https://[::1]/x", "not on the public internet"),
        ("https://[::ffff:10.0.0.1]/x", "not on the public internet"),
        ("https://169.254.169.254/latest", "not on the public internet"),
        ("https://ada:secret@hooks.example/x", "without a user name"),
        ("ftp://hooks.example/x", "begins with https://"),
        ("hooks.example", "begins with https://"),
        ("https://[", "begins with https://"),
        ("https://hooks.example/" + "x" * 1000, "at most 1000 characters"),
    ],
)
def test_bad_webhooks_are_refused(client: Client, address: str, sentence: str) -> None:
    page = client.post("/subscribe/", WEBHOOK | {"address": address})
    assert sentence in unescape(page.content.decode())
    assert not Subscription.objects.exists()


SLACK = "https://hooks.slack.com/services/T0/B0/x"
DISCORD = "https://discord.com/api/webhooks/1/x"


@pytest.mark.parametrize(
    ("address", "format_", "service"),
    [
        (SLACK, "generic", "Slack"),
        (SLACK.upper().replace("HTTPS", "https"), "discord", "Slack"),
        (DISCORD, "slack", "Discord"),
        ("https://canary.discordapp.com:443/api/v10/webhooks/1/x", "generic", "Discord"),
        (SLACK, "slack", ""),
        (DISCORD, "discord", ""),
        (f"{DISCORD}/slack", "slack", ""),
        ("https://hooks.slack.com.example/services/x", "generic", ""),
        ("https://hooks.example/https://hooks.slack.com/services/x", "generic", ""),
    ],
)
def test_format_of_another_service_is_refused(
    client: Client, address: str, format_: str, service: str
) -> None:
    page = client.post("/subscribe/", WEBHOOK | {"address": address, "format": format_})
    assert Subscription.objects.exists() == (not service)
    if service:
        error = f"This is a URL of {service}. Choose {service} as the format."
        assert page.context["form"].errors == {"format": [error]}
        assert error in words_of(page.content.decode())


def test_webhook_of_an_internal_host_that_is_allowed(client: Client, settings: Settings) -> None:
    settings.WEBHOOK_HOSTS = ["chat.internal"]
    for address in ("http://Chat.internal:8065/x", "https://chat.internal/x"):
        assert client.post("/subscribe/", WEBHOOK | {"address": address}).status_code == 303


def test_the_form_is_protected_against_other_sites() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/subscribe/", FORM).status_code == 403
    assert not Subscription.objects.exists()


def test_following_the_link_confirms_nothing_and_the_button_does(client: Client) -> None:
    """Scanners of mail follow links."""
    made = pending()
    for method in (client.get, client.head):
        assert method(confirm(made)).status_code == 200
        made.refresh_from_db()
        assert made.state == SubscriptionState.PENDING
    assert f"Reminders about Django , to {ADDRESS}." in words_of(
        client.get(confirm(made)).content.decode()
    )
    for _ in range(2):  # pressing twice is fine
        answer = Client(enforce_csrf_checks=True).post(confirm(made))
        assert (answer.status_code, answer["Location"]) == (303, f"{manage(made)}?done=confirmed")
    made.refresh_from_db()
    assert (made.state, made.confirmed_at is not None) == (SubscriptionState.ACTIVE, True)
    page = client.get(answer["Location"]).content.decode()
    assert "Confirmed. You will receive reminders" in page
    assert client.get(confirm(made))["Location"] == answer["Location"]


def test_link_expires_after_seven_days(client: Client, time_machine: TimeMachineFixture) -> None:
    made = pending()
    link = confirm(made)
    time_machine.move_to(NOW + timedelta(days=7, minutes=1))
    for page in (client.get(link), client.post(link)):
        assert page.status_code == 404
        html = page.content.decode()
        assert "The link has expired" in html
        assert 'href="/subscribe/?view=/django/"' in html
    made.refresh_from_db()
    assert made.state == SubscriptionState.PENDING
    made.delete()
    page = client.get(link)
    assert (page.status_code, "The link has expired" in page.content.decode()) == (404, True)


def test_confirming_the_last_one_too_many_says_so(client: Client) -> None:
    for number in range(MAX_SUBSCRIPTIONS):
        make_subscription(view=f"/{number}/")
    page = client.post(confirm(pending()))
    assert f"has {MAX_SUBSCRIPTIONS} subscriptions, the maximum" in page.content.decode()


def test_page_of_a_subscription_says_what_was_sent(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = make_subscription(zone="Asia/Tokyo")
    for error, waits, attempts in (("", False, 1), ("It said <no>.", True, 2), ("Gone.", False, 3)):
        message = add_message(made, MessagePurpose.NEWS, NOW)
        Message.objects.filter(pk=message.pk).update(
            error=error,
            attempts=attempts,
            sent_at=None if error else NOW,
            next_attempt_at=NOW if waits else None,
        )
        make_notice(made, message=message)
    add_message(made, MessagePurpose.TEST, NOW)
    late = add_message(made, MessagePurpose.CONFIRM, NOW)
    Message.objects.filter(pk=late.pk).update(next_attempt_at=None)
    with django_assert_max_num_queries(3):
        html = client.get(manage(made)).content.decode()
    text = words_of(html)
    assert "21 Nov 2026, 21:00 Content 1 reminder Result Sent" in text
    assert "Result Will be retried. It said <no>." in text
    assert "Result Failed after 3 attempts. Gone." in text
    assert "Request to confirm Result Not sent: no longer needed" in text
    assert "Content Test Result Waiting to be sent" in text
    assert "Times are in the time zone Asia/Tokyo" in text
    assert "<no>" not in html


def test_changing_a_subscription(client: Client) -> None:
    made = make_subscription()
    sent = {name: value for name, value in FORM.items() if name not in ("address", "view")}
    sent |= {"action": "change", "address": "eve@example.org", "view": "/"}
    answer = Client(enforce_csrf_checks=True).post(manage(made), sent)
    assert answer["Location"] == f"{manage(made)}?done=changed"
    made.refresh_from_db()
    assert (made.days, made.cycles, made.zone) == ([30, 0], False, "Europe/Berlin")
    assert (made.address, made.view) == (ADDRESS, "/django/")
    page = client.post(manage(made), sent | {"zone": "x"})
    assert "is not a time zone" in page.content.decode()
    assert set(client.get(manage(made)).context["form"]["days"].value()) == {30, 0}


def test_resuming_a_paused_subscription(client: Client) -> None:
    made = make_subscription(state=SubscriptionState.PAUSED, paused_because="The mailbox is gone.")
    assert "could not be delivered: The mailbox is gone." in words_of(
        client.get(manage(made)).content.decode()
    )
    page = client.post(manage(made), {"action": "resume"}, follow=True).content.decode()
    made.refresh_from_db()
    assert (made.state, made.paused_because) == (SubscriptionState.ACTIVE, "")
    assert "Resumed." in page
    assert "Resume<" not in page


def test_sending_tests(client: Client) -> None:
    made = make_subscription()
    for _ in range(MAX_TESTS):
        answer = client.post(manage(made), {"action": "test"})
        assert answer["Location"] == f"{manage(made)}?done=test"
    page = client.post(manage(made), {"action": "test"})
    assert "test messages were sent in the last hour" in page.content.decode()
    assert made.messages.filter(purpose="test").count() == MAX_TESTS


@pytest.mark.parametrize("action", ["test", "resume", "confirm", "x"])
def test_pending_subscription_sends_nothing_else(client: Client, action: str) -> None:
    """The page of a webhook is shown to strangers, before the webhook has confirmed."""
    made = pending()
    assert client.post(manage(made), {"action": action}).status_code == 200
    made.refresh_from_db()
    assert made.state == SubscriptionState.PENDING
    assert not made.messages.exists()


def test_subscription_to_a_view_that_is_gone_says_so(client: Client) -> None:
    made = make_subscription(view="/gone/", view_gone=True)
    assert (
        "The page that you subscribed to no longer exists."
        in client.get(manage(made)).content.decode()
    )


def test_unsubscribing_with_one_click() -> None:
    """A mail program posts to the link, without cookies, and may do so again (RFC 8058)."""
    made = make_subscription()
    link, program = unsubscribe(made), Client(enforce_csrf_checks=True)
    assert program.get(link).status_code == 200
    assert Subscription.objects.exists()
    first = program.post(link, {"List-Unsubscribe": "One-Click"})
    assert not Subscription.objects.exists()
    second = program.post(link, {"List-Unsubscribe": "One-Click"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert "You have unsubscribed" in first.content.decode()
    assert not first.cookies
    page = program.get(path(links_of(made).manage))
    assert (page.status_code, "no longer exists" in page.content.decode()) == (404, True)
    assert program.get(link).status_code == 404


def test_other_tokens_are_refused(client: Client) -> None:
    """A link that confirms does not manage, and the other way round."""
    made = make_subscription()
    token, other = (each.rstrip("/").rsplit("/", 1)[1] for each in (manage(made), confirm(made)))
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    links = [f"/subscriptions/{bad}/" for bad in ("x", changed, other, "a:b:c")]
    links += [f"{link}unsubscribe/" for link in links]
    links += [f"/subscriptions/confirm/{token}/", "/subscriptions/confirm/x/"]
    for link in links:
        for page in (client.get(link), client.post(link, {"action": "test"})):
            assert page.status_code == 404, link
            assert "The link is incomplete" in page.content.decode(), link
    assert Subscription.objects.count() == 1
    assert not Message.objects.exists()


def test_private_pages_leak_nothing(client: Client) -> None:
    made = pending()
    for link in (manage(made), confirm(made), unsubscribe(made), "/subscriptions/x/"):
        page = client.get(link)
        assert "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["X-Robots-Tag"] == "noindex"
        html = page.content.decode()
        assert '<meta name="robots" content="noindex">' in html
        assert 'rel="canonical"' not in html
        assert "og:" not in html
        assert not re.findall(r'(?:src|<link[^>]*href)="https?:', html)
        assert not page.cookies


def test_hostile_values_are_escaped(client: Client) -> None:
    made = make_subscription(
        address='"<i>"@example.org', state=SubscriptionState.PAUSED, paused_because="<i>no"
    )
    for link in (manage(made), unsubscribe(made)):
        assert "<i>" not in client.get(link).content.decode()


def test_privacy_page_is_linked_from_the_form(client: Client, settings: Settings) -> None:
    assert 'href="/about/privacy/"' in client.get("/subscribe/").content.decode()
    text = words_of(client.get("/about/privacy/").content.decode())
    assert "7 days if you do not confirm" in text
    assert "90 days, or until you unsubscribe" in text
    settings.REMINDERS = False
    assert "Subscribers" not in client.get("/about/privacy/").content.decode()
