"""XML for `dumpdata` that preserves texts.

XML excludes control characters and normalises line ends, and Django strips texts when it reads
them. A text that would change is written as JSON after a mark.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from django.core.serializers import xml_serializer
from django.core.serializers.base import DeserializedObject

_MARK: Final = "json:"
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class Serializer(xml_serializer.Serializer):
    """Django's serializer with exact texts."""

    def handle_field(self, obj: Any, field: Any) -> None:
        text = getattr(obj, field.attname)
        if not isinstance(text, str) or field.get_internal_type() == "JSONField" or _fits(text):
            super().handle_field(obj, field)
            return
        setattr(obj, field.attname, f"{_MARK}{json.dumps(text)}")
        try:
            super().handle_field(obj, field)
        finally:
            setattr(obj, field.attname, text)


class Deserializer(xml_serializer.Deserializer):
    """Django's deserializer for what `Serializer` writes."""

    def _handle_object(self, node: Any) -> DeserializedObject:
        found: DeserializedObject = super()._handle_object(node)  # type: ignore[misc]
        row: Any = found.object
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if isinstance(value, str) and value.startswith(_MARK):
                setattr(row, field.attname, json.loads(value.removeprefix(_MARK)))
        return found


def _fits(text: str) -> bool:
    """Return True if XML preserves a text."""
    return text == text.strip() and not text.startswith(_MARK) and not _NOT_IN_XML.search(text)
