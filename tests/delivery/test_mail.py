"""The e-mails of reminders: their content in text and HTML, and their headers."""

from __future__ import annotations

import re
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import pytest
from django.core import mail as django_mail
from pytest_django import DjangoAssertNumQueries, Settings

from releases.delivery.mail import WIDTH, mail_of, send, wrapped
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.reminders.news import News, NewsKind
from releases.models import Message, MessagePurpose, Product, SubscriptionState
from releases.presentation.reminders import MAX_ITEMS, links_of
from releases.presentation.subscriptions import confirmation_id, subscription_id
from tests.factories import make_product
from tests.reminders import NOW, make_message, news
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db

SITE = "https://roadmap.example.org"


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_URL = SITE
    settings.DEFAULT_FROM_EMAIL = "Roadmap <roadmap@example.org>"
    make_product("django")


END = news(NewsKind.END, milestone="eol", day=PartialDate(date(2026, 12, 21)))
MOVED = news(
    NewsKind.CHANGE,
    milestone="eoas",
    day=PartialDate(date(2027, 4, 30)),
    old=PartialDate(date(2027, 4, 1)),
)


def parsed(message: Message, now: datetime = NOW) -> EmailMessage:
    """Return the e-mail of a message, as a mail program reads it."""
    return message_from_bytes(mail_of(message, now).message().as_bytes(), policy=policy.default)


def bodies(mail: EmailMessage) -> tuple[str, str]:
    """Return the text and the HTML of an e-mail."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def visible(html: str) -> str:
    """Return the text of HTML on one line."""
    return words_of(html.partition("</head>")[2])


def test_digest_groups_its_items() -> None:
    message = make_message(MOVED, END, view="/?product=django&product=python")
    mail = parsed(message)
    assert mail["Subject"] == (
        "Django 5.2: End of security support in 30 days, 21 Dec 2026, and 1 more"
    )
    text, html = bodies(mail)
    assert text.startswith(
        """\
Reminders about Django, python
Daily digest, 21 Nov 2026

ENDS OF SUPPORT

* Django 5.2
  End of security support in 30 days, 21 Dec 2026.
  https://roadmap.example.org/django/5.2/

CHANGED DATES

* Django 5.2
  End of active support moved to 30 Apr 2027; it was 1 Apr 2027.
  https://roadmap.example.org/django/5.2/

