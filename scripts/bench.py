"""Measure the site as it runs in production, on PostgreSQL, beside a bare Django view.

.venv/bin/python -m scripts.bench [load] [growth] [reminders] [import] [stack]

Without arguments, it runs all five measurements:

load: Requests per second and latencies, by wrk. A second application with the same gunicorn
    settings, which serves as many bytes from memory, is measured in alternation.
growth: Response times of the first page and of the admin's lists with 1, 10 and 100 times the
    catalogue.
reminders: Durations of passes for 10,000 subscriptions, on PostgreSQL and SQLite.
import: Durations of imports.
stack: Processor time of the stack check of a folder.

Missed limits are printed, but do not fail the run, because machines differ.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from statistics import median

import psycopg2

from scripts.postgres import server
from scripts.production import ROOT, manage, run, serving, set_environment
from scripts.synthetic import write_catalogue

SHARED = ROOT.parent / "shared" / "catalog" / "products"
STACK_FILES = 500

ROUNDS, SECONDS, CLIENTS = 5, 3, 8
WARM, NOT_MODIFIED, GROWTH = 0.7, 0.85, 1.33
SIZES = (1, 10, 100)
HEADERS = {"Host": "localhost", "X-Forwarded-Proto": "https"}
# Each request has another date, so that no page is in a cache; the argument is the first day.
COLD = """\
function init(arguments) day = tonumber(arguments[1]) end
function request()
  day = day + 1
  return wrk.format("GET", wrk.path .. "?on=" .. os.date("!%Y-%m-%d", day * 86400))
end
"""
LOGIN = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
user, _ = get_user_model().objects.get_or_create(username="b", is_superuser=True, is_staff=True)
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
"""
PAGES = {
    "/": "/",
    "/django/": "/django/",
    "/django/5.2/": "/django/5.2/",
    "a filtered view": "/?status=active&lts=1&sort=eol",
    "/roadmap.svg": "/roadmap.svg",
    "/roadmap.json": "/roadmap.json",
    "/api/v1/products/django": "/api/v1/products/django",
    "/api/v1/products/full": "/api/v1/products/full",
    "/api/django.json": "/api/django.json",
    "/calendar/django.ics": "/calendar/django.ics",
}
CHANGELISTS = ("/admin/releases/product/", "/admin/releases/releasecycle/")


@dataclass(frozen=True)
class Case:
    """A request to both applications. `min_ratio` is the ratio of rates to reach; 0 for none."""

    name: str
    path: str
    bare: str
    min_ratio: float
    headers: Mapping[str, str] = field(default_factory=dict)
    cold: bool = False


