"""The one place that reads the clock; everything below is handed its date."""

from datetime import UTC, date, datetime


def today() -> date:
    """Today in UTC."""
    return datetime.now(UTC).date()
