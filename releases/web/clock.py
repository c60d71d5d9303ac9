"""The only module that reads the clock. Everything below this layer is given its date.

Call it as `clock.today()`, so that a test can set the day for the whole site in one place.
"""

from datetime import UTC, date, datetime


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in UTC."""
    return datetime.now(UTC).date()
