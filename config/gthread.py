"""gunicorn's threaded worker, with two properties that gunicorn has no setting for.

- A request gets a thread once it has arrived completely: a slow client takes memory, but no thread.
- A worker that shuts down loses no request.

gunicorn's own worker blocks a thread for each byte of a head or a body. More threads only raise the
number of slow clients that stop a site, and each takes a database connection. `timeout` concerns
workers that do not respond to the arbiter. gevent's worker has one thread for all clients of a
process, which rendering a page would block.
"""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from io import SEEK_END
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn import util
from gunicorn.http.errors import NoMoreData
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from config.settings import DATA_UPLOAD_MAX_MEMORY_SIZE as MAX_BODY_BYTES

RECEIVE_SECONDS: Final = 10.0
"""Seconds that a request may take to arrive at any rate."""
BYTES_PER_SECOND: Final = 1024
"""The bytes that extend this time by a second."""
MAX_RECEIVE_SECONDS: Final = 60.0
"""Maximum seconds that a request may take to arrive."""
SEND_SECONDS: Final = 20.0
"""Maximum seconds that sending a part of a response may block a thread."""
LINGER_SECONDS: Final = 2.0
"""Seconds that a client has to close its connection after a response. Data that it still sends is
discarded: if the worker closed first, the response could be lost."""
MAX_BUFFERED_BYTES: Final = 32 << 20
"""Maximum bytes of incomplete requests in the memory of a worker."""
MAX_DISCARDED_BYTES: Final = 10 * MAX_BODY_BYTES
"""Maximum bytes of a body that is too large which are received and discarded before it is refused:
a browser reads no response before it has sent all."""
MAX_HEAD_BYTES: Final = 1 << 16
"""Maximum bytes of a request head."""
CHUNK_BYTES: Final = 1 << 14
"""Bytes of a read."""

CLOSING_SECONDS: Final = 2.0
"""Maximum seconds that a worker waits for the arbiter to close its listener. If all processes get
SIGTERM together, a client that connects after the worker has closed its own, and before the arbiter
has, is lost."""
CHECK_SECONDS: Final = 0.05
"""Seconds between two checks of whether the arbiter has."""
SWITCH_INTERVAL: Final = 1e-5
"""The switch interval of threads (seconds) during the shutdown: a client that connects between the
last accept and the close is lost, and other threads could run for milliseconds between them."""

