"""Values of products here and in their source, side by side, in the words of the forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from releases.admin.labels import NOTHING, label_of
from releases.domain.history.differences import changed_part
from releases.domain.lifecycle.milestones import MILESTONES, parse_milestone
from releases.models import Product, ReleaseCycle
from releases.presentation.rows import milestone_text
from releases.services.imports.merge import LatestValue, NamedSides, Sides


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value as a row of a table: its name, its cycle if it has one, and lines of text per side.

    Of a value with many parts only those that differ are listed.
    """

    name: str
    cycle: str
    label: str
    here: list[str]
    there: list[str]
    note: str


def lines_of(sides: NamedSides) -> list[ValueLine]:
    """Return the rows of a table, in the order of the values."""
    return [line_of(name, each) for name, each in sides.items()]


def line_of(name: str, sides: Sides) -> ValueLine:
    """Return the row of one value."""
    here, there = _parts(sides.field, sides.here), _parts(sides.field, sides.there)
    shared = set(here) & set(there)
    if sides.field != "order" and (set(here) | set(there)) != shared:
        here, there = ([part for part in parts if part not in shared] for parts in (here, there))
    if len(here) == len(there) == 1:
        here, there = ([part] for part in changed_part(here[0], there[0]))
    label = label_of(ReleaseCycle if sides.cycle else Product, sides.field)
    return ValueLine(name, sides.cycle, label, here or [NOTHING], there or [NOTHING], sides.note)


def _parts(field: str, value: Any) -> list[str]:
    """Return the parts of a value, each a line of text; an empty value has none."""
    if value in (None, "", [], {}):
        return []
    if field in _PARTS:
        return list(_PARTS[field](value))
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(value)]


def _date(value: str) -> str:
    return milestone_text(parse_milestone(value))


def _cycle(values: dict[str, Any]) -> Iterator[str]:
    for field, value in values.items():
        if value is not False and (parts := _parts(field, value)):
            yield f"{label_of(ReleaseCycle, field)}: {', '.join(parts)}"


def _latest(value: str | LatestValue) -> list[str]:
    """Return a version, with its day if that is known."""
    if not isinstance(value, LatestValue):
        return [value]
    words = ", ".join(filter(None, (value.version, value.day and _date(value.day))))
    return [words] if words else []


def _releases(releases: dict[str, list[str]]) -> Iterator[str]:
    for version, (kind, day) in releases.items():
        yield f"{version}: {kind}{f', {_date(day)}' if day else ''}"


_PARTS: Final[dict[str, Callable[[Any], Iterable[str]]]] = {
    **dict.fromkeys((*MILESTONES, "latest_date", "added_on"), lambda text: [_date(text)]),
    "latest": _latest,
    "cycle": _cycle,
    "order": lambda names: [", ".join(names)],
    "tags": list,
    "aliases": list,
    "former_names": list,
    "identifiers": lambda pairs: map(": ".join, pairs),
    "main_identifier": lambda pair: [": ".join(pair)],
    "custom_fields": lambda fields: (", ".join(filter(None, each.values())) for each in fields),
    "custom": lambda own: (f"{name}: {text}" for name, text in own.items()),
    "releases": _releases,
}
"""Functions that split the values of a field, unless they are texts, numbers or booleans."""
