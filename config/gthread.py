"""gunicorn's threaded worker, which loses nobody when it is told to end."""

from __future__ import annotations

import socket
import sys
import time
from typing import Final

from gunicorn.workers.gthread import ThreadWorker

OTHERS: Final = 0.3
"""So many seconds the first process may take to shut the door on its side, where all are told to
end at once. Nobody could let in who comes between a worker's doing so and that."""

SWITCH: Final = 1e-5
"""Seconds between threads from then on: who comes between the last look and the shutting is lost,
and Python would let pages be rendered for milliseconds there."""


class Worker(ThreadWorker):  # type: ignore[misc]  # comes without types
    """Takes who already waits at the door, and then shuts it.

    gunicorn's own leaves it open until the last answer is out, and resets the connections that
    came meanwhile: their requests are lost. Who is refused at once can be sent elsewhere.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        ending = not enabled and not self.alive
        if ending:
            self.go_on(OTHERS)
            sys.setswitchinterval(SWITCH)
        super().set_accept_enabled(enabled)
        if ending:
            for listener in self.sockets:
                self.take_all(listener)
                listener.close()
            self.sockets: list[socket.socket] = []

    def go_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.wait_for_and_dispatch_events(left)

    def take_all(self, listener: object) -> None:
        before = -1
        while before < self.nr_conns:
            before = self.nr_conns
            self.accept(listener)
