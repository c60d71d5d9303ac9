"""Signatures of webhooks by the Standard Webhooks specification."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Final

from standardwebhooks.webhooks import Webhook

_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a new random secret for the webhooks of a subscription: `whsec_...`."""
    return f"whsec_{b64encode(token_bytes(_SECRET_BYTES)).decode()}"


def signed_headers(secret: str, message: str, now: datetime, body: str) -> dict[str, str]:
    """Return the headers that identify and sign a message.

    Args:
        secret: The secret, from `new_secret`.
        message: The id of the message, which is the same for each attempt.
        now: The time of the attempt.
        body: The body as it is sent.
    """
    at = now.astimezone(UTC)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body),
    }
