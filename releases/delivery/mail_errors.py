"""Errors of a mail server, as sentences, and whom they are about: the recipient or the site.

A subscription is paused if its recipient does not exist. A server that refuses the site itself,
such as for its password, would refuse every recipient, and pauses none.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from textwrap import shorten
from typing import Final

from releases.domain.lifecycle.words import one_line
from releases.services.reminders.errors import DeliveryError

MAX_ANSWER: Final = 200
"""Maximum number of characters of an answer of the server in a sentence."""
_ENHANCED: Final = re.compile(r"[245]\.(\d{1,3})\.(\d{1,3})\b")
"""An enhanced status code (RFC 3463): class, subject and detail."""
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]\"':;,]+@[\w.-]*\w")
_PERMANENT: Final = 500
_ADDRESSING, _MAILBOX, _ROUTING = 1, 2, 4
"""The subjects of codes about a recipient: the address, the mailbox, and the way to its server."""
_SENDER: Final = (7, 8)
"""The details of `_ADDRESSING` that are about the sender."""
_DISABLED: Final = (0, 1)
"""The details of `_MAILBOX` that last; a full mailbox may be emptied."""
_UNAVAILABLE: Final = (450, 550)
"""The codes of a mailbox that is not available (RFC 5321), if no enhanced code says more."""
_POLICY: Final = re.compile(
    "relay|polic|auth|spam|block|prohibit|denied|deny|sender|reputation|spf|dkim|dmarc", re.I
)
"""Words by which a server without enhanced codes refuses the site."""


def delivery_error(error: OSError) -> DeliveryError:
    """Return the error of an attempt for an error of smtplib, ssl or a socket."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, answer = next(iter(error.recipients.values()))
            sentence = _refusal("the address", code, answer)
            about, lasts = _about_recipient(code, _text(answer), at_recipient=True)
        case smtplib.SMTPDataError():
            sentence = _refusal("the message", error.smtp_code, error.smtp_error)
            about, lasts = _about_recipient(error.smtp_code, _text(error.smtp_error))
        case smtplib.SMTPSenderRefused():
            sentence = _refusal("the sender", error.smtp_code, error.smtp_error)
            about = lasts = False
        case _:
            sentence, about, lasts = _sentence(error), False, False
    return DeliveryError(sentence, permanent=lasts, everyone=not about)


def _about_recipient(code: int, text: str, *, at_recipient: bool = False) -> tuple[bool, bool]:
    """Return if a refusal is about the recipient, and if that will last.

    Args:
        code: The code of the answer.
        text: Its text, which may begin with an enhanced status code.
        at_recipient: True if it is the answer to the recipient, and not to the message.
    """
    if found := _ENHANCED.match(text):
        subject, detail = int(found[1]), int(found[2])
        about = subject in (_MAILBOX, _ROUTING) or (
            subject == _ADDRESSING and detail not in _SENDER
        )
        lasts = subject == _ADDRESSING or (subject == _MAILBOX and detail in _DISABLED)
    else:
        about = lasts = at_recipient and code in _UNAVAILABLE and not _POLICY.search(text)
    return about, about and lasts and code >= _PERMANENT


def _refusal(what: str, code: int, answer: bytes | str) -> str:
    """Return a refusal as a sentence, without the e-mail addresses that it names."""
    text = _ADDRESS.sub("…", _text(answer))
    refused = f"refuses {what}" if code >= _PERMANENT else f"does not accept {what} now"
    return f"The mail server {refused}: {code} {text}"


def _sentence(error: OSError) -> str:
    """Return the sentence of an error that is about the server; it has no secrets."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "The mail server did not answer in time."
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"The mail server refuses the user or the password ({error.smtp_code})."
        case smtplib.SMTPServerDisconnected():
            return "The mail server closed the connection before it accepted the message."
        case smtplib.SMTPResponseException():
            text = _text(error.smtp_error)
            return f"The mail server refuses the connection: {error.smtp_code} {text}"
        case smtplib.SMTPException():  # such as a server without STARTTLS
            return f"The mail server cannot be used with this EMAIL_URL: {_text(str(error))}"
        case ssl.SSLCertVerificationError():
            return f"The certificate of the mail server is not valid: {error.verify_message}."
        case ssl.SSLError():
            return (
                "The mail server does not begin TLS as EMAIL_URL says: at once with smtps://, by"
                " STARTTLS with submission://."
            )
    return f"The mail server could not be reached: {_text(error.strerror or str(error))}."


def _text(answer: bytes | str) -> str:
    """Return the beginning of an answer on one line."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return shorten(one_line(text), MAX_ANSWER, placeholder=" …")
