"""gunicorn's threaded worker, with two things that gunicorn has no setting for.

A request gets a thread once it is here as a whole, so that a slow client takes memory and no
thread; and a worker that is told to end loses no request.

gunicorn's own worker waits in a thread for each byte of a head or a body. More threads only move
the number of slow clients that stop a site, and each takes a connection to the database; `timeout`
is about workers that do not answer the first process; gevent's worker shares one thread among all
clients of a process, which a page that is being rendered would hold up.
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

from config.settings import DATA_UPLOAD_MAX_MEMORY_SIZE as LARGEST

GRACE: Final = 10.0
"""Seconds that a request may take to come, however little of it comes."""
RATE: Final = 1024
"""Bytes for which it may take a second more."""
LONGEST: Final = 60.0
"""Seconds after which a request has to be here, at whatever rate it comes."""
SENDING: Final = 20.0
"""Seconds in which a client has to take a part of an answer, which holds a thread."""
LINGER: Final = 2.0
"""Seconds for which a client that was answered may take to close. What it still sends is thrown
away: if the worker closed first, the answer could be lost."""
MEMORY: Final = 32 << 20
"""Bytes of requests that a worker holds at once."""
DISCARDED: Final = 10 * LARGEST
"""Bytes of a body that is too large which are let in, and thrown away, before it is refused: a
browser reads no answer before it has sent all."""
HEAD: Final = 1 << 16
"""Bytes of a head that are waited for."""
PART: Final = 1 << 14
"""Bytes that are read at once."""

OTHERS: Final = 0.3
"""Seconds that the first process may take to close the listener on its side, where all are told to
end at once. A client that comes between a worker's doing so and that would be lost."""
SWITCH: Final = 1e-5
"""Seconds between threads from then on: a client that comes between the last look and the closing
is lost, and Python would let pages be rendered for milliseconds there."""

