"""Database outages, as a worker knows of them.

During an outage a worker serves the pages that it has in memory, marked as old for people (a note
on the page) and programs (`Cache-Status`, `Warning`, `Age`). Everything else is 503 with
`Retry-After`.
"""

from __future__ import annotations

import time
from typing import Final

from django.db import InterfaceError, OperationalError

DATABASE_ERRORS: Final = (OperationalError, InterfaceError)
"""The exceptions that an unreachable database raises."""

RETRY_SECONDS: Final = 1.0
"""Seconds for which a worker does not try to reach a database that was unreachable: each attempt
may take as long as a connection is allowed to."""


class DatabaseOutage:
    """True for `RETRY_SECONDS` after the database was found unreachable.

    All threads of a worker share it.
    """

    def __init__(self) -> None:
        self.until = 0.0

    def __bool__(self) -> bool:
        return time.monotonic() < self.until

    def record(self) -> None:
        """Begin an outage, unless one lasts.

        Requests that were refused during an outage did not ask the database: if they prolonged it,
        it would never end under load.
        """
        if not self:
            self.until = time.monotonic() + RETRY_SECONDS

    def check(self) -> None:
        """Raise `OperationalError` during an outage."""
        if self:
            raise OperationalError("The database was unreachable a moment ago.")


outage: Final = DatabaseOutage()
