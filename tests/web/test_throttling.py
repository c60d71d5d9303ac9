"""Login throttling: failed attempts lock a pair of username and client address for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from releases.web.throttling import client_address

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
RIGHT, WRONG = "a long and right one", "a wrong one"


@pytest.fixture(autouse=True)
def behind_a_router(settings: Settings) -> None:
    settings.PROXY_COUNT = 1


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_superuser("ann", password=RIGHT)


def log_in(password: str, *, address: str = HOME, name: str = "ann", **more: Any) -> Any:
    """Submit the login form through a router that adds the client address."""
    chain = ", ".join(filter(None, [more.pop("forged", ""), address]))
    client = Client(REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": chain} | more)
    form = {"username": name, "password": password, "next": "/"}
    return client.post(reverse("admin:login"), form)


def guess(times: int = 5, **more: Any) -> list[int]:
    return [log_in(WRONG, **more).status_code for _ in range(times)]


def rewind_attempts(minutes: float) -> None:
    """Move the recorded attempts into the past."""
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def test_fifth_failed_login_locks(ann: User) -> None:
    """The correct password is then rejected as well, and the response says when to try again."""
    assert guess() == [200, 200, 200, 200, 429]
    response = log_in(RIGHT)
    assert response.status_code == 429
    assert 14 * 60 < int(response["Retry-After"]) <= 15 * 60
    html = response.content.decode()
    assert "Too many failed logins" in html
    assert "Try again in 15 minutes." in html
    assert "ann" not in html


def test_lock_expires(ann: User) -> None:
    guess()
    rewind_attempts(14.5)
    response = log_in(RIGHT)
    assert (response.status_code, int(response["Retry-After"])) == (429, 30)
    assert b"Try again in 1 minute." in response.content
    rewind_attempts(0.5)
    assert log_in(RIGHT).status_code == 302


def test_attempts_while_locked_do_not_prolong_the_lock(ann: User) -> None:
    """Otherwise anyone could lock an editor out permanently."""
    guess()
    rewind_attempts(14)
    assert set(guess(10)) == {429}
    rewind_attempts(1)
    assert log_in(RIGHT).status_code == 302


def test_lock_does_not_apply_to_other_addresses(ann: User) -> None:
    """An attacker locks a username only for their own address."""
    guess(20)
    assert log_in(RIGHT, address=ELSEWHERE).status_code == 302


def test_lock_does_not_apply_to_other_usernames(ann: User) -> None:
    """Colleagues behind one address are not locked together."""
    User.objects.create_superuser("bob", password=RIGHT)
    guess(20)
    assert log_in(RIGHT, name="bob").status_code == 302


def test_successful_login_resets_failed_attempts(ann: User) -> None:
    guess(4)
    assert log_in(RIGHT).status_code == 302
    assert guess(4) == [200] * 4
    assert log_in(RIGHT).status_code == 302


def test_forged_forwarded_address_is_ignored(ann: User) -> None:
    """Values sent by the client are to the left of the one that the router adds."""
    for number in range(5):
        log_in(WRONG, forged=f"192.0.2.{number}")
    assert log_in(RIGHT, forged="192.0.2.77").status_code == 429


def test_user_agent_is_ignored(ann: User) -> None:
    for number in range(5):
        log_in(WRONG, **{"user-agent": f"Browser {number}"})
    assert log_in(RIGHT, **{"user-agent": "Another"}).status_code == 429


def test_ipv6_addresses_are_grouped_by_prefix(ann: User) -> None:
    """A single customer has 2**64 addresses."""
    for number in range(5):
        log_in(WRONG, address=f"2001:db8:1:2::{number}")
    assert log_in(RIGHT, address="2001:db8:1:2:ffff::1").status_code == 429
    assert log_in(RIGHT, address="2001:db8:1:3::1").status_code == 302


def test_unknown_username_gets_the_same_response(ann: User) -> None:
    """Responses do not reveal which usernames exist."""
    assert guess(name="nobody") == guess()
    answers = {log_in(WRONG, name=name).content for name in ("nobody", "ann")}
    assert len(answers) == 1


def test_ajax_request_is_locked_as_well(ann: User) -> None:
    """The response is not readable cross-origin."""
    guess()
    response = log_in(RIGHT, **{"x-requested-with": "XMLHttpRequest"})
    assert response.status_code == 429
    assert "ann" not in response.content.decode()
    assert not response.has_header("Access-Control-Allow-Origin")


def test_stored_attempts_are_minimal(ann: User) -> None:
    """No passwords and no successful logins are stored, and expired attempts are deleted."""
    guess(3)
    kept = AccessAttempt.objects.get()
    assert WRONG not in f"{kept.get_data}{kept.post_data}"
    rewind_attempts(16)
    guess(1, name="bob")
    assert [each.username for each in AccessAttempt.objects.all()] == ["bob"]
    log_in(RIGHT)
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize(
    ("proxies", "chain", "expected"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        (1, "9.9.9.9,1.1.1.1 ", "1.1.1.1"),
        (2, "9.9.9.9, 1.1.1.1, 172.16.0.1", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "9.9.9.9, unknown", "10.0.0.1"),
        (1, "1.1.1.1:4711", "1.1.1.1"),
        (1, "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::"),
        (1, "2001:DB8:1:2:3::4", "2001:db8:1:2::"),
        (1, "fe80::1%eth0", "fe80::"),
        (1, "::ffff:1.1.1.1", "1.1.1.1"),
    ],
)
def test_client_address(
    rf: RequestFactory, settings: Settings, proxies: int, chain: str, expected: str
) -> None:
    """It is the normalized entry that was added by the outermost trusted proxy."""
    settings.PROXY_COUNT = proxies
    request = rf.get("/", headers={"x-forwarded-for": chain}, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == expected


@pytest.mark.parametrize("direct", ["", "unix:", "@"])
def test_client_address_of_a_unix_socket_is_none(
    rf: RequestFactory, settings: Settings, direct: str
) -> None:
    settings.PROXY_COUNT = 0
    assert client_address(rf.get("/", REMOTE_ADDR=direct)) is None


@given(st.text(max_size=100))
def test_client_address_accepts_any_header(text: str) -> None:
    """The result can always be stored."""
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=text, REMOTE_ADDR="10.0.0.1")
    assert client_address(request)
