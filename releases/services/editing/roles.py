"""The roles of editors: groups with these names and their permissions, reset by each `migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

VIEWER: Final = "viewer"
EDITOR: Final = "editor"
RELEASE_MANAGER: Final = "release manager"

_EDITED: Final = (
    *("product", "releasecycle", "cyclealias", "cycleidentifier", "release", "upgradenote"),
    *("category", "tag", "alias", "identifier", "customfield"),
)
_PUBLISHED: Final = ("product", "releasecycle", "upgradenote")


def make_roles(sender: AppConfig, using: str, **of_signal: Any) -> None:
    """Create or reset the groups and their permissions; a receiver of `post_migrate`.

    A viewer can view the admin, with shortened addresses of subscriptions; an editor can add and
    change, and have API tokens; a release manager can also delete, publish and import files. To
    give other permissions, create a group with another name.
    """
    create_permissions(sender, verbosity=0, using=using)  # receivers of the signal have no order
    rights = {
        right.codename: right
        for right in Permission.objects.using(using).filter(
            content_type__app_label=sender.label, codename__in=_codenames(RELEASE_MANAGER)
        )
    }
    for role in (VIEWER, EDITOR, RELEASE_MANAGER):
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(rights[name] for name in _codenames(role) if name in rights)


def _codenames(role: str) -> Iterator[str]:
    """Yield the permissions of a role. An earlier state of the tables may lack some of them."""
    actions = {
        VIEWER: ("view",),
        EDITOR: ("view", "add", "change"),
        RELEASE_MANAGER: ("view", "add", "change", "delete"),
    }
    yield from (f"{action}_{table}" for table in _EDITED for action in actions[role])
    yield "view_subscription"
    if role != VIEWER:
        yield from ("view_apitoken", "add_apitoken")
    if role == RELEASE_MANAGER:
        yield from (f"publish_{table}" for table in _PUBLISHED)
        yield from ("add_upload", "delete_subscription")
