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
"""What a row says, by field. A field that is not there says what None says: nothing."""

_AROUND: Final = 30
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, and what it says on both sides."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing changes of a row, from now to then. `kept` was changed again since: from what
    was written then to what is there now."""

    changes: tuple[Difference, ...] = ()
    kept: tuple[Difference, ...] = ()


def differences(before: Facts | None, after: Facts | None) -> tuple[Difference, ...]:
    """The fields that differ, in the order in which the rows have them; None stands for no row."""
    before, after = before or {}, after or {}
    pairs = ((name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after]))
    return tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])


def undo(done: Iterable[Difference], now: Facts) -> Undoing:
    """What undoes `done` in a row that says `now`. What says already what it said before needs
    nothing; what says neither is never written over."""
    changes, kept = [], []
    for each in done:
        value = now.get(each.field)
        if value == each.after:
            changes.append(Difference(each.field, value, each.before))
        elif value != each.before:
            kept.append(Difference(each.field, each.after, value))
    return Undoing(tuple(changes), tuple(kept))


def changed_part(before: str, after: str) -> tuple[str, str]:
    """Of two texts that may be long the part in which they differ, with a little of what stands
    around it; cut off where even that is long."""
    if max(len(before), len(after)) <= _MOST:
        return before, after
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    return _excerpt(before, start, len(before) - end), _excerpt(after, start, len(after) - end)


def _alike(one: str, other: str) -> int:
    """How many characters they have in common before the first that differs."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _excerpt(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND, start + _MOST)
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
