"""The history of every change: user, time, reason, and all values at that time.

These have a history: products (with tags, aliases, identifiers and custom fields), cycles (with
former names, identifiers and releases) and upgrade notes. Columns about the source of the data have
none. Renamed categories and tags, and deleted tags, appear in the history of their products.

All rows that one transaction writes have the same time and the same reason. The history pages group
rows by that time, and reverting uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from releases.domain import limits

Row = TypeVar("Row", bound=models.Model)


_moment: ContextVar[list[datetime] | None] = ContextVar("_moment", default=None)
_reason: ContextVar[str] = ContextVar("_reason", default="")
_program: ContextVar[str] = ContextVar("_program", default="")


@contextmanager
def one_change(reason: str = "") -> Iterator[None]:
    """Give all history rows that are written within the block the same time and reason.

    `reason` applies to rows without a reason of their own. A nested block is part of the outer one.
    """
    outer = _moment.get()
    moment = _moment.set([] if outer is None else outer)
    why = _reason.set(_reason.get() or reason[: limits.REASON])
    try:
        yield
    finally:
        _moment.reset(moment)
        _reason.reset(why)


@contextmanager
def by_program(name: str) -> Iterator[None]:
    """Add the name of a program to the reason of every change within the block."""
    program = _program.set(name)
    try:
        yield
    finally:
        _program.reset(program)


def _named(reason: str) -> str:
    """Return a reason with the name of the program that makes the change, if it is one."""
    name = _program.get()
    if not name:
        return reason
    suffix = f"(by {name})"
    return f"{reason[: limits.REASON - len(suffix) - 1]} {suffix}".lstrip()


def _now() -> datetime:
    """Return the time of the current change, which is the time of its first row.

    The first row is written while the lock of all writers is held, so the times are in the order of
    the changes.
    """
    moment = _moment.get()
    if moment is None:
        return timezone.now()
    if not moment:
        moment.append(timezone.now())
    return moment[0]


class _History(HistoryManager):  # type: ignore[misc]
    @classmethod
    @cache
    def from_queryset(cls, *of: Any) -> Any:
        """Return the class of a manager; the package asks for one at each use of `history`."""
        return super().from_queryset(*of)

    def bulk_history_create(
        self, objs: Any, *args: Any, default_change_reason: str = "", **options: Any
    ) -> Any:
        options["default_date"] = options.get("default_date") or _now()
        reason = _named(default_change_reason or _reason.get())
        return super().bulk_history_create(objs, *args, default_change_reason=reason, **options)


class _Records(HistoricalRecords):  # type: ignore[misc]
    """History records that also handle a relation that is changed from its other side.

    The package's own class fails there.
    """

    def create_historical_record(self, instance: Any, *args: Any, **options: Any) -> None:
        given = hasattr(instance, "_history_date")
        if not given:
            instance._history_date = _now()
        try:
            super().create_historical_record(instance, *args, **options)
        finally:
            if not given:
                del instance._history_date

    def get_change_reason_for_object(self, instance: Any, *of_record: Any) -> str | None:
        own = super().get_change_reason_for_object(instance, *of_record)
        return _named(own or _reason.get()) or None

    def m2m_changed(
        self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **of_signal: Any
    ) -> None:
        changed = of_signal["model"]._default_manager.filter(pk__in=pk_set or ())
        for row in changed if reverse else (instance,):
            super().m2m_changed(row, action, attr, pk_set, reverse=False)


def history_records(**options: Any) -> HistoricalRecords:
    """Return the history of a table, with a reason of up to `limits.REASON` characters."""
    reason = models.CharField("reason", max_length=limits.REASON, null=True)
    return _Records(history_change_reason_field=reason, history_manager=_History, **options)


def set_change_reason(row: Row, reason: str) -> Row:
    """Set the reason of the next change of a row, and return the row."""
    setattr(row, "_change_reason", reason[: limits.REASON])  # noqa: B010 - read by the package
    return row
