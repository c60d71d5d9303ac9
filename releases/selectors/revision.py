"""Which state the catalogue is in."""

from __future__ import annotations

from django.db import connection

from releases.models import Revision

_TABLE = connection.ops.quote_name(Revision._meta.db_table)
_QUESTION = f"SELECT token FROM {_TABLE}"  # of one row; asked by every request, so written once


def revision() -> str:
    """The revision of the catalogue, in 1 query; empty as long as nothing was ever written.

    Raises `OperationalError` or `InterfaceError` where the database cannot be reached.
    """
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION)
        row = cursor.fetchone()
    return row[0] if row else ""
