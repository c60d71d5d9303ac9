"""The permissions of each role, and the migration that restores them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER

pytestmark = pytest.mark.django_db


def permissions(role: str) -> set[str]:
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))


def test_viewer_can_only_view() -> None:
    assert {name.partition("_")[0] for name in permissions(VIEWER)} == {"view"}


def test_editor_cannot_delete_or_publish() -> None:
    assert {name.partition("_")[0] for name in permissions(EDITOR)} == {"view", "add", "change"}
    assert "add_upload" not in permissions(EDITOR)


def test_release_manager_can_delete_and_publish() -> None:
    extra = permissions(RELEASE_MANAGER) - permissions(EDITOR)
    assert {"publish_product", "publish_releasecycle", "add_upload"} <= extra
    assert "delete_product" in extra


def test_no_role_can_edit_users_or_history() -> None:
    for role in (VIEWER, EDITOR, RELEASE_MANAGER):
        assert not any("user" in name or "historical" in name for name in permissions(role))


def test_migration_restores_groups_and_permissions() -> None:
    """Other groups stay unchanged."""
    before = permissions(EDITOR)
    Group.objects.get(name=VIEWER).delete()
    Group.objects.get(name=EDITOR).permissions.set(Permission.objects.filter(codename="add_user"))
    Group.objects.create(name="mine")
    call_command("migrate", verbosity=0)
    assert permissions(EDITOR) == before
    assert permissions(VIEWER)
    assert Group.objects.filter(name="mine").exists()
