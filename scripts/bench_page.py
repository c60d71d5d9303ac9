"""Measure the first page: bytes, layout shift and first bar in Chromium, CPU time of rendering.

.venv/bin/python -m scripts.bench_page [--profile]

Database, static files and settings are in a temporary folder. Missed limits are printed, but do not
fail the run, because machines differ.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.template.backends.django import Template
from django.test import Client
from playwright.sync_api import Browser, Page, Route, sync_playwright

from scripts.first_bar import first_bars, new_page
from scripts.production import (
    CHROMIUM,
    CHROMIUM_ARGUMENTS,
    ROOT,
    manage,
    serving,
    set_environment,
)

CATALOGUE = ROOT.parent / "shared" / "catalog" / "products"
SIZES = {"desktop": (1280, 900), "phone": (375, 812)}
STEADY = ("/", "/django/")  # pages without layout shift
LOADS, SHIFTS, FIRST_BARS, RENDERS, TIMES = 5, 3, 15, 15, 10
BYTES, HTML_BYTES, TASK_MS, RENDER_MS, GROWTH = 100 * 1024, 20 * 1024, 50, 60, 1.33
FIRST_BAR = 1.2  # times a bare table
FONTS, FONT_DELAY = "**/*.woff2", 0.6  # seconds

# A second database for the larger catalogue, no redirect to HTTPS, and the bare table.
SETTINGS = """
DATABASES["large"] = DATABASES["default"] | {"NAME": str(Path(__file__).parent / "large.sqlite3")}
SECURE_SSL_REDIRECT = False
ROOT_URLCONF = "scripts.bare_table"
"""
OBSERVE = """
window.seen = {shift: 0, task: 0};
new PerformanceObserver(list => list.getEntries().forEach(each => {
  if (!each.hadRecentInput) seen.shift += each.value;
})).observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(each => {
  seen.task = Math.max(seen.task, each.duration);
})).observe({type: "longtask", buffered: true});
"""
# Headless Chromium does not request the icon, as other browsers do.
FETCH_ICON = (
    "() => fetch(document.querySelector('link[rel=icon]').href).then(answer => answer.text())"
)


def main(options: list[str]) -> int:
    """Run the measurements, or profile one render with `--profile`."""
    if set(options) - {"--profile"}:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        if "--profile" in options:
            profile()
            return 0
        with serving(folder) as port, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            in_browser(browser, f"http://127.0.0.1:{port}")
            browser.close()
        on_server(folder)
    return 0


def prepare(folder: Path) -> None:
    """Set up Django, the database with the catalogue, and the static files."""
    sys.path.insert(0, str(folder))
    set_environment(folder, f"sqlite:///{folder / 'small.sqlite3'}", workers=1, settings=SETTINGS)
    if CATALOGUE.is_dir():
        manage("import_products", "--verbosity=0", str(CATALOGUE))
    else:
        print(f"{CATALOGUE} is missing: only the bundled products are measured.")
    django.setup()


def say(what: str, value: str, limit: str = "", *, holds: bool = True) -> None:
    """Print a value, and its limit, if it has one."""
    verdict = ("holds" if holds else "MISSED") if limit else ""
    print(f"{what:<44} {value:>14}  {limit:<12} {verdict}".rstrip(), flush=True)


# ---- in the browser -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """One load of the page with an empty cache.

    Attributes:
        files: Transferred bytes by URL, including headers.
        encodings: Content encodings by URL.
        shift: The sum of layout shifts.
        task: The longest task of any kind (layout, style, ...) in ms; Chromium reports those above
            50 ms only.
        script: The duration of all scripts in ms.
    """

    files: dict[str, int]
    encodings: dict[str, str]
    shift: float
    task: float
    script: float


def in_browser(browser: Browser, site: str) -> None:
    """Print sizes and durations of loads of pages in Chromium."""
    loads = {
        name: [load(browser, f"{site}/", size) for _ in range(LOADS)]
        for name, size in SIZES.items()
    }
    print(f"\nThe first page in Chromium {browser.version}, empty cache\n")
    print_bytes(loads["desktop"][0])
    for name, every in loads.items():
        # The median, because other processes of the machine delay some loads.
        for what, times in {
            "all scripts": [each.script for each in every],
            "longest task (0: below 50)": [each.task for each in every],
        }.items():
            value, worst = median(times), max(times)
            fits = value <= TASK_MS
            say(f"{what}, ms, {name}", f"{value:.0f}", f"<= {TASK_MS}", holds=fits)
            say(f"  worst of {LOADS}", f"{worst:.0f}")
    print_shifts(browser, site)
    print_first_bars(browser, site)


def print_bytes(first: Load) -> None:
    """Print the transferred bytes of a first visit, including the font and the icon."""
    total = sum(first.files.values())
    say("transferred, bytes", f"{total:,}", f"<= {BYTES:,}", holds=total <= BYTES)
    for url, size in first.files.items():
        path = urlsplit(url).path
        limit = f"<= {HTML_BYTES:,}" if path == "/" else ""
        name = f"  {path} ({first.encodings.get(url) or 'not compressed'})"
        say(name, f"{size:,}", limit, holds=size <= HTML_BYTES)
    say("requests, including the icon", str(len(first.files)))


def print_shifts(browser: Browser, site: str) -> None:
    """Print the layout shift of pages, with fonts in time and with late ones."""
    for path in STEADY:
        for name, size in SIZES.items():
            for delay, words in {0.0: "", FONT_DELAY: ", late font"}.items():
                every = [load(browser, site + path, size, delay).shift for _ in range(SHIFTS)]
                what = f"layout shift, {path}, {name}{words}"
                say(what, f"{max(every):.4f}", "0", holds=max(every) == 0)


def print_first_bars(browser: Browser, site: str) -> None:
    """Print the time to the first bar as a multiple of that of the bare table."""
    for name, size in SIZES.items():
        for cold, words in {False: "page cache", True: "cold server"}.items():
            times = first_bars(browser, site, size, FIRST_BARS, cold=cold)
            ratio = times["/"] / times["/bare/"]
            say(f"first bar, ms, {name}, {words}", f"{times['/']:.0f}")
            say("  bare table", f"{times['/bare/']:.0f}")
            # A cold server also has to compute the bars; its own limit is RENDER_MS.
            limit = "" if cold else f"<= {FIRST_BAR}"
            say("  multiple of it", f"{ratio:.2f}", limit, holds=ratio <= FIRST_BAR)


def load(browser: Browser, address: str, size: tuple[int, int], font_delay: float = 0) -> Load:
    """Load a page in a new browser context, with fonts that are `font_delay` seconds late."""
    with new_page(browser, size, OBSERVE) as page:
        if font_delay:
            page.route(FONTS, lambda route: answer_late(route, font_delay))
        return observed(page, address)


def answer_late(route: Route, seconds: float) -> None:
    """Let a request go on after a delay."""
    time.sleep(seconds)
    route.continue_()


def observed(page: Page, address: str) -> Load:
    """Load a page that runs `OBSERVE`, and wait until nothing happens."""
    session = page.context.new_cdp_session(page)
    urls: dict[str, str] = {}
    files: dict[str, int] = defaultdict(int)
    encodings: dict[str, str] = {}

    def received(event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        if event["response"]["url"].startswith("data:"):
            return  # an image that is embedded in the style sheet
        urls[event["requestId"]] = event["response"]["url"]
        encodings[event["response"]["url"]] = headers.get("content-encoding", "")

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] in urls:
            files[urls[event["requestId"]]] += int(event["encodedDataLength"])

    session.on("Network.responseReceived", received)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    session.send("Performance.enable")
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(500)  # late layout shifts count, too
    seen = page.evaluate("seen")
    metrics = session.send("Performance.getMetrics")["metrics"]
    script = next(each["value"] for each in metrics if each["name"] == "ScriptDuration")
    page.evaluate(FETCH_ICON)
    page.wait_for_timeout(100)
    return Load(dict(files), encodings, seen["shift"], seen["task"], script * 1000)


# ---- on the server ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Render:
    """The parts of one render in ms of CPU time, which other processes hardly affect.

    Attributes:
        sql: The time in the database.
        before: Python before the template.
        template: The template.
        rest: Python after the template, mostly compression.
        wall: Elapsed time.
        queries: The number of queries.
        html: The size of the page in bytes.
        sent: Its compressed size in bytes.
    """

    sql: float
    before: float
    template: float
    rest: float
    wall: float
    queries: int
    html: int
    sent: int

    @property
    def total(self) -> float:
        return self.sql + self.before + self.template + self.rest


def on_server(folder: Path) -> None:
    """Print CPU times of renders with two sizes of the catalogue and of a baseline."""
    shutil.copy(folder / "small.sqlite3", folder / "large.sqlite3")
    grow(TIMES)
    small, large = connections["default"], connections["large"]
    rendered: dict[str, list[Render]] = {"small": [], "large": []}
    plain: list[float] = []
    keys, client = keys_on_page(), new_client()
    for turn in range(RENDERS + 1):
        for name, connection in {"small": small, "large": large}.items():
            connections["default"] = connection
            rendered[name].append(render(client))
        connections["default"] = small
        plain.append(baseline(keys))
        if not turn:  # the first render compiles the templates
            first = rendered["small"][0].total
            rendered["small"].clear()
            rendered["large"].clear()
            plain.clear()
    report(rendered["small"], rendered["large"], median(plain), first)


def report(small: list[Render], large: list[Render], plain: float, first: float) -> None:
    """Print medians of renders; `plain` and `first` are baseline and first render in ms."""

    def of(renders: list[Render], name: str) -> float:
        return float(median(getattr(each, name) for each in renders))

    print(f"\nA cold render of / on the server, ms of CPU, median of {RENDERS}")
    print("(x: multiple of the baseline, which reads the same cycles with values() and dumps JSON)")
    print(f"\n{'':<30}{'catalogue':>10}{'x':>8}{f'{TIMES} times it':>14}{'x':>8}{'ratio':>8}")
    for name in ("sql", "before", "template", "rest", "total"):
        one, ten = of(small, name), of(large, name)
        words = {"before": "Python before the template", "rest": "middleware, gzip"}
        cells = f"{one:>10.1f}{one / plain:>8.1f}{ten:>14.1f}{ten / plain:>8.1f}{ten / one:>8.2f}"
        print(f"{words.get(name, name):<30}{cells}")
    for name in ("wall", "queries", "html", "sent"):
        words = {"wall": "elapsed time", "html": "HTML, bytes", "sent": "gzipped HTML, bytes"}
        print(f"{words.get(name, name):<30}{of(small, name):>10,.0f}{of(large, name):>22,.0f}")
    print(f"{'baseline':<30}{plain:>10.1f}\n{'first render of a process':<30}{first:>10.1f}\n")
    total, growth = of(small, "total"), of(large, "total") / of(small, "total")
    share = of(small, "template") / total
    say("cold render, ms", f"{total:.1f}", f"<= {RENDER_MS}", holds=total <= RENDER_MS)
    say("the template's share of it", f"{share:.0%}", "<= 50%", holds=share <= 0.5)
    say(f"{TIMES} times the catalogue", f"{growth:.2f}", f"<= {GROWTH}", holds=growth <= GROWTH)


class Stopwatch:
    """Measures the time in the database, and when the template starts and ends."""

    def __init__(self) -> None:
        self.sql = 0.0
        self.queries = 0
        self.html = ""
        # CPU time, and the time in the database until then.
        self.began = self.ended = (0.0, 0.0)
        self.whole = Template.render

    def now(self) -> tuple[float, float]:
        return time.thread_time(), self.sql

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            start = time.thread_time()
            try:
                return call(*arguments)
            finally:
                self.sql += time.thread_time() - start

        return run

    def query(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Execute a query. This is a wrapper for `connection.execute_wrapper`."""
        self.queries += 1
        cursor = arguments[-1]["cursor"]
        for name in ("fetchone", "fetchmany", "fetchall"):  # SQLite computes rows as they are read
            setattr(cursor, name, self.timed(getattr(cursor, name)))
        return self.timed(execute)(*arguments)

    def template(self, template: Template, *arguments: Any, **named: Any) -> Any:
        self.began = self.now()
        self.html = self.whole(template, *arguments, **named)
        self.ended = self.now()
        return self.html


