"""JSON logs and error reports, as written by a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import brotli
import pytest

from tests.config.processes import ROOT, run
from tests.deploy.servers import bind_free_port

FAIL = """
import logging
import django
django.setup()
from releases.web.request_ids import REQUEST_ID
REQUEST_ID.set("abc-1")
logging.getLogger("releases").info("Imported %s", "Django", extra={"product": "django"})
logging.getLogger("releases").debug("not said")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("releases").exception("It broke")
"""

TOKEN = "IjEyIg:1x2:s-_g"
PATHS = f"""
import logging
import django
django.setup()
from django.test import Client
for path in ("confirm/{TOKEN}/", "{TOKEN}/", "{TOKEN}/unsubscribe/"):
    Client(SERVER_NAME="localhost").get("/subscriptions/" + path)
try:
    raise ValueError("/subscriptions/{TOKEN}/?done=1")
except ValueError:
    logging.getLogger("releases").exception("Asked for %s", "/subscriptions/{TOKEN}/")
"""

REPORT = """
import sentry_sdk, django
django.setup()
password = "geheim"
try:
    1 / 0
except ZeroDivisionError:
    with sentry_sdk.new_scope() as scope:
        scope.set_context("page", {"url": "https://a.example/subscriptions/TOKEN/"})
        sentry_sdk.capture_exception()
sentry_sdk.flush(timeout=10)
"""
UNPACKED = {"br": brotli.decompress, "": bytes}
OWN: dict[str, str] = {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}


def test_json_log_has_one_object_per_line() -> None:
    """It has time, level, logger, message and request; an error has its traceback."""
    done = run(["-c", FAIL], **OWN, LOG_FORMAT="json")
    told, broke = (json.loads(line) for line in done.stderr.splitlines())
    assert told.pop("time")
    assert told == {
        "level": "INFO",
        "logger": "releases",
        "message": "Imported Django",
        "product": "django",
        "request_id": "abc-1",
    }
    assert broke["message"] == "It broke"
    assert "ZeroDivisionError" in broke["exc_info"]


def test_plain_log_has_lines_up_to_the_level() -> None:
    assert run(["-c", FAIL], **OWN).stderr.startswith("INFO releases: Imported Django\nERROR")
    assert "not said" in run(["-c", FAIL], **OWN, LOG_LEVEL="debug").stderr
    assert run(["-c", FAIL], **OWN, LOG_LEVEL="critical").stderr == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_logs_have_no_tokens_of_subscriptions(form: str) -> None:
    log = run(["-c", PATHS], **OWN, DATABASE_URL="sqlite://", LOG_FORMAT=form).stderr
    assert "/subscriptions/confirm/.../" in log
    assert "/subscriptions/.../unsubscribe/" in log
    assert log.count("/subscriptions/.../") >= 4
    assert TOKEN not in log


@pytest.fixture
def serving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A gunicorn that logs JSON, or in another form, as its URL and its log."""
    with bind_free_port() as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = tmp_path / "log"
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address, "--preload"]
    command += ["--access-logfile", "-", "--no-control-socket", "--worker-tmp-dir", str(tmp_path)]
    variables = {"PATH": os.environ["PATH"], **OWN, "LOG_FORMAT": getattr(request, "param", "json")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield f"http://{address}", log
    finally:
        process.terminate()
        process.wait(timeout=20)


def response_headers(address: str, **headers: str) -> dict[str, str]:
    """Return the headers of an answer as soon as the server responds."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    for _ in range(150):
        try:
            with closing(urlopen(Request(address, headers=names), timeout=10)) as answer:
                return dict(answer.headers)
        except URLError:
            time.sleep(0.1)
    raise AssertionError("There was no answer.")


@pytest.mark.parametrize("serving", ["json", "text"], indirect=True)
def test_access_log_has_no_tokens_of_subscriptions(serving: tuple[str, Path]) -> None:
    """Neither has the line of Django for a page that is not found."""
    address, log = serving
    response_headers(f"{address}/healthz")
    with pytest.raises(HTTPError):
        urlopen(f"{address}/subscriptions/{TOKEN}/unsubscribe/", timeout=10)
    for _ in range(50):
        if "GET /subscriptions/" in (text := log.read_text()):
            assert "/subscriptions/.../unsubscribe/" in text
            assert TOKEN not in text
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_access_log_has_the_request(serving: tuple[str, Path]) -> None:
    """The entry has the request id of the router and the parts of the request."""
    address, log = serving
    headers = response_headers(f"{address}/healthz?x=1", X_Request_ID="from-the-router")
    assert headers["X-Request-ID"] == "from-the-router"
    lines: list[dict[str, Any]] = []
    for _ in range(50):
        lines = [json.loads(line) for line in log.read_text().splitlines() if line[0] == "{"]
        if access := [line for line in lines if line["logger"] == "gunicorn.access"]:
            assert access[0]["request_id"] == "from-the-router"
            assert (access[0]["method"], access[0]["path"]) == ("GET", "/healthz")
            assert (access[0]["status"], access[0]["bytes"]) == ("200", 3)
            assert access[0]["microseconds"] > 0
            return
        time.sleep(0.1)
    raise AssertionError(lines)


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A server in place of Sentry, as its DSN and the received bodies."""
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(UNPACKED[self.headers.get("Content-Encoding", "")](body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_errors_are_reported_to_sentry(collector: tuple[str, list[bytes]]) -> None:
    """The report has the release but no values of variables."""
    dsn, received = collector
    done = run(["-c", REPORT], **OWN, SENTRY_DSN=dsn, HEROKU_SLUG_COMMIT="c0ffee")
    assert done.returncode == 0, done.stderr
    report = b"".join(received).decode()
    assert "ZeroDivisionError" in report
    assert '"release":"c0ffee"' in report
    assert "https://a.example/subscriptions/.../" in report
    assert "TOKEN" not in report.replace('subscriptions/TOKEN/\\"}', "")
    assert "geheim" not in report.replace('password = \\"geheim\\"', "")
