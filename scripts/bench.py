"""Measure the site as it runs in production, on PostgreSQL, beside a bare Django view.

.venv/bin/python -m scripts.bench [load] [growth] [import]

Without arguments all three. `load`: requests a second and latencies by wrk, in turns with a second
application that has the same gunicorn settings and answers as many bytes from memory. `growth`:
the same page and the admin's lists with ten and a hundred times the catalogue. `import`: what
importing takes. A limit that is missed is said, not punished: machines differ.
"""

from __future__ import annotations

import os
import re
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
PARTS = ("load", "growth", "import")

ROUNDS, SECONDS, CLIENTS = 5, 3, 8
WARM, NOT_MODIFIED, GROWTH = 0.7, 0.85, 1.33
SIZES = (1, 10, 100)
HEADERS = {"Host": "localhost", "X-Forwarded-Proto": "https"}
# Each request asks for another day, so that no page was ever rendered; arguments: the first day.
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
    """Something to ask both applications for. `least` is the ratio to reach, 0 for none."""

    name: str
    path: str
    bare: str
    least: float
    headers: Mapping[str, str] = field(default_factory=dict)
    cold: bool = False


@dataclass(frozen=True)
class Rate:
    """What wrk says: requests a second, and latencies in ms."""

    rate: float
    p50: float
    p99: float


def main(parts: list[str]) -> int:
    if set(parts) - set(PARTS):
        sys.exit(__doc__)
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing (on Debian and Ubuntu: apt install wrk).")
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        folder = Path(name)
        prepare(folder, postgres.url)
        for part in parts or PARTS:
            {"load": load, "growth": growth, "import": imports}[part](folder, postgres.url)
    return 0


def prepare(folder: Path, url: str) -> None:
    """Settings and static files, and the base catalogue: the bundled one and a synthetic one."""
    write_catalogue(folder / "synthetic")
    set_environment(folder, url, workers=2)
    manage("import_products", "--verbosity=0", str(folder / "synthetic"))
    ask(url, "VACUUM ANALYZE")


# ---- load ---------------------------------------------------------------------------------------


def load(folder: Path, url: str) -> None:
    print(f"\n## Load: wrk, {CLIENTS} clients, {ROUNDS} times {SECONDS} s each in turn, medians\n")
    print("| what | bytes | site/s | bare/s | ratio | aim | p50 ms | bare | p99 ms | bare |")
    print("|---|---:|---:|---:|---:|---|---:|---:|---:|---:|", flush=True)
    (folder / "cold.lua").write_text(COLD)
    with ExitStack() as stack:
        site = stack.enter_context(serving(folder, "config.wsgi"))
        bare = stack.enter_context(serving(folder, "scripts.bare:application"))
        for case in cases(site):
            compare(case, site, bare, folder / "cold.lua")


def cases(site: int) -> Iterator[Case]:
    for name, path in PAGES.items():
        size = len(warmed(site, path))
        yield Case(name, path, f"/bytes/{size}", WARM)
    etag = fetch(site, "/")[0].headers["ETag"]
    yield Case("a 304 of /", "/", "/not-modified", NOT_MODIFIED, {"If-None-Match": etag})
    size = len(warmed(site, "/"))
    yield Case("/, cold", "/", f"/bytes/{size}", 0, cold=True)


def warmed(site: int, path: str) -> bytes:
    """The page, once each worker has it: every request is on a new connection."""
    return [fetch(site, path)[1] for _ in range(30)][-1]


def compare(case: Case, site: int, bare: int, script: Path) -> None:
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
    # Of neighbours in time: what else the machine does comes and goes.
    ratio = median(each.rate / other.rate for each, other in zip(ours, theirs, strict=True))
    aim = f">= {case.least} {'holds' if ratio >= case.least else 'MISSED'}" if case.least else ""
    size = case.bare.rpartition("/")[2]
    print(
        f"| {case.name} | {size if size.isdigit() else 0} | {rates[0]:,.0f} | {rates[1]:,.0f} |"
        f" {ratio:.2f} | {aim} | {p50[0]:.1f} | {p50[1]:.1f} | {p99[0]:.1f} | {p99[1]:.1f} |",
        flush=True,
    )


