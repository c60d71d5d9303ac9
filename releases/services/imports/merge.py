"""The three-way merge of the last import, the tables, and the incoming values.

Values that were not edited here follow the source. Edited values stay and are reported. A cycle in
the last import that the tables lack was deleted here, and stays deleted; a cycle that the source
lacks stays and is flagged. Pure functions of sets of values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from releases.domain.lifecycle.latest import newer
from releases.domain.lifecycle.milestones import MILESTONES, parse_milestone
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.services.imports.values import (
    OPTIONAL_CYCLE_VALUES,
    OPTIONAL_PRODUCT_VALUES,
    SourceValues,
    Values,
)

Choices = Mapping[str, bool]
"""Decisions about the values that a merge keeps, by their names.

True accepts the source's value, False keeps the local one. A value that was shown as kept stays
unless it was accepted.
"""

NO_CHOICES: Choices = {}


@dataclass(frozen=True, slots=True)
class Sides:
    """A value on two sides: `here` and `there` (in the source), or before and after a change.

    None if a side has no such value. `field` is a field of the product or, with its name, of a
    `cycle`; or `cycle` for a whole one, `order` for the names of all, or `missing_in_source`.
    `note` is the reason for the state of the value.
    """

    field: str
    cycle: str
    here: Any
    there: Any
    note: str = ""


NamedSides = dict[str, Sides]
"""Values by name: `label`, `eol of 5.2`, `cycle 5.2`, `deletion of 5.2`, `order of cycles`."""


@dataclass(slots=True)
class MergeEffect:
    """The effect of a merge on a product: the changes, and the local edits that stayed."""

    changes: NamedSides = field(default_factory=dict)
    local_edits: NamedSides = field(default_factory=dict)


@dataclass(slots=True)
class MergePlan(MergeEffect):
    """The merge of a product before it is written.

    Attributes:
        product: The new values of the product.
        cycles: The new values of cycles, by name.
        new: The values of new cycles, by name.
        order: The names of all cycles in their new order.
    """

    product: Values = field(default_factory=dict)
    cycles: dict[str, Values] = field(default_factory=dict)
    new: dict[str, Values] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge of one set of values.

    `changes` are to be written; `local_edits` differ from the source and stay. `note` is the reason
    if they are not edits.
    """

    changes: Values = field(default_factory=dict)
    local_edits: tuple[str, ...] = ()
    note: str = ""


class LatestValue(NamedTuple):
    """The latest release of a cycle with its day, as texts: one value of a merge.

    Merged one by one, the version of one source could get the day of another.
    """

    version: str
    day: str


@dataclass(frozen=True, slots=True)
class Bases:
    """The bases of a merge: the values of the last imports of both kinds of sources.

    The two kinds are files and another installation. A value of either source is not an edit. A
    newer value of the other source stays until this source changes its value, or even then if this
    source `yields`.

    Of two latest releases the newer one wins, whichever source states it. Only the source of the
    present one may go back to an older one.

    Attributes:
        mine: The last values of the source that is being merged; None if it never had the row.
        other: The last values of the other kind of source; None if it never had the row.
        yields: Keep values of the other source even if this one changes its own.
        takes_back: False if `mine` is from another source than the one that is being merged.
    """

    mine: Values | None
    other: Values | None
    yields: bool = False
    takes_back: bool = True

    def of(self, here: Values) -> Values | None:
        """Return the base of a merge into `here`."""
        if self.mine is None and self.other is None:
            return None
        other = self.other or {}
        brought = {name: value for name, value in other.items() if here.get(name) == value}
        base = other | (self.mine or {}) | brought
        return base | {"latest": self._latest(here)} if "latest" in here else base

    def mergeable(self, here: Values, incoming: Values) -> Values:
        """Return the values of `incoming` that may be merged."""
        return {
            name: value
            for name, value in incoming.items()
            if not (
                self._from_other_source(name, here)
                and (self._last_value(name) == value or self._yields_to(here[name], value))
            )
        }

    def _yields_to(self, here: object, incoming: object) -> bool:
        """Return True if a value of the other source stays, whatever this one states."""
        if isinstance(here, LatestValue) and isinstance(incoming, LatestValue):
            return self.yields and not newer(incoming.version, here.version)
        return self.yields

    def _latest(self, here: Values) -> object:
        """Return the latest release in this source, if it may go back from it."""
        last = self._last_value("latest")
        return last if self.takes_back or last != here["latest"] else _MISSING

    def _from_other_source(self, name: str, here: Values) -> bool:
        """Return True if the local value is from the other source alone."""
        other = self.other or {}
        return name in other and here[name] == other[name] != self._last_value(name)

    def _last_value(self, name: str) -> object:
        return (self.mine or {}).get(name, _MISSING)


