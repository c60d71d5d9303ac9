"""Subscriptions in the admin: counts and failures for staff, addresses for superusers."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.models import (
    Channel,
    Message,
    MessagePurpose,
    Revision,
    Subscription,
    SubscriptionState,
)
from releases.presentation.subscriptions import masked
from releases.services.editing.roles import RELEASE_MANAGER, VIEWER
from releases.services.reminders.outbox import add_message, lock
from tests.concurrency import run_concurrently
from tests.factories import make_product
from tests.reminders import NOW, make_subscription
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db

LIST = reverse("admin:releases_subscription_changelist")
ADDRESS = "ada@example.org"
SHORT = "a…@example.org"


@pytest.fixture
def failing() -> Subscription:
    """A paused subscription with an older and a newer failure, both of which name the address."""
    made = make_subscription(
        state=SubscriptionState.PAUSED, paused_because=f"No mailbox {ADDRESS}."
    )
    for number, error in enumerate((f"Busy: {ADDRESS}.", f"No mailbox {ADDRESS}.")):
        message = add_message(made, MessagePurpose.NEWS, NOW + timedelta(hours=number))
        Message.objects.filter(pk=message.pk).update(error=error, next_attempt_at=None)
    return made


def form(row: Subscription) -> str:
    return reverse("admin:releases_subscription_change", args=[row.pk])


@pytest.mark.parametrize(
    ("address", "short"),
    [
        (ADDRESS, SHORT),
        ("https://hooks.example/services/T0/secret", "hooks.example/…"),
        ("https://hooks.example/?to=a@b.example", "hooks.example/…"),
    ],
)
def test_addresses_are_shortened(address: str, short: str) -> None:
    assert masked(address) == short


def test_page_says_what_is_told_when(admin_client: Client) -> None:
    make_product(label="Django")
    made = make_subscription(days=[90, 7, 0], frequency="weekly", weekday=6, cycles=False)
    page = admin_client.get(form(made)).text
    assert '<a href="/django/">Django</a>' in page
    assert "90, 7 and 0 days before an end, dates, security releases" in page
    assert "weekly, on Sunday at 08:00, UTC" in page
    Subscription.objects.update(view_gone=True, days=[], frequency="immediate")
    page = admin_client.get(form(made)).text
    assert "(it no longer exists)" in page
    assert "immediate, at 08:00, UTC" in page


def test_page_has_times_with_24_hours_and_no_history(admin_client: Client) -> None:
    made = make_subscription(confirmed_at=NOW + timedelta(hours=3))
    assert "21 Nov 2026, 15:00" in admin_client.get(LIST).text
    page = admin_client.get(form(made)).text
    assert "21 Nov 2026, 15:00" in page
    assert "historylink" not in page


@pytest.mark.parametrize("role", [VIEWER, RELEASE_MANAGER])
def test_staff_see_states_and_failures_without_addresses(role: str, failing: Subscription) -> None:
    client = log_in(role)
    for address in (LIST, form(failing)):
        page = client.get(address).text
        assert SHORT in page
        assert ADDRESS not in page
        assert "paused after failures" in page
        assert f"No mailbox {SHORT}." in page
    assert "Busy" not in client.get(LIST).text
    assert f"Busy: {SHORT}." in client.get(form(failing)).text


def test_superusers_see_the_address_on_the_page_only(
    admin_client: Client, failing: Subscription
) -> None:
    assert ADDRESS not in admin_client.get(LIST).text
    assert ADDRESS in admin_client.get(form(failing)).text
    assert "_save" not in admin_client.get(form(failing)).text


def test_secrets_and_tokens_are_on_no_page(admin_client: Client) -> None:
    made = make_subscription(
        channel=Channel.GENERIC, address="https://a.example/", secret="whsec_x"
    )
    page = admin_client.get(form(made)).text
    assert "whsec_x" not in page
    assert made.public_id.hex not in page.replace("-", "")


def test_only_superusers_search_for_an_address(admin_client: Client, failing: Subscription) -> None:
    assert admin_client.get(f"{LIST}?q={ADDRESS}").context["cl"].result_count == 1
    assert log_in(VIEWER).get(f"{LIST}?q={ADDRESS}").context["cl"].result_count == 0
    assert log_in(RELEASE_MANAGER).get(f"{LIST}?q=django").context["cl"].result_count == 1


def test_list_counts_by_state_and_is_bounded(
    failing: Subscription, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = log_in(VIEWER)
    for number in range(30):
        make_subscription(view=f"/{number}/")
    client.get(LIST)
    with django_assert_max_num_queries(12):
        page = client.get(LIST).text
    assert "paused after failures (1)" in page
    assert "active (30)" in page
    found = client.get(f"{LIST}?state__exact=paused").context["cl"]
    assert found.result_count == 1


def test_page_of_a_subscription_is_bounded(
    admin_client: Client,
    failing: Subscription,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(30):
        add_message(failing, MessagePurpose.NEWS, NOW)
    admin_client.get(form(failing))
    with django_assert_max_num_queries(6):
        admin_client.get(form(failing))


def test_deleting_a_subscription_makes_no_page_outdated(failing: Subscription) -> None:
    make_product()
    before, client = Revision.objects.get().token, log_in(RELEASE_MANAGER)
    delete = reverse("admin:releases_subscription_delete", args=[failing.pk])
    assert ADDRESS not in client.get(delete).text
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert not Subscription.objects.exists()
    assert not Message.objects.exists()
    assert Revision.objects.get().token == before


@pytest.mark.every_case
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("selected", [False, True])
def test_deletion_cannot_deadlock(
    shared_database: str, failing: Subscription, selected: bool
) -> None:
    """It waits for a worker that has locked the subscription and writes its messages."""
    client, locked = log_in(RELEASE_MANAGER), threading.Event()

    def write() -> int:
        with transaction.atomic():
            lock([failing.pk])
            locked.set()
            time.sleep(0.5)
            return failing.messages.update(attempts=1)

    def delete() -> int:
        locked.wait()
        if selected:
            data = {"action": "delete_selected", "_selected_action": failing.pk, "post": "yes"}
            return client.post(LIST, data).status_code
        path = reverse("admin:releases_subscription_delete", args=[failing.pk])
        return client.post(path, {"post": "yes"}).status_code

    assert run_concurrently(write, delete) == [2, 302]
    assert not Subscription.objects.exists()


def test_desk_names_paused_subscriptions(failing: Subscription) -> None:
    make_product()
    client = log_in(VIEWER)
    link = f'href="{LIST}?state__exact=paused"'
    assert link in client.get(reverse("admin:index")).text
    Subscription.objects.update(state=SubscriptionState.ACTIVE)
    assert link not in client.get(reverse("admin:index")).text
