"""The error of a message that could not be sent."""

from __future__ import annotations

from datetime import timedelta


class DeliveryError(Exception):
    """Raised for a message that could not be sent. `str()` is the sentence to show.

    Attributes:
        permanent: True if another attempt would fail, too, as the address does not exist.
        wait: The delay that the receiver requests before the next attempt, or None.
        everyone: True if the cause is not this recipient: the mail server is unavailable, or
            refuses the site. Then no subscription is paused.
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
