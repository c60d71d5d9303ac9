"""The errors of messages that could not be sent."""

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


class InstallationError(DeliveryError):
    """The fault is this installation's: its mail server is unreachable, or refuses the login.

    An operator has to act. The message is sent again until it succeeds, and no subscription is
    paused.
    """
