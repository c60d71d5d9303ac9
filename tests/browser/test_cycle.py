"""The lifeline of a release cycle in a browser: the shapes and places of its marks."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.timeline import Window
from releases.models import Release, ReleaseCycle
from tests.browser.conftest import NewPage
from tests.browser.steps import assert_fits, at_every_width

pytestmark = pytest.mark.usefixtures("bundled")

WINDOW = Window(date(2025, 1, 1), date(2029, 1, 1))
PIXEL = 1.0
MARKS = """marks => marks.map(mark => {
  const box = mark.getBoundingClientRect();
  return {
    name: mark.tagName, classes: [...mark.classList], fill: getComputedStyle(mark).fill,
    x: box.x + box.width / 2, left: box.left, right: box.right, top: box.top, bottom: box.bottom,
    width: box.width,
  };
})"""
SHAPES = {
    ReleaseKind.FINAL: ("circle", "first"),
    ReleaseKind.SECURITY: ("path", "security"),
    ReleaseKind.PATCH: ("circle", "patch"),
}


def marks_of(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.locator(".lane .dot").evaluate_all(MARKS)
    return found


def releases() -> list[Release]:
    cycle = ReleaseCycle.objects.get(product__name="django", name="5.2")
    return [each for each in cycle.releases.order_by("id") if each.date]


@pytest.mark.parametrize("width", [375, 1280])
def test_marks_match_the_kinds_and_dates_of_releases(new_page: NewPage, width: int) -> None:
    """A mark is exact to a pixel; its shape and its lane say the kind."""
    page = new_page(width=width)
    page.goto("/django/5.2/")
    lane = page.locator(".lane").bounding_box()
    assert lane
    found, recorded = marks_of(page), releases()
    assert len(found) == len(recorded) > 20
    for mark, release in zip(found, recorded, strict=True):
        assert release.date
        kind = ReleaseKind(release.kind)
        shape = SHAPES.get(kind, ("circle", "pre-release"))
        assert (mark["name"], mark["classes"][1]) == shape, release.version
        assert abs(mark["x"] - lane["x"] - WINDOW.fraction(release.date) * lane["width"]) < PIXEL
    lower = {mark["top"] for mark in found if "security" in mark["classes"]}
    upper = {mark["bottom"] for mark in found if "security" not in mark["classes"]}
    assert max(upper) < min(lower)


def test_kinds_of_marks_differ_in_shape_size_or_fill(page: Page) -> None:
    page.goto("/django/5.2/")
    looks = {
        mark["classes"][1]: (mark["name"], round(mark["width"]), mark["fill"])
        for mark in marks_of(page)
    }
    assert len(set(looks.values())) == len(looks) == 4
    assert looks["first"][1] > looks["patch"][1]


@pytest.mark.parametrize("width", [375, 833, 1280])
def test_marks_are_below_bars_and_labels(new_page: NewPage, width: int) -> None:
    page = new_page(width=width)
    page.goto("/django/5.2/")
    above = page.locator(".lane :is(.bar, .end, .labels text)").evaluate_all(MARKS)
    assert max(box["bottom"] for box in above if box["width"]) < min(
        mark["top"] for mark in marks_of(page)
    )


def test_marks_are_smaller_on_a_phone(new_page: NewPage) -> None:
    sizes = []
    for width in (375, 1280):
        page = new_page(width=width)
        page.goto("/django/5.2/")
        sizes.append(max(mark["width"] for mark in marks_of(page)))
    assert sizes[0] == pytest.approx(0.75 * sizes[1], abs=0.5)


def test_end_label_is_beside_the_bar(page: Page) -> None:
    """The lifeline is wide enough for it."""
    page.goto("/django/5.2/")
    (label,) = page.locator(".lane .end").evaluate_all(MARKS)
    (*_, bar) = page.locator(".lane rect.bar").evaluate_all(MARKS)
    lane = page.locator(".lane").bounding_box()
    assert lane
    assert bar["right"] < label["left"]
    assert label["right"] <= lane["x"] + lane["width"]


def test_page_fits_every_width(page: Page) -> None:
    for path in ("/django/5.2/", "/django/6.2/", "/ubuntu/14.04/", "/django/1.8/"):
        page.goto(path)
        for width in at_every_width(page):
            assert_fits(page, width)


def test_marks_are_seen_in_forced_colours(new_page: NewPage) -> None:
    """Rings are hollow, the other marks are filled."""
    page = new_page(forced_colors="active")
    page.goto("/django/5.2/")
    fills = {mark["classes"][1]: mark["fill"] for mark in marks_of(page)}
    assert fills["first"] == fills["security"] == fills["patch"] != fills["pre-release"]


def test_earlier_releases_are_folded(page: Page) -> None:
    page.goto("/django/5.2/")
    oldest = page.get_by_role("rowheader", name="5.2a1", exact=True)
    expect(oldest).to_be_hidden()
    page.get_by_text("15 earlier").click()
    expect(oldest).to_be_visible()


@pytest.mark.parametrize(("width", "size"), [(375, 44), (1280, 24)])
def test_targets_are_large_enough(new_page: NewPage, width: int, size: int) -> None:
    """Links within a sentence are no targets of their own."""
    page = new_page(width=width)
    page.goto("/django/5.2/")
    page.locator(".subscribe > summary").click()
    targets = page.locator(
        ".crumbs a, .actions :is(a, summary, button), .panel a, .dl dt a, .turns a,"
        " .as-data a, .fold > summary, .command button"
    )
    boxes = [box for each in targets.all() if (box := each.bounding_box())]
    assert len(boxes) > 12
    assert min(box["height"] for box in boxes) >= size
    assert min(box["width"] for box in boxes) >= size
