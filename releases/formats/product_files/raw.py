"""Raw values of cycles for API v0: as the product file has them, with later edits applied.

Values with a column come from the database. Keys without a column, and the order of keys, come from
the text of the imported file. An unedited value stays as the file writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from math import isfinite
from typing import Any, Final

from releases.domain.lifecycle.milestones import PartialDate
from releases.formats.errors import FormatError
from releases.formats.product_files.front_matter import read_front_matter
from releases.formats.product_files.keys import (
    OLDER_MILESTONE_KEYS,
    OWN_CYCLE_KEYS,
    CycleValues,
    cycle_values,
    still,
)

_ABSENT: Final = object()


def raw_product(text: str) -> dict[str, Any]:
    """Return the front matter of a stored file, or an empty dict if it cannot be read."""
    try:
        return read_front_matter(text).data if text else {}
    except FormatError:
        return {}


def raw_cycles(product: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the cycles of a front matter by name."""
    cycles = product.get("releases")
    return {
        str(cycle.get("releaseCycle")): cycle
        for cycle in (cycles if isinstance(cycles, list) else ())
        if isinstance(cycle, dict)
    }


def raw_cycle(
    given: Mapping[str, Any], cycle: CycleValues, fields: Iterable[str]
) -> dict[str, Any]:
    """Return the keys of a cycle as its file would have them now, with values for JSON.

    Emptied keys are left out, added ones come last. An approximate date is its last day.

    Args:
        given: The keys of the cycle in the file; empty for a cycle that was added here.
        cycle: The row of the cycle.
        fields: The names of the product's custom fields.
    """
    current = {
        key: _ABSENT if value in (None, "") else _json(value)
        for key, value in cycle_values(cycle, fields).items()
    }
    if cycle.no_link:
        current["link"] = None
    for older, today in OLDER_MILESTONE_KEYS.items():
        if older in given and today not in given:
            value = current.pop(today)
            current[older] = still(value) if value is not _ABSENT else value
    result = {
        key: _current(key, value, current.pop(key)) if key in current else _json(value)
        for key, value in given.items()
        if key not in OWN_CYCLE_KEYS
    }
    return {key: value for key, value in (result | current).items() if value is not _ABSENT}


def _current(key: str, given: Any, value: Any) -> Any:
    """Return the current value of a key: as given if the database has the same text."""
    if value is _ABSENT:
        # A null link says that there is no link; elsewhere null says nothing.
        empty = key != "link" if given is None else not stored_text(given)
        return given if empty else _ABSENT
    same = isinstance(value, str) and given is not None and stored_text(given) == value
    return _json(given) if same else value


def stored_text(given: Any) -> str:
    """Return a value of a file as the database stores it: text without surrounding space."""
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given).replace("\r\n", "\n").strip()


def _json(value: Any) -> Any:
    """Convert what JSON does not have: dates, and floats that are not finite (None)."""
    match value:
        case PartialDate():
            return value.date.isoformat()
        case date():
            return value.isoformat()
        case float() if not isfinite(value):
            return None
        case list():
            return [_json(each) for each in value]
        case dict():
            return {key: _json(each) for key, each in value.items()}
    return value
