"""The three-way merge of the last import, the tables, and the incoming values.

Values that nobody edited follow the source. Edited values stay and are reported. A cycle that the
last import has and the tables lack was deleted here, and stays deleted; a cycle that the source
lacks stays and is flagged. Pure: sets of values in, sets of values out.
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
    UNSAID_OF_CYCLE,
    UNSAID_OF_PRODUCT,
    SourceValues,
    Values,
)

Choices = Mapping[str, bool]
"""Decisions about the values that a merge keeps, by their names: True accepts the source's value,
False keeps the one here. A value that was shown as kept stays unless it was accepted."""

NO_CHOICES: Choices = {}


@dataclass(frozen=True, slots=True)
class Sides:
    """A value on two sides: `here` and `there`, which is in the source; of a change, before it and
    after it. None where one side has nothing of the kind.

    `field` is one of a product's or, with its name, of a `cycle`; or `cycle` for a whole one,
    `order` for the names of all, `missing_in_source`. `note` says why it is as it is.
    """

    field: str
    cycle: str
    here: Any
    there: Any
    note: str = ""


NamedSides = dict[str, Sides]
"""By name: `label`, `eol of 5.2`, `cycle 5.2`, `deletion of 5.2`, `order of cycles`."""


@dataclass(slots=True)
class MergeEffect:
    """The effect of a merge on a product: the changes, and the local edits that stayed."""

    changes: NamedSides = field(default_factory=dict)
    local_edits: NamedSides = field(default_factory=dict)


@dataclass(slots=True)
class MergePlan(MergeEffect):
    """The merge of a product before it is written: the new values of the product and of cycles,
    cycles that are new, and the order in which all of them stand then."""

    product: Values = field(default_factory=dict)
    cycles: dict[str, Values] = field(default_factory=dict)
    new: dict[str, Values] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Merged:
    """`changes` are to be written; `local_edits` differ from the source and stay, for the reason of
    `note` if they are no edits."""

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
    """Values of the last import of the source that is being merged, and of the `other` kind of
    source (files and another installation are the two); None where one knows nothing of it.

    What either said is no edit. What the other one brought since stays until this source says
    something new; if it `yields`, even then.

    Of the latest release the newer one wins, whoever told of it. Only a source that told of the
    present one may take it back for an older one; `takes_back` is False where `mine` is of another
    source than the one that is being merged.
    """

    mine: Values | None
    other: Values | None
    yields: bool = False
    takes_back: bool = True

    def of(self, here: Values) -> Values | None:
        """The base of a merge into `here`."""
        if self.mine is None and self.other is None:
            return None
        other = self.other or {}
        brought = {name: value for name, value in other.items() if here.get(name) == value}
        base = other | (self.mine or {}) | brought
        return base | {"latest": self._latest(here)} if "latest" in here else base

    def heard(self, here: Values, incoming: Values) -> Values:
        """Return the values of `incoming` that may be merged."""
        return {
            name: value
            for name, value in incoming.items()
            if not (
                self._brought(name, here)
                and (self._said(name) == value or self._yields_to(here[name], value))
            )
        }

    def _yields_to(self, here: object, incoming: object) -> bool:
        """True if a value of the other source stays, whatever this one says now."""
        if isinstance(here, LatestValue) and isinstance(incoming, LatestValue):
            return self.yields and not newer(incoming.version, here.version)
        return self.yields

    def _latest(self, here: Values) -> object:
        """The latest release that this source told of, as far as it may take it back."""
        said = self._said("latest")
        return said if self.takes_back or said != here["latest"] else _NEVER

    def _brought(self, name: str, here: Values) -> bool:
        """True if the value here is from the other source alone."""
        other = self.other or {}
        return name in other and here[name] == other[name] != self._said(name)

    def _said(self, name: str) -> object:
        return (self.mine or {}).get(name, _NEVER)


_NEVER = object()


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
    """Merges a product with its cycles. `mine` and `other` are what the two kinds of sources said
    last, as the column `imported` has it; `yields` and `takes_back` are as in `Bases`."""
    plan = MergePlan()
    bases = Bases(UNSAID_OF_PRODUCT | mine["product"], other["product"], yields)
    heard = bases.heard(here.product, incoming.product)
    merged = merge(bases.of(here.product), here.product, heard, choices)
    plan.product = merged.changes
    _tell(plan, "", here.product, heard, merged)
    for name, values in here.cycles.items():
        if name in incoming.cycles:
            of_cycle = cycle_bases(mine, other, name, yields=yields, takes_back=takes_back)
            chosen = _choices_of(name, choices)
            paired = _paired(values)
            heard = of_cycle.heard(paired, _paired(incoming.cycles[name]))
            merged = merge_cycle(of_cycle.of(paired), paired, heard, chosen)
            plan.cycles[name] = _unpaired(merged.changes)
            _tell(plan, name, paired, heard, merged)
    _plan_new(plan, here, incoming, mine["cycles"].keys() | other["cycles"].keys(), choices)
    _plan_order(plan, here, incoming, mine["order"] or other["order"], choices)
    return plan


def _tell(plan: MergePlan, cycle: str, here: Values, heard: Values, merged: Merged) -> None:
    behind = f" of {cycle}" if cycle else ""
    for name, value in merged.changes.items():
        plan.changes[f"{name}{behind}"] = Sides(name, cycle, here[name], value)
    for name in merged.local_edits:
        mine = merged.changes.get(name, here[name])
        note = merged.note if name in MILESTONES else ""
        plan.local_edits[f"{name}{behind}"] = Sides(name, cycle, mine, heard[name], note)


def _choices_of(cycle: str, choices: Choices) -> Choices:
    """The choices among the values of a cycle."""
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
    """Cycles that are not here. What is in a last import was deleted here: it stays so."""
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
    """The bases of a cycle, as those of its product have them."""
    said, of_other = mine["cycles"].get(name), other["cycles"].get(name)
    if said is None and of_other is None:
        return Bases(None, None)
    paired = _paired(UNSAID_OF_CYCLE | (said or {}))
    return Bases(paired, of_other and _paired(of_other), yields, takes_back)


def _paired(values: Values) -> Values:
    """The values of a cycle with its latest release and the day of that as one value."""
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
    """Merges one set of values. `base` is None for what was made here, not imported.

    A value that is a mapping (own columns, releases) is merged key by key; of two latest releases
    the newer one wins.
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
    """The latest release of a cycle. The source may take back what it told of itself (`base`)."""
    if incoming == base:
        return here
    dates_it = incoming.version == here.version and not here.day
    wins = here == base or dates_it or newer(incoming.version, here.version)
    return incoming if wins else here


def merge_cycle(
    base: Mapping[str, Any] | None, here: Values, incoming: Values, choices: Choices = NO_CHOICES
) -> Merged:
    """`merge`, but milestones that would come out in the wrong order all stay as they are here.

    Of the milestones that somebody chose not to take over none moves, whatever became of the
    others: it may have been kept for the order alone.
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
    """The merge without some of its changes, which are kept instead."""
    changes = {name: value for name, value in merged.changes.items() if name not in names}
    return Merged(changes, (*merged.local_edits, *names), note)


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
