"""Deployment from a git checkout to a running site, step by step as on Heroku."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import psutil
import pytest

from scripts.postgres import server as postgres_server
from scripts.pythons import find_python, make_environment
from tests.deploy.load import load
from tests.deploy.servers import (
    HOST,
    PROCESSES,
    ROOT,
    Page,
    Server,
    Visitor,
    copy_project,
    serve,
    start_server,
)

pytestmark = pytest.mark.deploy

PAGES = ("/", "/django/", "/django/5.2/", "/products/", "/calendar/", "/admin/login/")
MEMORY = 512 << 20
"""Bytes of memory of a basic dyno."""
CONNECTIONS = 20
"""The connection limit of the smallest database plan."""


@dataclass(frozen=True)
class Slug:
    """A built site: its folder and the config vars."""

    folder: Path
    settings: dict[str, str]

    def run(self, command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env={**self.settings, **more},
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


def build_environment(programs: Path) -> dict[str, str]:
    """Return the complete environment of a build."""
    return {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": os.environ["HOME"], "LANG": "C"}


def honcho_command(process: str) -> list[str]:
    return [sys.executable, "-m", "honcho", "start", process]


@pytest.fixture(scope="module")
def slug(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slug]:
    base = tmp_path_factory.mktemp("heroku")
    folder = copy_project(base / "app")
    version = (folder / "runtime.txt").read_text().strip().removeprefix("python-")
    python = find_python(version) or sys.executable
    programs = make_environment(python, base / "python", folder / "requirements.txt")
    build = subprocess.run(
        ["python", "manage.py", "collectstatic", "--noinput"],
        cwd=folder,
        env=build_environment(programs),
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert build.returncode == 0, build.stdout
    with postgres_server() as postgres:
        settings = {
            "DATABASE_URL": postgres.url,
            "SECRET_KEY": "of this test only, and as long as Django wants it to be: 0123456789",
            "DYNO": "web.1",
            "WEB_CONCURRENCY": "2",
        }
        yield Slug(folder, build_environment(programs) | settings)


@pytest.fixture(scope="module")
def release_outputs(slug: Slug) -> list[str]:
    """The output of the release phase, for a first and a second deployment."""
    command = f"{sys.executable} -m honcho start release"
    runs = [slug.run(command) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0], [run.stdout for run in runs]
    return [run.stdout for run in runs]


@pytest.fixture(scope="module")
def web(slug: Slug, release_outputs: list[str]) -> Iterator[Server]:
    with serve(honcho_command("web"), slug.folder, seconds=60, **slug.settings) as server:
        yield server


def test_build_collects_static_files_without_config_vars(slug: Slug) -> None:
    assert (slug.folder / "staticfiles/staticfiles.json").is_file()


def test_release_can_run_again(release_outputs: list[str]) -> None:
    first, second = release_outputs
    file_times = len(list((ROOT / "releases/data/products").glob("*.md")))
    assert f"{file_times} created" in first
    assert f"0 created, 0 updated, 0 kept in part, {file_times} unchanged" in second


class Assets(HTMLParser):
    """Collects the URLs that a browser fetches for a page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page.text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "link" and given.get("rel") not in ("canonical", "alternate"):
            self.found.add(given["href"])
        elif "src" in given:
            self.found.add(given["src"])


def test_pages_and_their_assets_are_served(web: Server) -> None:
    assets: set[str] = set()
    for path in PAGES:
        page = web.ask(path)
        assert page.status == 200, path
        assets |= {urljoin(path, found) for found in Assets(page).found}
    assert {Path(urlsplit(asset).path).suffix for asset in assets} >= {".css", ".js", ".svg"}
    while assets:
        asset = assets.pop()
        page = web.ask(asset)
        assert page.status == 200, asset
        assert page.body, asset
        if asset.startswith("/static/"):
            assert "immutable" in page.headers["Cache-Control"], asset
        if asset.endswith(".css"):
            assets |= {urljoin(asset, url) for url in re.findall(r'url\("?([^")]+)"?\)', page.text)}


def test_responses_are_compressed(web: Server) -> None:
    page = web.ask("/", Accept_Encoding="gzip")
    assert page.headers["Content-Encoding"] == "gzip"
    style = next(each for each in Assets(web.ask("/")).found if each.endswith(".css"))
    assert web.ask(style, Accept_Encoding="br").headers["Content-Encoding"] == "br"


@pytest.mark.parametrize("path", ["/", "/django/?on=2027-01-01", "/static/base.css"])
def test_http_is_redirected_once(web: Server, path: str) -> None:
    redirect = web.ask(path, X_Forwarded_Proto="http")
    assert redirect.status == 301
    assert redirect.headers["Location"] == f"https://{HOST}{path}"
    assert web.ask(path).status == 200


def test_disallowed_host_is_rejected(web: Server) -> None:
    for proto in ("http", "https"):
        page = web.ask("/", Host="evil.example", X_Forwarded_Proto=proto)
        assert page.status == 400
        assert b"evil.example" not in page.body


@pytest.mark.parametrize("path", ["/", "/django/", "/roadmap.svg", "/nowhere/at/all/"])
def test_head_is_get_without_its_body(web: Server, path: str) -> None:
    page, head = web.ask(path), web.ask(path, method="HEAD")
    assert head.body == b""
    assert head.status == page.status
    assert head.headers["Content-Length"] == page.headers["Content-Length"] == str(len(page.body))


