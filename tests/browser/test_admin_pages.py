"""Every admin page is accessible: no axe violations, no overflow, large targets, visible focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import Page, expect

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import (
    Message,
    MessagePurpose,
    Product,
    ReleaseCycle,
    Subscription,
    SubscriptionState,
    UpgradeNote,
)
from releases.services.imports.import_products import BUNDLED
from releases.services.reminders.outbox import add_message
from tests.browser.conftest import NewPage
from tests.browser.steps import PASSWORD, log_in, wait_for_htmx
from tests.browser.test_accessibility import violations
from tests.reminders import NOW, make_subscription

pytestmark = pytest.mark.usefixtures("bundled_with_notes")

Check = Callable[[str], None]


def django(name: str) -> ReleaseCycle:
    return ReleaseCycle.objects.get(product__name="django", name=name)


def form(row: Product | ReleaseCycle | UpgradeNote | Subscription, page: str = "change") -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_{page}", args=[row.pk])


def failing_subscription() -> Subscription:
    """Create a subscription that is paused, with a message that failed."""
    made = make_subscription(state=SubscriptionState.PAUSED, paused_because="No mailbox.")
    message = add_message(made, MessagePurpose.NEWS, NOW)
    Message.objects.filter(pk=message.pk).update(error="No mailbox.", next_attempt_at=None)
    return made


def edit(name: str, **values: str) -> None:
    """Change milestones of a Django cycle directly in the database."""
    cycle = django(name)
    for milestone, text in values.items():
        setattr(cycle, milestone, parse_milestone(text))
    cycle.save()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Product files: a changed product, a new one, and an unreadable one."""
    text = (BUNDLED / "django.md").read_text()
    texts = {
        "django": text.replace("eol: 2027-04-30", "eol: 2027-05-31").replace(
            "eol: 2028-04-30", "eol: 2028-06-30"
        ),
        "payroll": "---\ntitle: Payroll\nreleases: []\n---\n",
        "bad": "---\ntitle: Bad\nreleases: 3\n---\n",
    }
    for name, each in texts.items():
        (tmp_path / f"{name}.md").write_text(each)
    return [tmp_path / f"{name}.md" for name in texts]


def screens(page: Page, files: list[Path]) -> Iterator[str]:
    """Yield the name of each page while it is open."""
    page.goto("/admin/")
    yield "login"
    page.get_by_role("button", name="Log in").click()
    yield "login refused"
    make_attention_rows()
    failing_subscription()
    get_user_model()._default_manager.create_superuser("manager", password=PASSWORD)
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Account: manager")).to_be_visible()
    yield "desk"
    yield from lists(page)
    yield from forms(page)
    yield from many_rows(page)
    yield from history(page)
    yield from uploads(page, files)


def make_attention_rows() -> None:
    """Create a row for each list of the admin index, and a draft."""
    edit("5.2", eol="2029")
    edit("6.1", release="2026-10")
    ReleaseCycle.objects.filter(pk=django("6.1").pk).update(unconfirmed=True)
    ReleaseCycle.objects.filter(pk=django("6.2").pk).update(draft=True)


def lists(page: Page) -> Iterator[str]:
    words = ("category", "tag", "upload", "apitoken", "subscription")
    for model in ("product", "releasecycle", "upgradenote", *words):
        page.goto(reverse(f"admin:releases_{model}_changelist"))
        yield f"list of {model}"
    page.goto(f"{reverse('admin:releases_releasecycle_changelist')}?status=soon&q=nothing")
    yield "empty list"
    for model in ("user", "group"):
        page.goto(reverse(f"admin:auth_{model}_changelist"))
        yield f"list of {model}"


def forms(page: Page) -> Iterator[str]:
    product, cycle = Product.objects.get(name="django"), django("5.2")
    note = UpgradeNote.objects.all()[0]
    manager = get_user_model().objects.get(username="manager")
    for name, path in (
        ("product", form(product)),
        ("cycle", form(cycle)),
        ("note", form(note)),
        ("new product", reverse("admin:releases_product_add")),
        ("next cycle", f"{reverse('admin:releases_releasecycle_add')}?product={product.pk}&after="),
        ("new release", form(product, "new_release")),
        ("copy of a product", form(product, "copy")),
        ("copy of a cycle", form(cycle, "copy")),
        ("draft", form(django("6.2"))),
        ("request for publication", form(django("6.2"), "request")),
        ("unknown cycle", f"{form(product, 'find_cycle')}?cycle=99"),
        ("local edits", form(product, "local_edits")),
        ("preview of a draft", form(product, "preview")),
        ("new user", reverse("admin:auth_user_add")),
        ("user", reverse("admin:auth_user_change", args=[manager.pk])),
        ("password of a user", reverse("admin:auth_user_password_change", args=[manager.pk])),
        ("group", reverse("admin:auth_group_add")),
        ("new token", reverse("admin:releases_apitoken_add")),
        ("subscription", form(failing_subscription())),
        ("password", reverse("admin:password_change")),
    ):
        page.goto(path)
        yield f"form: {name}"
    page.goto(form(product, "merge"))
    page.get_by_label("Product to merge into it").fill("Python")
    page.get_by_role("button", name="Preview").click()
    yield "merge"
    page.goto(form(product, "new_release"))
    page.get_by_label("Version", exact=True).last.fill("6.2")
    page.get_by_role("button", name="Add release").last.click()
    yield "new release: question"
    page.goto(form(cycle))
    page.get_by_label("Security support until").fill("2026-09")
    expect(page.locator("#preview .doubts")).to_be_visible()
    yield "form: doubts"
    page.get_by_label("Active support until").fill("2027")
    page.get_by_role("button", name="Save", exact=True).first.click()
    yield "form: refused"
    page.goto(form(cycle))
    edit("5.2", eol="2028-06")
    page.get_by_label("Security support until").fill("2028-07")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    yield "form: conflict"


