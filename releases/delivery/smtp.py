"""Django's SMTP backend with a time limit for a whole attempt, however slow the server is.

A connection can send several messages. Each begins with RSET, so a connection that the server has
closed is replaced before it gets a message.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Sequence
from contextlib import suppress
from threading import Timer
from typing import Any, Final

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

MAX_SECONDS: Final = 60.0
"""Limit of an attempt, in seconds. The timeout of `EMAIL_URL` limits each of its steps."""


_OK: Final = 250
_CLOSING: Final = 421
"""Reply code of a server that closes the connection."""


class EmailBackend(smtp.EmailBackend):
    """SMTP backend whose connections have the limit, and stay open until `close`."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _LimitedTLS if self.use_ssl else _Limited

    def open(self) -> bool | None:
        """Open a connection, if there is none. Raises `OSError`."""
        try:
            return super().open()
        except UnicodeError:  # for a host name with an empty or long label
            raise smtplib.SMTPException("The host name is not valid.") from None

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send messages through the open connection, or a new one if the server closes that."""
        try:
            if isinstance(self.connection, _Limited) and self.connection.renew():
                return super().send_messages(email_messages)
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code != _CLOSING:
                raise
        if self.connection:
            self.connection.close()
            self.connection = None
        self.open()
        return super().send_messages(email_messages)


class _Limited(smtplib.SMTP):
    """A connection that raises `TimeoutError` at the limit of an attempt."""

    _late = False

    def renew(self) -> bool:
        """Begin the limit for another message; return False if the server accepts no more."""
        self._stop_timer()
        self._start_timer()
        try:
            return not self._late and self.rset()[0] == _OK
        except OSError:
            return False

    def _get_socket(self, *args: Any) -> socket.socket:
        self._start_timer()
        try:
            found: socket.socket = super()._get_socket(*args)  # type: ignore[misc]
        except BaseException:
            self._stop_timer()
            raise
        return found

    def _start_timer(self) -> None:
        self._timer = Timer(MAX_SECONDS, self._break_off)
        self._timer.daemon = True
        self._timer.start()

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
