"""Django's `loaddata`, for fixtures with a history."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.commands import loaddata

from releases.services.serialization.keys import skip_deleted_keys


class Command(loaddata.Command):
    """Load fixtures, then advance the sequences of keys beyond those of deleted rows."""

    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        super().loaddata(fixture_labels)
        skip_deleted_keys(self.using)