def many_rows(page: Page) -> Iterator[str]:
    """Yield the pages of bulk actions."""
    cycles = f"{reverse('admin:releases_releasecycle_changelist')}?q=django"
    products = reverse("admin:releases_product_changelist")
    for path, action in (
        (cycles, "delete_selected"),
        (cycles, "publish"),
        (products, "add_tags"),
        (cycles, "set_milestone"),
        (cycles, "end_on_a_date"),
        (cycles, "shift_plans"),
    ):
        page.goto(path)
        for box in page.locator("input[name=_selected_action]").all()[2:6]:
            box.check()
        page.locator("select[name=action]").first.select_option(action)
        page.get_by_role("button", name="Go").first.click()
        yield f"action: {action}"
    page.get_by_role("button", name="Preview").click()
    yield "action: effect"


def history(page: Page) -> Iterator[str]:
    product, cycle = Product.objects.get(name="django"), django("5.2")
    page.goto(form(cycle, "history"))
    yield "history"
    page.get_by_role("link", name="Revert").first.click()
    yield "history: revert"
    page.goto(form(product, "history"))
    yield "history of a product"
    page.goto(form(cycle, "delete"))
    yield "delete"
    page.get_by_label("Reason").fill("It was never released.")
    page.get_by_role("button", name="Delete").click()
    yield "deleted"
    Product.objects.get(name="python").delete()
    page.goto(reverse("admin:releases_product_deleted"))
    yield "list of deleted products"
    page.get_by_role("link", name="Restore").click()
    yield "history: restore"


def uploads(page: Page, files: list[Path]) -> Iterator[str]:
    page.goto(reverse("admin:releases_upload_add"))
    yield "upload"
    page.get_by_role("button", name="Compare").click()
    yield "upload: refused"
    page.get_by_label("Product files").set_input_files(files)
    page.get_by_role("button", name="Compare").click()
    yield "upload: preview"
    page.get_by_role("button", name="Discard upload").click()


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_every_page_is_accessible(
    new_page: NewPage, width: int, scheme: Literal["light", "dark"], files: list[Path]
) -> None:
    """There are no axe violations, only regions scroll sideways, and targets are large enough."""
    page = new_page(width=width, color_scheme=scheme)
    wrong = {}
    for screen in screens(page, files):
        wait_for_htmx(page)
        found = [*violations(page), *horizontal_overflow(page), *small_targets(page)]
        if found:
            wrong[screen] = found
    assert wrong == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_visible(new_page: NewPage, scheme: Literal["light", "dark"]) -> None:
    """Every element reached by the Tab key looks different when it is focused."""
    page = new_page(color_scheme=scheme)
    log_in(page, "manager")
    for path in (
        "/admin/",
        reverse("admin:releases_releasecycle_changelist"),
        form(django("5.2")),
        form(django("5.2"), "history"),
    ):
        page.goto(path)
        assert elements_without_visible_focus(page) == [], path


LOOKS = """() => {
  const field = document.activeElement;
  if (field === document.body) return "";  // behind the last one
  const looks = () => ["outlineStyle", "outlineWidth", "borderColor", "boxShadow",
    "backgroundColor", "textDecoration"].map((name) => getComputedStyle(field)[name]).join();
  const focused = looks();
  field.blur();
  const same = looks() === focused;
  field.focus();
  return same ? field.outerHTML.slice(0, 120) : "";
}"""


def elements_without_visible_focus(page: Page) -> list[str]:
    """Return those of the first forty elements in tab order that look the same when focused."""
    found = []
    for _ in range(40):
        page.keyboard.press("Tab")
        found.append(page.evaluate(LOOKS))
    return list(filter(None, found))


def horizontal_overflow(page: Page) -> list[str]:
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return ["The page scrolls sideways."] if wide else []


SMALL = """() => {
  const shown = [...document.querySelectorAll("a[href], button, input, select, summary")].filter(
    (each) => each.checkVisibility({ visibilityProperty: true }) && each.type !== "hidden");
  const box = (each) => (each.closest("label") || each).getBoundingClientRect();
  const boxes = shown.map(box);
  const middle = (rect) => [rect.x + rect.width / 2, rect.y + rect.height / 2];
  const near = ([x, y], rect) => Math.hypot(
    Math.max(rect.left - x, 0, x - rect.right), Math.max(rect.top - y, 0, y - rect.bottom)) < 12;
  const inline = (each) => each.tagName === "A" && each.closest("p, li, .help, .readonly, th, td")
    && getComputedStyle(each).display === "inline";
  return shown.filter((each, at) => {
    const rect = boxes[at];
    if ((rect.width >= 23.5 && rect.height >= 23.5) || rect.width < 2 || inline(each)) return false;
    return boxes.some((other, place) => place !== at && near(middle(rect), other));
  }).map((each) => each.outerHTML.slice(0, 120));
}"""
"""Targets below 24 by 24 pixels with another target within the circle around their centre.

Source: WCAG 2.5.8, which exempts links in a line of text.
"""


def small_targets(page: Page) -> list[str]:
    return [f"too small: {each}" for each in page.evaluate(SMALL)]
