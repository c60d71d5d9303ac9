"""Plain makers of answers of API v1, and a server that gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Json = dict[str, Any]


def cycle_answer(name: str = "1.0", **keys: Any) -> Json:
    """A release cycle as API v1 has it."""
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


def product_answer(*cycles: Json, **keys: Any) -> Json:
    """A product as API v1 has it."""
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


def answer_of(*products: Json) -> bytes:
    """The body of `/products/full`."""
    data = {"schema_version": "1.2.1", "total": len(products), "result": list(products)}
    return json.dumps(data).encode()


class Handler(BaseHTTPRequestHandler):
    """One request; the server's `answer` writes what comes back."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self)
        self.close_connection = True
        with suppress(OSError):  # who asked may have gone
            self.server.answer(self)

    def log_message(self, *args: object) -> None:
        """Nothing: the tests' output is theirs."""

    def send(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """A real server on the loopback interface, which notes what it was asked."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Handler], None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.asked: list[Handler] = []

    @property
    def address(self) -> str:
        """The base address of its API."""
        return f"http://127.0.0.1:{self.server_port}/api/v1"

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.asked]


@contextmanager
def serving(answer: Callable[[Handler], None]) -> Iterator[Server]:
    """A server for as long as the block runs."""
    with Server(answer) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Catalogue:
    """The products of another installation. It answers 304 for its `etag`, if it has one."""

    products: list[Json] = field(default_factory=list)
    etag: str = ""

    def __call__(self, request: Handler) -> None:
        name = request.path.rpartition("/")[2]
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            request.send(status=304)
        elif name == "full":
            request.send(answer_of(*self.products), ETag=self.etag)
        elif found := [each for each in self.products if each["name"] == name]:
            request.send(json.dumps({"schema_version": "1.2.1", "result": found[0]}).encode())
        else:
            request.send(b"{}", 404)