_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CONTINUE: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class RequestBuffer(Unreader):  # type: ignore[misc]  # comes without types
    """The bytes of a connection that were received and not parsed yet.

    gunicorn's parser reads from here alone, so it never blocks. The end of a request is only
    estimated here: if the parser needs more bytes, it finds none, and the connection is closed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.next_request()

    def next_request(self) -> None:
        """Start over with the bytes that follow a request that was passed on."""
        self.began = time.monotonic()
        self.searched = self.request_size = self.discarded = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        raise NoMoreData

    @property
    def held(self) -> int:
        """The number of bytes in memory."""
        size: int = self.buf.seek(0, SEEK_END)
        return size

    @property
    def deadline(self) -> float:
        """The time (of the monotonic clock) by which more of the request must have arrived."""
        return self.began + min(
            MAX_RECEIVE_SECONDS, RECEIVE_SECONDS + (self.held + self.discarded) / BYTES_PER_SECOND
        )

    def add(self, data: bytes) -> bool:
        """Add bytes; return True if the request is complete."""
        if not self.held:
            self.began = time.monotonic()
        if self.request_size > MAX_BODY_BYTES + MAX_HEAD_BYTES:
            self.discarded += len(data)
        else:
            self.buf.write(data)
        if not self.request_size:
            self._look()
        return (
            0 < self.request_size <= self.held + self.discarded
            or self.discarded > MAX_DISCARDED_BYTES
        )

    def _look(self) -> None:
        """Find the end of the request once its head has arrived."""
        text = self.buf.getvalue()
        head = text.find(_END, self.searched)
        self.searched = max(0, len(text) - len(_END))
        if head >= 0:
            length = _LENGTH.search(text, 0, head + len(_END))
            self.request_size = head + len(_END) + (int(length[1]) if length else 0)
        elif text.count(b"\n") != text.count(b"\r\n"):
            self.request_size = len(text)  # gunicorn's parser refuses it with a message

    @property
    def expects_continue(self) -> bool:
        """True if the client waits for 100 Continue before it sends the body."""
        return self.request_size > self.held and bool(_CONTINUE.search(self.buf.getvalue()))


class Worker(ThreadWorker):  # type: ignore[misc]  # comes without types
    """A worker that receives requests completely before they get a thread.

    At shutdown it accepts the queued connections, then closes the listener. gunicorn's own worker
    resets them, which loses their requests; a refused client can be routed elsewhere.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[TConn, Callable[[TConn], None]] = {}
        """Connections that the worker waits for, each with the function that is called at its
        `timeout`."""
        self.held: dict[TConn, int] = {}
        """The bytes of the requests of connections, until they are answered."""
        self.exit_signals = 0

    # ---- receiving: all of it in the one thread that never blocks on a client

    def enqueue_req(self, conn: TConn) -> None:
        """Receive the next request of a connection, then give it a thread."""
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, (), conn.client)
            conn.parser.unreader = RequestBuffer()
            conn.initialized = True
        conn.sock.setblocking(False)
        conn.parser.unreader.began = time.monotonic()
        self.receive(conn)

    def receive(self, conn: TConn, *_: object) -> None:
        """Read from a connection; give the request a thread, wait for more, or refuse it."""
        buffer: RequestBuffer = conn.parser.unreader
        data = _read(conn)
        had_size = buffer.request_size
        if buffer.add(data or b""):
            self.stop_waiting(conn)
            buffer.next_request()
            super().enqueue_req(conn)
        elif data == b"":
            self.close_connection(conn)
        elif not buffer.request_size and buffer.held > MAX_HEAD_BYTES:
            self.refuse(conn, 431, "Request Header Fields Too Large", "The head is too long.")
        elif not self.has_room(conn, buffer.held):
            self.refuse(conn, 503, "Service Unavailable", "Too much is sent at once; try again.")
        else:
            idle = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
            conn.timeout = buffer.deadline if buffer.held else time.monotonic() + idle
            self.wait(conn, self.receive, self.time_out)
            if not had_size and buffer.expects_continue:
                with suppress(OSError):
                    util.write_nonblock(conn.sock, b"HTTP/1.1 100 Continue\r\n\r\n")

    def has_room(self, conn: TConn, size: int) -> bool:
        """Record the bytes of a connection; return False if all together are too many."""
        self.held[conn] = size
        return size < CHUNK_BYTES or sum(self.held.values()) <= MAX_BUFFERED_BYTES

    def time_out(self, conn: TConn) -> None:
        if conn.parser.unreader.held:
            self.refuse(conn, 408, "Request Timeout", "The request came too slowly.")
        else:
            self.close_connection(conn)

    def refuse(self, conn: TConn, status: int, reason: str, text: str) -> None:
        self.log.info("Answered %d: %s", status, text)
        with suppress(OSError):
            util.write_error(conn.sock, status, reason, text)
        self.stop_waiting(conn)
        self.linger(conn)

    # ---- closing

    def finish_request(self, conn: TConn, future: Future[Any]) -> None:
        self.held.pop(conn, None)
        if future.cancelled() or future.exception() or future.result():
            super().finish_request(conn, future)
        else:
            self.linger(conn)

    def linger(self, conn: TConn) -> None:
        """Close a connection after its client has closed it, without blocking for that."""
        self.held.pop(conn, None)
        conn.parser.unreader = RequestBuffer()
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.close_connection(conn)
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self.wait(conn, self.discard, self.close_connection)

    def discard(self, conn: TConn, *_: object) -> None:
        if _read(conn) == b"":
            self.close_connection(conn)

    def close_connection(self, conn: TConn) -> None:
        self.stop_waiting(conn)
        self.held.pop(conn, None)
        self.nr_conns -= 1
        conn.close()

    # ---- waiting

    def wait(
        self,
        conn: TConn,
        ready: Callable[[TConn, object], None],
        expired: Callable[[TConn], None],
    ) -> None:
        if conn not in self.waiting:
            self.poller.register(conn.sock, EVENT_READ, partial(ready, conn))
        self.waiting[conn] = expired

    def stop_waiting(self, conn: TConn) -> None:
        if self.waiting.pop(conn, None):
            self.poller.unregister(conn.sock)

    def murder_pending(self) -> None:
        """Handle the connections whose time is over. gunicorn calls this between events."""
        now = time.monotonic()
        for conn, expired in list(self.waiting.items()):
            if conn.timeout <= now:
                expired(conn)

    # ---- answering

    def handle_request(self, request: object, conn: TConn) -> bool:
        conn.sock.settimeout(SEND_SECONDS)
        try:
            return bool(super().handle_request(request, conn))
        except TimeoutError:
            self.log.info("A client did not receive its response within %.0f s.", SEND_SECONDS)
            return False

    # ---- ending

    def handle_exit(self, sig: int, frame: object) -> None:
        self.exit_signals += 1
        super().handle_exit(sig, frame)

    def set_accept_enabled(self, enabled: bool) -> None:
        ending = not enabled and not self.alive
        if ending:
            self.await_arbiter()
            sys.setswitchinterval(SWITCH_INTERVAL)
        super().set_accept_enabled(enabled)
        if ending:
            for listener in self.sockets:
                self.accept_all(listener)
                listener.close()
            self.sockets: list[socket.socket] = []
            soon = time.monotonic() + STOP_KEEPALIVE_LINGER
            for conn in self.waiting:
                if not conn.parser.unreader.held:
                    conn.timeout = min(conn.timeout, soon)

    def await_arbiter(self) -> None:
        """Go on until the arbiter has closed its listener: then it signals its workers.

        A worker that only the arbiter signals, or none, goes on for `CLOSING_SECONDS`.
        """
        until = time.monotonic() + CLOSING_SECONDS
        while self.exit_signals < 2 and time.monotonic() < until:
            self.wait_for_and_dispatch_events(CHECK_SECONDS)

    def accept_all(self, listener: object) -> None:
        before = -1
        while before < self.nr_conns:
            before = self.nr_conns
            self.accept(listener)


def _read(conn: TConn) -> bytes | None:
    """Return the received bytes of a connection: None if there are none, b"" at its end."""
    try:
        data: bytes = conn.sock.recv(CHUNK_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        return b""
    return data