def render(client: Client) -> Render:
    """Render the page in this process, with only the cache of compiled templates filled."""
    clear_caches()
    watch = Stopwatch()

    def template(*arguments: Any, **named: Any) -> Any:
        return watch.template(*arguments, **named)

    with ExitStack() as stack:
        stack.enter_context(connections["default"].execute_wrapper(watch.query))
        stack.enter_context(mock.patch.object(Template, "render", template))
        clock, start = time.perf_counter(), watch.now()
        response = client.get("/")
        end, seconds = watch.now(), time.perf_counter() - clock
    if response.status_code != 200 or not watch.html:
        sys.exit(f"/ responded with {response.status_code}, or without a template.")

    def python(since: tuple[float, float], until: tuple[float, float]) -> float:
        return (until[0] - since[0] - (until[1] - since[1])) * 1000

    return Render(
        sql=watch.sql * 1000,
        before=python(start, watch.began),
        template=python(watch.began, watch.ended),
        rest=python(watch.ended, end),
        wall=seconds * 1000,
        queries=watch.queries,
        html=len(watch.html.encode()),
        sent=len(response.content),
    )


def new_client() -> Client:
    """Return the client of all renders; its first request loads the middleware."""
    return Client(SERVER_NAME="localhost", headers={"accept-encoding": "gzip"})


