"""`manage.py create_first_admin`: once, and never in production."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from pytest_django import Settings

pytestmark = pytest.mark.django_db

USERS = get_user_model()._default_manager


@pytest.fixture(autouse=True)
def development(settings: Settings) -> None:
    settings.DEBUG = True


def create_first_admin() -> str:
    """What the command prints."""
    out = StringIO()
    call_command("create_first_admin", stdout=out)
    return out.getvalue()


def test_it_makes_a_superuser_who_can_log_in() -> None:
    """With the password that it prints."""
    found = re.search(r"as admin with the password (\S{16,})$", create_first_admin(), re.MULTILINE)
    assert found
    user = USERS.get(username="admin")
    assert user.check_password(found[1])
    assert (user.is_superuser, user.is_staff) == (True, True)


def test_it_does_so_once() -> None:
    """The second time it says and changes nothing."""
    create_first_admin()
    before = USERS.values().get()
    assert create_first_admin() == ""
    assert USERS.values().get() == before


def test_another_superuser_is_enough() -> None:
    """Whatever the name."""
    USERS.create_superuser("me", password="x")
    assert create_first_admin() == ""
    assert USERS.count() == 1


def test_passwords_differ() -> None:
    """No two machines have the same one."""
    first = create_first_admin()
    USERS.all().delete()
    assert create_first_admin() != first


def test_it_refuses_production(settings: Settings) -> None:
    """Without DEBUG nobody is made."""
    settings.DEBUG = False
    with pytest.raises(CommandError, match="in production use createsuperuser"):
        create_first_admin()
    assert not USERS.exists()


def test_it_does_not_promote_anybody() -> None:
    """A user of the name who is no superuser stays one, and the command says what to do."""
    USERS.create_user("admin", password="x")
    with pytest.raises(CommandError, match="is no superuser; use createsuperuser"):
        create_first_admin()
    assert not USERS.filter(is_superuser=True).exists()