-- \n"""
    )
    assert visible(html).startswith(
        "Reminders about Django, python Daily digest, 21 Nov 2026"
        " Ends of support Django 5.2 End of security support in 30 days, 21 Dec 2026."
        " Changed dates Django 5.2 End of active support moved to 30 Apr 2027; it was 1 Apr 2027."
        " You receive this message because you subscribed to reminders about Django, python ."
        " Change · Unsubscribe · Privacy · Release Roadmap"
    )


def test_immediate_message_with_one_item_has_no_headings() -> None:
    text, html = bodies(parsed(make_message(END, frequency="immediate")))
    assert text.startswith("Reminders about Django\n\n* Django 5.2\n  End of security support in")
    assert "<h2>" not in html


def test_dates_are_those_of_the_subscriber() -> None:
    """Days are counted from the day of sending in the time zone of the subscriber."""
    now = NOW.replace(hour=23)
    text, _ = bodies(parsed(make_message(END, zone="Asia/Tokyo"), now))
    assert "Daily digest, 22 Nov 2026" in text
    assert "in 29 days, 21 Dec 2026." in text


def test_view_that_no_longer_exists() -> None:
    mail = parsed(make_message(News(kind=NewsKind.GONE)))
    assert mail["Subject"] == "Django: The page no longer exists"
    text, html = bodies(mail)
    sentence = "The page no longer exists. No reminders are sent unless it exists again."
    assert sentence in text
    assert sentence in visible(html)


def test_long_digest_is_cut() -> None:
    """It still has the security releases, which are its last reminders."""
    told = [news(cycle=str(number), title=f"Django {number}") for number in range(MAX_ITEMS + 5)]
    told.append(news(NewsKind.RELEASE, version="5.2.9", release_kind="security"))
    for body in bodies(parsed(make_message(*told))):
        assert body.count("New release cycle.") == MAX_ITEMS - 1
        assert "Security release 5.2.9 is out." in body
        assert "And 6 more" in body


def test_both_forms_have_all_links() -> None:
    message = make_message(END)
    links = links_of(message.subscription)
    for body in bodies(parsed(message)):
        for link in (links.view, links.manage, links.unsubscribe, links.privacy, f"{SITE}/"):
            assert link in unescape(body)
        assert "/confirm/" not in body
    token = links.manage.rstrip("/").rpartition("/")[2]
    assert subscription_id(token) == message.subscription.public_id.hex


def test_confirmation() -> None:
    """It asks for nothing but the confirmation."""
    message = make_message(
        purpose=MessagePurpose.CONFIRM, state=SubscriptionState.PENDING, confirmed_at=None
    )
    mail = parsed(message)
    assert mail["Subject"] == "Confirm your reminders about Django"
    text, html = bodies(mail)
    for body in (text, unescape(html)):
        [link] = set(re.findall(rf"{SITE}/subscriptions/confirm/[^\s\"]+", body))
        token = link.rstrip("/").rpartition("/")[2]
        assert confirmation_id(token) == message.subscription.public_id.hex
        assert "because you subscribed" not in body
        assert "no further message" in body


def test_test_message() -> None:
    mail = parsed(make_message(purpose=MessagePurpose.TEST, view="/stack/?of=django:5.2.1"))
    assert mail["Subject"] == "Test: reminders about your stack"
    for body in bodies(mail):
        assert "reminders about" in body


def test_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """One for the labels of the view."""
    message = make_message(END, MOVED)
    with django_assert_num_queries(1):
        mail_of(message, NOW)


def test_headers() -> None:
    message = make_message(END)
    mail = parsed(message)
    links = links_of(message.subscription)
    assert mail["From"] == "Roadmap <roadmap@example.org>"
    assert mail["To"] == "ada@example.org"
    assert mail["Date"] == "Sat, 21 Nov 2026 12:00:00 +0000"
    assert mail["Message-ID"] == f"<{message.public_id}@roadmap.example.org>"
    assert mail["List-Id"] == "<reminders.roadmap.example.org>"
    assert mail["List-Unsubscribe"] == f"<{links.unsubscribe}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_address_that_unsubscribes_is_on_one_line() -> None:
    """Python folds long addresses, and newer versions encode them."""
    message = make_message(END)
    django_mail.outbox.clear()
    send(message, NOW)
    [sent] = django_mail.outbox
    line = f"\nList-Unsubscribe: <{links_of(message.subscription).unsubscribe}>\n"
    assert line.encode() in sent.message().as_bytes()


def test_repeated_message_has_the_same_id() -> None:
    message = make_message(END)
    later = parsed(message, NOW.replace(hour=13))
    assert later["Message-ID"] == parsed(message)["Message-ID"]


@pytest.mark.parametrize("purpose", MessagePurpose)
def test_nothing_of_the_catalogue_becomes_markup_or_a_header(
    settings: Settings, purpose: MessagePurpose
) -> None:
    evil = 'a\r\nBcc: eve@example.org\r\n\r\n<script>x</script>&"\u2028\x07'
    settings.SITE_NAME = evil
    Product.objects.update(label=evil)
    told = [news(title=f"{evil} 5.2", version=evil, kind=NewsKind.RELEASE)]
    mail = parsed(make_message(*told if purpose == MessagePurpose.NEWS else (), purpose=purpose))
    assert mail["Bcc"] is None
    assert mail["To"] == "ada@example.org"
    assert "\n" not in str(mail["Subject"])
    _, html = bodies(mail)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("purpose", MessagePurpose)
def test_html_loads_nothing(purpose: MessagePurpose) -> None:
    told = [END] if purpose == MessagePurpose.NEWS else []
    _, html = bodies(parsed(make_message(*told, purpose=purpose)))
    assert not re.search(
        r"<(script|img|link|iframe|form|object)\b|\bsrc=|url\(|@import|\son\w+=", html
    )
    assert 'name="color-scheme" content="light dark"' in html
    for address in re.findall(r'href="([^"]*)"', html):
        assert address.startswith(SITE)


def test_sender_of_mail_has_the_colour_of_the_site(settings: Settings) -> None:
    settings.SITE_ACCENT, settings.SITE_ACCENT_DARK = "#7a1f5c", "#e6a5d2"
    _, html = bodies(parsed(make_message(END)))
    assert "a { color: #7a1f5c; }" in html
    assert "a { color: #e6a5d2; }" in html


def test_text_is_wrapped_but_addresses_are_not() -> None:
    long = f"  {'word ' * 20}{'https://example.org/' + 'x' * 100}"
    lines = wrapped(f"\n\na\n\n\n  \nb\n{long}\n\n").splitlines()
    assert lines[:3] == ["a", "", "b"]
    assert all(line.startswith("  ") for line in lines[3:])
    assert all(len(line) <= WIDTH for line in lines[:-1])
    assert lines[-1] == f"  https://example.org/{'x' * 100}"
