"""Field-level differences between two states of a row, and how to undo them.

Undoing compares three states: before the change, after it, and now. A field that was changed again
since is left alone and reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

Facts = Mapping[str, object]
"""The values of a row by field. A missing field equals None."""

_AROUND: Final = 30
_MAX_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """A field with its values in the two states."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The result of undoing a change of a row.

    `changes` lead from the present values to the earlier ones. `kept` are fields that were changed
    again since, with the value that was written then and the present one; they are left alone.
    """

    changes: tuple[Difference, ...] = ()
    kept: tuple[Difference, ...] = ()


def differences(before: Facts | None, after: Facts | None) -> tuple[Difference, ...]:
    """Return the fields that differ, in the order of the rows; None stands for a missing row."""
    before, after = before or {}, after or {}
    pairs = ((name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after]))
    return tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])


def undo(done: Iterable[Difference], now: Facts) -> UndoPlan:
    """Return how to undo `done` in a row with the values `now`.

    A field that has its earlier value already needs no change. A field with a third value is never
    overwritten.
    """
    changes, kept = [], []
    for each in done:
        value = now.get(each.field)
        if value == each.after:
            changes.append(Difference(each.field, value, each.before))
        elif value != each.before:
            kept.append(Difference(each.field, each.after, value))
    return UndoPlan(tuple(changes), tuple(kept))


def changed_part(before: str, after: str) -> tuple[str, str]:
    """Return the parts of two texts in which they differ, with a few characters around them.

    Short texts are returned whole; a long difference is truncated.
    """
    if max(len(before), len(after)) <= _MAX_LENGTH:
        return before, after
    start = _common_length(before, after)
    end = _common_length(before[start:][::-1], after[start:][::-1])
    return _excerpt(before, start, len(before) - end), _excerpt(after, start, len(after) - end)


def _common_length(one: str, other: str) -> int:
    """Return the length of the common prefix of two texts."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _excerpt(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND, start + _MAX_LENGTH)
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
