"""The three-way merge: the last import, here, and what comes in.

What nobody edited here follows the source; what was edited here stays, and is reported as kept.
Pure: sets of values in, sets of values out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from releases.domain.lifecycle import MILESTONES, Lifecycle, order_errors
from releases.domain.milestones import parse_milestone
from releases.services.values import Values


@dataclass(frozen=True, slots=True)
class Merged:
    """`changes` are to be written here; `kept` differs from the source and stays."""

    changes: Values = field(default_factory=dict)
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bases:
    """Values of the last import of the source that is being merged, and of the `other` kind of
    source (files and another installation are the two); None where one knows nothing of it.

    What either said is no edit. What the other one brought since stays until this source says
    something new; if it `yields`, even then.
    """

    mine: Values | None
    other: Values | None
    yields: bool = False

    def of(self, here: Values) -> Values | None:
        """The base of a merge into `here`."""
        if self.mine is None and self.other is None:
            return None
        other = self.other or {}
        brought = {name: value for name, value in other.items() if here.get(name) == value}
        return other | (self.mine or {}) | brought

    def heard(self, here: Values, incoming: Values) -> Values:
        """What of `incoming` may come in."""
        return {
            name: value
            for name, value in incoming.items()
            if not (self._brought(name, here) and (self.yields or self._said(name) == value))
        }

    def _brought(self, name: str, here: Values) -> bool:
        """Whether the value here is from the other source alone."""
        other = self.other or {}
        return name in other and here[name] == other[name] != self._said(name)

    def _said(self, name: str) -> object:
        return (self.mine or {}).get(name, _NEVER)


_NEVER = object()


def merge(base: Mapping[str, Any] | None, here: Values, incoming: Values) -> Merged:
    """Merges one set of values. `base` is None for what was made here, not imported.

    A value that is a mapping (own columns, releases) is merged key by key.
    """
    changes: Values = {}
    kept = []
    for name, value in incoming.items():
        mine = here[name]
        merged = mine if base is None else _merged(base.get(name, mine), mine, value)
        if merged != mine:
            changes[name] = merged
        if merged != value:
            kept.append(name)
    return Merged(changes, tuple(kept))


def _merged(base: object, here: object, incoming: object) -> object:
    if isinstance(base, dict) and isinstance(here, dict) and isinstance(incoming, dict):
        keys = [*here, *(key for key in incoming if key not in here)]
        parts = {key: _merged(base.get(key), here.get(key), incoming.get(key)) for key in keys}
        return {key: part for key, part in parts.items() if part is not None}
    return incoming if base == here else here


def merge_cycle(base: Mapping[str, Any] | None, here: Values, incoming: Values) -> Merged:
    """`merge`, but milestones that would come out in the wrong order all stay as they are here."""
    merged = merge(base, here, incoming)
    after = here | merged.changes
    life = Lifecycle(**{name: parse_milestone(after[name]) for name in MILESTONES})
    if not order_errors(life):
        return merged
    moved = [name for name in MILESTONES if name in merged.changes]
    changes = {name: value for name, value in merged.changes.items() if name not in moved}
    return Merged(changes, (*merged.kept, *moved))


def merge_order(base: Sequence[str], here: Sequence[str], incoming: Sequence[str]) -> list[str]:
    """The order of the names that are in `here` or `incoming`.

    The source's order, unless somebody changed the order here. What only one side has stands
    before the neighbour that follows it there.
    """
    known = set(base) & set(here)
    untouched = [name for name in base if name in known] == [name for name in here if name in known]
    return _woven(incoming, here) if untouched else _woven(here, incoming)


def _woven(main: Sequence[str], other: Sequence[str]) -> list[str]:
    result = list(main)
    following: str | None = None
    for name in reversed(other):
        if name not in result:
            result.insert(result.index(following) if following else len(result), name)
        following = name
    return result


def positions(order: Iterable[str], current: Mapping[str, int]) -> dict[str, int]:
    """The positions of names in `order`, moving as few rows as is simple.

    `current` are those of the rows that exist. New names on top or at the bottom get numbers
    outside the present ones; anything else is numbered anew.
    """
    names = list(order)
    old = [name for name in names if name in current]
    numbers = [current[name] for name in old]
    in_order = all(first < second for first, second in pairwise(numbers))
    start = names.index(old[0]) if old else 0
    if not old or not in_order or names[start : start + len(old)] != old:
        return {name: index for index, name in enumerate(names)}
    return (
        {name: numbers[0] - start + index for index, name in enumerate(names[:start])}
        | {name: numbers[-1] + 1 + index for index, name in enumerate(names[start + len(old) :])}
        | dict(zip(old, numbers, strict=True))
    )
