"""The revision of the catalogue: tells whether a cached page is still valid.

A write moves the revision before anything else in its transaction. That makes the row the one lock
that writers queue at, so that two of them cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Final
from uuid import uuid4

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.utils import timezone

from releases.models.history import one_change

THE_ONE = 1

_bumped: ContextVar[frozenset[str]] = ContextVar("_bumped", default=frozenset())


def new_token() -> str:
    return uuid4().hex


class Revision(models.Model):
    """One row, which every write to the catalogue moves in its own transaction.

    The token is random, not a number that goes up: after a restored backup the same number would
    come again for something else.
    """

    token = models.CharField(max_length=32, default=new_token, editable=False)
    # The database has the default for servers of the version before, which write it without this.
    changed = models.BigIntegerField(
        db_default=0,
        editable=False,
        help_text="When the catalogue last changed, in seconds since 1970, a later one for each"
        " write; 0: not known.",
    )

    objects: ClassVar[models.Manager[Revision]] = models.Manager()

    def __str__(self) -> str:
        return self.token

    @classmethod
    def bump(cls, using: str) -> None:
        """Gives the catalogue a new revision, visible to others when the transaction commits.

        Until then this is the lock of all writers: whoever takes it first, before any lock of a
        row, cannot end in a deadlock with another who does.
        """
        now = int(timezone.now().timestamp())
        with connections[using].cursor() as cursor:
            cursor.execute(_BUMP, [THE_ONE, new_token(), now])

    @classmethod
    def wait(cls, using: str = DEFAULT_DB_ALIAS) -> None:
        """Takes the lock of all writers without moving, inside a transaction: what is read from
        now on stays as it is until the transaction ends. Where nothing was ever written there is
        nothing to wait for."""
        bool(cls.objects.using(using).select_for_update().filter(pk=THE_ONE))


_TABLE: Final = Revision._meta.db_table
# The second time of two writes within a second is a later one, or an HTTP date would be the same
# for two states of the catalogue.
_BUMP: Final = f"""
INSERT INTO {_TABLE} (id, token, changed) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET token = excluded.token, changed = CASE
    WHEN excluded.changed > {_TABLE}.changed THEN excluded.changed ELSE {_TABLE}.changed + 1 END
"""


@contextmanager
def bump_revision(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Around a write, or around many: one transaction of them and of one move of the revision, and
    one change in the history."""
    if using in _bumped.get():
        yield
        return
    with transaction.atomic(using=using, savepoint=False), one_change():
        Revision.bump(using)
        inside = _bumped.set(_bumped.get() | {using})
        try:
            yield
        finally:
            _bumped.reset(inside)


def bump_on_fixture(sender: type[models.Model], raw: bool, using: str, **of_signal: Any) -> None:
    """For `pre_save`: fixtures are written past the methods of their models, all of them in one
    transaction."""
    if raw and sender._meta.app_label == Revision._meta.app_label:
        Revision.bump(using)


def bump_on_relation(action: str, using: str, **of_signal: Any) -> None:
    """For `m2m_changed`: what is written to a table that has no model of its own."""
    if action.startswith("pre_"):
        with bump_revision(using):
            pass
