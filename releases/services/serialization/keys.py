"""Primary keys of rows after a fixture was loaded."""

from __future__ import annotations

from typing import Final

from django.db import connections
from django.db.models import Max

from releases.selectors.history.records import HISTORY_TABLES, past

_RAISE: Final = {
    "postgresql": """
        SELECT setval(pg_get_serial_sequence(%(table)s, 'id'), GREATEST(
            %(key)s, nextval(pg_get_serial_sequence(%(table)s, 'id'))))
        """,
    "sqlite": "UPDATE sqlite_sequence SET seq = max(seq, %(key)s) WHERE name = %(table)s",
}
_BEGIN: Final = """
INSERT INTO sqlite_sequence (name, seq) SELECT %(table)s, 0
WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %(table)s)
"""


def skip_deleted_keys(using: str) -> None:
    """Advance the sequences of keys, so that no new row continues the history of a deleted one.

    A fixture has the history of deleted rows, but the database counts existing rows only. In 2 or 3
    queries for each table with a history.
    """
    connection = connections[using]
    for model in HISTORY_TABLES:
        newest = past(model).using(using).aggregate(key=Max("id"))["key"]
        values = {"table": model._meta.db_table, "key": newest}
        with connection.cursor() as cursor:
            if newest is not None and connection.vendor == "sqlite":
                cursor.execute(_BEGIN, values)
            if newest is not None:
                cursor.execute(_RAISE[connection.vendor], values)
