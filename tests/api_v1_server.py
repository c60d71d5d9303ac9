"""Builders for API v1 responses, and a local HTTP server that returns them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Json = dict[str, Any]


def make_api_cycle(name: str = "1.0", **keys: Any) -> Json:
    """Return a release cycle as API v1 encodes it."""
    given = {
        "name": name,
        "codename": None,
        "label": name,
        "releaseDate": "2025-01-01",
        "isLts": False,
        "ltsFrom": None,
        "isEol": None,
        "eolFrom": None,
        "isMaintained": True,
        "latest": None,
        "custom": None,
    }
    return given | keys


def make_api_product(*cycles: Json, **keys: Any) -> Json:
    """Return a product as API v1 encodes it."""
    given = {
        "name": "acme",
        "aliases": [],
        "label": "Acme",
        "category": None,
        "tags": [],
        "versionCommand": None,
        "identifiers": [],
        "labels": {"eoas": None, "discontinued": None, "eol": "Security Support", "eoes": None},
        "links": {"icon": None, "html": "https://acme.test/acme", "releasePolicy": None},
        "releases": list(cycles),
    }
    return given | keys


def full_products_body(*products: Json) -> bytes:
    """Return the body of `/products/full`."""
    data = {"schema_version": "1.2.1", "total": len(products), "result": list(products)}
    return json.dumps(data).encode()


class Handler(BaseHTTPRequestHandler):
    """Request handler that delegates the response to the server's `answer` callable."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self)
        self.close_connection = True
        with suppress(OSError):  # the client may have disconnected
            self.server.answer(self)

    def log_message(self, *args: object) -> None:
        """Do nothing, to keep the output of the tests clean."""

    def send(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        """Send a complete response."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """A real server on the loopback interface that records the requests it receives."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Handler], None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.requests: list[Handler] = []

    @property
    def address(self) -> str:
        """The base URL of its API."""
        return f"http://127.0.0.1:{self.server_port}/api/v1"

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.requests]


@contextmanager
def serve(answer: Callable[[Handler], None]) -> Iterator[Server]:
    """Run a server for the duration of the block."""
    with Server(answer) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Catalogue:
    """The products of another installation.

    If `etag` is set, requests that send it are answered with 304.
    """

    products: list[Json] = field(default_factory=list)
    etag: str = ""

    def __call__(self, request: Handler) -> None:
        name = request.path.rpartition("/")[2]
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            request.send(status=304)
        elif name == "full":
            request.send(full_products_body(*self.products), ETag=self.etag)
        elif found := [each for each in self.products if each["name"] == name]:
            request.send(json.dumps({"schema_version": "1.2.1", "result": found[0]}).encode())
        else:
            request.send(b"{}", 404)
