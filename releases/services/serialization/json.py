"""JSON for `dumpdata` that preserves microseconds, which order the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.serializers import json

Deserializer = json.Deserializer


class _Encoder(json.DjangoJSONEncoder):
    """Encodes exact times; Django's encoder truncates them to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Serializer(json.Serializer):
    """Django's serializer with exact times."""

    def _init_options(self) -> None:
        super()._init_options()  # type: ignore[misc]  # missing in django-stubs
        self.json_kwargs["cls"] = _Encoder
