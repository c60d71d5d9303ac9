"""Images in a browser, on their own and embedded in another site."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Window, draw
from releases.models import ReleaseCycle
from releases.presentation.image import plot_x
from releases.presentation.product import window_for
from tests.browser.conftest import NewPage
from tests.conftest import ON

pytestmark = pytest.mark.usefixtures("bundled")

DRAWN = """() => {
    const places = (selector) => [...document.querySelectorAll(selector)].map(each => {
        const box = each.getBBox();
        return [box.x, box.x + box.width];
    });
    const style = (selector) => getComputedStyle(document.querySelector(selector));
    return {
        rows: [...document.querySelectorAll('.row')].map(row =>
            [...row.querySelectorAll('rect.bar, line.dash[y1^="-"]')].map(bar => {
                const box = bar.getBBox();
                return [box.x, box.x + box.width];
            })),
        today: places('line.now'),
        page: style('.page').fill,
        active: style('.row:not(.planned, .ended) .bar.active').fill,
        sizes: [...document.querySelectorAll('text, tspan')]
            .map(each => parseFloat(getComputedStyle(each).fontSize)),
        status: places('.status').concat(places('.status + text')),
        labels: places('.tick-label'),
    };
}"""
COLOURS = {
    "light": ("rgb(255, 255, 255)", "rgb(20, 87, 168)"),
    "dark": ("rgb(16, 20, 24)", "rgb(132, 189, 247)"),
}


def drawn(page: Page, path: str) -> dict[str, Any]:
    page.goto(path)
    found: dict[str, Any] = page.evaluate(DRAWN)
    return found


def windows() -> dict[str, Window]:
    query = RoadmapQuery.parse({}, ON)
    cycles = list(ReleaseCycle.objects.filter(product__name="django"))
    return {"/roadmap.svg?product=django": query.window, "/django.svg": window_for(query, cycles)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/roadmap.svg?product=django", "/django.svg"])
def test_bars_match_their_dates(
    new_page: NewPage, path: str, scheme: Literal["light", "dark"]
) -> None:
    """They are exact to a pixel, in the colours of the preferred theme."""
    found = drawn(new_page(color_scheme=scheme), path)
    window = windows()[path]
    assert found["today"] == [[pytest.approx(plot_x(window.fraction(ON)), abs=1)] * 2]
    assert (found["page"], found["active"]) == COLOURS[scheme]
    visible = [
        "6.1",
        "6.0",
        "5.2",
        "6.2",
        *(["2028", "2029", "2030"] if "svg?" not in path else []),
    ]
    cycles = {cycle.name: cycle for cycle in ReleaseCycle.objects.filter(product__name="django")}
    expected = [
        [(plot_x(bar.x), plot_x(bar.end)) for bar in draw(cycles[name].lifecycle, window).bars]
        for name in (*visible, "4.2")
    ]
    assert [len(row) for row in found["rows"]] == [len(row) for row in expected]
    for row, places in zip(found["rows"], expected, strict=True):
        for ends, right in zip(row, places, strict=True):
            assert ends == pytest.approx(right, abs=1)


@pytest.mark.parametrize(
    "path", ["/roadmap.svg", "/roadmap.svg?from=2026-06&to=2027-08", "/roadmap.svg?on=2027-02-01"]
)
def test_texts_do_not_overlap(page: Page, path: str) -> None:
    """No text is smaller than 12 px, runs into the bars or another label, or leaves the image."""
    found = drawn(page, path)
    assert min(found["sizes"]) >= 12
    assert max(end for _, end in found["status"]) <= plot_x(0)
    ends = found["labels"]
    assert all(end < start for (_, end), (start, _) in pairwise(ends))
    assert ends[-1][1] <= 960


@pytest.fixture
def other_site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A server of another origin: the folder of its pages and its URL."""

    class Pages(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(tmp_path))

        def log_message(self, *args: Any) -> None:
            """Do nothing, to keep the output of the tests clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_image_is_embedded_in_another_site(
    page: Page, live_server: LiveServer, other_site: tuple[Path, str]
) -> None:
    """A page of another origin shows it as an image and in a frame, and fetches the JSON."""
    folder, site = other_site
    icon, source = '<link rel="icon" href="data:,">', f'src="{live_server.url}/django.svg"'
    (folder / "page.html").write_text(f"{icon}<img {source}><iframe {source}></iframe>")
    page.goto(f"{site}/page.html")
    assert page.locator("img").evaluate("image => image.naturalWidth") == 960
    assert page.frame_locator("iframe").locator("rect.bar").count() > 5
    address = f"{live_server.url}/roadmap.json"
    data = page.evaluate("async address => (await fetch(address)).json()", address)
    assert data["problems"] == []