@dataclass(frozen=True)
class Rate:
    """The results of wrk: requests per second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


def main(parts: list[str]) -> int:
    """Run the named measurements, or all of them."""
    if set(parts) - MEASUREMENTS.keys():
        sys.exit(__doc__)
    parts = parts or list(MEASUREMENTS)
    if "load" in parts and shutil.which("wrk") is None:
        sys.exit("wrk is missing (on Debian and Ubuntu: apt install wrk).")
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        folder = Path(name)
        prepare(folder, postgres.url)
        for part in parts:
            MEASUREMENTS[part](folder, postgres.url)
    return 0


def prepare(folder: Path, url: str) -> None:
    """Set up production settings, static files, and the bundled and a synthetic catalogue."""
    write_catalogue(folder / "synthetic")
    set_environment(folder, url, workers=2)
    manage("import_products", "--verbosity=0", str(folder / "synthetic"))
    ask(url, "VACUUM ANALYZE")


# ---- load ---------------------------------------------------------------------------------------


def load(folder: Path, url: str) -> None:
    """Print rates and latencies of the site and of the bare application."""
    print(f"\n## Load: wrk, {CLIENTS} clients, {ROUNDS} times {SECONDS} s each in turn, medians\n")
    print("| page | bytes | site/s | bare/s | ratio | limit | p50 ms | bare | p99 ms | bare |")
    print("|---|---:|---:|---:|---:|---|---:|---:|---:|---:|", flush=True)
    (folder / "cold.lua").write_text(COLD)
    with ExitStack() as stack:
        site = stack.enter_context(serving(folder, "config.wsgi"))
        bare = stack.enter_context(serving(folder, "scripts.bare:application"))
        for case in cases(site):
            compare(case, site, bare, folder / "cold.lua")


def cases(site: int) -> Iterator[Case]:
    """Yield the requests to measure; the site runs on port `site`."""
    for name, path in PAGES.items():
        size = len(warmed(site, path))
        yield Case(name, path, f"/bytes/{size}", WARM)
    etag = fetch(site, "/")[0].headers["ETag"]
    yield Case("a 304 of /", "/", "/not-modified", NOT_MODIFIED, {"If-None-Match": etag})
    size = len(warmed(site, "/"))
    yield Case("/, cold", "/", f"/bytes/{size}", 0, cold=True)


def warmed(site: int, path: str) -> bytes:
    """Return a page after enough requests for each worker to have cached it."""
    return [fetch(site, path)[1] for _ in range(30)][-1]


def compare(case: Case, site: int, bare: int, script: Path) -> None:
    """Measure one request on both applications in alternation, and print the medians."""
    ours, theirs = [], []
    for turn in range(ROUNDS):
        first = [str(10_000 + 2_000 * turn)] if case.cold else []  # days since 1970
        ours.append(
            wrk(site, case.path, case.headers, *(["-s", str(script)] if first else []), after=first)
        )
        theirs.append(wrk(bare, case.bare, {}))
    rates = [median(each.rate for each in group) for group in (ours, theirs)]
    p50 = [median(each.p50 for each in group) for group in (ours, theirs)]
    p99 = [median(each.p99 for each in group) for group in (ours, theirs)]
    # Ratios of consecutive runs, because the load of the machine varies over time.
    ratio = median(each.rate / other.rate for each, other in zip(ours, theirs, strict=True))
    verdict = "holds" if ratio >= case.min_ratio else "MISSED"
    limit = f">= {case.min_ratio} {verdict}" if case.min_ratio else ""
    size = case.bare.rpartition("/")[2]
    print(
        f"| {case.name} | {size if size.isdigit() else 0} | {rates[0]:,.0f} | {rates[1]:,.0f} |"
        f" {ratio:.2f} | {limit} | {p50[0]:.1f} | {p50[1]:.1f} | {p99[0]:.1f} | {p99[1]:.1f} |",
        flush=True,
    )


def wrk(
    port: int, path: str, headers: Mapping[str, str], *options: str, after: list[str] | None = None
) -> Rate:
    """Run wrk once against a server on a port of this machine.

    Args:
        port: The port.
        path: The path and query to request.
        headers: Headers besides `HEADERS`.
        options: Options of wrk.
        after: Arguments of the Lua script.
    """
    lines = [f"-H{name}: {value}" for name, value in (HEADERS | dict(headers)).items()]
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", *lines, *options]
    url = f"http://127.0.0.1:{port}{path}"
    output = subprocess.run(
        [*command, url, *(["--", *after] if after else [])],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"{output}\nThe measurement failed; the lines above say why.")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    return Rate(float(rate[1]) if rate else 0, latency(output, "50"), latency(output, "99"))


def latency(output: str, percent: str) -> float:
    """Return a percentile of the latencies in the output of wrk, in milliseconds."""
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\n", output)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else 0


# ---- growth -------------------------------------------------------------------------------------


def growth(folder: Path, url: str) -> None:
    """Print response times for catalogues of several sizes."""
    print("\n## Growth, one request at a time, medians in ms\n")
    print(
        "| products | cycles | / warm | / cold | ratio | limit | " + " | ".join(CHANGELISTS) + " |"
    )
    print("|---:|---:|---:|---:|---:|---|---:|---:|", flush=True)
    cookie = manage("shell", "--verbosity=0", "--command", LOGIN).strip().splitlines()[-1]
    base = 0.0
    for times in SIZES:
        with enlarged(url, times) as large, serving(folder, "config.wsgi") as site:
            products, cycles = (
                ask(large, f"SELECT count(*) FROM releases_{table}")
                for table in ("product", "releasecycle")
            )
            warmed(site, "/")
            warm = median(timed(site, "/") for _ in range(50))
            cold = median(
                timed(site, f"/?on=2026-{day % 12 + 1:02}-{day + 1:02}") for day in range(25)
            )
            lists = [
                median(timed(site, path, Cookie=cookie) for _ in range(5)) for path in CHANGELISTS
            ]
        base = base or cold
        limit = f"<= {GROWTH} {'holds' if cold / base <= GROWTH else 'MISSED'}"
        cells = " | ".join(f"{each:.0f}" for each in lists)
        print(
            f"| {products:,} | {cycles:,} | {warm:.1f} | {cold:.0f} | {cold / base:.2f} |"
            f" {limit} | {cells} |",
            flush=True,
        )


@contextmanager
def enlarged(url: str, times: int) -> Iterator[str]:
    """Copy the database, and multiply the catalogue in the copy.

    Yields its URL, which is also in `DATABASE_URL` until the context ends.
    """
    name = f"times_{times}"
    ask(url, f"CREATE DATABASE {name} TEMPLATE {url.rpartition('/')[2]}")
    os.environ["DATABASE_URL"] = f"{url.rpartition('/')[0]}/{name}"
    run(sys.executable, "-m", "scripts.synthetic", "multiply", str(times))
    yield os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = url
    ask(url, f"DROP DATABASE {name}")


def timed(site: int, path: str, **headers: str) -> float:
    """Return the duration of one request in milliseconds."""
    began = time.perf_counter()
    response, _ = fetch(site, path, **headers)
    if response.status != 200:
        sys.exit(f"{path} responded with {response.status}.")
    return (time.perf_counter() - began) * 1000


# ---- reminders ----------------------------------------------------------------------------------


def reminders(folder: Path, url: str) -> None:
    """Print durations of passes of `scripts.bench_reminders`, on both databases."""
    print("\n## Reminders of 10,000 subscriptions to 1,000 views, seconds\n")
    print("`alone` is the baseline: the search for each subscription alone, from a sample.\n")
    print("| database | pass | seconds | limit | alone | ratio |")
    print("|---|---|---:|---|---:|---:|", flush=True)
    for database in (url, f"sqlite:///{folder / 'reminders.sqlite3'}"):
        os.environ["DATABASE_URL"] = database
        manage("migrate", "--verbosity=0")
        manage("import_products", "--verbosity=0", str(folder / "synthetic"))
        print(run(sys.executable, "-m", "scripts.bench_reminders"), end="", flush=True)
    os.environ["DATABASE_URL"] = url


# ---- import -------------------------------------------------------------------------------------


def imports(folder: Path, url: str) -> None:
    """Print durations of imports of new and of unchanged catalogues."""
    print("\n## Import on PostgreSQL, seconds per process, without its start\n")
    print("| catalogue | seconds | limit |")
    print("|---|---:|---|", flush=True)
    start = min(duration("check") for _ in range(3))
    catalogues = {"464 products, 8,351 cycles": (folder / "synthetic", 10.0)}
    if SHARED.is_dir():
        catalogues["60 products, 1,322 cycles"] = (SHARED, 2.0)
    for name, (source, most) in catalogues.items():
        manage("flush", "--noinput", "--verbosity=0")
        print_duration(
            name, duration("import_products", "--verbosity=0", str(source)) - start, most
        )
        again = min(duration("import_products", "--verbosity=0", str(source)) for _ in range(3))
        print_duration(f"{name}, unchanged", again - start, 0.5)


def print_duration(name: str, seconds: float, most: float) -> None:
    """Print a duration beside its limit, both in seconds."""
    holds = "holds" if seconds <= most else "MISSED"
    print(f"| {name} | {max(seconds, 0):.2f} | <= {most} {holds} |", flush=True)


def duration(*arguments: str) -> float:
    """Return the duration of a command of manage.py in seconds."""
    began = time.perf_counter()
    manage(*arguments)
    return time.perf_counter() - began


# ---- stack check --------------------------------------------------------------------------------


def stacks(folder: Path, url: str) -> None:
    """Print the processor time of the stack check of a folder with files of the corpus.

    `scripts.bench_stack` measures large files.
    """
    print("\n## Stack check, seconds of processor time, without the start of the process\n")
    print("| input | seconds | limit |")
    print("|---|---:|---|", flush=True)
    project = folder / "project"
    corpus = [each for each in (ROOT / "tests/stacks").rglob("*") if is_stack_file(each)]
    for number in range(STACK_FILES):
        source = corpus[number % len(corpus)]
        copy = project / str(number // len(corpus)) / source.relative_to(ROOT / "tests/stacks")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    start = min(processor_time("check") for _ in range(3))
    # The exit code is 2, as some files of the corpus are unreadable on purpose.
    check = min(processor_time("check_stack", str(project), check=False) for _ in range(3))
    print_duration(f"{STACK_FILES} files", check - start, 3.0)


def is_stack_file(path: Path) -> bool:
    """Return True for a file of the corpus that is checked."""
    return path.is_file() and path.name not in ("expect.toml", "README.md")


def processor_time(*arguments: str, check: bool = True) -> float:
    """Return the processor time of a command of manage.py in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    subprocess.run(command, check=check, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# ---- processes ----------------------------------------------------------------------------------


def ask(url: str, statement: str) -> int:
    """Execute an SQL statement, and return its first value, or 0 if it has no result."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return int(cursor.fetchone()[0]) if cursor.description else 0


def fetch(port: int, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    """Return the response to a GET request on a new connection, and its body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers=HEADERS | headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


MEASUREMENTS = {
    "load": load,
    "growth": growth,
    "reminders": reminders,
    "import": imports,
    "stack": stacks,
}


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
