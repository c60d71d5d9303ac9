"""Load generation: many concurrent clients that record the outcome of each request."""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.deploy.servers import Server

LOST = 0
"""The status of a request that got no response."""


@dataclass(frozen=True)
class Outcome:
    path: str
    status: int
    headers: Mapping[str, str]
    began: float
    seconds: float = 0


@dataclass
class Load:
    """Clients that request paths in turn until they are stopped.

    Each request uses its own connection. A refused connection is not counted as a request and is
    tried again.
    """

    server: Server
    paths: Sequence[str]
    outcomes: list[Outcome] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        paths = itertools.cycle(self.paths)
        while not self.ended.is_set():
            if outcome := ask(self.server, next(paths)):
                self.outcomes.append(outcome)
            else:
                time.sleep(0.02)

    def since(self, path: str, began: float) -> list[Outcome]:
        """Return the requests for `path`, or for any path if it is empty, that began since then."""
        return [each for each in self.outcomes if each.began >= began and path in ("", each.path)]

    def statuses(self, path: str, since: float = 0) -> set[int]:
        return {each.status for each in self.since(path, since)}


def ask(server: Server, path: str) -> Outcome | None:
    """Send a request and return its outcome, or None if the connection was refused."""
    began = time.monotonic()
    try:
        page = server.ask(path)
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException):
        return Outcome(path, LOST, {}, began)
    return Outcome(path, page.status, dict(page.headers), began, time.monotonic() - began)


@contextmanager
def load(server: Server, *paths: str, clients: int = 8) -> Iterator[Load]:
    """Run the load in the background for the duration of the block."""
    running = Load(server, paths)
    threads = [threading.Thread(target=running.run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        running.ended.set()
        for thread in threads:
            thread.join()
