"""Plans of reverting: the rows that would change, and those that would stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db.models import Model

from releases.domain.history.differences import Difference, Facts, differences, undo
from releases.models import Category, Product, ReleaseCycle, Tag, visibility
from releases.selectors.history.records import (
    HISTORY_TABLES,
    Key,
    RecordedChange,
    RowChange,
    State,
    Subject,
    made_after,
    state_at,
    state_now,
)

_OWNERS: Final[tuple[tuple[type[Model], str], ...]] = (
    (ReleaseCycle, "cycle"),
    (Product, "product"),
)
"""The tables of what rows belong to, with the field that says so."""

_PLACES: Final = ("product", "from_cycle", "to_cycle")
"""The fields that refer to what has to be public for a row to be."""


class Why(StrEnum):
    """The reason why a row or a field stays."""

    CHANGED = "was changed again since"
    DELETED = "was deleted since"
    BACK = "is here again already"
    OWNER = "cannot come back before what it belongs to"
    OWNS = "has something that was added since"
    MISSING = "what no longer exists cannot come back"


@dataclass(frozen=True, slots=True)
class RevertEffect:
    """The effect on a row: its values now and then; None where there is no row."""

    key: Key
    now: Facts | None
    then: Facts | None

    @property
    def differences(self) -> tuple[Difference, ...]:
        return differences(self.now, self.then)


@dataclass(frozen=True, slots=True)
class Unreverted:
    """A row, or one of its fields, that would stay, and why.

    `facts` tell its name; `change` is the difference between what was written and what is there
    now.
    """

    key: Key
    facts: Facts
    why: Why
    change: Difference | None = None


@dataclass(frozen=True, slots=True)
class RevertPlan:
    """The effects of reverting, in the order of `HISTORY_TABLES`."""

    subject: Subject
    effects: tuple[RevertEffect, ...]
    kept: tuple[Unreverted, ...] = ()

    @property
    def digest(self) -> str:
        """Tells whether a plan is still the one that somebody has looked at."""
        told = [(each.key[0].__name__, each.key[1], each.differences) for each in self.effects]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    @property
    def rights(self) -> set[str]:
        """The rights that it takes: `change_product`, `add_release`, `publish_releasecycle`."""
        needed = {f"change_{self.subject.model._meta.model_name}"}
        for effect in self.effects:
            table = effect.key[0]._meta.model_name
            action = "add" if effect.now is None else "delete" if effect.then is None else "change"
            needed.add(f"{action}_{table}")
            if _publishes(effect):
                needed.add(f"publish_{table}")
        return needed


def plan_revert(subject: Subject, change: RecordedChange) -> RevertPlan:
    """Return the plan that reverts one change of a subject; about 20 queries for a product."""
    now = state_now(subject)
    effects: list[RevertEffect] = []
    kept: list[Unreverted] = []
    for row in change.rows:
        present = now.get(row.key)
        if row.before is None and row.after is not None:
            _undo_adding(row, present, effects, kept)
        elif row.after is None and row.before is not None:
            if present is None:
                effects.append(RevertEffect(row.key, None, row.before))
            else:
                kept.append(Unreverted(row.key, present, Why.BACK))
        elif row.after is not None:
            _undo_editing(row, present, effects, kept)
    return _possible(subject, now, effects, kept)


def plan_back_to(subject: Subject, moment: datetime) -> RevertPlan:
    """Return the plan that brings a subject, with all that belongs to it, to its state at a moment,
    the change of that moment included; about 30 queries for a product.

    Rows that were there before the history began stay.
    """
    now, then = state_now(subject), state_at(subject, moment)
    later = made_after(subject, moment)
    keys = sorted(now.keys() | then.keys(), key=lambda key: (HISTORY_TABLES.index(key[0]), key[1]))
    effects = []
    for key in keys:
        if not (_belongs(subject, key, now) or _belongs(subject, key, then)):
            continue
        if key not in then and key not in later:
            continue
        if differences(now.get(key), then.get(key)):
            effects.append(RevertEffect(key, now.get(key), then.get(key)))
    return _possible(subject, now, effects, [])


def _undo_adding(
    row: RowChange, now: Facts | None, effects: list[RevertEffect], kept: list[Unreverted]
) -> None:
    if now is None:
        return
    since = differences(row.after, now)
    kept += [Unreverted(row.key, now, Why.CHANGED, each) for each in since]
    if not since:
        effects.append(RevertEffect(row.key, now, None))


def _undo_editing(
    row: RowChange, now: Facts | None, effects: list[RevertEffect], kept: list[Unreverted]
) -> None:
    if now is None:
        kept.append(Unreverted(row.key, row.after or {}, Why.DELETED))
        return
    undoing = undo(differences(row.before, row.after), now)
    kept += [Unreverted(row.key, now, Why.CHANGED, each) for each in undoing.kept]
    if undoing.changes:
        then = {**now, **{each.field: each.after for each in undoing.changes}}
        effects.append(RevertEffect(row.key, now, then))


def _possible(
    subject: Subject, now: State, effects: list[RevertEffect], kept: list[Unreverted]
) -> RevertPlan:
    """The plan without what cannot be: nothing comes back before what it belongs to, nothing goes
    with something that stays, and no tag or category comes back."""
    effects = [_with_references(each, kept) for each in effects]
    going = {each.key for each in effects if each.then is None}
    for key, facts in sorted(now.items(), key=lambda item: -HISTORY_TABLES.index(item[0][0])):
        for owner in _owners(facts) if key not in going else ():
            if owner in going:
                going.discard(owner)
                kept.append(Unreverted(owner, now[owner], Why.OWNS))
    there = now.keys() | _elsewhere(effects)
    possible = []
    for effect in effects:
        if effect.then is None:
            if effect.key in going:
                possible.append(effect)
        elif effect.now is None and not there.issuperset(_owners(effect.then)):
            kept.append(Unreverted(effect.key, effect.then, Why.OWNER))
        else:
            there.add(effect.key)
            possible.append(effect)
    return RevertPlan(subject, tuple(each for each in possible if each.differences), tuple(kept))


def _with_references(effect: RevertEffect, kept: list[Unreverted]) -> RevertEffect:
    """The effect without a category and tags that no longer exist."""
    if effect.then is None or effect.key[0] is not Product:
        return effect
    category: Any = effect.then["category"]
    tags: Any = effect.then["tags"]
    there = set(Tag.objects.filter(pk__in=tags).values_list("pk", flat=True))
    then = {
        **effect.then,
        "category": category if Category.objects.filter(pk=category).exists() else None,
        "tags": tuple(tag for tag in tags if tag in there),
    }
    for lost in differences(effect.then, then):
        kept.append(Unreverted(effect.key, then, Why.MISSING, lost))
    return replace(effect, then=then)


def _elsewhere(effects: Iterable[RevertEffect]) -> set[Key]:
    """The rows that are here, of those that rows would belong to; a query for each table."""
    wanted = {owner for each in effects if each.then for owner in _owners(each.then)}
    return {
        (model, pk)
        for model in (Product, ReleaseCycle)
        for pk in model._default_manager.filter(
            pk__in=[key for table, key in wanted if table is model]
        ).values_list("pk", flat=True)
    }


def _owners(facts: Facts) -> list[Key]:
    """Return the rows that a row belongs to: a cycle, a product, or both, as for former names of
    cycles."""
    owners = ((model, facts.get(name)) for model, name in _OWNERS)
    return [(model, pk) for model, pk in owners if isinstance(pk, int)]


def _belongs(subject: Subject, key: Key, state: State) -> bool:
    """True if a row is there in a state and belongs to the subject in it."""
    top = (subject.model, subject.pk)
    facts = state.get(key)
    if facts is None:
        return False
    return key == top or any(
        owner == top or _belongs(subject, owner, state) for owner in _owners(facts)
    )


def _publishes(effect: RevertEffect) -> bool:
    """Return whether an effect makes a row public or a draft, or puts it where it is public."""
    now, then = effect.now, effect.then
    if not then or "draft" not in then:
        return False
    if _shown(now) != _shown(then):
        return True
    places = (field for field in _PLACES if field in then)
    if not now or all(now[field] == then[field] for field in places):
        return False
    today = visibility.real_date()
    before, after = (
        visibility.is_published(_row(effect.key[0], facts), today) for facts in (now, then)
    )
    return after and not before


def _row(model: type[Model], facts: Facts) -> Any:
    """A row of a table with what its visibility depends on."""
    names = [*_PLACES, "draft", "publish_on"]
    row = model()
    for name in names:
        if name in facts:
            field: Any = model._meta.get_field(name)
            setattr(row, field.attname, facts[name])
    return row


def _shown(facts: Facts | None) -> tuple[object, object]:
    """Return the draft columns of a row; None stands for no row."""
    return (facts["draft"], facts["publish_on"]) if facts else (True, None)
