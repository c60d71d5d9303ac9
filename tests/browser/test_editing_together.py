"""Several users in the admin: concurrent edits, publishing drafts, and permissions of roles."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from releases.models import Product, ReleaseCycle
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER
from tests.browser.conftest import NewPage
from tests.browser.steps import PASSWORD, log_in_as

pytestmark = pytest.mark.usefixtures("bundled")


def log_in_with_role(page: Page, role: str, name: str = "") -> Page:
    """Create a user with a role and return a page on which they are logged in."""
    user = get_user_model()._default_manager.create_user(
        name or role.split(maxsplit=1)[0], password=PASSWORD, is_staff=True
    )
    user.groups.set([Group.objects.get(name=role)])
    return log_in_as(page, user.get_username())


def cycle_form(page: Page, name: str = "5.2") -> ReleaseCycle:
    cycle = ReleaseCycle.objects.get(product__name="django", name=name)
    page.goto(f"/admin/releases/releasecycle/{cycle.pk}/change/")
    return cycle


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()


def test_concurrent_edits(new_page: NewPage) -> None:
    """The second editor sees the changes of the first, keeps the typed values, and decides."""
    ann, bob = (
        log_in_with_role(new_page(), EDITOR, "ann"),
        log_in_with_role(new_page(), EDITOR, "bob"),
    )
    for page in (ann, bob):
        cycle = cycle_form(page)
    ann.get_by_label("Security support until").fill("2028-05")
    ann.get_by_label("Codename", exact=True).fill("Ann's")
    save(ann)
    expect(ann.get_by_text("was changed successfully")).to_be_visible()
    bob.get_by_label("Security support until").fill("2028-06")
    save(bob)
    told = bob.get_by_role("alert")
    expect(told).to_contain_text("Not saved: ann changed this release cycle")
    row = told.get_by_role("row", name="Security support until")
    for text in ("Opened with 2028-04-30", "2028-05", "2028-06"):
        expect(row).to_contain_text(text)
    expect(bob.get_by_role("textbox", name="Security support until")).to_have_value("2028-06")
    expect(bob.get_by_label("Codename", exact=True)).to_have_value("Ann's")
    cycle.refresh_from_db()
    assert str(cycle.eol) == "May 2028"
    save(bob)
    expect(bob.get_by_text("was changed successfully")).to_be_visible()
    cycle.refresh_from_db()
    assert (str(cycle.eol), cycle.codename) == ("Jun 2028", "Ann's")


def test_editor_adds_a_draft_and_release_manager_publishes_it(new_page: NewPage) -> None:
    """Visitors do not see the draft until it is published."""
    editor, visitor = log_in_with_role(new_page(), EDITOR), new_page()
    django = Product.objects.get(name="django")
    editor.goto(f"/admin/releases/releasecycle/add/?product={django.pk}")
    expect(editor.get_by_text("What you add is a draft")).to_be_visible()
    editor.locator("#id_name").fill("7.7")
    editor.get_by_label("Released", exact=False).first.fill("2026-11-01")
    save(editor)
    expect(editor.get_by_text("was added successfully")).to_be_visible()
    cycle_form(editor, "7.7")
    expect(editor.locator(".field-visibility").first).to_contain_text("Draft")
    expect(editor.get_by_role("link", name="View on site")).to_have_count(0)
    visitor.goto("/django/")
    expect(visitor.get_by_text("7.7", exact=True)).to_have_count(0)
    manager = log_in_with_role(new_page(), RELEASE_MANAGER)
    manager.goto("/admin/releases/releasecycle/?visibility=draft")
    manager.get_by_role("checkbox").nth(1).check()
    manager.get_by_label("Action:").first.select_option("publish")
    manager.get_by_role("button", name="Go").first.click()
    expect(manager.get_by_text("Everybody will see these release cycles")).to_be_visible()
    manager.get_by_role("button", name="Publish").click()
    expect(manager.get_by_text("1 release cycle published.")).to_be_visible()
    visitor.goto("/django/7.7/")
    expect(visitor.get_by_role("heading", name="Django 7.7")).to_be_visible()


def test_unconfirmed_dates_are_labelled(new_page: NewPage) -> None:
    """The label is on the page of the product and on that of the cycle."""
    ReleaseCycle.objects.filter(product__name="django", name="5.2").update(unconfirmed=True)
    page = new_page()
    for path in ("/django/", "/django/5.2/"):
        page.goto(path)
        expect(page.get_by_text(re.compile("dates (are )?to be confirmed", re.I))).to_have_count(1)


@pytest.mark.parametrize("role", [VIEWER, EDITOR, RELEASE_MANAGER])
def test_roles_see_only_allowed_buttons(new_page: NewPage, role: str) -> None:
    page = log_in_with_role(new_page(), role)
    cycle = cycle_form(page)
    edits, publishes = role != VIEWER, role == RELEASE_MANAGER
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(1 if edits else 0)
    expect(page.locator(".deletelink")).to_have_count(1 if publishes else 0)
    expect(page.locator("#id_draft")).to_have_count(1 if publishes else 0)
    page.goto("/admin/releases/releasecycle/")
    actions = page.locator("select[name=action] option")
    offered = set(actions.all_inner_texts()) if edits else set()
    assert ("Publish …" in offered) == publishes
    assert any("Delete selected" in words for words in offered) == publishes
    assert cycle.history.count() == 1


def test_forbidden_url_is_403(new_page: NewPage) -> None:
    """Nothing is changed."""
    editor = log_in_with_role(new_page(), EDITOR)
    cycle = ReleaseCycle.objects.get(product__name="django", name="5.2")
    answer = editor.request.get(f"/admin/releases/releasecycle/{cycle.pk}/delete/")
    assert answer.status == 403
    assert ReleaseCycle.objects.filter(pk=cycle.pk).exists()


def test_requests_have_their_own_connections(live_server: LiveServer) -> None:
    """A preview and a save at the same time do not mix their transactions."""
    assert not live_server.thread.connections_override
