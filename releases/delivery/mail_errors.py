"""Errors of a mail server as sentences, attributed to the recipient or the site.

A subscription is paused if its recipient does not exist. If the server refuses the site itself, for
example its password, it would refuse every recipient, so no subscription is paused.
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
"""Maximum number of characters that are quoted from a response."""
_ENHANCED: Final = re.compile(r"[245]\.(\d{1,3})\.(\d{1,3})\b")
"""An enhanced status code (RFC 3463): class, subject and detail."""
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]\"':;,]+@[\w.-]*\w")
_PERMANENT: Final = 500
_ADDRESSING, _MAILBOX, _ROUTING = 1, 2, 4
"""The subjects of codes about a recipient: the address, the mailbox, and the way to its server."""
_SENDER: Final = (7, 8)
"""The details of `_ADDRESSING` about the sender."""
_DISABLED: Final = (0, 1)
"""The permanent details of `_MAILBOX`; a full mailbox may be emptied."""
_UNAVAILABLE: Final = (450, 550)
"""The codes of an unavailable mailbox (RFC 5321), if there is no enhanced code."""
_POLICY: Final = re.compile(
    "relay|polic|auth|spam|block|prohibit|denied|deny|sender|reputation|spf|dkim|dmarc", re.I
)
"""Words in the refusal of a site by a server without enhanced codes."""


def delivery_error(error: OSError) -> DeliveryError:
    """Convert an error of smtplib, ssl or a socket to a `DeliveryError`."""
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
    """Return whether a refusal is about the recipient, and whether it is permanent.

    Args:
        code: The code of the response.
        text: Its text, which may begin with an enhanced status code.
        at_recipient: True if the server responded to the recipient, and not to the message.
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
    """Return a refusal as a sentence, without the e-mail addresses in it."""
    text = _ADDRESS.sub("…", _text(answer))
    refused = f"refuses {what}" if code >= _PERMANENT else f"does not accept {what} at present"
    return f"The mail server {refused}: {code} {text}"


def _sentence(error: OSError) -> str:
    """Return an error about the server as a sentence without secrets."""
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
                "The TLS connection to the mail server failed. Use smtps:// in EMAIL_URL for TLS"
                " from the start, submission:// for STARTTLS."
            )
    return f"The mail server could not be reached: {_text(error.strerror or str(error))}."


def _text(answer: bytes | str) -> str:
    """Return the beginning of a response on one line."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return shorten(one_line(text), MAX_ANSWER, placeholder=" …")
