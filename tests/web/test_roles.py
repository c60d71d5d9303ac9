"""Permissions of each role in the admin, checked for every URL and every action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, reverse

from releases.models import Release, ReleaseCycle, Revision, UpgradeNote
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER
from tests.factories import make_cycle, make_note, make_product, make_release
from tests.reminders import make_subscription
from tests.web.admin_forms import open_form
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db

ROLES = (VIEWER, EDITOR, RELEASE_MANAGER)
SUPERUSER = "superuser"
"""Higher than every role: users and groups are for superusers only."""

STAFF_PAGES = {
    "index",
    "logout",
    "password_change",
    "password_change_done",
    "jsi18n",
    "app_list",
}
"""Allowed for everyone who may log in.

`view_on_site` leads to public pages, and the login page needs no login.
"""
NO_PAGES = {"login", "view_on_site", "autocomplete"}

# The lowest role that may view, and the lowest that may submit.
REQUIRED_ROLES: dict[str, tuple[str, str]] = {
    "changelist": (VIEWER, VIEWER),
    "change": (VIEWER, EDITOR),
    "history": (VIEWER, VIEWER),
    "add": (EDITOR, EDITOR),
    "delete": (RELEASE_MANAGER, RELEASE_MANAGER),
    "preview": (VIEWER, VIEWER),
    "deleted": (VIEWER, VIEWER),
    "revert": (EDITOR, EDITOR),
    "back": (EDITOR, EDITOR),
    "confirm": (EDITOR, EDITOR),
    "checked": (EDITOR, EDITOR),
    "new_release": (EDITOR, EDITOR),
    "request": (EDITOR, EDITOR),
    "copy": (EDITOR, EDITOR),
    "merge": (RELEASE_MANAGER, RELEASE_MANAGER),
    "find_cycle": (VIEWER, VIEWER),
    "local_edits": (VIEWER, EDITOR),
}
UPLOAD_ROLES = (RELEASE_MANAGER, RELEASE_MANAGER)
NOBODY = "nobody"
"""Higher than every role."""
TOKEN_ROLES: dict[str, tuple[str, str]] = {
    "changelist": (EDITOR, EDITOR),
    "change": (EDITOR, NOBODY),
    "history": (EDITOR, EDITOR),
    "add": (EDITOR, EDITOR),
    "delete": (NOBODY, NOBODY),
    "replace": (EDITOR, EDITOR),
    "revoke": (EDITOR, EDITOR),
}
"""A token is never changed or deleted, only revoked."""

SUBSCRIPTION_ROLES: dict[str, tuple[str, str]] = {
    "changelist": (VIEWER, VIEWER),
    "change": (VIEWER, NOBODY),
    "history": (VIEWER, VIEWER),
    "add": (NOBODY, NOBODY),
    "delete": (RELEASE_MANAGER, RELEASE_MANAGER),
}
"""Only subscribers subscribe, and change what they are told."""


@pytest.fixture
def rows() -> dict[str, Any]:
    """A row of each table that has admin pages, by the name of its model."""
    product = make_product(category="framework", tags=["web"])
    cycle = make_cycle(product, release="2025-04-02", eol="2028-04", unconfirmed=True)
    make_release(cycle, "5.2.1")
    found: dict[str, Any] = {
        "product": product,
        "releasecycle": cycle,
        "upgradenote": make_note(product),
        "category": product.category,
        "tag": product.tags.get(),
        "subscription": make_subscription(),
        "group": Group.objects.create(name="other"),
        "user": get_user_model()._default_manager.create_user("other"),
    }
    for row in (product, cycle, found["upgradenote"]):
        row.save()  # so that there is a change to revert
    return found


def pages(patterns: Iterable[Any] | None = None, before: str = "/admin/") -> Iterator[Any]:
    """Yield name and route of each admin URL."""
    for pattern in admin.site.urls[0] if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from pages(pattern.url_patterns, route)
        elif pattern.name:
            yield pattern.name, route


def fill_route(name: str, route: str, rows: dict[str, Any]) -> str:
    """Return the URL for a route, with the keys of `rows` and the time of the newest change."""
    if name == "app_list":
        return "/admin/releases/"
    row: Any = rows.get(name.split("_")[1] if "_" in name else "")
    moment = ""
    if "str:at" in route:
        moment = row.history.first().history_date.strftime("%Y-%m-%dT%H:%M:%S.%f")
    key = str(row.pk) if row else "1"
    return re.sub(r"<str:at>", moment, re.sub(r"<(\w+:)?(object_id|key|id)>", key, route))


def required_roles(name: str) -> tuple[str, str]:
    """Return the lowest roles that may view a page and submit to it."""
    if name in STAFF_PAGES:
        return VIEWER, VIEWER
    app, model, action = name.split("_", 2)
    if app == "auth":
        return SUPERUSER, SUPERUSER
    if model == "apitoken":
        return TOKEN_ROLES[action]
    if model == "subscription":
        return SUBSCRIPTION_ROLES[action]
    return UPLOAD_ROLES if model == "upload" else REQUIRED_ROLES[action]


def below(role: str, least: str) -> bool:
    order = (*ROLES, SUPERUSER, NOBODY)
    return order.index(role) < order.index(least)


def state() -> dict[str, Any]:
    """Return the number of rows in each table, and the revision of the catalogue."""
    tables = {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.app_label != "sessions"
    }
    return tables | {"revision": Revision.objects.get().token}


@pytest.mark.parametrize("role", ROLES)
def test_pages_require_their_role(rows: dict[str, Any], role: str) -> None:
    client = log_in(role)
    wrong = []
    for name, route in pages():
        if name in NO_PAGES or name == "logout":
            continue
        status = client.get(fill_route(name, route, rows)).status_code
        # 405: the page has no GET view.
        if status != 405 and (status == 403) != below(role, required_roles(name)[0]):
            wrong.append((name, status))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_submissions_require_their_role(rows: dict[str, Any], role: str) -> None:
    """Other roles get 403, and nothing is changed."""
    client, before, refused = log_in(role), state(), 0
    for name, route in pages():
        if name in NO_PAGES or not below(role, required_roles(name)[1]):
            continue
        sent = {"post": "yes", "apply": "yes", "version": "5.2.9", "label": "x", "name": "x"}
        answer = client.post(fill_route(name, route, rows), sent)
        assert answer.status_code == 403, name
        refused += 1
    assert refused
    assert state() == before


@pytest.mark.parametrize("role", [VIEWER, EDITOR])
@pytest.mark.parametrize("model", ["product", "releasecycle", "upgradenote", "category", "tag"])
def test_changelist_actions_require_their_role(rows: dict[str, Any], role: str, model: str) -> None:
    """Only allowed actions are offered, and submitting others changes nothing."""
    client, before = log_in(role), state()
    address = reverse(f"admin:releases_{model}_changelist")
    row = rows[model]
    every = _actions(model)
    theirs = {
        "product": {"add_tags", "remove_tags"},
        "releasecycle": {"end_on_a_date", "shift_plans", "set_milestone"},
    }
    may = theirs.get(model, set()) if role == EDITOR else set()
    reading = {name for name in every if name.startswith("export")}
    page = client.get(address).text
    for action in every - reading:
        assert (f'value="{action}"' in page) == (action in may), action
        if action not in may:
            sent = {"action": action, "_selected_action": row.pk, "post": "yes", "apply": "yes"}
            assert client.post(address, sent).status_code in (200, 302, 403), action
    assert "delete_selected" in every
    assert state() == before


def _actions(model: str) -> set[str]:
    """Return the names of all actions of a changelist, for any role."""
    found: Any = next(
        site for each, site in admin.site._registry.items() if each._meta.model_name == model
    )
    own = (getattr(action, "__name__", action) for action in found.actions or ())
    return {name for name, _ in admin.site.actions} | set(own)


def test_editor_cannot_delete_inline_rows(rows: dict[str, Any]) -> None:
    """There is no checkbox, and submitting its value deletes nothing."""
    client, product = log_in(EDITOR), rows["product"]
    address = reverse("admin:releases_product_change", args=[product.pk])
    assert "DELETE" not in client.get(address).text
    sent = open_form(client, address) | {"cycles-0-DELETE": ["on"], "cycles-0-latest": ["5.2.9"]}
    assert client.post(address, sent).status_code == 302
    assert product.cycles.get().latest == "5.2.9"


def test_viewer_sees_read_only_forms(rows: dict[str, Any]) -> None:
    client = log_in(VIEWER)
    for model in ("product", "releasecycle", "upgradenote"):
        page = client.get(reverse(f"admin:releases_{model}_change", args=[rows[model].pk])).text
        assert "_save" not in page
        assert 'name="seen"' not in page
        assert "field-seen" not in page


def test_editor_can_do_routine_work(rows: dict[str, Any]) -> None:
    """An editor adds a cycle, a release and a note and changes dates, without being a superuser."""
    client, product, cycle = log_in(EDITOR), rows["product"], rows["releasecycle"]
    add = f"{reverse('admin:releases_releasecycle_add')}?product={product.pk}&after="
    assert client.post(add, open_form(client, add) | {"name": ["6.0"]}).status_code == 302
    change = reverse("admin:releases_releasecycle_change", args=[cycle.pk])
    assert (
        client.post(change, open_form(client, change) | {"eol": ["2028-04-30"]}).status_code == 302
    )
    release = reverse("admin:releases_product_new_release", args=[product.pk])
    assert client.post(release, {"version": "5.2.2"}).status_code == 302
    note = reverse("admin:releases_upgradenote_add")
    sent = open_form(client, note) | {"product": [str(product.pk)], "title": ["x"], "key": ["x"]}
    assert client.post(note, sent).status_code == 302
    cycle.refresh_from_db()
    assert (str(cycle.eol), cycle.latest) == ("30 Apr 2028", "5.2.2")
    assert ReleaseCycle.objects.get(name="6.0").draft
    assert Release.objects.filter(version="5.2.2").exists()
    assert UpgradeNote.objects.filter(key="x").exists()
    assert cycle.history.first().history_user.username == EDITOR


def test_users_without_a_role_have_no_access(rows: dict[str, Any]) -> None:
    """Users who are not staff are asked to log in; staff without a role see nothing."""
    nobody = Client()
    nobody.force_login(rows["user"])
    assert nobody.get("/admin/").status_code == 302
    staff = get_user_model()._default_manager.create_user("staff", is_staff=True)
    nobody.force_login(staff)
    for name, route in pages():
        if name not in NO_PAGES | STAFF_PAGES:
            assert nobody.get(fill_route(name, route, rows)).status_code in (403, 405), name
