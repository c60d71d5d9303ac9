"""The forms of the admin: errors, unsaved changes, the way back, rows, conflicts, sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from releases.models import Product, ReleaseCycle
from tests.browser.conftest import NewPage
from tests.browser.steps import log_in
from tests.factories import make_custom_field, make_cycle, make_product

pytestmark = pytest.mark.usefixtures("transactional_db")

ADD = "/admin/releases/product/add/"


@pytest.fixture
def product(on: object) -> Product:
    """A product with three cycles and a custom field."""
    product = make_product("django", label="Django")
    make_custom_field(product, "python", label="Python")
    for name, release, eol in (
        ("6.1", "2026-08-05", "2027-12-31"),
        ("6.0", "2025-12-03", "2027-04-30"),
        ("5.1", "2024-08-07", "2025-12-03"),
    ):
        make_cycle(product, name, release=release, eol=eol)
    return product


def form(row: Product | ReleaseCycle) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def after_preview(page: Page, act: Callable[[], None]) -> None:
    """Do something that changes the preview, and wait until it is shown."""
    page.evaluate(
        "void (window.shown = new Promise((done, fail) => {"
        " document.addEventListener('htmx:afterSettle', () => done(), {once: true});"
        " setTimeout(() => fail(new Error('no preview')), 10000); }))"
    )
    act()
    page.evaluate("window.shown")


# ---- errors


def test_errors_stay_until_their_field_changes(page: Page) -> None:
    """The first wrong field has the focus, and a summary links to all of them."""
    log_in(page, address=ADD)
    page.locator("#id_policy_link").fill("nothing")
    save(page)
    title, summary = page.get_by_label("Title", exact=True), page.locator(".problems")
    expect(title).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(3)
    required = page.locator("#id_label_error")
    expect(required).to_have_text("This field is required.")
    after_preview(page, lambda: page.locator("#id_featured").fill("1"))
    expect(required).to_be_visible()
    expect(page.locator("#id_policy_link_error")).to_be_visible()
    summary.get_by_role("link", name="Support policy").click()
    expect(page.locator("#id_policy_link")).to_be_in_viewport()
    after_preview(page, lambda: title.fill("Payroll"))
    expect(required).to_have_count(0)
    expect(title).not_to_have_attribute("aria-invalid", "true")
    expect(summary.get_by_role("link", name="Title")).to_be_hidden()
    expect(summary.get_by_role("link", name="Support policy")).to_be_visible()


def test_errors_without_scripts(new_page: NewPage, product: Product) -> None:
    page = new_page(java_script_enabled=False)
    log_in(page, address=form(product))
    page.locator("#id_cycles-1-eol").fill("03/04/2026")
    save(page)
    wrong = page.locator("#id_cycles-1-eol")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    link = page.locator(".problems").get_by_role("link")
    expect(link).to_have_text("Release cycle 6.0, Security support until")
    expect(page.locator(".problems")).to_contain_text("may mean 3 Apr 2026 or 4 Mar 2026")


def test_errors_of_a_row_stand_above_it_while_typing(page: Page, product: Product) -> None:
    log_in(page, address=form(product))
    field, error = page.locator("#id_cycles-0-eol"), page.locator("#id_cycles-0-eol_error")
    after_preview(page, lambda: field.fill("2020"))
    expect(error).to_contain_text("Security support until: The end of security support (2020)")
    expect(field).to_have_attribute("aria-invalid", "true")
    after_preview(page, lambda: field.fill("2028"))
    expect(error).to_have_count(0)
    expect(page.locator(".row-form-errors")).to_have_count(0)


# ---- unsaved changes


def test_leaving_a_form_with_changes_asks_first(page: Page, product: Product) -> None:
    """Unchanged forms, changes that were taken back, and saving ask nothing."""
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", note)
    log_in(page, address=form(product))
    title = page.get_by_label("Title", exact=True)
    expect(page.get_by_text("Unsaved changes")).to_be_hidden()
    title.fill("Changed")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    title.fill("Django")
    expect(page.get_by_text("Unsaved changes")).to_be_hidden()
    page.goto("/admin/")
    page.goto(form(product))
    page.get_by_label("Title", exact=True).fill("Changed")
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert asked == []
    page.goto(form(product))
    page.get_by_label("Title", exact=True).fill("Again")
    page.goto("/admin/")
    assert asked == ["beforeunload"]


# ---- cycles and their product


def test_saving_a_cycle_leads_back_to_its_product(page: Page, product: Product) -> None:
    """Breadcrumbs, title and message name the product; links lead to the cycles around it."""
    log_in(page, address=form(product))
    page.get_by_label("More of 6.0").click()
    page.get_by_role("link", name="Open the full form").locator("visible=true").click()
    crumbs = page.get_by_role("navigation", name="Breadcrumbs")
    expect(crumbs.get_by_role("link")).to_have_text(["Desk", "Products", "Django", "6.1", "5.1"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("Django 6.0")
    crumbs.get_by_role("link", name="6.1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Django 6.1")
    page.get_by_label("Codename", exact=True).fill("Newest")
    save(page)
    page.wait_for_url(f"**{form(product)}#cycles-group")
    expect(page.get_by_text("The release cycle “Django 6.1” was changed")).to_be_visible()


def test_rows_for_new_cycles_without_scripts(new_page: NewPage, product: Product) -> None:
    """The form of a product has an empty row and a link; that of a new product has a row, too."""
    page = new_page(java_script_enabled=False)
    log_in(page, address=form(product))
    expect(page.get_by_role("link", name="Add another release cycle")).to_be_visible()
    page.locator("#id_cycles-3-name").fill("6.2")
    page.locator("#id_cycles-3-release").fill("Apr 2027")
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert str(product.cycles.get(name="6.2").release) == "Apr 2027"
    page.goto(ADD)
    page.get_by_label("Title", exact=True).fill("Payroll")
    page.get_by_label("Address", exact=True).fill("payroll")
    page.locator("#id_cycles-0-name").fill("4")
    save(page)
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Product.objects.get(name="payroll").cycles.count() == 1


def test_own_columns_are_typed_in_the_rows(page: Page, product: Product) -> None:
    log_in(page, address=form(product))
    page.get_by_label("More of 6.0").click()
    page.get_by_label("Python, 6.0").fill("3.12 - 3.14")
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert product.cycles.get(name="6.0").custom == {"python": "3.12 - 3.14"}


# ---- two editors


def test_the_conflict_page_marks_the_field_and_offers_both_values(
    page: Page, product: Product
) -> None:
    cycle = product.cycles.get(name="6.0")
    log_in(page, address=form(cycle))
    cycle.eol, cycle.codename = cycle.lifecycle.release, "Theirs"
    cycle.save()
    page.get_by_label("Security support until").fill("2027-06")
    save(page)
    notice = page.locator(".problems")
    expect(notice.get_by_role("heading")).to_contain_text("changed this release cycle while you")
    expect(notice.get_by_role("rowheader")).to_have_text("Security support until")
    expect(page.locator(".field-eol .clashed")).to_contain_text("2025-12-03")
    notice.get_by_role("radio", name="keep the value of").check()
    notice.get_by_role("button", name="Save with these values").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    cycle.refresh_from_db()
    assert (str(cycle.eol), cycle.codename) == ("3 Dec 2025", "Theirs")


# ---- sizes


def test_forms_with_forty_cycles_are_short(new_page: NewPage, on: object) -> None:
    """At most 2,500 px at a width of 1280 px, whether the cycles ended or not."""
    product = make_product(description="One line.\n" * 60, policy_link="https://example.org/")
    for number in range(40):
        make_cycle(product, f"{number}", release="2025", eol="2030", latest=f"{number}.1")
    page = new_page()
    log_in(page, address=form(product))
    assert page.evaluate("document.documentElement.scrollHeight") <= 2500
    last = page.locator("#id_cycles-39-eol")
    last.fill("2031")
    expect(last).to_be_in_viewport()
    product.cycles.exclude(name="0").update(eol_date="2025-12-31")
    page.goto(form(product))
    expect(last).to_be_hidden()
    page.get_by_label("Show 39 that ended").check()
    expect(last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") <= 2500


def test_the_first_field_is_on_the_first_screen_of_a_phone(
    new_page: NewPage, product: Product
) -> None:
    page = new_page(width=375, height=667)
    log_in(page, address=form(product))
    box = page.get_by_label("Title", exact=True).bounding_box()
    bar = page.locator(".submit-row").bounding_box()
    assert box
    assert bar
    assert box["y"] + box["height"] <= bar["y"]


@pytest.mark.parametrize("javascript", [True, False])
def test_all_fields_of_a_new_row_are_shown_on_a_phone(
    new_page: NewPage, product: Product, *, javascript: bool
) -> None:
    page = log_in(new_page(width=375, java_script_enabled=javascript), address=form(product))
    page.get_by_role("heading", name="Identifiers").click()
    page.locator("#id_identifiers-0-type").fill("purl")
    page.locator("#id_identifiers-0-value").fill("pkg:pypi/django")
    page.get_by_role("heading", name="Table columns").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    save(page)
    assert product.identifiers.get().value == "pkg:pypi/django"
