"""Requests to addresses that strangers enter."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from releases.services.reminders import safe_http
from releases.services.reminders.safe_http import (
    MAX_ANSWER,
    DeliveryError,
    RefusedAddressError,
    post,
    refuse_private,
)

INTERNAL = ["127.0.0.1", "localhost"]


class Receiver(BaseHTTPRequestHandler):
    """Answers by the path of a request."""

    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, body))
        if self.path == "/hangs":
            time.sleep(3)
        if self.path == "/breaks":
            self.connection.close()
            return
        status = {"/500": 500, "/redirect": 302}.get(self.path, 200)
        text = b"x" * (MAX_ANSWER * 3 if self.path == "/large" else 2)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Receiver.received = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def url(server: ThreadingHTTPServer, path: str = "/", host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.server_port}{path}"


def test_named_internal_host_is_reached(server: ThreadingHTTPServer) -> None:
    answer = post(url(server), b"{}", {"Content-Type": "application/json"}, INTERNAL)
    assert (answer.status, answer.text) == (200, "xx")
    assert Receiver.received == [("/", b"{}")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]", "0"])
def test_loopback_is_not_reached(server: ThreadingHTTPServer, host: str) -> None:
    with pytest.raises((RefusedAddressError, DeliveryError)):
        post(url(server, host=host), b"{}", {})
    assert Receiver.received == []


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.2", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "ff02::1", "::"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    with pytest.raises(RefusedAddressError, match=r"example\.org is not on the public internet"):
        refuse_private("example.org", ["93.184.215.14", address])


def test_public_addresses() -> None:
    refuse_private("example.org", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])


def test_address_is_checked_when_it_is_connected_to(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that first has a public address and then a private one reaches nothing."""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])

    def look_up(host: str, port: int, **options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    refuse_private("rebinding.example", [look_up("rebinding.example", 80)[0][4][0]])
    monkeypatch.setattr(safe_http.socket, "getaddrinfo", look_up)
    with pytest.raises(RefusedAddressError):
        post(url(server, host="rebinding.example"), b"{}", {})
    assert Receiver.received == []


def test_redirects_are_not_followed(server: ThreadingHTTPServer) -> None:
    assert post(url(server, "/redirect"), b"{}", {}, INTERNAL).status == 302


def test_large_answers_are_cut(server: ThreadingHTTPServer) -> None:
    assert len(post(url(server, "/large"), b"{}", {}, INTERNAL).text) == MAX_ANSWER


def test_receiver_that_hangs(server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_http, "TIMEOUT", 0.3)
    with pytest.raises(DeliveryError, match=r"did not answer in 0\.3 seconds"):
        post(url(server, "/hangs"), b"{}", {}, INTERNAL)


@pytest.mark.parametrize("bad", ["http://127.0.0.1:9/", "ftp://127.0.0.1/", "http://", "nonsense"])
def test_receivers_that_cannot_be_reached(bad: str) -> None:
    with pytest.raises(DeliveryError):
        post(bad, b"{}", {}, INTERNAL)


def test_receiver_that_breaks_off(server: ThreadingHTTPServer) -> None:
    with pytest.raises(DeliveryError, match="could not be reached"):
        post(url(server, "/breaks"), b"{}", {}, INTERNAL)
