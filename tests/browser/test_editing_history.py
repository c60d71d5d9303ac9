"""History in the admin: an edit is reverted; a cycle and a product are restored."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from releases.models import Product, ReleaseCycle
from tests.browser.steps import log_in, save_and_continue

pytestmark = pytest.mark.usefixtures("bundled")


@pytest.fixture
def editor(page: Page) -> Page:
    """A page on which a superuser is logged in to the admin."""
    return log_in(page)


def cycle() -> ReleaseCycle:
    return ReleaseCycle.objects.get(product__name="django", name="5.2")


def open_cycle(page: Page) -> None:
    page.goto(f"/admin/releases/releasecycle/{cycle().pk}/change/")


def test_edit_is_listed_and_reverted(editor: Page) -> None:
    open_cycle(editor)
    editor.get_by_label("Security support until").fill("2029-04-30")
    editor.get_by_label("Reason").fill("The policy was changed.")
    save_and_continue(editor)
    editor.get_by_role("link", name="History", exact=True).click()
    newest = editor.locator("li.change").first
    for text in ("by editor", "The policy was changed.", "Security support until"):
        expect(newest).to_contain_text(text)
    expect(newest.locator("del")).to_have_text("30 Apr 2028")
    expect(newest.locator("ins")).to_have_text("30 Apr 2029")
    newest.get_by_role("link", name="Revert").click()
    effects = editor.get_by_role("region", name="This will change")
    expect(effects.locator("ins")).to_have_text("30 Apr 2028")
    editor.get_by_role("button", name="Revert").click()
    expect(editor.get_by_text("Reverted the change of")).to_be_visible()
    expect(editor.locator("li.change").first).to_contain_text("Revert of")
    open_cycle(editor)
    expect(editor.get_by_label("Security support until")).to_have_value("2028-04-30")


def test_deleted_cycle_is_restored(editor: Page) -> None:
    """The history of its product offers it, and its page exists again."""
    row = cycle()
    editor.goto(f"/admin/releases/releasecycle/{row.pk}/delete/")
    editor.get_by_label("Reason").fill("by mistake")
    editor.get_by_role("button", name="Delete").click()
    editor.goto(f"/admin/releases/product/{row.product_id}/history/")
    gone = editor.get_by_role("region", name="Deleted")
    expect(gone).to_contain_text("Release cycle 5.2")
    gone.get_by_role("link", name="Restore").click()
    effects = editor.get_by_role("region", name="This will change")
    expect(effects).to_contain_text("will be restored")
    editor.get_by_role("button", name="Restore").click()
    expect(editor.get_by_text("Restored Django 5.2.")).to_be_visible()
    editor.goto("/django/5.2/")
    expect(editor.get_by_role("heading", level=1)).to_contain_text("5.2")


def test_deleted_product_is_restored(editor: Page) -> None:
    """The list of deleted products offers it, with all its cycles."""
    product = Product.objects.get(name="django")
    cycles = product.cycles.count()
    editor.goto(f"/admin/releases/product/{product.pk}/delete/")
    editor.get_by_role("button", name="Delete").click()
    editor.get_by_role("link", name="Deleted", exact=True).click()
    row = editor.get_by_role("row", name="Django")
    row.get_by_role("link", name="Restore").click()
    editor.get_by_role("button", name="Restore").click()
    expect(editor.get_by_text("Restored Django.")).to_be_visible()
    assert Product.objects.get(name="django").cycles.count() == cycles
    response = editor.goto("/django/")
    assert response
    assert response.ok
