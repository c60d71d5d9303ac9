"""Routine work in the admin: index, next cycle, new release, bulk actions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from releases.domain.lifecycle.milestones import format_milestone, parse_milestone
from releases.models import Product, ReleaseCycle
from tests.browser.conftest import NewPage
from tests.browser.steps import log_in

pytestmark = pytest.mark.usefixtures("bundled")


def open_index(page: Page) -> Page:
    log_in(page)
    expect(page.get_by_role("link", name="0 to confirm")).to_be_visible()
    return page


@pytest.fixture
def editor(page: Page) -> Page:
    """A page on which a superuser is logged in and sees the admin index."""
    return open_index(page)


@pytest.fixture
def plain_editor(new_page: NewPage) -> Page:
    """The same without JavaScript, on a phone."""
    return open_index(new_page(width=375, java_script_enabled=False))


def django(name: str) -> ReleaseCycle:
    return ReleaseCycle.objects.get(product__name="django", name=name)


def open_cycle(page: Page, name: str) -> None:
    page.goto(f"/admin/releases/releasecycle/{django(name).pk}/change/")


def project(name: str, release: str) -> None:
    """Give a Django cycle an unconfirmed release date."""
    cycle = django(name)
    cycle.release, cycle.unconfirmed = parse_milestone(release), True
    cycle.save()


def test_next_cycle_is_prefilled(editor: Page) -> None:
    """The editor changes the proposed name and saves; the cycle is on the roadmap above 6.2."""
    open_cycle(editor, "6.2")
    editor.get_by_role("link", name="Next cycle").click()
    expect(editor.get_by_text("A proposal for what comes after 6.2")).to_be_visible()
    expect(editor.get_by_label("Released", exact=True)).to_have_value("2027-12")
    expect(editor.get_by_label("Active support until")).to_have_value("2028-08")
    expect(editor.get_by_label("Security support until")).to_have_value("2029-04")
    expect(editor.get_by_label("To be confirmed")).to_be_checked()
    expect(editor.get_by_label("Name", exact=True)).to_have_value("7.0")
    editor.get_by_label("Name", exact=True).fill("6.3")
    editor.get_by_role("button", name="Save", exact=True).first.click()
    expect(editor.get_by_text("was added successfully")).to_be_visible()
    assert django("6.3").unconfirmed
    names = [cycle.name for cycle in Product.objects.get(name="django").cycles.all()]
    assert names[2:5] == ["2028", "6.3", "6.2"]
    editor.goto("/?product=django&all=django")
    row = editor.locator("#roadmap tr", has=editor.get_by_role("rowheader", name="6.3"))
    expect(row).to_contain_text("Dec 2027")


def test_planned_date_is_confirmed_on_the_index(editor: Page) -> None:
    """The row disappears from the list."""
    project("6.1", "2026-10")
    editor.reload()
    section = editor.get_by_role("region", name="Needs attention")
    expect(section).to_contain_text("Released Oct 2026?")
    section.get_by_role("button", name="Confirm date Django 6.1").click()
    expect(editor.get_by_text("The dates of Django 6.1 are confirmed.")).to_be_visible()
    expect(editor.get_by_role("link", name="0 to confirm")).to_be_visible()
    assert not django("6.1").unconfirmed


def test_patch_release_is_added_in_one_field(editor: Page) -> None:
    """A version of another cycle is rejected with a message."""
    open_cycle(editor, "5.2")
    editor.get_by_text("New release").click()
    expect(editor.locator("#new-release-version")).to_be_focused()
    editor.keyboard.type("6.0.11")
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("6.0.11 belongs to 6.0, not to 5.2.")).to_be_visible()
    editor.get_by_label("Version").fill("v5.2.20")
    editor.get_by_role("button", name="Add release").click()
    expect(editor.get_by_text("It is the latest one now.")).to_be_visible()
    expect(editor.locator("#id_latest")).to_have_value("5.2.20")
    editor.goto("/django/")
    expect(editor.get_by_text("5.2.20").first).to_be_visible()


def test_plans_are_shifted_in_bulk(plain_editor: Page) -> None:
    """The effect is previewed, and the action works without JavaScript."""
    product = Product.objects.get(name="django")
    page = plain_editor
    page.goto(f"/admin/releases/releasecycle/?product__id__exact={product.pk}")
    for name in ("6.2", "6.1"):
        page.locator(f"input[name=_selected_action][value='{django(name).pk}']").check()
    page.locator("select[name=action]").select_option("shift_plans")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Months later").fill("3")
    page.get_by_role("button", name="Preview").click()
    row = page.get_by_role("row", name="Django 6.2")
    expect(row.first).to_contain_text("Jul 2027")
    page.get_by_role("button", name="Change 2 release cycles").click()
    expect(page.get_by_text("2 release cycles changed.")).to_be_visible()
    assert format_milestone(django("6.2").release) == "2027-07"
    assert format_milestone(django("6.1").release) == "2026-08-05"


@pytest.mark.parametrize("width", [375, 1280])
def test_pages_fit_on_the_screen(new_page: NewPage, width: int) -> None:
    """The index and the form for a new release do not scroll sideways."""
    page = open_index(new_page(width=width))
    project("6.1", "2026-10")
    key = Product.objects.get(name="django").pk
    for path in ("/admin/", f"/admin/releases/product/{key}/new-release/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
