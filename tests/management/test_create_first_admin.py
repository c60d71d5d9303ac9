"""The command `create_first_admin`, which works once and never in production."""

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
    """Return the output of the command."""
    out = StringIO()
    call_command("create_first_admin", stdout=out)
    return out.getvalue()


def test_superuser_can_log_in_with_the_printed_password() -> None:
    found = re.search(r"as admin with the password (\S{16,})$", create_first_admin(), re.MULTILINE)
    assert found
    user = USERS.get(username="admin")
    assert user.check_password(found[1])
    assert (user.is_superuser, user.is_staff) == (True, True)


def test_second_run_changes_nothing() -> None:
    """It prints a message."""
    create_first_admin()
    before = USERS.values().get()
    assert create_first_admin() == ""
    assert USERS.values().get() == before


def test_existing_superuser_of_any_name_is_enough() -> None:
    USERS.create_superuser("me", password="x")
    assert create_first_admin() == ""
    assert USERS.count() == 1


def test_passwords_differ() -> None:
    first = create_first_admin()
    USERS.all().delete()
    assert create_first_admin() != first


def test_production_is_rejected(settings: Settings) -> None:
    """No user is created without DEBUG."""
    settings.DEBUG = False
    with pytest.raises(CommandError, match="in production use createsuperuser"):
        create_first_admin()
    assert not USERS.exists()


def test_existing_user_is_not_promoted() -> None:
    """The command prints instructions."""
    USERS.create_user("admin", password="x")
    with pytest.raises(CommandError, match="is no superuser; use createsuperuser"):
        create_first_admin()
    assert not USERS.filter(is_superuser=True).exists()
