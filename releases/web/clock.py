"""The one place that reads the clock; everything below is handed its date.

Called as `clock.today()`, so that a test sets the day for all of the site in one place.
"""

from datetime import UTC, date, datetime


def today() -> date:
    """Today in UTC."""
    return datetime.now(UTC).date()
