"""Functions of the database."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func

from releases.domain.similarity import similarity


class Similarity(Func):
    """How alike two texts are by their trigrams, from 0 to 1; NULL for NULL.

    PostgreSQL has the function from a migration, a connection to SQLite from `register`.
    """

    function = "RELEASES_SIMILARITY"
    arity = 2
    output_field = FloatField()


def register(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Gives a new SQLite connection the function; a receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            Similarity.function, 2, _similarity, deterministic=True
        )


def _similarity(one: str | None, other: str | None) -> float | None:
    return None if one is None or other is None else similarity(one, other)
