"""Reminders by e-mail.

Text and HTML have the same context. A message has the same Message-ID at each attempt, so that mail
programs recognise a repeated one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from email.utils import format_datetime
from textwrap import fill
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from releases.delivery.mail_errors import delivery_error
from releases.delivery.smtp import EmailBackend
from releases.models import Message
from releases.presentation.brand import accents
from releases.presentation.reminders import content_of
from releases.services.reminders.errors import DeliveryError

WIDTH: Final = 72
"""Maximum number of characters of a line of text; addresses may be longer."""
_MAX_HEADER: Final = 998
"""Maximum number of characters of a line (RFC 5322)."""
_kept: Final[ContextVar[list[EmailBackend] | None]] = ContextVar("_kept", default=None)
"""The connection of `one_connection`, once there is one; None outside."""
_BLANK_LINES: Final = re.compile(r"\n\s*\n\s*?(?=[^\n])")


class _Mail(EmailMultiAlternatives):
    """An e-mail without folded headers: some programs do not read an address on a second line."""

    def message(self, *args: Any, **options: Any) -> Any:
        built: Any = super().message(*args, **options)
        built.policy = built.policy.clone(max_line_length=_MAX_HEADER)
        return built


def send(message: Message, now: datetime) -> None:
    """Send a message.

    Args:
        message: The message; its subscription and its notices are loaded.
        now: The time of sending.

    Raises:
        DeliveryError: It was not sent, or may not have been sent.
    """
    if not settings.REMINDERS_BY_EMAIL:
        raise DeliveryError("E-mail is not set up on this site.", everyone=True)
    mail = mail_of(message, now)
    with _connection() as connection:
        try:
            connection.send_messages([mail])
        except OSError as error:  # as are those of smtplib and ssl, some of which are ValueErrors
            raise delivery_error(error) from None
        except ValueError:  # for an address that is not valid in a header
            raise DeliveryError(
                "The address is not a valid e-mail address.", permanent=True
            ) from None


def mail_of(message: Message, now: datetime) -> EmailMultiAlternatives:
    """Return a message as an e-mail, in text and HTML.

    Args:
        message: The message; its subscription and its notices are loaded.
        now: The time of sending.
    """
    content = content_of(message, now)
    light, dark = accents()
    context = {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "accent": light,
        "accent_dark": dark,
        "subject": content.subject,
        "content": content,
        "view": content.view,
        "links": content.links,
    }
    template = f"mail/{message.purpose}"
    mail = _Mail(
        subject=content.subject,
        body=wrapped(render_to_string(f"{template}.txt", context)),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.subscription.address],
        headers=_headers(message, now, content.links.unsubscribe),
    )
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return mail


def _headers(message: Message, now: datetime, unsubscribe: str) -> dict[str, str]:
    host = urlsplit(settings.SITE_URL).hostname
    return {
        "Message-ID": f"<{message.public_id}@{host}>",
        "Date": format_datetime(now),
        "List-Id": f"<reminders.{host}>",
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        "Auto-Submitted": "auto-generated",
    }


def wrapped(text: str) -> str:
    """Return a text with lines of up to `WIDTH` characters, and one blank line between paragraphs.

    A continuation line has the indentation of the first line.
    """
    return "".join(
        f"{line if len(line) <= WIDTH else _filled(line)}\n"
        for line in _BLANK_LINES.sub("\n\n", text.strip()).split("\n")
    )


def _filled(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return fill(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


@contextmanager
def one_connection() -> Iterator[None]:
    """Send the mails of a block through one connection while the mail server keeps it open."""
    kept: list[EmailBackend] = []
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for connection in kept:
            _close(connection)


@contextmanager
def _connection() -> Iterator[BaseEmailBackend]:
    """Provide a connection."""
    kept = _kept.get()
    connection = kept[0] if kept else _mailer()
    try:
        yield connection
    finally:
        if kept is None or not isinstance(connection, EmailBackend):
            _close(connection)
        elif not kept:
            kept.append(connection)


def _mailer() -> BaseEmailBackend:
    """Return a connection that is not open yet."""
    try:
        from django.core.mail import mailers  # noqa: PLC0415 - since Django 6.1
    except ImportError:
        default: Any = settings.MAILERS["default"]
        return get_connection(default["BACKEND"], **default.get("OPTIONS", {}))
    return mailers["default"]


def _close(connection: BaseEmailBackend) -> None:
    """Close a connection. Errors are ignored, as the messages were accepted."""
    with suppress(OSError):
        connection.close()
