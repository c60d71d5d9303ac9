"""Slow clients do not occupy threads; tested with gunicorn, 2 workers of 4 threads."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection

import pytest

from tests.deploy.load import Load, load
from tests.deploy.servers import HOST, Server, Site

pytestmark = pytest.mark.deploy

HEAD = f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\n"
POST = f"POST /check/ HTTP/1.1\r\n{HEAD}"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
SLOW = {
    "a body": f"{POST}{FORM}Content-Length: 100000\r\n\r\n",
    "a body that is too large": f"{POST}{FORM}Content-Length: 50000000\r\n\r\n",
    "chunks": f"{POST}{FORM}Transfer-Encoding: chunked\r\n\r\n",
    "a head": POST,
    "nothing": "",
}
"""The initial bytes of slow requests, by the part that is then sent at one byte per second."""
GRACE = 10.0
"""Seconds that a worker allows for a small request."""


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with site.serve(WEB_CONCURRENCY="2", WEB_THREADS="4") as server:
        yield server


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


@contextmanager
def slow_clients(server: Server, number: int, begin: str) -> Iterator[list[float]]:
    """Run clients that send a byte per second and reconnect when they are cut off.

    Yields the list of durations of their requests, in seconds.
    """
    ended = threading.Event()
    lasted: list[float] = []

    def run() -> None:
        while not ended.is_set():
            began = time.monotonic()
            with suppress(OSError), closing(connect(server)) as client:
                client.sendall(begin.encode())
                client.settimeout(1)
                while not ended.is_set():
                    try:
                        if not client.recv(1000):
                            break
                    except TimeoutError:
                        client.sendall(b"x" if begin else b"")
            lasted.append(time.monotonic() - began)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        yield lasted
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def failure_rate(probes: Load, path: str) -> float:
    """Return the share of requests for a path that were not answered with 200."""
    asked = probes.since(path, 0)
    assert len(asked) > 20
    return sum(each.status != 200 for each in asked) / len(asked)


@pytest.mark.parametrize("number", [8, 64])
def test_slow_bodies_block_nobody(server: Server, number: int) -> None:
    """The test lasts longer than a body may take, so that clients are cut off and reconnect."""
    with (
        slow_clients(server, number, SLOW["a body"]) as lasted,
        load(server, "/healthz", "/", "/django/", clients=2) as probes,
    ):
        time.sleep(GRACE + 5)
    assert failure_rate(probes, "/healthz") <= 0.01
    assert failure_rate(probes, "/") <= 0.01
    assert failure_rate(probes, "/django/") <= 0.01
    assert len(lasted) >= 2 * number
    assert max(lasted) < GRACE + 4


def test_other_slow_requests_block_nobody(server: Server) -> None:
    """There are three times as many clients of each kind as threads, all at the same time."""
    with ExitStack() as clients:
        for kind in list(SLOW)[1:]:
            clients.enter_context(slow_clients(server, 24, SLOW[kind]))
        probes = clients.enter_context(load(server, "/healthz", "/", clients=2))
        time.sleep(7)
    assert failure_rate(probes, "/healthz") <= 0.01
    assert failure_rate(probes, "/") <= 0.01


def test_clients_that_do_not_close_block_nobody(server: Server) -> None:
    """They ignore `Connection: close` in the response."""
    begin = f"GET /healthz HTTP/1.0\r\n{HEAD}\r\n"
    clients = []
    with load(server, "/healthz", "/", clients=2) as probes:
        for _ in range(48):
            client = connect(server)
            client.sendall(begin.encode())
            clients.append(client)
        time.sleep(5)
    for client in clients:
        client.close()
    assert failure_rate(probes, "/healthz") <= 0.01
    assert max(outcome.seconds for outcome in probes.outcomes) < 5


def test_slow_body_is_answered_408(server: Server) -> None:
    with closing(connect(server)) as client:
        client.sendall(SLOW["a body"].encode())
        began = time.monotonic()
        assert client.recv(1000).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert GRACE - 1 < time.monotonic() - began < GRACE + 4


def test_body_in_pieces_is_read_completely(server: Server) -> None:
    """It takes longer than a second but exceeds the minimum rate; so does the next one."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
    with closing(connection):
        for part in (1, 1 << 10, 1 << 16):
            lines = b"django==5.2.1\n" + b"# a comment\n" * 5000 + b"django==5.2.2\n"
            connection.putrequest("POST", "/api/v2/check", skip_host=True)
            for name, value in (headers | {"Content-Length": str(len(lines))}).items():
                connection.putheader(name, value)
            connection.endheaders()
            for start in range(0, 20 * part, part):
                connection.send(lines[start : start + part])
                time.sleep(0.02)
            connection.send(lines[20 * part :])
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body[:300]
            assert b"?of=django:5.2.1&of=django:5.2.2" in body


def test_pipelined_requests_are_all_answered(server: Server) -> None:
    """They may be split at any position."""
    ask = f"GET /healthz HTTP/1.1\r\n{HEAD}\r\n"
    sent = (ask * 3 + ask.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).encode()
    for cut in range(1, len(sent), 37):
        with closing(connect(server)) as client:
            client.sendall(sent[:cut])
            time.sleep(0.01)
            client.sendall(sent[cut:])
            received = b""
            while part := client.recv(10_000):
                received += part
        assert received.count(b"HTTP/1.1 200 OK") == 4, cut


def test_expect_100_continue_is_answered(server: Server) -> None:
    with closing(connect(server)) as client:
        body = b"django==5.2\n"
        head = f"POST /api/v2/check HTTP/1.1\r\n{HEAD}Content-Length: {len(body)}\r\n"
        client.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n")
        client.sendall(body)
        received = b""
        while b"200 OK" not in received:
            received += client.recv(10_000)


def test_malformed_request_is_rejected_at_once(server: Server) -> None:
    for sent, status in (
        (b"GET / HTTP/1.1\nHost: x\n\n", b"400"),
        (b"\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 70_000, b"431"),
        (f"{POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef".encode(), b"400"),
    ):
        with closing(connect(server)) as client:
            began = time.monotonic()
            client.sendall(sent)
            assert client.recv(1000).split()[1] == status, sent[:40]
            assert time.monotonic() - began < 5


def test_excess_bodies_are_rejected(site: Site) -> None:
    """Bodies of 4 MB without their last byte are not buffered beyond the memory limit."""
    body = f"{POST}{FORM}Content-Length: 4000001\r\n\r\n".encode() + b"x" * 4_000_000
    clients = []
    with site.serve(WEB_CONCURRENCY="1", WEB_THREADS="4") as server:
        with load(server, "/healthz", clients=2) as probes:
            for _ in range(12):
                client = connect(server)
                threading.Thread(target=_send, args=(client, body), daemon=True).start()
                clients.append(client)
            time.sleep(3)
        answers = []
        for client in clients:
            client.settimeout(0.2)
            try:
                answers.append(client.recv(100)[:12])
            except OSError:
                answers.append(b"")
            client.close()
    assert failure_rate(probes, "/healthz") <= 0.01
    assert 4 <= answers.count(b"HTTP/1.1 503") < 12


def _send(client: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        client.sendall(data)


def test_sigterm_stops_a_worker_with_slow_clients(site: Site) -> None:
    """Clients that have sent nothing do not delay it."""
    with site.serve(WEB_CONCURRENCY="2", WEB_THREADS="4") as server:
        clients = [connect(server) for _ in range(8)]
        time.sleep(1)
        began = time.monotonic()
        server.process.terminate()
        assert server.process.wait(timeout=30) == 0
        assert time.monotonic() - began < 8
    for client in clients:
        client.close()