_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CONTINUE: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class Received(Unreader):  # type: ignore[misc]  # comes without types
    """The bytes of a connection that have come and were not read yet.

    gunicorn's parser reads them here and nowhere else, so it never waits. Where a request ends is
    only guessed here: where the parser has another opinion it finds bytes missing, and the
    connection ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self.next_request()

    def next_request(self) -> None:
        """Forget the request that was handed on, and look at what follows it."""
        self.began = time.monotonic()
        self.looked = self.ends = self.thrown_away = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        raise NoMoreData

    @property
    def held(self) -> int:
        """Bytes in memory."""
        size: int = self.buf.seek(0, SEEK_END)
        return size

    @property
    def due(self) -> float:
        """The moment by which the request, or more of it, has to be here."""
        return self.began + min(LONGEST, GRACE + (self.held + self.thrown_away) / RATE)

    def add(self, data: bytes) -> bool:
        """Take more bytes; return True if there is enough for the parser."""
        if not self.held:
            self.began = time.monotonic()
        if self.ends > LARGEST + HEAD:
            self.thrown_away += len(data)
        else:
            self.buf.write(data)
        if not self.ends:
            self._look()
        return 0 < self.ends <= self.held + self.thrown_away or self.thrown_away > DISCARDED

    def _look(self) -> None:
        """Find out where the request ends, once its head is here."""
        text = self.buf.getvalue()
        head = text.find(_END, self.looked)
        self.looked = max(0, len(text) - len(_END))
        if head >= 0:
            length = _LENGTH.search(text, 0, head + len(_END))
            self.ends = head + len(_END) + (int(length[1]) if length else 0)
        elif text.count(b"\n") != text.count(b"\r\n"):
            self.ends = len(text)  # gunicorn says what is wrong with it

    @property
    def asks(self) -> bool:
        """True if the client waits for a word before it sends the body."""
        return self.ends > self.held and bool(_CONTINUE.search(self.buf.getvalue()))


class Worker(ThreadWorker):  # type: ignore[misc]  # comes without types
    """Receives requests before they get a thread. At its end it accepts the connections that wait
    in the queue, and closes the listener: gunicorn's own worker resets them, which loses their
    requests. A client that is refused can be sent elsewhere.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[TConn, Callable[[TConn], None]] = {}
        """Connections that something is expected of, with what happens if it has not come by the
        `timeout` of the connection."""
        self.held: dict[TConn, int] = {}
        """Bytes of their requests, until these are answered."""

    # ---- receiving; all of it in the one thread that never waits for a single client

    def enqueue_req(self, conn: TConn) -> None:
        """Give the next request of a connection a thread once it is here."""
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, (), conn.client)
            conn.parser.unreader = Received()
            conn.initialized = True
        conn.sock.setblocking(False)
        conn.parser.unreader.began = time.monotonic()
        self.receive(conn)

    def receive(self, conn: TConn, *_: object) -> None:
        """Take what has come; give the request a thread, wait for more of it, or refuse it."""
        received: Received = conn.parser.unreader
        data = _read(conn)
        knew = received.ends
        if received.add(data or b""):
            self.leave(conn)
            received.next_request()
            super().enqueue_req(conn)
        elif data == b"":
            self.drop(conn)
        elif not received.ends and received.held > HEAD:
            self.refuse(conn, 431, "Request Header Fields Too Large", "The head is too long.")
        elif not self.has_room(conn, received.held):
            self.refuse(conn, 503, "Service Unavailable", "Too much is sent at once; try again.")
        else:
            idle = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
            conn.timeout = received.due if received.held else time.monotonic() + idle
            self.wait(conn, self.receive, self.too_slow)
            if not knew and received.asks:
                with suppress(OSError):
                    util.write_nonblock(conn.sock, b"HTTP/1.1 100 Continue\r\n\r\n")

    def has_room(self, conn: TConn, size: int) -> bool:
        """Note how much a connection holds; False if that is too much together."""
        self.held[conn] = size
        return size < PART or sum(self.held.values()) <= MEMORY

    def too_slow(self, conn: TConn) -> None:
        if conn.parser.unreader.held:
            self.refuse(conn, 408, "Request Timeout", "The request came too slowly.")
        else:
            self.drop(conn)

    def refuse(self, conn: TConn, status: int, reason: str, text: str) -> None:
        self.log.info("Answered %d: %s", status, text)
        with suppress(OSError):
            util.write_error(conn.sock, status, reason, text)
        self.leave(conn)
        self.linger(conn)

    # ---- closing

    def finish_request(self, conn: TConn, future: Future[Any]) -> None:
        self.held.pop(conn, None)
        if future.cancelled() or future.exception() or future.result():
            super().finish_request(conn, future)
        else:
            self.linger(conn)

    def linger(self, conn: TConn) -> None:
        """Close a connection after its client has; gunicorn would wait for that here."""
        self.held.pop(conn, None)
        conn.parser.unreader = Received()
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(conn)
            return
        conn.timeout = time.monotonic() + LINGER
        self.wait(conn, self.discard, self.drop)

    def discard(self, conn: TConn, *_: object) -> None:
        if _read(conn) == b"":
            self.drop(conn)

    def drop(self, conn: TConn) -> None:
        self.leave(conn)
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

    def leave(self, conn: TConn) -> None:
        if self.waiting.pop(conn, None):
            self.poller.unregister(conn.sock)

    def murder_pending(self) -> None:
        """What gunicorn calls between events."""
        now = time.monotonic()
        for conn, expired in list(self.waiting.items()):
            if conn.timeout <= now:
                expired(conn)

    # ---- answering

    def handle_request(self, request: object, conn: TConn) -> bool:
        conn.sock.settimeout(SENDING)
        try:
            return bool(super().handle_request(request, conn))
        except TimeoutError:
            self.log.info("An answer was not taken in %.0f s.", SENDING)
            return False

    # ---- ending

    def set_accept_enabled(self, enabled: bool) -> None:
        ending = not enabled and not self.alive
        if ending:
            self.go_on(OTHERS)
            sys.setswitchinterval(SWITCH)
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

    def go_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.wait_for_and_dispatch_events(left)

    def accept_all(self, listener: object) -> None:
        before = -1
        while before < self.nr_conns:
            before = self.nr_conns
            self.accept(listener)


def _read(conn: TConn) -> bytes | None:
    """What has come over a connection: None if nothing has, empty at its end."""
    try:
        data: bytes = conn.sock.recv(PART)
    except BlockingIOError:
        return None
    except OSError:
        return b""
    return data
