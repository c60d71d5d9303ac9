"""The roles: what each may do, and that a migration makes them anew."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER

pytestmark = pytest.mark.django_db


def rights(role: str) -> set[str]:
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))


def test_a_viewer_only_looks() -> None:
    assert {name.partition("_")[0] for name in rights(VIEWER)} == {"view"}


def test_an_editor_neither_deletes_nor_publishes() -> None:
    assert {name.partition("_")[0] for name in rights(EDITOR)} == {"view", "add", "change"}
    assert "add_upload" not in rights(EDITOR)


def test_a_release_manager_does() -> None:
    extra = rights(RELEASE_MANAGER) - rights(EDITOR)
    assert {"publish_product", "publish_releasecycle", "add_upload"} <= extra
    assert "delete_product" in extra


def test_nobody_may_edit_users_or_history() -> None:
    for role in (VIEWER, EDITOR, RELEASE_MANAGER):
        assert not any("user" in name or "historical" in name for name in rights(role))


def test_a_migration_makes_them_anew() -> None:
    """A lost group comes back, and so does a right that was taken; another group stays."""
    before = rights(EDITOR)
    Group.objects.get(name=VIEWER).delete()
    Group.objects.get(name=EDITOR).permissions.set(Permission.objects.filter(codename="add_user"))
    Group.objects.create(name="mine")
    call_command("migrate", verbosity=0)
    assert rights(EDITOR) == before
    assert rights(VIEWER)
    assert Group.objects.filter(name="mine").exists()