_MISSING = object()


def merge_product(
    here: SourceValues,
    incoming: SourceValues,
    mine: Values,
    other: Values,
    *,
    yields: bool,
    choices: Choices,
    takes_back: bool = True,
) -> MergePlan:
    """Merge a product with its cycles.

    Args:
        here: The values in the tables.
        incoming: The values of the source.
        mine: The base of this kind of source, as in the column `imported`.
        other: The base of the other kind of source.
        yields: As in `Bases`.
        choices: Decisions about local edits.
        takes_back: As in `Bases`.
    """
    plan = MergePlan()
    bases = Bases(OPTIONAL_PRODUCT_VALUES | mine["product"], other["product"], yields)
    mergeable = bases.mergeable(here.product, incoming.product)
    merged = merge(bases.of(here.product), here.product, mergeable, choices)
    plan.product = merged.changes
    _record_changes(plan, "", here.product, mergeable, merged)
    for name, values in here.cycles.items():
        if name in incoming.cycles:
            of_cycle = cycle_bases(mine, other, name, yields=yields, takes_back=takes_back)
            chosen = _choices_of(name, choices)
            paired = _paired(values)
            mergeable = of_cycle.mergeable(paired, _paired(incoming.cycles[name]))
            merged = merge_cycle(of_cycle.of(paired), paired, mergeable, chosen)
            plan.cycles[name] = _unpaired(merged.changes)
            _record_changes(plan, name, paired, mergeable, merged)
    _plan_new(plan, here, incoming, mine["cycles"].keys() | other["cycles"].keys(), choices)
    _plan_order(plan, here, incoming, mine["order"] or other["order"], choices)
    return plan


def _record_changes(
    plan: MergePlan, cycle: str, here: Values, mergeable: Values, merged: Merged
) -> None:
    behind = f" of {cycle}" if cycle else ""
    for name, value in merged.changes.items():
        plan.changes[f"{name}{behind}"] = Sides(name, cycle, here[name], value)
    for name in merged.local_edits:
        mine = merged.changes.get(name, here[name])
        note = merged.note if name in MILESTONES else ""
        plan.local_edits[f"{name}{behind}"] = Sides(name, cycle, mine, mergeable[name], note)


def _choices_of(cycle: str, choices: Choices) -> Choices:
    """Return the choices about the values of a cycle."""
    behind = f" of {cycle}"
    return {
        name.removesuffix(behind): taken for name, taken in choices.items() if name.endswith(behind)
    }


def _plan_new(
    plan: MergePlan,
    here: SourceValues,
    incoming: SourceValues,
    known: Collection[str],
    choices: Choices,
) -> None:
    """Plan the cycles that are not in the tables. One in a last import was deleted and stays so."""
    for name, values in incoming.cycles.items():
        if name in here.cycles:
            continue
        deletion = f"deletion of {name}"
        if name in known and not choices.get(deletion):
            plan.local_edits[deletion] = Sides("cycle", name, None, values)
        else:
            plan.new[name] = values
            plan.changes[f"cycle {name}"] = Sides("cycle", name, None, values)


def _plan_order(
    plan: MergePlan,
    here: SourceValues,
    incoming: SourceValues,
    base: Sequence[str],
    choices: Choices,
) -> None:
    name, old = "order of cycles", list(here.cycles)
    wanted = [each for each in incoming.cycles if each in here.cycles or each in plan.new]
    plan.order = merge_order(old if choices.get(name) else base, old, wanted)
    after = [each for each in plan.order if each in here.cycles]
    if after != old:
        plan.changes[name] = Sides("order", "", old, after)
    if [each for each in plan.order if each in incoming.cycles] != wanted:
        plan.local_edits[name] = Sides("order", "", plan.order, wanted)


