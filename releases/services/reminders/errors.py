"""The error of a message that could not be sent."""

from __future__ import annotations

from datetime import timedelta


class DeliveryError(Exception):
    """A message could not be sent. `str()` is the sentence to show.

    Attributes:
        permanent: True if another attempt would fail, too: the address does not exist.
        wait: The time that the receiver asks to wait before the next attempt, or None.
        everyone: True if it is not about this recipient: the mail server is away, or refuses the
            site. It pauses no subscription.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        wait: timedelta | None = None,
        everyone: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.wait = wait
        self.everyone = everyone
