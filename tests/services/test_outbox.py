"""The outbox: messages of due notices, their leases, and the results of attempts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from releases.models import Message, MessagePurpose, Notice, Subscription, SubscriptionState
from releases.services.reminders import outbox
from releases.services.reminders.errors import DeliveryError
from releases.services.reminders.outbox import (
    BACKOFF,
    BATCH,
    LEASE,
    MAX_COMMON_WAIT,
    PAUSE_AFTER,
    Lease,
    add_message,
    begin,
    delete_old,
    delete_subscriptions,
    failed,
    lease_due,
    lock,
    make_messages,
    resume,
    succeeded,
)
from releases.services.reminders.subscribe import add_test
from tests.concurrency import run_concurrently
from tests.reminders import NOW, make_message, make_notice, make_subscription, news

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def all_true(notices: Iterable[Notice]) -> set[int]:
    return {each.pk for each in notices}


def begun(message: Message, now: datetime = NOW) -> Message:
    """Return the message for an attempt, whenever it is due."""
    Message.objects.filter(pk=message.pk).update(next_attempt_at=now)
    (lease,) = lease_due(now)
    found = begin(lease, now + SECOND, all_true)
    assert found
    return found


# ---- messages of notices ------------------------------------------------------------------------


def test_due_notices_of_a_subscription_become_one_message() -> None:
    subscription = make_subscription()
    due = [make_notice(subscription), make_notice(subscription, at=NOW - SECOND)]
    make_notice(subscription, at=NOW + SECOND)
    assert make_messages(NOW, all_true) == 1
    assert [*Message.objects.get().notices.all()] == due
    assert make_messages(NOW, all_true) == 0


def test_notices_soon_after_a_message_wait_and_become_one_message() -> None:
    """An import that takes minutes sends no message for each of its changes."""
    subscription = make_subscription()
    add_message(subscription, MessagePurpose.TEST, NOW)
    made = []
    for seconds in range(0, 600, 60):
        make_notice(subscription, at=NOW + seconds * SECOND)
        made.append(make_messages(NOW + seconds * SECOND, all_true))
    assert made == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert Message.objects.latest("pk").notices.count() == 5


def test_untrue_notices_are_dropped_and_make_no_message() -> None:
    notice = make_notice(make_subscription())
    assert make_messages(NOW, lambda notices: set()) == 0
    notice.refresh_from_db()
    assert notice.dropped
    assert not Message.objects.exists()


@pytest.mark.parametrize("state", [SubscriptionState.PENDING, SubscriptionState.PAUSED])
def test_notices_of_other_subscriptions_wait(state: SubscriptionState) -> None:
    make_notice(make_subscription(state=state))
    assert make_messages(NOW, all_true) == 0
    Subscription.objects.update(state=SubscriptionState.ACTIVE)
    assert make_messages(NOW, all_true) == 1


def test_messages_are_made_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH", 2)
    for number in range(5):
        make_notice(make_subscription(address=f"{number}@example.org"))
    asked: list[int] = []

    def count(notices: Iterable[Notice]) -> set[int]:
        asked.append(len(all_true(notices)))
        return all_true(notices)

    assert make_messages(NOW, count) == 5
    assert asked == [2, 2, 1]
    assert BATCH <= 999, "SQLite has a maximum number of parameters"


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_message(shared_database: str) -> None:
    for number in range(20):
        make_notice(make_subscription(address=f"{number}@example.org"))
    made = run_concurrently(*[lambda: make_messages(NOW, all_true)] * 2)
    assert sum(made) == 20
    assert Message.objects.count() == 20


# ---- leases -------------------------------------------------------------------------------------


def test_people_who_wait_are_first_and_failures_last() -> None:
    subscription = make_subscription()
    failing = add_message(subscription, MessagePurpose.NEWS, NOW - 3 * SECOND)
    Message.objects.filter(pk=failing.pk).update(attempts=1)
    new = add_message(subscription, MessagePurpose.NEWS, NOW - SECOND)
    newer = add_message(subscription, MessagePurpose.NEWS, NOW)
    confirmation = add_message(subscription, MessagePurpose.CONFIRM, NOW)
    expected = [confirmation.pk, new.pk, newer.pk, failing.pk]
    assert [each.message for each in lease_due(NOW)] == expected


def test_leased_message_is_due_again_when_its_lease_ends() -> None:
    message = make_message(news())
    assert lease_due(NOW - SECOND) == []
    assert lease_due(NOW) == [Lease(message.pk, NOW + LEASE)]
    assert lease_due(NOW + LEASE - SECOND) == []
    assert lease_due(NOW + LEASE) == [Lease(message.pk, NOW + 2 * LEASE)]


def test_run_leases_only_what_was_due_at_its_beginning() -> None:
    make_message(news())
    assert lease_due(NOW + SECOND, until=NOW - SECOND) == []
    assert len(lease_due(NOW + SECOND, until=NOW)) == 1


def test_lease_is_used_once() -> None:
    make_message(news())
    (lease,) = lease_due(NOW)
    assert begin(lease, NOW + SECOND, all_true)
    assert begin(lease, NOW + SECOND, all_true) is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_lease_and_begin_a_message_once(shared_database: str) -> None:
    subscription = make_subscription()
    for _ in range(40):
        add_message(subscription, MessagePurpose.TEST, NOW)
    leased = run_concurrently(*[lambda: lease_due(NOW, 25)] * 4)
    leases = [each for found in leased for each in found] + lease_due(NOW)
    assert len(leases) == len({each.message for each in leases}) == 40
    lease = leases[0]
    attempts = run_concurrently(*[lambda: begin(lease, datetime.now(UTC), all_true)] * 4)
    assert [bool(each) for each in attempts].count(True) == 1


# ---- subscriptions that change meanwhile --------------------------------------------------------


def test_nothing_is_sent_after_unsubscribing() -> None:
    message = make_message(news())
    (lease,) = lease_due(NOW)
    message.subscription.delete()
    assert begin(lease, NOW + SECOND, all_true) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", [SubscriptionState.ACTIVE, SubscriptionState.PAUSED])
@pytest.mark.parametrize("act", ["begin", "delete_old", "add_test"])
def test_deletion_of_a_subscription_cannot_deadlock(
    shared_database: str, state: SubscriptionState, act: str
) -> None:
    """Everything that writes messages waits until the deletion is over, and writes nothing then."""
    message = make_message(news(), at=NOW - 2 * outbox.KEPT, state=state)
    subscription = message.subscription
    (lease,) = lease_due(NOW)
    acts: dict[str, Callable[[], object]] = {
        "begin": lambda: begin(lease, NOW + SECOND, all_true),
        "delete_old": lambda: delete_old(NOW),
        "add_test": lambda: add_test(subscription, NOW),
    }
    locked = threading.Event()

    def wait() -> object:
        locked.wait()
        return acts[act]()

    def delete() -> object:
        with transaction.atomic():
            lock([subscription.pk])
            locked.set()
            time.sleep(0.3)
            return delete_subscriptions(Subscription.objects.all())

    assert run_concurrently(wait, delete)[0] is None
    assert not Message.objects.exists()


def test_message_of_a_paused_subscription_waits_for_its_resumption() -> None:
    message = make_message(news())
    (lease,) = lease_due(NOW)
    Subscription.objects.update(state=SubscriptionState.PAUSED)
    assert begin(lease, NOW + SECOND, all_true) is None
    assert lease_due(NOW + 2 * LEASE) == []
    resume(message.subscription, NOW + SECOND)
    assert len(lease_due(NOW + SECOND)) == 1


def test_notices_that_are_no_longer_true_leave_the_message() -> None:
    message = make_message(news())
    other = make_notice(message.subscription, message=message)
    (lease,) = lease_due(NOW)
    found = begin(lease, NOW + SECOND, lambda notices: {other.pk})
    assert found
    assert [*found.notices.all()] == [other]
    (lease,) = lease_due(NOW + 2 * LEASE)
    assert begin(lease, NOW + 2 * LEASE + SECOND, lambda notices: set()) is None
    assert not Notice.objects.filter(dropped=False).exists()
    assert not Message.objects.exists()


def test_confirmation_is_not_asked_of_a_confirmed_subscription() -> None:
    add_message(make_subscription(), MessagePurpose.CONFIRM, NOW)
    (lease,) = lease_due(NOW)
    assert begin(lease, NOW + SECOND, all_true) is None
    assert lease_due(NOW + 2 * LEASE) == []


def test_result_of_a_message_whose_subscription_was_ended_is_ignored() -> None:
    message = begun(make_message(news()))
    Subscription.objects.get().delete()
    succeeded(message, NOW)
    failed(message, DeliveryError("No.", permanent=True), NOW)


# ---- results ------------------------------------------------------------------------------------


def test_sent_message_is_not_due_again_and_ends_failures() -> None:
    message = begun(make_message(news(), failing_since=NOW))
    succeeded(message, NOW + SECOND)
    message.refresh_from_db()
    assert (message.sent_at, message.attempts) == (NOW + SECOND, 1)
    assert Subscription.objects.get().failing_since is None
    assert lease_due(NOW + timedelta(days=9)) == []


def test_failed_message_is_due_after_a_growing_time() -> None:
    message = make_message(news())
    for wait in (*BACKOFF, BACKOFF[-1]):
        failed(begun(message), DeliveryError("Broken."), NOW)
        message.refresh_from_db()
        assert message.next_attempt_at == NOW + wait
    assert message.error == "Broken."


def test_receiver_may_ask_for_a_longer_time() -> None:
    message = make_message(news())
    for asked, wait in ((1, BACKOFF[0]), (3600, timedelta(hours=1)), (10**7, BACKOFF[-1])):
        Message.objects.update(attempts=0)
        failed(begun(message), DeliveryError("Busy.", wait=timedelta(seconds=asked)), NOW)
        message.refresh_from_db()
        assert message.next_attempt_at == NOW + wait


def test_permanent_failure_pauses_the_subscription() -> None:
    message = make_message(news())
    other = add_message(message.subscription, MessagePurpose.NEWS, NOW + LEASE)
    failed(begun(message), DeliveryError("No such user.", permanent=True), NOW)
    subscription = Subscription.objects.get()
    assert subscription.state == SubscriptionState.PAUSED
    assert subscription.paused_because == "No such user."
    assert lease_due(NOW + timedelta(days=9)) == []
    resume(subscription, NOW)
    assert {each.message for each in lease_due(NOW)} == {message.pk, other.pk}


def test_days_of_failures_pause_the_subscription() -> None:
    message = make_message(news())
    failed(begun(message), DeliveryError("Busy."), NOW)
    late = NOW + PAUSE_AFTER
    failed(begun(message, late - SECOND), DeliveryError("Busy."), late - SECOND)
    assert Subscription.objects.get().state == SubscriptionState.ACTIVE
    failed(begun(message, late), DeliveryError("Busy."), late)
    assert Subscription.objects.get().state == SubscriptionState.PAUSED


def test_failure_that_is_not_about_the_recipient_pauses_nothing_and_is_retried_soon() -> None:
    message = make_message(news())
    for days in range(10):
        now = NOW + timedelta(days=days)
        failed(begun(message, now), DeliveryError("No mail server.", everyone=True), now)
    message.refresh_from_db()
    assert message.next_attempt_at == now + MAX_COMMON_WAIT
    subscription = Subscription.objects.get()
    assert subscription.state == SubscriptionState.ACTIVE
    assert subscription.failing_since is None


@pytest.mark.parametrize(
    ("purpose", "state"),
    [
        (MessagePurpose.CONFIRM, SubscriptionState.PENDING),
        (MessagePurpose.TEST, SubscriptionState.ACTIVE),
    ],
)
def test_confirmations_and_tests_are_abandoned_and_pause_nothing(
    purpose: MessagePurpose, state: SubscriptionState
) -> None:
    message = add_message(make_subscription(state=state), purpose, NOW)
    failed(begun(message), DeliveryError("Busy."), NOW)
    late = NOW + PAUSE_AFTER
    failed(begun(message, late), DeliveryError("Busy."), late)
    assert lease_due(NOW + timedelta(days=9)) == []
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.failing_since) == (state, None)


def test_failure_after_the_lease_changes_nothing() -> None:
    message = begun(make_message(news()))
    (lease,) = lease_due(NOW + LEASE + SECOND)  # another worker has it
    other = begin(lease, NOW + LEASE + 2 * SECOND, all_true)
    assert other
    failed(message, DeliveryError("Late.", permanent=True), NOW + LEASE + 3 * SECOND)
    assert Subscription.objects.get().state == SubscriptionState.ACTIVE
    succeeded(other, NOW + LEASE + 4 * SECOND)
    failed(message, DeliveryError("Late."), NOW + LEASE + 5 * SECOND)
    assert lease_due(NOW + timedelta(days=9)) == []


@pytest.mark.django_db(transaction=True)
def test_results_and_the_deletion_of_a_subscription_do_not_deadlock(shared_database: str) -> None:
    for _ in range(10):
        message = begun(make_message(news()))
        make_notice(message.subscription)
        run_concurrently(
            partial(failed, message, DeliveryError("No.", permanent=True), NOW),
            partial(make_messages, NOW, all_true),
            lambda: delete_subscriptions(Subscription.objects.all()),
        )
        assert not Message.objects.exists()
        assert not Notice.objects.exists()


# ---- age ----------------------------------------------------------------------------------------


def test_old_messages_and_notices_are_deleted() -> None:
    subscription = make_subscription()
    old, ahead = make_notice(subscription), make_notice(subscription)
    make_messages(NOW, lambda notices: {old.pk})
    Notice.objects.filter(pk=ahead.pk).update(dropped=False, due_at=NOW + timedelta(days=365))
    delete_old(NOW + outbox.KEPT)
    assert Message.objects.count() == 1
    delete_old(NOW + outbox.KEPT + SECOND)
    assert [*Notice.objects.all()] == [ahead]
    assert not Message.objects.exists()
