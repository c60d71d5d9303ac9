"""The revision of the catalogue: shows if a cached page is still valid.

A write bumps the revision before anything else in its transaction. This makes the row the single
lock for which writers queue, so that two of them cannot deadlock.
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

REVISION_ID = 1

_bumped: ContextVar[frozenset[str]] = ContextVar("_bumped", default=frozenset())


def new_token() -> str:
    """Return a new random token."""
    return uuid4().hex


class Revision(models.Model):
    """A table with one row that every write to the catalogue changes in its own transaction.

    The token is random instead of a counter: after a backup is restored, the same number would
    occur again for different data.
    """

    token = models.CharField(max_length=32, default=new_token, editable=False)
    # The database default serves servers of the previous version, which do not know the column.
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
        """Write a new revision, which becomes visible when the transaction commits.

        Until then the row is the lock of all writers. A writer that takes it before any other row
        lock cannot deadlock with another one.
        """
        now = int(timezone.now().timestamp())
        with connections[using].cursor() as cursor:
            cursor.execute(_BUMP, [REVISION_ID, new_token(), now])

    @classmethod
    def wait(cls, using: str = DEFAULT_DB_ALIAS) -> None:
        """Take the lock of all writers without a new revision; requires a transaction.

        Everything that is read afterwards stays the same until the transaction ends. Does nothing
        if the catalogue was never written.
        """
        bool(cls.objects.using(using).select_for_update().filter(pk=REVISION_ID))


_TABLE: Final = Revision._meta.db_table
# Two writes within a second get different times; otherwise an HTTP date would be the same
# for two states of the catalogue.
_BUMP: Final = f"""
INSERT INTO {_TABLE} (id, token, changed) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET token = excluded.token, changed = CASE
    WHEN excluded.changed > {_TABLE}.changed THEN excluded.changed ELSE {_TABLE}.changed + 1 END
"""


@contextmanager
def bump_revision(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run writes in one transaction with one new revision and one change in the history."""
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


def bump_on_fixture(
    sender: type[models.Model], instance: Any, raw: bool, using: str, **kwargs: Any
) -> None:
    """Handle `pre_save` of a fixture, whose rows bypass the methods of their models.

    The fixture has the history, too: setting the tags of a product writes none.
    """
    if raw and sender._meta.app_label == Revision._meta.app_label:
        instance.skip_history_when_saving = True
        Revision.bump(using)


def bump_after_fixture(raw: bool, using: str, **kwargs: Any) -> None:
    """Handle `post_save` of a revision in a fixture: here it stands for other data."""
    if raw:
        Revision.bump(using)


def bump_on_relation(action: str, using: str, **kwargs: Any) -> None:
    """Handle `m2m_changed` of a many-to-many table, which has no model of its own."""
    if action.startswith("pre_"):
        with bump_revision(using):
            pass
