"""The revision of the catalogue."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from releases.models import Revision

_TABLE = connection.ops.quote_name(Revision._meta.db_table)
# Every request runs this query, so the SQL is built once. The table has one row.
_QUESTION = f"SELECT token, changed FROM {_TABLE}"


class LastWrite(NamedTuple):
    """The last write to the catalogue: its revision, and its time in seconds since 1970.

    Each write has a later time than the one before it. Empty and 0 before the first write.
    """

    revision: str
    at: int


def last_write() -> LastWrite:
    """Return the last write to the catalogue, in 1 query.

    Raises:
        OperationalError, InterfaceError: The database cannot be reached.
    """
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION)
        row = cursor.fetchone()
    return LastWrite(*row) if row else LastWrite("", 0)