def wrk(
    port: int, path: str, headers: Mapping[str, str], *options: str, after: list[str] | None = None
) -> Rate:
    lines = [f"-H{name}: {value}" for name, value in (HEADERS | dict(headers)).items()]
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", *lines, *options]
    address = f"http://127.0.0.1:{port}{path}"
    said = subprocess.run(
        [*command, address, *(["--", *after] if after else [])],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"{said}\nThe measurement is spoilt; the lines above say why.")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return Rate(float(rate[1]) if rate else 0, latency(said, "50"), latency(said, "99"))


def latency(said: str, percent: str) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\n", said)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else 0


# ---- growth -------------------------------------------------------------------------------------


def growth(folder: Path, url: str) -> None:
    print("\n## Growth, one request at a time, medians in ms\n")
    print("| products | cycles | / warm | / cold | ratio | aim | " + " | ".join(CHANGELISTS) + " |")
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
        aim = f"<= {GROWTH} {'holds' if cold / base <= GROWTH else 'MISSED'}"
        cells = " | ".join(f"{each:.0f}" for each in lists)
        print(
            f"| {products:,} | {cycles:,} | {warm:.1f} | {cold:.0f} | {cold / base:.2f} |"
            f" {aim} | {cells} |",
            flush=True,
        )


@contextmanager
def enlarged(url: str, times: int) -> Iterator[str]:
    """The URL of a copy of the database in which the catalogue is so many times as large. It is
    that of all processes that are started meanwhile."""
    name = f"times_{times}"
    ask(url, f"CREATE DATABASE {name} TEMPLATE {url.rpartition('/')[2]}")
    os.environ["DATABASE_URL"] = f"{url.rpartition('/')[0]}/{name}"
    run(sys.executable, "-m", "scripts.synthetic", "multiply", str(times))
    yield os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = url
    ask(url, f"DROP DATABASE {name}")


def timed(site: int, path: str, **headers: str) -> float:
    began = time.perf_counter()
    answer, _ = fetch(site, path, **headers)
    if answer.status != 200:
        sys.exit(f"{path} answered {answer.status}.")
    return (time.perf_counter() - began) * 1000


# ---- import -------------------------------------------------------------------------------------


def imports(folder: Path, url: str) -> None:
    print("\n## Import on PostgreSQL, seconds of the whole process, start-up taken off\n")
    print("| what | seconds | aim |")
    print("|---|---:|---|", flush=True)
    start = min(lasted("check") for _ in range(3))
    catalogues = {"464 products, 8,351 cycles": (folder / "synthetic", 10.0)}
    if SHARED.is_dir():
        catalogues["60 products, 1,322 cycles"] = (SHARED, 2.0)
    for name, (source, most) in catalogues.items():
        manage("flush", "--noinput", "--verbosity=0")
        say(name, lasted("import_products", "--verbosity=0", str(source)) - start, most)
        again = min(lasted("import_products", "--verbosity=0", str(source)) for _ in range(3))
        say(f"{name}, unchanged", again - start, 0.5)


def say(name: str, seconds: float, most: float) -> None:
    holds = "holds" if seconds <= most else "MISSED"
    print(f"| {name} | {max(seconds, 0):.2f} | <= {most} {holds} |", flush=True)


def lasted(*arguments: str) -> float:
    began = time.perf_counter()
    manage(*arguments)
    return time.perf_counter() - began


# ---- processes ----------------------------------------------------------------------------------


def ask(url: str, statement: str) -> int:
    """The number that a statement answers with; 0 where it answers with none."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return int(cursor.fetchone()[0]) if cursor.description else 0


def fetch(port: int, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers=HEADERS | headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
