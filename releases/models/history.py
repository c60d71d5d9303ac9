"""What is kept of every change: who, when, why, and all values as they were then."""

from __future__ import annotations

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from releases.domain import limits


class _Records(HistoricalRecords):  # type: ignore[misc]
    """The package's own fails where a relation is changed from its other side."""

    def m2m_changed(
        self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **of_signal: Any
    ) -> None:
        changed = of_signal["model"]._default_manager.filter(pk__in=pk_set or ())
        for row in changed if reverse else (instance,):
            super().m2m_changed(row, action, attr, pk_set, reverse=False)


def kept_history(**options: Any) -> HistoricalRecords:
    """The history of a table, with a reason of `limits.REASON` characters for each change."""
    reason = models.CharField("reason", max_length=limits.REASON, null=True)
    return _Records(history_change_reason_field=reason, **options)