def test_longest_url_is_accepted(web: Server) -> None:
    """Heroku's router allows 8 KB, including method and protocol."""
    path = "/?q=" + "x" * (8190 - len("GET /?q= HTTP/1.1"))
    assert web.ask(path).status < 400


def test_access_log_contains_the_request_id_of_the_router(web: Server) -> None:
    given = "5c5dd0e5-7d22-4d4b-8f3c-000000000001"
    assert web.ask("/products/", X_Request_ID=given).headers["X-Request-ID"] == given
    web.wait(lambda: given in web.output, seconds=5)
    (line,) = (line for line in web.output.splitlines() if given in line)
    assert '"GET /products/ HTTP/1.1" 200' in line


def is_alive(process: psutil.Process) -> bool:
    """Return True if the process runs; a zombie only waits for its parent."""
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def gunicorn_processes(server: Server) -> list[psutil.Process]:
    """Return the gunicorn master and its workers, without honcho and the shell."""
    everything = psutil.Process(server.process.pid).children(recursive=True)
    return [each for each in everything if any("gunicorn" in part for part in each.cmdline()[:2])]


def count_connections(slug: Slug) -> int:
    count = (
        "from django.db import connection as c; q = c.cursor();"
        "q.execute('SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND usename IS NOT NULL AND datname IS NOT NULL'); print(q.fetchone()[0])"
    )
    shell = slug.run(f'python manage.py shell --verbosity=0 --command "{count}"')
    return int(shell.stdout)


def test_two_workers_fit_into_a_dyno_and_its_database(slug: Slug, web: Server) -> None:
    cold = (f"/?on=2027-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29))
    with load(web, "/", "/django/", "/admin/login/", *cold, clients=24) as asked:
        time.sleep(5)
        assert 0 < count_connections(slug) < CONNECTIONS
    assert {each.status for each in asked.outcomes} == {200}
    server = gunicorn_processes(web)
    assert len(server) == 3, "the first one and two workers"
    assert sum(each.memory_full_info().pss for each in server) < MEMORY


def file_times(folder: Path) -> dict[Path, float]:
    """Return the modification times of all files, except for bytecode."""
    return {
        path: path.stat().st_mtime
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_nothing_is_written_while_serving(slug: Slug, web: Server) -> None:
    before = file_times(slug.folder)
    for path in (*PAGES, "/search/?q=djnago", "/nowhere/"):
        web.ask(path)
    web.ask("/admin/login/", {"username": "admin", "password": "wrong"})
    assert file_times(slug.folder) == before


def test_deploy_button_creates_the_first_user(slug: Slug, web: Server) -> None:
    script = json.loads((slug.folder / "app.json").read_text())["scripts"]["postdeploy"]
    made = slug.run(script, DJANGO_SUPERUSER_PASSWORD="correct horse battery staple")
    assert made.returncode == 0, made.stdout
    answer = Visitor(web).log_in("admin", "correct horse battery staple")
    assert (answer.status, answer.headers["Location"]) == (302, "/admin/")


def test_sigterm_stops_the_worker_cleanly(slug: Slug, release_outputs: list[str]) -> None:
    settings = slug.settings | {"SITE_URL": f"https://{HOST}"}
    with start_server(honcho_command("worker"), slug.folder, **settings) as worker:
        worker.wait(lambda: "as they become due" in worker.output, 60)
        assert worker.stop(signal.SIGTERM)
        assert "Traceback" not in worker.output


def test_sigterm_stops_the_server_cleanly(slug: Slug, web: Server) -> None:
    """This test is the last one to use the server."""
    running = gunicorn_processes(web)
    assert web.stop(signal.SIGTERM)
    assert not [each for each in running if is_alive(each)]
    assert "Traceback" not in web.output
    assert count_connections(slug) == 0


def error_line(made: subprocess.CompletedProcess[str]) -> str:
    """Return the single line printed by a start that fails."""
    assert made.returncode
    (line,) = (line for line in made.stdout.splitlines() if line.strip())
    return line


@pytest.mark.parametrize(
    ("process", "setting", "value", "sentence"),
    [
        ("web", "DATABASE_URL", "", "DATABASE_URL"),
        ("release", "DATABASE_URL", "", "DATABASE_URL"),
        ("web", "DATABASE_URL", "sqlite:///roadmap.sqlite3", "DATABASE_URL"),
        ("web", "SECRET_KEY", "", "SECRET_KEY"),
        ("web", "PORT", "http", "PORT is “http”"),
        ("web", "WEB_THREADS", "many", "WEB_THREADS is “many”"),
        # gunicorn reads this variable before any configuration, so the release phase has to check
        # it.
        ("release", "WEB_CONCURRENCY", "many", "WEB_CONCURRENCY is “many”"),
        ("worker", "SECRET_KEY", "", "SECRET_KEY"),
    ],
)
def test_invalid_config_var_stops_the_start_with_a_sentence(
    slug: Slug, process: str, setting: str, value: str, sentence: str
) -> None:
    line = error_line(slug.run(PROCESSES[process], **{setting: value}))
    assert line.startswith("Configuration: ")
    assert sentence in line
