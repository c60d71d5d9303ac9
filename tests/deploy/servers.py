"""Copies of the project, and servers that are started in them as a user or a platform would."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import psutil

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())

# Variables of this test run and of the make around it, which a new terminal does not have.
TEST_RUN_VARIABLES = re.compile(
    "DEBUG|SECRET_KEY|DATABASE_URL|ALLOWED_HOSTS|PORT|PYTHON|PYTHONPATH|VIRTUAL_ENV|DYNO"
    "|WEB_.*|LOG_.*|GUNICORN_.*|DJANGO_.*|PYTEST_.*|M(AKE)?FLAGS|MAKE(LEVEL|OVERRIDES)|ARGS"
)

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')

HOST = "roadmap-0123456789ab.herokuapp.com"
"""The host name of the site in requests made with `Server.ask`."""


def environment(**settings: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not TEST_RUN_VARIABLES.fullmatch(name)
    }
    return kept | settings


def copy_project(target: Path) -> Path:
    """Copy all files that git tracks or would add, like a fresh clone with uncommitted work."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():  # it may have been deleted since the last commit
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def bind_free_port() -> socket.socket:
    """Return a socket that is bound to a free port of the loopback interface."""
    return socket.create_server(("127.0.0.1", 0))


@dataclass(frozen=True)
class Page:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Server:
    """A server command whose processes are a group of their own, as in a terminal."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, str]) -> None:
        with bind_free_port() as free:
            self.port: int = free.getsockname()[1]
        self.log = folder.with_name(f"{folder.name}-{self.port}.log")
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(PORT=str(self.port), **settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # As in a terminal, even if these tests run in the background of a shell, where
                # SIGINT is ignored.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def ask(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        method: str = "",
        body: bytes | None = None,
        **headers: str,
    ) -> Page:
        """Send one request as a platform's router passes it on, and return the response.

        Redirects are not followed, and cookies are not kept.
        """
        given = {"Host": HOST, "X-Forwarded-Proto": "https"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if form:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            sent = urlencode(form).encode() if form else body
            connection.request(method or ("POST" if form else "GET"), path, sent, given)
            answer = connection.getresponse()
            return Page(answer.status, answer.headers, answer.read())

    def get(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Page:
        """Fetch a page or submit a form to it; `Accept_Encoding="br"` sets that header."""
        request = Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=urlencode(form).encode() if form else None,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Page(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                return Page(error.code, error.headers, error.read())

    def answers(self) -> bool:
        """Return True if there is any response.

        The header prevents a redirect to https in production.
        """
        with suppress(URLError, ConnectionError):
            self.get("/", X_Forwarded_Proto="https")
            return True
        return False

    def wait(self, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            assert self.process.poll() is None, f"It ended by itself:\n{self.output}"
            assert time.monotonic() < deadline, f"Not ready in {seconds} s:\n{self.output}"
            time.sleep(0.2)

    def processes(self) -> list[psutil.Process]:
        """Return all running processes that it started, in any process group."""
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        return []

    def stop(self, number: signal.Signals) -> bool:
        """Send a signal to all its processes, and return True if all of them end."""
        os.killpg(self.process.pid, number)
        self.process.wait(timeout=30)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.1)
        return False


class Visitor:
    """A client behind the router that keeps cookies and submits forms, like a browser."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> Page:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        page = self.server.ask(path, form, Cookie=cookies, Referer=f"https://{HOST}{path}")
        for line in page.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        return page

    def submit_form(self, path: str, **fields: str) -> Page:
        """Submit the form on the page at `path`, with its hidden fields."""
        hidden = dict(HIDDEN.findall(self.ask(path).text))
        assert "csrfmiddlewaretoken" in hidden, path
        return self.ask(path, hidden | fields)

    def log_in(self, name: str, password: str) -> Page:
        return self.submit_form("/admin/login/", username=name, password=password, next="/admin/")


@dataclass(frozen=True)
class FirstRun:
    """The results of the first `make run` in a folder, which then has a .venv and a database."""

    folder: Path
    pages: Mapping[str, Page]
    output: str
    ended: bool


@contextmanager
def start_server(command: Sequence[str], folder: Path, **settings: str) -> Iterator[Server]:
    server = Server(command, folder, settings)
    try:
        yield server
    finally:
        for process in server.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        server.process.wait()


@contextmanager
def serve(
    command: Sequence[str], folder: Path, *, seconds: float, **settings: str
) -> Iterator[Server]:
    """Start a server and yield it as soon as it responds, within `seconds`."""
    with start_server(command, folder, **settings) as server:
        server.wait(server.answers, seconds)
        yield server


SECRET_KEY = "of this test only, and as long as Django wants it to be: 0123456789"
PASSWORD = "correct horse battery staple"
"""The password of the user admin of a `Site`."""


@dataclass(frozen=True)
class Site:
    """A site that is ready to be served, and the data folder of its PostgreSQL server."""

    folder: Path
    settings: dict[str, str]
    data: Path

    def manage(self, *arguments: str, **more: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        settings = environment(**self.settings, **more)
        subprocess.run(command, cwd=self.folder, env=settings, check=True, capture_output=True)

    def serve(self, **more: str) -> AbstractContextManager[Server]:
        command = ["sh", "-c", f"exec {PROCESSES['web']}"]
        return serve(command, self.folder, seconds=60, **self.settings | more)