def clear_caches() -> None:
    """Clear Django's caches, the page cache, and the caches of functions of the project.

    The markup of bars stays, like compiled templates, because it does not depend on the database.
    """
    from releases.web.page_cache import pages  # noqa: PLC0415 - Django is set up first

    pages.clear()
    for alias in settings.CACHES:
        caches[alias].clear()
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "releases" and name != "releases.presentation.drawing":
            for value in list(vars(module).values()):
                if callable(clear := getattr(value, "cache_clear", None)):
                    clear()


def keys_on_page() -> list[int]:
    """Return the keys of the cycles on the page."""
    from releases import selectors  # noqa: PLC0415 - Django is set up first
    from releases.domain.roadmap.query import RoadmapQuery  # noqa: PLC0415
    from releases.web import clock  # noqa: PLC0415 - Django is set up first

    found = selectors.roadmap(RoadmapQuery.parse({}, clock.today()))
    return [cycle.pk for _, cycle in found.cycles]


def baseline(keys: list[int]) -> float:
    """Return the CPU time in ms of reading the rows of the page and dumping them as JSON."""
    from releases.models import ReleaseCycle  # noqa: PLC0415

    start = time.thread_time()
    rows = ReleaseCycle.objects.filter(pk__in=keys).order_by("pk")
    json.dumps(list(rows.values()), default=str)
    return (time.thread_time() - start) * 1000


def grow(times: int) -> None:
    """Multiply the catalogue in the large database."""
    from scripts.synthetic import multiply  # noqa: PLC0415 - Django is set up first

    small = connections["default"]
    connections["default"] = connections["large"]
    multiply(times)
    connections["default"] = small


def profile() -> None:
    """Print the 25 functions with the most time in one cold render."""
    client = new_client()
    render(client)
    clear_caches()
    profiler = cProfile.Profile()
    profiler.runcall(client.get, "/")
    pstats.Stats(profiler).strip_dirs().sort_stats("cumulative").print_stats(25)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
