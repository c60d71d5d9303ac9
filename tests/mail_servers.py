"""SMTP servers for tests: well-behaved and faulty ones."""

# ruff: noqa: N802 - aiosmtpd finds the methods by their names
from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.receivers import CERTIFICATE

HANGS, BREAKS_OFF = "hangs", "breaks off"
USER, PASSWORD = "ann", "pass-of-ann"


@dataclass
class MailServer:
    """A mail server that records messages.

    Attributes:
        answers: Its answers by command, `MAIL`, `RCPT`, `DATA`, `RSET` or `QUIT`: a line such as
            `550 5.1.1 No such user`, `HANGS` or `BREAKS_OFF`. Other commands succeed.
        messages: The messages that it got. One whose `DATA` is `BREAKS_OFF` is among them.
        sessions: The connections by which they came.
        options: Options of Django's backend.
        before: Called with each of these commands before it is answered.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    messages: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    before: Callable[[str], object] = bool

    @property
    def mailers(self) -> dict[str, Any]:
        """The setting `MAILERS` that sends to it."""
        return {
            "default": {"BACKEND": "releases.delivery.smtp.EmailBackend", "OPTIONS": self.options}
        }

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        if session not in self.sessions:
            self.sessions.append(session)
        return await self._answer("MAIL", server)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers.get("DATA", BREAKS_OFF) == BREAKS_OFF:
            content = envelope.content
            assert isinstance(content, bytes)
            self.raw.append(content)
            self.messages.append(message_from_bytes(content, policy=policy.default))
            self.senders.append(envelope.mail_from or "")
        return await self._answer("DATA", server)

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._answer("RSET", server)

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._answer("QUIT", server, "221 Bye")

    async def _answer(self, command: str, server: SMTP, usual: str = "250 OK") -> str:
        self.before(command)
        answer = self.answers.get(command, usual)
        if answer == HANGS:
            await asyncio.sleep(30)
        if answer == BREAKS_OFF:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


class _Controller(Controller):
    """A controller that takes a free port."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def receive_mail(
    answers: Mapping[str, str] | None = None, *, tls: str = "", login: bool = False
) -> Iterator[MailServer]:
    """Run a mail server on the loopback interface.

    Args:
        answers: Its answers by command, as in `MailServer`.
        tls: `starttls`, `ssl` or empty. Its certificate signs itself.
        login: True if it accepts mail of `USER` with `PASSWORD` only.
    """
    server = MailServer(answers or {})
    more: dict[str, Any] = {}
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        more["tls_context" if tls == "starttls" else "ssl_context"] = context
    if login:
        more |= {"auth_required": True, "auth_require_tls": False, "authenticator": _log_in}
    controller = _Controller(server, "127.0.0.1", 0, **more)
    controller.start()
    server.options |= {"host": "localhost", "port": controller.port, "timeout": 2}
    try:
        yield server
    finally:
        controller.stop()


def _log_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
) -> AuthResult:
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=given == right, handled=given == right)
