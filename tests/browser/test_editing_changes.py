"""Edits become visible to the public: the list of changes, and the roadmap before the edit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from releases.models import Product, ReleaseCycle
from tests.browser.conftest import NewPage
from tests.browser.steps import log_in
from tests.browser.test_accessibility import violations


@pytest.fixture
def moved_date(bundled: None, page: Page) -> None:
    """Django 5.2, imported on 1 Nov 2026, whose end an editor moved on 20 Nov."""
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=datetime(2026, 11, 1, 9, tzinfo=UTC))
    cycle = ReleaseCycle.objects.get(product__name="django", name="5.2")
    log_in(page, address=f"/admin/releases/releasecycle/{cycle.pk}/change/")
    page.get_by_label("Security support until").fill("2029-04-30")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    newest = ReleaseCycle.history.filter(id=cycle.pk, history_type="~")
    newest.update(history_date=datetime(2026, 11, 20, 9, tzinfo=UTC))


@pytest.mark.usefixtures("moved_date")
def test_change_is_listed_and_links_to_the_roadmap_before_it(new_page: NewPage) -> None:
    """Links lead from the product to its changes, to the previous day, and back to today."""
    page = new_page()
    page.goto("/django/")
    page.locator("#main").get_by_role("link", name="Changes").click()
    change = page.get_by_role("region", name="20 Nov 2026").get_by_role("listitem").first
    expect(change).to_contain_text("Django 5.2")
    expect(change).to_contain_text("30 Apr 2028 became 30 Apr 2029, 12 months later")
    page.get_by_role("link", name="The roadmap the day before 20 Nov 2026").click()
    row = page.locator("#roadmap tr", has=page.get_by_role("rowheader", name="5.2"))
    expect(page.locator("#known-on")).to_contain_text("As it was recorded on 19 Nov 2026")
    expect(row).to_contain_text("30 Apr 2028")
    page.get_by_label("LTS", exact=True).check()
    page.wait_for_url("**known_on=2026-11-19&lts=1&product=django")
    expect(row).to_contain_text("30 Apr 2028")
    page.locator("#known-on").get_by_role("link", name="Back to today").click()
    expect(row).to_contain_text("30 Apr 2029")
    expect(page.locator("#known-on")).to_have_count(0)


@pytest.mark.usefixtures("moved_date")
def test_recorded_date_can_be_changed_in_the_form(new_page: NewPage) -> None:
    """This works without JavaScript: the panel of filters is open, as one of them is used."""
    page = new_page(java_script_enabled=False)
    page.goto("/?known_on=2026-11-20&product=django")
    row = page.locator("#roadmap tr", has=page.get_by_role("rowheader", name="5.2"))
    expect(row).to_contain_text("30 Apr 2029")
    page.get_by_label("As recorded on").fill("2026-11-02")
    page.get_by_role("button", name="Apply filters").click()
    expect(row).to_contain_text("30 Apr 2028")
    page.get_by_label("As recorded on").fill("2026-10-31")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#known-on")).to_contain_text("The records begin on 1 Nov 2026.")


@pytest.mark.usefixtures("moved_date")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_on_a_phone(
    new_page: NewPage, scheme: Literal["light", "dark"]
) -> None:
    """Nothing is wider than the screen, and axe finds no violations."""
    page = new_page(width=375, color_scheme=scheme)
    for path in ("/changes/", "/changes/?product=django", "/?known_on=2026-11-19"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        assert violations(page) == [], path
