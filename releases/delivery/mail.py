"""Reminders by e-mail."""

from __future__ import annotations

from datetime import datetime

from releases.models import Message


def send(message: Message, now: datetime) -> None:
    """Send a message. Raises `DeliveryError`."""
    raise NotImplementedError
