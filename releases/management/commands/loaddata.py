"""Django's `loaddata`, for fixtures that have a history."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.commands import loaddata

from releases.services.serialization.keys import skip_deleted_keys


class Command(loaddata.Command):
    """Load fixtures. New rows get no keys of deleted ones afterwards."""

    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        super().loaddata(fixture_labels)
        skip_deleted_keys(self.using)
