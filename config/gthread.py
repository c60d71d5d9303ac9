"""gunicorn's threaded worker, which loses nobody when it is told to end."""

from __future__ import annotations

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):  # type: ignore[misc]  # comes without types
    """Takes who already waits at the door, and then shuts it.

    gunicorn's own leaves it open until the last answer is out, and resets the connections that
    came meanwhile: their requests are lost. Who is refused at once can be sent elsewhere.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                self.take_all(listener)
                listener.close()

    def take_all(self, listener: object) -> None:
        before = -1
        while before < self.nr_conns:
            before = self.nr_conns
            self.accept(listener)
