"""Database functions: the similarity of two texts.

They compute what pg_trgm does, so that the search sends the same query to both databases.
PostgreSQL has them from a migration, as a host may not offer the extension.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, FloatField, Func
from django.db.models.sql.compiler import SQLCompiler

from releases.domain.similarity import similarity


class Similarity(Func):
    """How alike two texts are by their trigrams, from 0 to 1; NULL for NULL.

    PostgreSQL has the function from a migration, a connection to SQLite from `register`.
    """

    function = "RELEASES_SIMILARITY"
    arity = 2
    output_field = FloatField()

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        # So the trigrams of what is compared with many are found only once.
        return self.as_sql(
            compiler,
            connection,
            template="%(function)s(%(expressions)s))",
            arg_joiner=", RELEASES_TRIGRAMS(",
            **context,
        )


class MayBeAlike(Func):
    """Whether two texts have a trigram in common; texts without one are not alike at all.

    PostgreSQL tells by an index of the first text. SQLite has none, and says it of all.
    """

    arity = 2
    output_field = BooleanField()

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="RELEASES_TRIGRAMS(%(expressions)s)",
            arg_joiner=") && RELEASES_TRIGRAMS(",
            **context,
        )

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return "1", []


def register(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Gives a new SQLite connection the function; a receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            Similarity.function, 2, _similarity, deterministic=True
        )


def _similarity(one: str | None, other: str | None) -> float | None:
    return None if one is None or other is None else similarity(one, other)
