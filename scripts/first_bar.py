"""The time until Chromium has painted the first bar of the roadmap, beside a bare table.

The time begins with the navigation, in a new browser context with an empty cache. It ends when the
browser's main thread has painted the first frame in which the element has a box: a task that such a
frame posts runs after the frame. Rasterising is not part of it. Chromium's first contentful paint
cannot be used, because it may show the header only; Element Timing does not know SVG.

Loads of both pages alternate, so that other load of the machine slows both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page, ViewportSize

SELECTORS = {"/": "td.time rect.bar", "/bare/": "td"}
"""The first element of interest by path; `scripts.bare_table` has the bare table."""

OBSERVE = """
window.painted = new Promise(resolve => {
  const frameEnd = new MessageChannel();
  frameEnd.port1.onmessage = () => resolve(performance.now());
  const look = () => {
    const element = document.querySelector("SELECTOR");
    if (element?.getBoundingClientRect().width) frameEnd.port2.postMessage(null);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
"""


def first_bars(
    browser: Browser, site: str, size: tuple[int, int], loads: int, *, cold: bool
) -> dict[str, float]:
    """Return the median times in ms by path.

    Args:
        browser: The browser; each load has a context of its own.
        site: The origin of the site, without a slash at its end.
        size: The viewport in CSS pixels.
        loads: The number of loads of each page.
        cold: Clear the caches of the server before each load; otherwise the page is in its cache.
    """
    times = defaultdict(list)
    for _ in range(loads):
        for path, selector in SELECTORS.items():
            fetch(f"{site}/forget/" if cold else f"{site}{path}")
            times[path].append(paint_time(browser, f"{site}{path}", selector, size))
    return {path: median(every) for path, every in times.items()}


def paint_time(browser: Browser, address: str, selector: str, size: tuple[int, int]) -> float:
    """Return the time in ms from the navigation until the first element is painted."""
    with new_page(browser, size, OBSERVE.replace("SELECTOR", selector)) as page:
        page.goto(address)
        return float(page.evaluate("painted"))


@contextmanager
def new_page(browser: Browser, size: tuple[int, int], script: str) -> Iterator[Page]:
    """Open a page in a new context, in which each document runs a script first."""
    context = browser.new_context(viewport=ViewportSize(width=size[0], height=size[1]))
    context.add_init_script(script)
    yield context.new_page()
    context.close()


def fetch(address: str) -> None:
    """Fetch a page, with the compression that a browser asks for."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip, deflate, br"})) as response:
        response.read()
