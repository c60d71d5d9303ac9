"""Receivers of webhooks for tests: well-behaved, faulty and hostile ones."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

CERTIFICATE = Path(__file__).parent / "localhost.pem"
"""A certificate of localhost, which signs itself, with its key. No installation uses it."""


@dataclass(frozen=True)
class Request:
    """A request that a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """A server that records requests, and answers by their path.

    `/500` answers that status, `/500?wait=7` with `Retry-After: 7`. `/redirect` leads to an
    internal address, `/hangs` never answers, `/trickles` sends a byte of the head at a time,
    `/continues` sends 100 forever, `/breaks` closes, `/speaks` is no HTTP, and the head of
    `/endless` has no end.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.stopped = threading.Event()

    @property
    def named(self) -> list[str]:
        """Return its names for the setting `WEBHOOK_HOSTS`."""
        return [f"{host}:{self.server_port}" for host in ("127.0.0.1", "localhost")]

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """Return an address of the server."""
        return f"{scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing, as clients close connections early."""


@contextmanager
def receive(*, tls: bool = False) -> Iterator[Receiver]:
    """Run a receiver."""
    with Receiver() as running:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            running.socket = context.wrap_socket(running.socket, server_side=True)
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.stopped.set()
        running.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(Request(self.path, dict(self.headers), body))
        path, _, query = self.path.strip("/").partition("?")
        match path:
            case "hangs":
                self.server.stopped.wait(30)
            case "trickles":
                self._send(*(b"%c" % byte for byte in b"HTTP/1.1 200 OK\r\n"), pause=0.1)
            case "continues":
                self._send(*(b"HTTP/1.1 100 Continue\r\n\r\n" for _ in range(300)), pause=0.1)
            case "speaks":
                self._send(b"SSH-2.0-OpenSSH_9.6 secret banner\r\n")
            case "endless":
                self._send(b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"x" * 1000 + b"\r\n"] * 500)
            case "breaks":
                self._send(b"HTTP/1.1 2")
            case "redirect":
                self._answer(302, Location="http://169.254.169.254/latest/meta-data/")
            case status:
                names = {"wait": "Retry-After"}
                headers = {names[name]: value for name, value in parse_qsl(query) if name in names}
                self._answer(int(status or 200), **headers)

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"secret")

    def _send(self, *parts: bytes, pause: float = 0) -> None:
        self.close_connection = True
        for part in parts:
            if self.server.stopped.is_set():
                return
            self.wfile.write(part)
            time.sleep(pause)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""
