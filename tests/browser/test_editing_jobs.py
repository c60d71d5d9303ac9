"""Jobs of an editor, from the page where each begins, with the number of actions that it takes.

The numbers are those of the admin before its redesign: no job may take more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from releases.domain.lifecycle.milestones import format_milestone
from releases.models import Product, ReleaseCycle
from releases.services.editing.roles import EDITOR
from tests.browser.conftest import NewPage
from tests.browser.steps import add_session, assert_fits, wait_for_htmx
from tests.factories import make_cycle, make_note, make_product
from tests.product_files import cycle as file_cycle
from tests.product_files import import_files, write

pytestmark = pytest.mark.usefixtures("transactional_db")

SAVE = "Save"

PREVIEW_DELAY = 500
"""Milliseconds from the last change of a form to the request for its preview, at most."""


class Job:
    """A page on which the actions of a user are counted.

    A click, a key and a choice count one each. Filling a field counts two: one to get to it and one
    to type; typing into a field that has the focus already counts one.
    """

    def __init__(self, page: Page, user: Any) -> None:
        add_session(page, user.get_username())
        self.page, self.actions, self.typed = page, 0, False

    def start(self, address: str) -> None:
        """Open the page where the job begins."""
        self.page.goto(address)
        self.actions = 0

    def click(self, what: Locator) -> None:
        what.first.click()
        self.actions += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.actions += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.actions += 1

    def fill(self, field: str, text: str) -> None:
        """Fill the field of this name in the form of a row."""
        wait_for_htmx(self.page)  # typing would abort a preview
        self.page.locator(f"#id_{field}").fill(text)
        self.actions += 2
        self.typed = True

    def fill_labelled(self, label: str, text: str) -> None:
        """Fill the field with this label, outside the form of the row."""
        self.page.get_by_label(label).first.fill(text)
        self.actions += 2

    def choose(self, field: str, option: str) -> None:
        self.page.locator(f"[name={field}]").first.select_option(option)
        self.actions += 1

    def run(self, action: str) -> None:
        """Start an action on the rows that are ticked."""
        self.choose("action", action)
        self.button("Go")

    def check(self, what: Locator, checked: bool = True) -> None:
        what.first.set_checked(checked)
        self.actions += 1

    def button(self, name: str, *, exact: bool = True) -> None:
        """Click a button that leads to another page."""
        self.leave(self.page.get_by_role("button", name=name, exact=exact))

    def link(self, name: str, *, exact: bool = True) -> None:
        self.leave(self.page.get_by_role("link", name=name, exact=exact))

    def leave(self, what: Locator) -> None:
        """Click what leads to another page, after the preview of what was typed."""
        if self.typed:
            self.page.wait_for_timeout(PREVIEW_DELAY)
        wait_for_htmx(self.page)
        self.click(what)
        self.typed = False

    def says(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def row(self, name: str) -> Locator:
        """Return the box of a row of a list."""
        row = self.page.get_by_role("row").filter(has_text=name)
        return row.get_by_role("checkbox")

    def took(self, actions: int) -> None:
        """Assert that the job took at most this number of actions."""
        assert self.actions <= actions


@pytest.fixture
def job(page: Page) -> Job:
    """The job of a superuser."""
    return Job(page, get_user_model()._default_manager.create_superuser("manager"))


@pytest.fixture
def plain_job(new_page: NewPage) -> Job:
    """The job of a superuser without JavaScript, on a phone."""
    page = new_page(width=375, java_script_enabled=False)
    return Job(page, get_user_model()._default_manager.create_superuser("manager"))


@pytest.fixture
def product() -> Product:
    product = make_product("django")
    make_cycle(product, "6.1", release="2027-08", eoas="2028-04", eol="2028-12")
    make_cycle(product, "6.0", release="2025-12-03", eoas="2026-08-31", eol="2027-04-30")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-31", eol="2028-04-30")
    return product


def form(row: Any) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def changelist(model: Any) -> str:
    return reverse(f"admin:releases_{model._meta.model_name}_changelist")


def cycle(name: str = "5.2") -> ReleaseCycle:
    return ReleaseCycle.objects.get(name=name)


def dates(name: str = "5.2") -> list[str]:
    row = cycle(name)
    return [format_milestone(each) for each in (row.release, row.eoas, row.eol)]


# ---- new rows


def test_new_product_with_own_columns_and_cycles(job: Job) -> None:
    job.start(changelist(Product))
    job.link("Add product")
    job.fill("label", "Payroll")
    job.page.locator("#id_label").blur()
    expect(job.page.locator("#id_name")).to_have_value("payroll")  # from the title
    job.click(job.page.get_by_role("heading", name="Own columns"))
    job.fill("custom_fields-0-name", "owner")
    job.fill("cycles-0-name", "2026")
    job.fill("cycles-0-release", "2026-01")
    job.fill("cycles-0-eol", "2027-12-31")
    job.button(SAVE)
    job.link("Payroll")
    job.click(job.page.get_by_label("More of 2026"))
    job.fill_labelled("owner, 2026", "Ann")
    job.button(SAVE)
    job.says("was changed successfully")
    row = Product.objects.get(name="payroll").cycles.get()
    assert (str(row.eol), row.custom) == ("31 Dec 2027", {"owner": "Ann"})
    job.took(21)


def test_all_precisions_of_a_date(job: Job, product: Product) -> None:
    job.start(form(cycle("6.1")))
    for field, text in {
        "release": "2027-08-04",
        "eoas": "2028-04",
        "eol": "2028-Q4",
        "eoes": "2030",
        "lts": "no",
        "discontinued": "yes",
    }.items():
        job.fill(field, text)
    job.button(SAVE)
    job.says("was changed successfully")
    assert dates("6.1") == ["2027-08-04", "2028-04", "2028-Q4"]
    job.took(13)


def test_next_cycle(job: Job, product: Product) -> None:
    job.start(form(product))
    job.link("Next cycle")
    job.button(SAVE)
    job.says("was added successfully")
    assert product.cycles.count() == 4
    job.took(2)


def test_new_release(job: Job, product: Product) -> None:
    job.start(form(product))
    job.click(job.page.get_by_text("New release"))
    job.type("5.2.20")  # the field has the focus
    job.press("Enter")
    job.says("It is the latest one now.")
    assert cycle().latest == "5.2.20"
    job.took(3)


# ---- dates


def test_confirm(job: Job, product: Product) -> None:
    make_cycle(product, "6.2", release="2026-10", unconfirmed=True)
    job.start("/admin/")
    job.button("Confirm date Django 6.2")
    job.says("The dates of Django 6.2 are confirmed.")
    job.took(1)


def test_end(job: Job, product: Product) -> None:
    job.start(changelist(ReleaseCycle))
    for name in ("6.0", "5.2"):
        job.check(job.row(name))
    job.run("end_on_a_date")
    job.button("Change 2 release cycles")
    job.says("2 release cycles changed.")
    assert {dates(name)[2] for name in ("6.0", "5.2")} == {"2026-11-21"}
    job.took(5)


def test_extend(job: Job, product: Product) -> None:
    job.start(form(cycle()))
    job.fill("eol", "2029-04-30")
    job.button(SAVE)
    job.says("was changed successfully")
    assert dates()[2] == "2029-04-30"
    job.took(3)


def test_extend_in_the_row_of_a_product(job: Job, product: Product) -> None:
    job.start(form(product))
    job.fill("cycles-2-eol", "2029-04-30")
    job.button(SAVE)
    job.says("was changed successfully")
    assert dates()[2] == "2029-04-30"
    job.took(3)


def test_shift(job: Job, product: Product) -> None:
    job.start(changelist(ReleaseCycle))
    job.check(job.row("6.1"))
    job.run("shift_plans")
    job.fill("months", "3")
    job.button("Update the preview")
    job.button("Change 1 release cycle")
    job.says("1 release cycle changed.")
    assert dates("6.1") == ["2027-11", "2028-07", "2029-03"]
    job.took(7)


def test_one_milestone_for_a_selection(job: Job, product: Product) -> None:
    job.start(changelist(ReleaseCycle))
    for name in ("6.1", "6.0", "5.2"):
        job.check(job.row(name))
    job.run("set_milestone")
    job.choose("milestone", "eol")
    job.fill("value", "2030")
    job.button("Preview")
    job.button("Change 3 release cycles")
    job.says("3 release cycles changed.")
    assert dates()[2] == "2030"
    job.took(10)


def test_forty_rows_at_once(job: Job, product: Product) -> None:
    for number in range(37):
        make_cycle(product, f"4.{number}", release="2020", eol="2028")
    job.start(form(product))
    for number in range(40):
        job.fill(f"cycles-{number}-eol", "2030")
    job.button(SAVE)
    job.says("was changed successfully")
    assert {str(row.eol) for row in product.cycles.all()} == {"2030"}
    job.took(81)


# ---- drafts


def test_draft(job: Job, product: Product) -> None:
    job.start(form(cycle()))
    job.check(job.page.locator("#id_draft"))
    job.button(SAVE)
    job.says("was changed successfully")
    assert cycle().draft
    job.took(2)


def test_publish(job: Job, product: Product) -> None:
    product.cycles.filter(name="6.1").update(draft=True)
    job.start(changelist(ReleaseCycle))
    job.check(job.row("6.1"))
    job.run("publish")
    job.button("Publish")
    job.says("1 release cycle published.")
    job.took(4)


def test_publish_on_a_day(job: Job, product: Product) -> None:
    product.cycles.filter(name="6.1").update(draft=True)
    job.start(form(cycle("6.1")))
    job.fill("publish_on", "2027-01-01")
    job.button(SAVE)
    job.says("was changed successfully")
    assert str(cycle("6.1").publish_on) == "2027-01-01"
    job.took(3)


def test_request_publication(page: Page, product: Product) -> None:
    """The editor sees that a new cycle is a draft, and the link in the message asks."""
    editor = get_user_model()._default_manager.create_user("ann", is_staff=True)
    editor.groups.set([Group.objects.get(name=EDITOR)])
    job = Job(page, editor)
    job.start(form(product))
    job.link("Next cycle")
    job.button(SAVE)
    job.says("is a draft, which only editors see.")
    job.link("Request publication")
    job.button("Request publication")
    job.says("Publication of Django 6.2 is requested.")
    assert cycle("6.2").requested_on
    job.took(4)


# ---- two editors, and the history


def test_conflict(job: Job, product: Product) -> None:
    job.start(form(cycle()))
    other = cycle()
    other.eol, other.codename = None, "Fir"
    other.save()
    job.fill("eol", "2029-04-30")
    job.button(SAVE)
    job.says("Not saved")
    job.button(SAVE)
    job.says("was changed successfully")
    assert (dates()[2], cycle().codename) == ("2029-04-30", "Fir")
    job.took(4)


@pytest.fixture
def edited(product: Product) -> ReleaseCycle:
    """A cycle with two edits after it was added."""
    row = cycle()
    for codename in ("Fir", "Oak"):
        row.codename = codename
        row.save()
    return row


def test_revert(job: Job, edited: ReleaseCycle) -> None:
    job.start(form(edited))
    job.link("History")
    job.link("Revert", exact=False)
    job.button("Revert")
    job.says("Reverted the change of")
    assert cycle().codename == "Fir"
    job.took(3)


def test_go_back(job: Job, edited: ReleaseCycle) -> None:
    job.start(form(edited))
    job.link("History")
    job.click(job.page.get_by_role("link", name="Go back to this state").last)
    job.button("Go back")
    job.says("Restored the state of")
    assert cycle().codename == ""
    job.took(3)


def test_delete_and_restore(job: Job, edited: ReleaseCycle) -> None:
    job.start(form(edited))
    job.click(job.page.get_by_label("More ways to save, and delete"))
    job.link("Delete…")
    job.button("Delete")
    job.says("was deleted successfully")
    assert not ReleaseCycle.objects.filter(name="5.2").exists()
    job.link("Restore")
    job.button("Restore")
    job.says("Restored Django 5.2.")
    assert cycle().codename == "Oak"
    job.took(5)


# ---- files


@pytest.mark.parametrize("archive", [False, True])
def test_upload(job: Job, tmp_path: Path, archive: bool) -> None:
    path = write(tmp_path / "acme.md", file_cycle("1.0"))
    if archive:
        with ZipFile(tmp_path / "files.zip", "w") as files:
            files.write(path, "acme.md")
        path = tmp_path / "files.zip"
    job.start(changelist(Product))
    job.link("Upload files")
    job.page.locator("input[type=file]").set_input_files(path)
    job.actions += 1
    job.button("Compare")
    job.button("Import")
    job.says("Acme")
    assert Product.objects.get().name == "acme"
    job.took(4)


def test_accept_values(job: Job, tmp_path: Path) -> None:
    import_files(write(tmp_path / "acme.md", file_cycle("1.0", eol=True)))
    row = cycle("1.0")
    row.eol = False
    row.save()
    job.start("/admin/")
    job.link("Compare Acme")
    job.check(job.page.locator("input[name=take]"))
    job.button("Accept the ticked values")
    job.says("1 value was accepted.")
    assert cycle("1.0").eol is True
    job.took(3)


def test_export(job: Job, product: Product) -> None:
    job.start(changelist(Product))
    job.check(job.row("django"))
    job.choose("action", "export_files")
    with job.page.expect_download() as download:
        job.click(job.page.get_by_role("button", name="Go"))
    assert download.value.suggested_filename == "django.md"
    job.took(3)


# ---- users, names, places


def test_roles(job: Job) -> None:
    user = get_user_model()._default_manager.create_user("bob", password="a-long-pass-phrase")
    job.start(reverse("admin:auth_user_change", args=[user.pk]))
    job.check(job.page.get_by_label(EDITOR, exact=True))
    job.check(job.page.get_by_label("Staff status"))
    job.button(SAVE)
    job.says("was changed successfully")
    user.refresh_from_db()
    assert (user.is_staff, user.groups.get().name) == (True, EDITOR)
    job.took(4)


def test_rename(job: Job, product: Product) -> None:
    job.start(form(cycle()))
    job.fill("name", "5.2 LTS")
    job.button(SAVE)
    job.says("The old address /django/5.2/ stays")
    job.took(3)


def test_move(job: Job, product: Product) -> None:
    other = make_product("python")
    job.start(form(cycle()))
    job.click(job.page.get_by_role("combobox", name="Django"))
    job.type("pyth")
    job.click(job.page.get_by_role("option", name="Python"))
    job.button(SAVE)
    job.says("The old address /django/5.2/ stays")
    assert cycle().product == other
    job.took(4)


def test_search(job: Job, product: Product) -> None:
    job.start(changelist(ReleaseCycle))
    job.fill_labelled("Search release cycles", "djnago 5.2")
    job.press("Enter")
    job.link("Django 5.2")
    expect(job.page.locator("#id_name")).to_have_value("5.2")
    job.took(4)


def test_jump_to_a_cycle(job: Job, product: Product) -> None:
    job.start(form(product))
    job.click(job.page.get_by_text("Go to cycle"))
    job.type("5.2.19")
    job.press("Enter")
    expect(job.page.locator("#id_name")).to_have_value("5.2")
    job.took(3)


def test_copy_and_merge(job: Job, product: Product) -> None:
    """Merging the copy into its original gives its cycles up, and its address leads there."""
    job.start(form(product))
    job.click(job.page.get_by_label("More actions"))
    job.link("Copy")
    job.fill("label", "Djnago")
    job.button("Copy")
    job.says("is a draft")
    job.page.goto(form(product))
    job.click(job.page.get_by_label("More actions"))
    job.link("Merge")
    job.fill("other", "djnago")
    job.button("Preview")
    job.button("Merge Djnago")
    job.says("Djnago merged into Django.")
    assert (Product.objects.count(), product.cycles.count()) == (1, 3)
    job.took(11)


# ---- keyboard, phone, no JavaScript


def test_extend_by_keyboard(job: Job, product: Product) -> None:
    """The Tab key leads from the first date to the end of support; Enter saves."""
    job.start(form(cycle()))
    job.page.locator("#id_release").focus()
    while job.page.evaluate("document.activeElement.id") != "id_eol":
        job.page.keyboard.press("Tab")
        assert job.page.evaluate("document.activeElement.tagName") != "BODY"
    job.press("Control+a")
    job.type("2029-04-30")
    job.press("Enter")
    job.says("was changed successfully")
    assert dates()[2] == "2029-04-30"
    job.took(3)


def test_extend_on_a_phone(new_page: NewPage, product: Product) -> None:
    job = Job(new_page(width=375), get_user_model()._default_manager.create_superuser("manager"))
    job.start(form(cycle()))
    assert_fits(job.page, 375)
    job.fill("eol", "2029-04-30")
    job.button(SAVE)
    job.says("was changed successfully")
    assert dates()[2] == "2029-04-30"
    job.took(3)


def test_extend_without_javascript(plain_job: Job, product: Product) -> None:
    plain_job.start(form(cycle()))
    plain_job.fill("eol", "2029-04-30")
    plain_job.button(SAVE)
    plain_job.says("was changed successfully")
    assert dates()[2] == "2029-04-30"
    plain_job.took(3)


def test_new_cycle_without_javascript(plain_job: Job, product: Product) -> None:
    """The form of the product links to the form of a new cycle."""
    plain_job.start(form(product))
    plain_job.link("Add another release cycle")
    plain_job.fill("name", "7.0")
    plain_job.button(SAVE)
    plain_job.says("was added successfully")
    assert product.cycles.filter(name="7.0").exists()
    plain_job.took(4)


def test_note(job: Job, product: Product) -> None:
    note = make_note(product, title="Mind the gap")
    job.start(form(note))
    job.fill("text", "Read the **notes**.")
    job.button(SAVE)
    job.says("was changed successfully")
    job.took(3)
