"""Many clients at once, and what became of each of their requests."""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.deploy.servers import Server

LOST = 0
"""The status of a request that was sent and not answered."""


@dataclass(frozen=True)
class Outcome:
    path: str
    status: int
    headers: Mapping[str, str]
    began: float
    seconds: float = 0


@dataclass
class Load:
    """Clients that ask for paths in turn, each request on a connection of its own, until told to
    stop. Who is refused at the door has not asked yet, and tries again."""

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
        """The requests for a path, or for any if it is empty, that were begun since then."""
        return [each for each in self.outcomes if each.began >= began and path in ("", each.path)]

    def statuses(self, path: str, since: float = 0) -> set[int]:
        return {each.status for each in self.since(path, since)}


def ask(server: Server, path: str) -> Outcome | None:
    """None if there was nobody to ask."""
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
    """The load, going on in the background; ended and waited for on leaving."""
    going_on = Load(server, paths)
    threads = [threading.Thread(target=going_on.run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield going_on
    finally:
        going_on.ended.set()
        for thread in threads:
            thread.join()
