"""See before you save: the timeline follows what is typed, and nothing is kept of it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from releases.models import Product, ReleaseCycle
from releases.models.revision import Revision
from tests.browser.conftest import NewPage
from tests.browser.steps import log_in

pytestmark = pytest.mark.usefixtures("bundled")

PANEL = "#preview"


def open_cycle(page: Page, name: str) -> ReleaseCycle:
    cycle = ReleaseCycle.objects.get(product__name="django", name=name)
    page.goto(f"/admin/releases/releasecycle/{cycle.pk}/change/")
    return cycle


def bars(page: Page) -> Locator:
    """The drawing of the cycle that is edited."""
    return page.locator(f"{PANEL} tr.changed rect.bar")


def test_the_row_follows_what_is_typed(page: Page) -> None:
    """Dates, status and what looks odd change while somebody types; mistakes stand at their field,
    and go when they are mended. Nothing is saved."""
    log_in(page)
    cycle = open_cycle(page, "5.2")
    revision = Revision.objects.get().token
    panel = page.locator(PANEL)
    expect(panel).to_contain_text("until 30 Apr 2028")
    expect(bars(page)).to_have_count(0)
    page.get_by_label("Security support until").fill("2026-10")
    expect(panel).to_contain_text("End of life since Oct 2026")
    expect(bars(page)).to_have_count(2)
    expect(panel.locator(".doubts")).to_contain_text("Shorter support than the last")
    expect(panel.get_by_role("row", name="as it is saved")).to_contain_text("Security only")

    page.get_by_label("Security support until").fill("2024")
    problem = page.locator(".field-eol .errorlist")
    expect(problem).to_contain_text("is before the release (2 Apr 2025)")
    expect(page.get_by_label("Security support until")).to_have_attribute("aria-invalid", "true")
    expect(bars(page)).to_have_count(0)
    page.get_by_label("Security support until").fill("2028-05-31")
    expect(problem).to_have_count(0)
    expect(panel).to_contain_text("until 31 May 2028")
    assert Revision.objects.get().token == revision
    cycle.refresh_from_db()
    assert str(cycle.eol) == "30 Apr 2028"


def test_the_next_cycle_is_shown_before_a_key_is_pressed(page: Page) -> None:
    """A form that comes with a proposal shows it at once."""
    log_in(page)
    product = Product.objects.get(name="django")
    page.goto(f"/admin/releases/releasecycle/add/?product={product.pk}&after=")
    expect(page.locator(f"{PANEL} tr.changed")).to_contain_text("new")
    expect(page.locator(PANEL)).to_contain_text("Planned for")
    assert not product.cycles.filter(unconfirmed=True).exists()


def test_a_line_of_a_product(page: Page) -> None:
    """In a product's form a changed line shows among the rows of its page, and a new one on top."""
    log_in(page)
    product = Product.objects.get(name="django")
    page.goto(f"/admin/releases/product/{product.pk}/change/")
    before = page.locator(f"{PANEL} tbody tr").count()
    page.get_by_text("Add another Release cycle").click()
    line = product.cycles.count()
    page.locator(f"#id_cycles-{line}-name").fill("2099")
    page.locator(f"#id_cycles-{line}-release").fill("2031-01")
    expect(page.locator(f"{PANEL} tr.changed")).to_contain_text("2099")
    expect(page.locator(f"{PANEL} tbody tr")).to_have_count(before + 1)
    expect(page.locator(PANEL)).to_contain_text("No end of security support is given")
    page.locator(f"#cycles-{line} .inline-deletelink").click()
    expect(page.locator(f"{PANEL} tr.changed")).to_have_count(0)


def test_without_javascript_there_is_a_button(new_page: NewPage) -> None:
    """It shows the form with the preview and saves nothing; then saving does."""
    page = log_in(new_page(java_script_enabled=False))
    cycle = open_cycle(page, "5.2")
    page.get_by_label("Security support until").fill("2026-10")
    page.get_by_role("button", name="Preview").first.click()
    expect(page.locator(PANEL)).to_contain_text("End of life since Oct 2026")
    expect(page.get_by_label("Security support until")).to_have_value("2026-10")
    cycle.refresh_from_db()
    assert str(cycle.eol) == "30 Apr 2028"
    page.get_by_label("Security support until").fill("next summer")
    page.get_by_role("button", name="Preview").first.click()
    expect(page.locator(".field-eol .errorlist")).to_contain_text("is not a date such as")
    page.get_by_label("Security support until").fill("2026-10")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    cycle.refresh_from_db()
    assert str(cycle.eol) == "Oct 2026"


def test_the_enter_key_still_saves(page: Page) -> None:
    """The button of the preview is not the one that a form has for the enter key."""
    log_in(page)
    cycle = open_cycle(page, "5.2")
    page.get_by_label("Security support until").fill("2028-05")
    page.get_by_label("Security support until").press("Enter")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    cycle.refresh_from_db()
    assert str(cycle.eol) == "May 2028"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_anybody_can_use_it(new_page: NewPage, width: int, scheme: str) -> None:
    """The panel passes axe, and fits, on a phone and a desktop, in light and dark."""
    page = log_in(new_page(width=width, color_scheme=scheme, bypass_csp=True))
    open_cycle(page, "6.0")
    page.get_by_label("Security support until").fill("2026-09")
    expect(page.locator(".doubts")).to_be_visible()
    found = Axe().run(page, context=PANEL).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.locator(PANEL).evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_draft_is_seen_before_it_is_public(page: Page) -> None:
    """From the form of a draft to the page as it would be; the site does not have it."""
    log_in(page)
    cycle = open_cycle(page, "6.2")
    ReleaseCycle.objects.filter(pk=cycle.pk).update(draft=True)
    page.reload()
    expect(page.get_by_role("link", name="View on site")).to_have_count(0)
    page.get_by_role("link", name="Preview page").click()
    expect(page.locator(".what-if").first).to_contain_text("Nobody else sees 6.2 yet")
    expect(page.get_by_role("rowheader", name="6.2").first).to_be_visible()
    page.get_by_role("link", name="Back to editing").click()
    expect(page.get_by_role("heading", name="Change product")).to_be_visible()
    page.goto("/django/")
    expect(page.get_by_role("rowheader", name="6.2")).to_have_count(0)
