"""Django's SMTP backend with a time limit for a whole attempt, however slow the server is."""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress
from threading import Timer
from typing import Any, Final

from django.core.mail.backends import smtp

MAX_SECONDS: Final = 60.0
"""Limit of an attempt, in seconds. The timeout of `EMAIL_URL` limits each of its steps."""


class EmailBackend(smtp.EmailBackend):
    """SMTP backend whose connections have the limit."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _LimitedTLS if self.use_ssl else _Limited


class _Limited(smtplib.SMTP):
    """A connection that raises `TimeoutError` at the limit."""

    _late = False

    def _get_socket(self, *args: Any) -> socket.socket:
        self._timer = Timer(MAX_SECONDS, self._break_off)
        self._timer.daemon = True
        self._timer.start()
        try:
            found: socket.socket = super()._get_socket(*args)  # type: ignore[misc]
        except BaseException:
            self._stop_timer()
            raise
        return found

    def _break_off(self) -> None:
        self._late = True
        if sock := self.sock:  # the other thread may set it to None meanwhile
            with suppress(OSError):  # the method of TLS sockets is not safe while another one runs
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _stop_timer(self) -> None:
        self._timer.cancel()
        self._timer.join()

    def getreply(self) -> tuple[int, bytes]:
        try:
            return super().getreply()
        finally:
            if self._late:  # the answer is cut off
                self.close()
                raise TimeoutError

    def close(self) -> None:
        self._stop_timer()
        super().close()


class _LimitedTLS(_Limited, smtplib.SMTP_SSL):
    """The same with TLS from the start."""
