"""Editing in the admin: an edit appears on the roadmap and survives the next import."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from releases.models import Product, ReleaseCycle
from releases.services.imports.import_products import BUNDLED, import_products, product_files
from tests.browser.steps import log_in

pytestmark = pytest.mark.usefixtures("bundled")


@pytest.fixture
def editor(page: Page) -> Page:
    """A page on which a superuser is logged in to the admin."""
    return log_in(page)


def open_cycle(page: Page, name: str) -> None:
    cycle = ReleaseCycle.objects.get(product__name="django", name=name)
    page.goto(f"/admin/releases/releasecycle/{cycle.pk}/change/")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()


def security_bar_width(page: Page) -> float:
    bar = page.locator("#roadmap tr", has=page.get_by_role("rowheader", name="5.2"))
    width: float = bar.locator("rect.security").first.evaluate("e => e.width.baseVal.value")
    return width


def test_edit_appears_on_the_roadmap_and_survives_an_import(editor: Page, on: date) -> None:
    """A moved end date changes bar and status on the next page load."""
    editor.goto("/?product=django")
    before = security_bar_width(editor)
    open_cycle(editor, "5.2")
    editor.get_by_label("Security support until").fill("2026-10")
    save(editor)
    expect(editor.get_by_text("was changed successfully")).to_be_visible()
    list(import_products(product_files([BUNDLED]), on=on))
    editor.goto("/?product=django")
    row = editor.locator("#roadmap tr", has=editor.get_by_role("rowheader", name="5.2"))
    expect(row).to_contain_text("End of life")
    expect(row).to_contain_text("Oct 2026")
    assert security_bar_width(editor) < before


def test_invalid_date_order_is_reported_at_its_field(editor: Page) -> None:
    open_cycle(editor, "5.2")
    editor.get_by_label("Security support until").fill("2024-01-01")
    save(editor)
    problem = editor.locator(".field-eol .errorlist")
    expect(problem.first).to_contain_text("is before the release (2 Apr 2025)")
    editor.get_by_label("Security support until").fill("next summer")
    save(editor)
    expect(problem.first).to_contain_text("is not a date such as 2028-04-30")


def test_own_product_is_created(editor: Page) -> None:
    """The walk-through of the README: a featured product with own labels and a custom field."""
    editor.goto("/admin/")
    tables = editor.get_by_role("navigation", name="Editing")
    tables.get_by_role("link", name="Products").click()
    editor.get_by_role("link", name="Add product").last.click()
    editor.get_by_label("Title", exact=True).fill("Payroll")
    editor.locator("#id_featured").fill("1")
    expect(editor.get_by_label("Address", exact=True)).to_have_value("payroll")
    editor.get_by_role("heading", name="Table columns").click()
    editor.locator("#id_eol_label").fill("Supported by IT until")
    editor.get_by_role("heading", name="Own columns").click()
    editor.locator("#id_custom_fields-0-name").fill("owner")
    editor.locator("#id_custom_fields-0-label").fill("Owner")
    for field, text in (("name", "4"), ("release", "2025-02"), ("eol", "2028"), ("lts", "yes")):
        editor.locator(f"#id_cycles-0-{field}").fill(text)
    save(editor)
    expect(editor.get_by_text("was added successfully")).to_be_visible()
    editor.goto(
        reverse("admin:releases_product_change", args=[Product.objects.get(name="payroll").pk])
    )
    editor.get_by_label("More of 4").click()
    editor.get_by_label("Owner, 4").fill("Ann")
    save(editor)
    expect(editor.get_by_text("was changed successfully")).to_be_visible()
    editor.goto("/")
    expect(editor.locator("#roadmap section.product h2").first).to_have_text("Payroll")
    editor.get_by_role("heading", name="Payroll").get_by_role("link").click()
    releases = editor.get_by_role("region", name="Releases")
    for text in ("Supported by IT until", "Feb 2025", "Owner", "Ann", "LTS"):
        expect(releases).to_contain_text(text)


def test_admin_pages_follow_the_security_policy(editor: Page) -> None:
    """Lists, filters, forms and history load without browser errors."""
    product = Product.objects.get(name="django")
    cycle = product.cycles.all()[0]
    for path in (
        "",
        "releases/product/",
        f"releases/product/{product.pk}/change/",
        f"releases/product/{product.pk}/history/",
        "releases/releasecycle/?status=soon&lts=1",
        f"releases/releasecycle/{cycle.pk}/change/",
        f"releases/releasecycle/{cycle.pk}/history/",
        f"releases/releasecycle/{cycle.pk}/delete/",
        "releases/category/",
        "auth/user/add/",
        "password_change/",
    ):
        response = editor.goto(f"/admin/{path}")
        assert response
        assert response.ok, path


def test_view_on_site_link(editor: Page) -> None:
    open_cycle(editor, "5.2")
    editor.get_by_role("link", name="View on site").first.click()
    editor.wait_for_url("**/django/5.2/")
