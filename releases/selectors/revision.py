"""Which state the catalogue is in."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from releases.models import Revision

_TABLE = connection.ops.quote_name(Revision._meta.db_table)
# Of one row; asked by every request, so written once.
_QUESTION = f"SELECT token, changed FROM {_TABLE}"


class LastWrite(NamedTuple):
    """The last write to the catalogue: its revision, and when it was, in seconds since 1970, a
    later one for each write. Empty and 0 as long as nothing was ever written."""

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
