"""Files in the admin: previewed uploads, local edits and exports."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zipfile import ZipFile

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product, ReleaseCycle
from releases.services.imports.import_products import BUNDLED
from tests.browser.conftest import NewPage
from tests.browser.steps import log_in

pytestmark = pytest.mark.usefixtures("bundled")


@pytest.fixture
def manager(page: Page) -> Page:
    return log_in(page, "manager")


@pytest.fixture
def plain_manager(new_page: NewPage) -> Page:
    """The same without JavaScript, on a phone."""
    return log_in(new_page(width=375, java_script_enabled=False), "manager")


def django(name: str) -> ReleaseCycle:
    return ReleaseCycle.objects.get(product__name="django", name=name)


def edit(name: str, eol: str) -> None:
    row = django(name)
    row.eol = parse_milestone(eol)
    row.save()


@pytest.fixture
def changed_file(tmp_path: Path) -> Path:
    """The file of Django with two changed dates."""
    text = (BUNDLED / "django.md").read_text()
    for before, after in (
        ("eol: 2028-04-30", "eol: 2028-06-30"),
        ("eol: 2027-04-30", "eol: 2027-05-31"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    path = tmp_path / "django.md"
    path.write_text(text)
    return path


def upload(page: Page, *paths: Path) -> None:
    page.goto("/admin/releases/product/")
    page.get_by_role("link", name="Upload files").click()
    page.get_by_label("Product files").set_input_files(list(paths))
    page.get_by_role("button", name="Compare").click()
    # `click` returns when navigation begins, but axe needs the complete page.
    page.wait_for_load_state()


def test_changed_file_is_previewed_and_imported(manager: Page, changed_file: Path) -> None:
    """Local edits are shown next to the new values, and nothing is written before confirmation."""
    edit("5.2", "2029")
    upload(manager, changed_file)
    changes = manager.get_by_role("table", name="Changes of django")
    expect(changes.get_by_role("row")).to_have_count(2)
    expect(changes).to_contain_text("31 May 2027")
    stays = manager.get_by_role("table", name="Local edits of django")
    row = stays.get_by_role("row").nth(1)
    expect(row).to_contain_text("2029")
    expect(row).to_contain_text("30 Jun 2028")
    assert str(django("6.0").eol) == "30 Apr 2027"
    row.get_by_role("checkbox").check()
    manager.get_by_role("button", name="Import").click()
    expect(manager.get_by_text("Imported: django.")).to_be_visible()
    assert (str(django("5.2").eol), str(django("6.0").eol)) == ("30 Jun 2028", "31 May 2027")
    manager.goto("/django/5.2/")
    expect(manager.get_by_text("30 Jun 2028").first).to_be_visible()


def test_archive_is_imported_without_javascript(
    plain_manager: Page, changed_file: Path, tmp_path: Path
) -> None:
    """One of its products is deselected."""
    archive = tmp_path / "all.zip"
    with ZipFile(archive, "w") as files:
        files.write(changed_file, "products/django.md")
        files.writestr("products/new.md", "---\ntitle: New\nreleases: []\n---\n")
        files.writestr("products/bad.md", "---\ntitle: Bad\nreleases: 3\n---\n")
    upload(plain_manager, archive)
    expect(plain_manager.get_by_text("1 created, 1 updated, 1 failed.")).to_be_visible()
    expect(plain_manager.get_by_text("releases: Expected a list")).to_be_visible()
    plain_manager.get_by_role("checkbox", name="django").uncheck()
    plain_manager.get_by_label("Import new products and cycles as drafts").check()
    plain_manager.get_by_role("button", name="Import").click()
    expect(plain_manager.get_by_text("Imported: new.")).to_be_visible()
    assert Product.objects.get(name="new").draft
    assert str(django("6.0").eol) == "30 Apr 2027"


def test_unreadable_file_is_reported_at_the_field(manager: Page, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_text("no archive")
    upload(manager, path)
    problem = manager.locator(".form-row .errorlist")
    expect(problem).to_have_text("x.zip: It is no zip archive, or a broken one.")


def test_one_of_two_local_edits_is_replaced_by_the_source(manager: Page) -> None:
    """The form of the product links to the comparison."""
    edit("5.2", "2029")
    edit("6.0", "2030")
    manager.goto(f"/admin/releases/product/{Product.objects.get(name='django').pk}/change/")
    manager.get_by_role("heading", name="Source").click()
    manager.get_by_role("link", name="2 local edits").click()
    manager.get_by_label("Accept Security support until of 5.2").check()
    manager.get_by_label("Reason").fill("They were right.")
    manager.get_by_role("button", name="Accept").click()
    expect(manager.get_by_text("1 value was accepted.")).to_be_visible()
    assert (str(django("5.2").eol), str(django("6.0").eol)) == ("30 Apr 2028", "2030")
    rows = manager.get_by_role("table", name="Local edits").get_by_role("row")
    expect(rows).to_have_count(2)


def test_selection_is_exported_as_an_archive(manager: Page, tmp_path: Path) -> None:
    """It contains a file per product."""
    manager.goto("/admin/releases/product/")
    for name in ("django", "python"):
        key = Product.objects.get(name=name).pk
        manager.locator(f"input[name=_selected_action][value='{key}']").check()
    manager.locator("select[name=action]").select_option(label="Export as product files")
    with manager.expect_download() as begun:
        manager.get_by_role("button", name="Go").click()
    assert begun.value.suggested_filename == "products.zip"
    begun.value.save_as(tmp_path / "products.zip")
    with ZipFile(tmp_path / "products.zip") as archive:
        assert archive.namelist() == ["django.md", "python.md"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_pages_fit_and_have_no_violations(
    new_page: NewPage,
    width: int,
    scheme: Literal["light", "dark"],
    changed_file: Path,
    tmp_path: Path,
) -> None:
    page = log_in(new_page(width=width, color_scheme=scheme), "manager")
    edit("5.2", "2029")
    new, bad = tmp_path / "new.md", tmp_path / "bad.md"
    new.write_text("---\ntitle: New\nreleases: []\n---\n")
    bad.write_text("---\ntitle: Bad\nreleases: 3\n---\n")
    page.goto("/admin/releases/upload/add/")
    assert_accessible(page, width)
    upload(page, changed_file, new, bad)
    assert_accessible(page, width)
    page.goto(f"/admin/releases/product/{Product.objects.get(name='django').pk}/kept/")
    assert_accessible(page, width)


def assert_accessible(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # axe would fetch imported style sheets itself, which the policy forbids.
    found = Axe().run(page, options={"preload": False})
    assert [each["id"] for each in found.response["violations"]] == [], page.url
