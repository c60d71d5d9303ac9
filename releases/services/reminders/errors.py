"""The error of a message that could not be sent."""

from __future__ import annotations

from datetime import timedelta


class DeliveryError(Exception):
    """A message could not be sent. `str()` is the sentence to show.

    Attributes:
        permanent: True if another attempt would fail, too: the address does not exist.
        wait: The time that the receiver asks to wait before the next attempt, or None.
    """

    def __init__(
        self, sentence: str, *, permanent: bool = False, wait: timedelta | None = None
    ) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.wait = wait
