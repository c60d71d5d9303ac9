"""Live preview in the admin: the timeline follows the form, and nothing is saved."""

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

LOOK = """scope => {
  const look = (selector, ...names) => {
    const found = document.querySelector(`${scope} ${selector}`);
    const style = getComputedStyle(found);
    return names.map(name => style[name]);
  };
  return [
    look('.pill.security', 'color'),
    look('.bar.active', 'fill'),
    look('.bar.security', 'stroke'),
  ];
}"""
"""Returns the computed colours of a timeline."""


def open_cycle(page: Page, name: str) -> ReleaseCycle:
    cycle = ReleaseCycle.objects.get(product__name="django", name=name)
    page.goto(f"/admin/releases/releasecycle/{cycle.pk}/change/")
    return cycle


def bars(page: Page) -> Locator:
    """Return the bars of the edited cycle."""
    return page.locator(f"{PANEL} tr.changed rect.bar")


def test_preview_follows_the_form(page: Page) -> None:
    """Dates, status and warnings change while the user types.

    Errors are shown at their field until they are corrected, and nothing is saved.
    """
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
    expect(panel.get_by_role("row", name="as saved")).to_contain_text("Security only")

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


def test_next_cycle_is_previewed_immediately(page: Page) -> None:
    """The proposal is shown before any input."""
    log_in(page)
    product = Product.objects.get(name="django")
    page.goto(f"/admin/releases/releasecycle/add/?product={product.pk}&after=")
    expect(page.locator(f"{PANEL} tr.changed")).to_contain_text("new")
    expect(page.locator(PANEL)).to_contain_text("Planned for")
    assert not product.cycles.filter(unconfirmed=True).exists()


def test_inline_row_is_previewed(page: Page) -> None:
    """A new row appears at the top of the product's timeline."""
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


def test_preview_button_works_without_javascript(new_page: NewPage) -> None:
    """It shows the form with the preview and saves nothing."""
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


def test_enter_key_saves(page: Page) -> None:
    """The preview button is not the default button of the form."""
    log_in(page)
    cycle = open_cycle(page, "5.2")
    page.get_by_label("Security support until").fill("2028-05")
    page.get_by_label("Security support until").press("Enter")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    cycle.refresh_from_db()
    assert str(cycle.eol) == "May 2028"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_preview_is_accessible(new_page: NewPage, width: int, scheme: str) -> None:
    """It has no axe violations and no overflow on phone and desktop, in light and dark."""
    page = log_in(new_page(width=width, color_scheme=scheme, bypass_csp=True))
    open_cycle(page, "6.0")
    page.get_by_label("Security support until").fill("2026-09")
    expect(page.locator(".doubts")).to_be_visible()
    found = Axe().run(page, context=PANEL).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.locator(PANEL).evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_preview_looks_like_the_roadmap(new_page: NewPage, scheme: str) -> None:
    """Bars and statuses have the same colours."""
    page = log_in(new_page(color_scheme=scheme))
    page.goto("/?product=django")
    roadmap = page.evaluate(LOOK, "main .gantt:not(.axis)")
    open_cycle(page, "5.2")
    assert page.evaluate(LOOK, f"{PANEL} .mini") == roadmap


def test_draft_has_a_preview_page(page: Page) -> None:
    """The form of a draft links to the preview; the public page does not show the draft."""
    log_in(page)
    cycle = open_cycle(page, "6.2")
    ReleaseCycle.objects.filter(pk=cycle.pk).update(draft=True)
    page.reload()
    expect(page.get_by_role("link", name="View on site")).to_have_count(0)
    page.get_by_role("link", name="Preview page").click()
    expect(page.locator(PANEL)).to_contain_text("Nobody else sees 6.2 yet")
    expect(page.get_by_role("rowheader", name="6.2").first).to_be_visible()
    page.get_by_role("link", name="Back to editing").click()
    expect(page.get_by_role("heading", name="Django", level=1)).to_be_visible()
    page.goto("/django/")
    expect(page.get_by_role("rowheader", name="6.2")).to_have_count(0)
