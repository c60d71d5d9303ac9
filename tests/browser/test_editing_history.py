"""History in the admin: an edit is reverted; a cycle and a product are restored."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from releases.models import Product, ReleaseCycle
from tests.browser.steps import log_in

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
    editor.get_by_role("button", name="Save and continue editing").first.click()
    editor.get_by_role("link", name="History", exact=True).click()
    newest = editor.locator("section.change").first
    for text in ("by editor", "The policy was changed.", "Security support until"):
        expect(newest).to_contain_text(text)
    expect(newest.locator("del")).to_have_text("30 Apr 2028")
    expect(newest.locator("ins")).to_have_text("30 Apr 2029")
    newest.get_by_role("link", name="Revert this").click()
    effects = editor.get_by_role("region", name="What this does")
    expect(effects.locator("ins")).to_have_text("30 Apr 2028")
    editor.get_by_role("button", name="Do this").click()
    expect(editor.get_by_text("Done: revert of")).to_be_visible()
    expect(editor.locator("section.change").first).to_contain_text("revert of")
    open_cycle(editor)
    expect(editor.get_by_label("Security support until")).to_have_value("2028-04-30")


def test_deleted_cycle_is_restored(editor: Page) -> None:
    """The history of its product offers it, and its page exists again."""
    row = cycle()
    editor.goto(f"/admin/releases/releasecycle/{row.pk}/delete/")
    editor.get_by_label("Reason").fill("by mistake")
    editor.get_by_role("button", name="Yes, I’m sure").click()
    editor.goto(f"/admin/releases/product/{row.product_id}/history/")
    gone = editor.get_by_role("region", name="Deleted")
    expect(gone).to_contain_text("Release cycle 5.2")
    gone.get_by_role("link", name="Bring back").click()
    expect(editor.get_by_role("region", name="What this does")).to_contain_text("comes back")
    editor.get_by_role("button", name="Do this").click()
    expect(editor.get_by_text("Done:")).to_be_visible()
    editor.goto("/django/5.2/")
    expect(editor.get_by_role("heading", level=1)).to_contain_text("5.2")


def test_deleted_product_is_restored(editor: Page) -> None:
    """The list of deleted products offers it, with all its cycles."""
    product = Product.objects.get(name="django")
    cycles = product.cycles.count()
    editor.goto(f"/admin/releases/product/{product.pk}/delete/")
    editor.get_by_role("button", name="Yes, I’m sure").click()
    editor.get_by_role("link", name="Deleted products").click()
    row = editor.get_by_role("row", name="Django")
    row.get_by_role("link", name="Bring back").click()
    editor.get_by_role("button", name="Do this").click()
    expect(editor.get_by_text("Done:")).to_be_visible()
    assert Product.objects.get(name="django").cycles.count() == cycles
    response = editor.goto("/django/")
    assert response
    assert response.ok
