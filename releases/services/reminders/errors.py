"""The error of a message that could not be sent."""

from __future__ import annotations


class DeliveryError(Exception):
    """A message could not be sent. `str()` is the sentence to show.

    Attributes:
        permanent: True if another attempt would fail, too: the address does not exist.
    """

    def __init__(self, sentence: str, *, permanent: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent
