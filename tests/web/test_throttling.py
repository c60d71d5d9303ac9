"""Who guesses passwords is stopped for a while; who edits is not, and nobody for good."""

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
    """Sends the admin's form through a router that adds the client's address."""
    chain = ", ".join(filter(None, [more.pop("forged", ""), address]))
    client = Client(REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": chain} | more)
    form = {"username": name, "password": password, "next": "/"}
    return client.post(reverse("admin:login"), form)


def guess(times: int = 5, **more: Any) -> list[int]:
    return [log_in(WRONG, **more).status_code for _ in range(times)]


def time_passes(minutes: float) -> None:
    """Moves what was tried into the past."""
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def test_the_fifth_wrong_password_locks(ann: User) -> None:
    """Then the right one is not looked at either, and the answer says when to come back."""
    assert guess() == [200, 200, 200, 200, 429]
    response = log_in(RIGHT)
    assert response.status_code == 429
    assert 14 * 60 < int(response["Retry-After"]) <= 15 * 60
    html = response.content.decode()
    assert "Too many wrong passwords" in html
    assert "Try again in 15 minutes." in html
    assert "ann" not in html


def test_the_lock_ends_by_itself(ann: User) -> None:
    guess()
    time_passes(14.5)
    response = log_in(RIGHT)
    assert (response.status_code, int(response["Retry-After"])) == (429, 30)
    assert b"Try again in 1 minute." in response.content
    time_passes(0.5)
    assert log_in(RIGHT).status_code == 302


def test_attempts_do_not_prolong_it(ann: User) -> None:
    """Or somebody could keep an editor out for ever."""
    guess()
    time_passes(14)
    assert set(guess(10)) == {429}
    time_passes(1)
    assert log_in(RIGHT).status_code == 302


def test_elsewhere_she_can_log_in(ann: User) -> None:
    """Who guesses locks out a name at their own address only."""
    guess(20)
    assert log_in(RIGHT, address=ELSEWHERE).status_code == 302


def test_another_name_is_not_locked(ann: User) -> None:
    """Colleagues behind one address are not locked out together."""
    User.objects.create_superuser("bob", password=RIGHT)
    guess(20)
    assert log_in(RIGHT, name="bob").status_code == 302


def test_the_right_password_forgets_the_wrong_ones(ann: User) -> None:
    guess(4)
    assert log_in(RIGHT).status_code == 302
    assert guess(4) == [200] * 4
    assert log_in(RIGHT).status_code == 302


def test_a_forged_address_does_not_help(ann: User) -> None:
    """What the client writes into X-Forwarded-For stands left of what the router adds."""
    for number in range(5):
        log_in(WRONG, forged=f"192.0.2.{number}")
    assert log_in(RIGHT, forged="192.0.2.77").status_code == 429


def test_another_browser_does_not_help(ann: User) -> None:
    for number in range(5):
        log_in(WRONG, **{"user-agent": f"Browser {number}"})
    assert log_in(RIGHT, **{"user-agent": "Another"}).status_code == 429


def test_neighbours_of_ipv6_are_one(ann: User) -> None:
    """A customer has 2**64 addresses."""
    for number in range(5):
        log_in(WRONG, address=f"2001:db8:1:2::{number}")
    assert log_in(RIGHT, address="2001:db8:1:2:ffff::1").status_code == 429
    assert log_in(RIGHT, address="2001:db8:1:3::1").status_code == 302


def test_who_does_not_exist_gets_the_same(ann: User) -> None:
    """So nobody learns which names there are."""
    assert guess(name="nobody") == guess()
    answers = {log_in(WRONG, name=name).content for name in ("nobody", "ann")}
    assert len(answers) == 1


def test_a_program_gets_no_more(ann: User) -> None:
    """Nor does a script of another site."""
    guess()
    response = log_in(RIGHT, **{"x-requested-with": "XMLHttpRequest"})
    assert response.status_code == 429
    assert "ann" not in response.content.decode()
    assert not response.has_header("Access-Control-Allow-Origin")


def test_little_is_kept(ann: User) -> None:
    """No password, no list of who logged in; what was tried goes when it no longer counts."""
    guess(3)
    kept = AccessAttempt.objects.get()
    assert WRONG not in f"{kept.get_data}{kept.post_data}"
    time_passes(16)
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
def test_the_address_of_a_client(
    rf: RequestFactory, settings: Settings, proxies: int, chain: str, expected: str
) -> None:
    """The entry that the outermost of one's own proxies wrote, in one form."""
    settings.PROXY_COUNT = proxies
    request = rf.get("/", headers={"x-forwarded-for": chain}, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == expected


@pytest.mark.parametrize("direct", ["", "unix:", "@"])
def test_a_server_behind_a_socket_knows_no_address(
    rf: RequestFactory, settings: Settings, direct: str
) -> None:
    settings.PROXY_COUNT = 0
    assert client_address(rf.get("/", REMOTE_ADDR=direct)) is None


@given(st.text(max_size=100))
def test_no_header_breaks_it(text: str) -> None:
    """Whatever is sent, an address comes out that can be stored."""
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=text, REMOTE_ADDR="10.0.0.1")
    assert client_address(request)