def cycle_bases(
    mine: Values, other: Values, name: str, *, yields: bool, takes_back: bool = True
) -> Bases:
    """Return the bases of a cycle, from those of its product."""
    own, of_other = mine["cycles"].get(name), other["cycles"].get(name)
    if own is None and of_other is None:
        return Bases(None, None)
    paired = _paired(OPTIONAL_CYCLE_VALUES | (own or {}))
    return Bases(paired, of_other and _paired(of_other), yields, takes_back)


def _paired(values: Values) -> Values:
    """Return the values of a cycle with its latest release and its day as one value."""
    if "latest" not in values:
        return values
    pair = LatestValue(values["latest"], values.get("latest_date", ""))
    return {
        name: pair if name == "latest" else value
        for name, value in values.items()
        if name != "latest_date"
    }


def _unpaired(values: Values) -> Values:
    pair = values.get("latest")
    if not isinstance(pair, LatestValue):
        return values
    return values | {"latest": pair.version, "latest_date": pair.day}


def merge(
    base: Mapping[str, Any] | None, here: Values, incoming: Values, choices: Choices = NO_CHOICES
) -> Merged:
    """Merge one set of values.

    Mappings (custom columns, releases) are merged key by key. Of two latest releases the newer one
    wins.

    Args:
        base: The base; None for a row that was created here, not imported.
        here: The values in the tables.
        incoming: The values of the source.
        choices: Decisions about local edits.
    """
    changes: Values = {}
    kept = []
    for name, value in incoming.items():
        mine = here[name]
        if choices.get(name):
            merged = value
        elif isinstance(value, LatestValue):
            merged = _newest(base.get(name) if base else None, mine, value)
        else:
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


def _newest(base: object, here: LatestValue, incoming: LatestValue) -> LatestValue:
    """Return the latest release of a cycle. A source may go back from its own last one (`base`)."""
    if incoming == base:
        return here
    dates_it = incoming.version == here.version and not here.day
    wins = here == base or dates_it or newer(incoming.version, here.version)
    return incoming if wins else here


def merge_cycle(
    base: Mapping[str, Any] | None, here: Values, incoming: Values, choices: Choices = NO_CHOICES
) -> Merged:
    """Merge a cycle: as `merge`, but keep all local milestones if they would be out of order.

    Milestones that the user chose to keep never change: they may have been kept for the order
    alone.
    """
    merged = merge(base, here, incoming, choices)
    held = [name for name in MILESTONES if name in merged.changes and choices.get(name) is False]
    if held:
        merged = _without(merged, held, "")
    after = here | merged.changes
    life = Lifecycle.of({name: parse_milestone(after[name]) for name in MILESTONES})
    if not (errors := order_errors(life)):
        return merged
    moved = [name for name in MILESTONES if name in merged.changes]
    return _without(merged, moved, " ".join(map(str, errors)))


def _without(merged: Merged, names: Sequence[str], note: str) -> Merged:
    """Return the merge without some of its changes, which become local edits."""
    changes = {name: value for name, value in merged.changes.items() if name not in names}
    return Merged(changes, (*merged.local_edits, *names), note)


def merge_order(base: Sequence[str], here: Sequence[str], incoming: Sequence[str]) -> list[str]:
    """Return the order of the names that are in `here` or `incoming`.

    It is the order of the source unless the order was changed here. A name that only one side has
    is placed before its successor on that side.
    """
    known = set(base) & set(here)
    untouched = [name for name in base if name in known] == [name for name in here if name in known]
    return _interleave(incoming, here) if untouched else _interleave(here, incoming)


def _interleave(main: Sequence[str], other: Sequence[str]) -> list[str]:
    result = list(main)
    following: str | None = None
    for name in reversed(other):
        if name not in result:
            result.insert(result.index(following) if following else len(result), name)
        following = name
    return result


def positions(order: Iterable[str], current: Mapping[str, int]) -> dict[str, int]:
    """Return the positions of names in `order`, changing few rows.

    Names that are new at the top or at the bottom get numbers outside the present ones; in any
    other case all are numbered again.

    Args:
        order: The names in order.
        current: The positions of existing rows, by name.
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
