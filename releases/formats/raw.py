"""A cycle as its product file has it, brought up to date.

What has a column comes from the row, which people edit; what has none, and the order of keys, from
the text of the file that was imported. A value that nobody edited stays as the file writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from math import isfinite
from typing import Any, Final, Protocol

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate
from releases.formats.errors import FormatError
from releases.formats.front_matter import read_front_matter
from releases.formats.labels import MILESTONE_KEYS, CycleLike

OWN_KEYS: Final = frozenset({"precision", "releases", "formerNames"})
"""Keys of a cycle that only this project's files have."""

OLDER_KEYS: Final = {"support": "eoas", "extendedSupport": "eoes"}
"""Older names of milestones. Their booleans mean the opposite: "still supported"."""

_ABSENT: Final = object()


class RawCycleLike(CycleLike, Protocol):
    """A cycle with all that has a key in a file."""

    @property
    def stale_days(self) -> int | None: ...


def raw_product(text: str) -> dict[str, Any]:
    """The front matter of a kept file; empty where there is none that can be read."""
    try:
        return read_front_matter(text).data if text else {}
    except FormatError:
        return {}


def raw_cycles(product: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The cycles of a front matter by name."""
    cycles = product.get("releases")
    return {
        str(cycle.get("releaseCycle")): cycle
        for cycle in (cycles if isinstance(cycles, list) else ())
        if isinstance(cycle, dict)
    }


def raw_cycle(
    given: Mapping[str, Any], cycle: RawCycleLike, fields: Iterable[str]
) -> dict[str, Any]:
    """The keys of a cycle as a file would have them now.

    `given` are those of the file, empty for a cycle that was made here; `fields` the names of the
    product's custom fields. An imprecise date is its last day. What was emptied is left out, what
    was added comes last.
    """
    here = _values(cycle, fields)
    for older, today in OLDER_KEYS.items():
        if older in given and today not in given:
            value = here.pop(today)
            here[older] = still(value) if value is not _ABSENT else value
    now = {}
    for key, value in given.items():
        if key not in OWN_KEYS:
            now[key] = _now(key, value, here.pop(key)) if key in here else _plain(value)
    return {key: value for key, value in (now | here).items() if value is not _ABSENT}


def still(end: str | bool | None) -> str | bool:
    """An end in the older words: the day until which there is support, or whether there is."""
    return end if isinstance(end, str) else not end


def _values(cycle: RawCycleLike, fields: Iterable[str]) -> dict[str, Any]:
    """What the row says, by the keys of a file and in the order in which most files have them."""
    life = cycle.life
    milestones = {key: _moment(getattr(life, name)) for name, key in MILESTONE_KEYS.items()}
    custom = {name: cycle.custom.get(name) for name in (*fields, *cycle.custom)}
    values = {
        "releaseLabel": cycle.label,
        "codename": cycle.codename,
        **milestones,
        **custom,
        "latest": cycle.latest,
        "latestReleaseDate": cycle.latest_date and cycle.latest_date.isoformat(),
        "link": cycle.link,
        "staleReleaseThresholdDays": cycle.stale_days,
    }
    here = {key: _ABSENT if value in (None, "") else value for key, value in values.items()}
    if cycle.no_link:
        here["link"] = None
    return {"releaseCycle": cycle.name} | here


def _moment(value: MilestoneValue) -> str | bool | None:
    return value.date.isoformat() if isinstance(value, PartialDate) else value


def _now(key: str, given: Any, here: Any) -> Any:
    """The value of a key: as given where the row says the same."""
    if here is _ABSENT:
        # Of a link null says that there is none, nothing that the product's template holds.
        empty = key != "link" if given is None else not stored_text(given)
        return given if empty else _ABSENT
    same = isinstance(here, str) and given is not None and stored_text(given) == here
    return _plain(given) if same else here


def stored_text(given: Any) -> str:
    """Return a value of a file as the tables store a text: without space around it."""
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given).replace("\r\n", "\n").strip()


def _plain(value: Any) -> Any:
    """A value that JSON can carry, as far as YAML has others: dates, and numbers without end."""
    match value:
        case date():
            return value.isoformat()
        case float() if not isfinite(value):
            return None
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {key: _plain(each) for key, each in value.items()}
    return value
