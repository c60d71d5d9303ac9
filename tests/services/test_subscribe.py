"""Creating, confirming, changing and deleting subscriptions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from releases.domain.reminders.news import NewsKind
from releases.domain.reminders.schedule import Frequency, Schedule
from releases.domain.reminders.wishes import Releases, Wishes
from releases.models import (
    Channel,
    Message,
    MessagePurpose,
    Notice,
    Revision,
    Subscription,
    SubscriptionState,
)
from releases.services.reminders.subscribe import (
    MAX_SUBSCRIPTIONS,
    MAX_TESTS,
    TooManyError,
    Wanted,
    add_test,
    change,
    confirm,
    delete_unconfirmed,
    forget,
    subscribe,
    unsubscribe,
)
from tests.factories import make_product
from tests.reminders import NOW, make_message, make_notice, make_subscription, news

pytestmark = pytest.mark.django_db

ADDRESS = "ada@example.org"
WANTED = Wanted(
    Wishes((7, 30, 7), dates=False, cycles=True, releases=Releases.ALL),
    Schedule(Frequency.WEEKLY, 6, 2, "Pacific/Auckland"),
)


def begin(address: str = ADDRESS, view: str = "/django/", now: datetime = NOW) -> Subscription:
    return subscribe(Channel.EMAIL, address, view, WANTED, now)


def messages() -> list[str]:
    return list(Message.objects.values_list("purpose", flat=True))


def test_new_subscription_has_a_message_that_asks_for_the_confirmation() -> None:
    made = begin()
    assert (made.state, made.confirmed_at, made.changes_until) == ("pending", None, None)
    assert (made.days, made.dates, made.cycles, made.releases) == ([30, 7], False, True, "all")
    assert made.schedule == WANTED.schedule
    assert made.secret == ""
    message = made.messages.get()
    assert (message.purpose, message.next_attempt_at) == (MessagePurpose.CONFIRM, NOW)


def test_webhook_has_a_secret_of_its_own() -> None:
    first, second = (
        subscribe(Channel.GENERIC, f"https://{name}.example/", "/", WANTED, NOW) for name in "ab"
    )
    assert first.secret.startswith("whsec_")
    assert len(first.secret) == 50
    assert first.secret != second.secret


def test_subscriptions_make_no_page_outdated() -> None:
    make_product()
    before = Revision.objects.get().token
    made = begin()
    confirm(made, NOW)
    change(made, WANTED, NOW)
    unsubscribe(made)
    assert Revision.objects.get().token == before


def test_confirmation_starts_with_today_of_the_subscriber() -> None:
    """Nothing earlier is reported, except for ends of today; in Auckland it is a day later."""
    made = begin()
    confirm(made, NOW)
    made.refresh_from_db()
    assert made.state == SubscriptionState.ACTIVE
    assert (made.confirmed_at, made.changes_until) == (NOW, NOW)
    assert made.days_until == date(2026, 11, 21)  # it is the 22nd in Auckland


def test_confirming_twice_changes_nothing() -> None:
    made = begin()
    confirm(made, NOW)
    confirm(made, NOW + timedelta(days=1))
    made.refresh_from_db()
    assert made.confirmed_at == NOW


def test_confirmation_replaces_the_earlier_subscription_to_the_same_view() -> None:
    earlier, other = make_subscription(), make_subscription(view="/python/")
    stranger = make_subscription(address="bob@example.org")
    made = begin()
    assert Subscription.objects.filter(pk=earlier.pk).exists()  # a stranger can request one
    confirm(made, NOW)
    assert set(Subscription.objects.values_list("pk", flat=True)) == {
        made.pk,
        other.pk,
        stranger.pk,
    }


def test_later_request_can_be_confirmed_after_an_earlier_one() -> None:
    """As after a second click on Subscribe, or a correction; each of the links works."""
    first, second, third = begin(), begin(), begin()
    confirm(second, NOW)
    assert not Subscription.objects.filter(pk=first.pk).exists()
    confirm(third, NOW)
    assert list(Subscription.objects.values_list("pk", "state")) == [(third.pk, "active")]


@pytest.mark.parametrize(("time", "most"), [(timedelta(0), 5), (timedelta(hours=2), 10)])
def test_confirmations_to_an_address_are_limited(time: timedelta, most: int) -> None:
    for number in range(most):
        begin(ADDRESS.upper() if number % 2 else ADDRESS, f"/{number}/", NOW + time * number)
    with pytest.raises(TooManyError, match="Try again tomorrow"):
        begin(now=NOW + time * (most - 1))
    assert messages() == ["confirm"] * most
    begin("bob@example.org")
    begin(now=NOW + timedelta(days=2))


def test_subscriptions_of_an_address_are_limited() -> None:
    for number in range(MAX_SUBSCRIPTIONS - 1):
        make_subscription(view=f"/{number}/")
    same = make_subscription()
    confirm(begin(), NOW)  # it replaces one
    assert not Subscription.objects.filter(pk=same.pk).exists()
    more = begin(view="/python/")
    with pytest.raises(TooManyError, match="maximum"):
        confirm(more, NOW)
    more.refresh_from_db()
    assert more.state == SubscriptionState.PENDING


def test_change_keeps_the_cursors() -> None:
    made = make_subscription()
    change(made, WANTED, NOW)
    changed = Subscription.objects.get()
    assert (changed.wishes.days, changed.schedule) == ((30, 7), WANTED.schedule)
    assert (changed.changes_until, changed.days_until) == (made.changes_until, made.days_until)


def test_what_waits_for_a_later_message_is_sent_with_the_next_one() -> None:
    """Reminders before an end keep their day."""
    made = make_subscription(frequency="weekly")
    later, sooner = NOW + timedelta(days=6), NOW + timedelta(hours=1)
    notices = [
        make_notice(made, at=later),
        make_notice(made, news(NewsKind.END), at=later),
        make_notice(made, at=sooner),
    ]
    change(made, Wanted(Wishes(), Schedule(Frequency.DAILY, 8, zone="Europe/Berlin")), NOW)
    for notice in notices:
        notice.refresh_from_db()
    tomorrow = datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert [each.due_at for each in notices] == [tomorrow, later, sooner]


def test_tests_are_limited() -> None:
    made = make_subscription()
    for _ in range(MAX_TESTS):
        add_test(made, NOW)
    with pytest.raises(TooManyError):
        add_test(made, NOW)
    add_test(made, NOW + timedelta(hours=1))
    assert messages() == ["test"] * (MAX_TESTS + 1)


def test_unsubscribing_deletes_everything() -> None:
    unsubscribe(make_message(news()).subscription)
    assert not any(table.objects.exists() for table in (Subscription, Message, Notice))


def test_unconfirmed_subscriptions_are_deleted_after_seven_days() -> None:
    made, active = begin(), make_subscription(view="/python/")
    late = made.created_at + timedelta(days=7, seconds=1)
    assert delete_unconfirmed(late - timedelta(seconds=2)) == 0
    assert delete_unconfirmed(late) == 1
    assert Subscription.objects.get() == active


def test_forget_deletes_a_person_and_counts_rows() -> None:
    make_message(news())
    make_subscription(view="/python/", address="ADA@example.org")
    make_subscription(address="ada@example.com")
    out = StringIO()
    call_command("forget", " Ada@example.ORG ", stdout=out)
    assert out.getvalue() == "Deleted 2 subscriptions, 1 message and 1 reminder.\n"
    assert Subscription.objects.get().address == "ada@example.com"
    assert forget(ADDRESS) == (0, 0, 0)


@pytest.mark.parametrize(
    "address", ["ada@xn--mnchen-3ya.de", f"https://example.org/{'x' * 200}", "https://a.example/@"]
)
def test_forget_finds_an_address_as_it_is_typed(address: str) -> None:
    make_subscription(address=address)
    assert forget(address.replace("xn--mnchen-3ya", "München")).subscriptions == 1
