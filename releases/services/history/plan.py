"""Revert plans: the rows that would change, and those that would stay."""

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
    changes,
    made_after,
    state_at,
    state_now,
)

_OWNERS: Final[tuple[tuple[type[Model], str], ...]] = (
    (ReleaseCycle, "cycle"),
    (Product, "product"),
)
"""The tables that rows belong to, with the field of the reference."""

_PLACES: Final = ("product", "from_cycle", "to_cycle")
"""The fields that refer to what must be public for a row to be public."""


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
    """The effect on a row: its values now and after the revert; None if there is no row."""

    key: Key
    now: Facts | None
    then: Facts | None

    @property
    def differences(self) -> tuple[Difference, ...]:
        return differences(self.now, self.then)


@dataclass(frozen=True, slots=True)
class Unreverted:
    """A row, or one of its fields, that would stay, and the reason.

    `facts` contain its name; `change` is the difference between the recorded and the present value.
    """

    key: Key
    facts: Facts
    why: Why
    change: Difference | None = None


@dataclass(frozen=True, slots=True)
class RevertPlan:
    """The effects of a revert, in the order of `HISTORY_TABLES`, and what would stay."""

    subject: Subject
    effects: tuple[RevertEffect, ...]
    kept: tuple[Unreverted, ...] = ()

    @property
    def digest(self) -> str:
        """A digest of the effects; it shows whether a plan is still the one that was confirmed."""
        told = [(each.key[0].__name__, each.key[1], each.differences) for each in self.effects]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    @property
    def rights(self) -> set[str]:
        """The required permissions, such as `add_release` and `publish_releasecycle`."""
        needed = {f"change_{self.subject.model._meta.model_name}"}
        for effect in self.effects:
            table = effect.key[0]._meta.model_name
            action = "add" if effect.now is None else "delete" if effect.then is None else "change"
            needed.add(f"{action}_{table}")
            if _publishes(effect):
                needed.add(f"publish_{table}")
        return needed


def plan_revert(subject: Subject, change: RecordedChange) -> RevertPlan:
    """Return the plan that reverts one change of a subject, in about 20 queries for a product.

    If the change moved rows from a product and deleted it, the product is restored, too.
    """
    now = state_now(subject)
    effects: list[RevertEffect] = []
    kept: list[Unreverted] = []
    rows = {row.key: row for row in change.rows}
    for former in _former_products(change, now):
        now |= state_now(former)
        rows |= {row.key: row for each in changes(former, [change.at]) for row in each.rows}
    for row in sorted(rows.values(), key=lambda row: HISTORY_TABLES.index(row.key[0])):
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


def _former_products(change: RecordedChange, now: State) -> list[Subject]:
    """Return the deleted products that a change moved rows from, in 1 query, or none."""
    moved = (row for row in change.rows if row.before and row.after and row.key in now)
    before = {row.before["product"] for row in moved if row.before and "product" in row.before}
    keys = {key for key in before if isinstance(key, int) and (Product, key) not in now}
    there = Product.objects.filter(pk__in=keys).values_list("pk", flat=True) if keys else ()
    return [Subject(Product, key) for key in sorted(keys - set(there))]


def plan_back_to(subject: Subject, moment: datetime) -> RevertPlan:
    """Return the plan that restores the state of a subject right after a moment.

    Everything that belongs to it is restored, except for rows that existed before the history
    began, which stay. About 30 queries for a product.
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
    """Return the plan without effects that are impossible.

    A row is neither restored nor moved to a place that does not exist, nor deleted while a row that
    belongs to it stays. Deleted tags and categories are not restored.
    """
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
        elif not there.issuperset(_owners(effect.then)):
            kept.append(Unreverted(effect.key, effect.then, Why.OWNER))
        else:
            there.add(effect.key)
            possible.append(effect)
    return RevertPlan(subject, tuple(each for each in possible if each.differences), tuple(kept))


def _with_references(effect: RevertEffect, kept: list[Unreverted]) -> RevertEffect:
    """Return the effect without a category and tags that no longer exist."""
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
    """Return the existing rows that rows would belong to, in 1 query for each table."""
    wanted = {owner for each in effects if each.then for owner in _owners(each.then)}
    return {
        (model, pk)
        for model in (Product, ReleaseCycle)
        for pk in model._default_manager.filter(
            pk__in=[key for table, key in wanted if table is model]
        ).values_list("pk", flat=True)
    }


def _owners(facts: Facts) -> list[Key]:
    """Return the rows that a row belongs to.

    These are a cycle, a product, or both, as for former names of cycles.
    """
    owners = ((model, facts.get(name)) for model, name in _OWNERS)
    return [(model, pk) for model, pk in owners if isinstance(pk, int)]


def _belongs(subject: Subject, key: Key, state: State) -> bool:
    """Return True if a row exists in a state and belongs to the subject in it."""
    top = (subject.model, subject.pk)
    facts = state.get(key)
    if facts is None:
        return False
    return key == top or any(
        owner == top or _belongs(subject, owner, state) for owner in _owners(facts)
    )


def _publishes(effect: RevertEffect) -> bool:
    """Return True if an effect publishes a row, hides it, or moves it to a public place."""
    now, then = effect.now, effect.then
    if not then or "draft" not in then:
        return False
    if _shown(now) != _shown(then):
        return True
    places = (field for field in _PLACES if field in then)
    if not now or all(now[field] == then[field] for field in places):
        return False
    if not _is_placed(then):
        return not then["draft"]  # it moves to a product that the same plan restores
    today = visibility.real_date()
    before, after = (
        visibility.is_published(_row(effect.key[0], facts), today) for facts in (now, then)
    )
    return after and not before


def _is_placed(facts: Facts) -> bool:
    """Return True if the product of a row exists."""
    product: Any = facts.get("product")
    return product is None or Product.objects.filter(pk=product).exists()


def _row(model: type[Model], facts: Facts) -> Any:
    """Return an instance with the values that decide its visibility."""
    names = [*_PLACES, "draft", "publish_on"]
    row = model()
    for name in names:
        if name in facts:
            field: Any = model._meta.get_field(name)
            setattr(row, field.attname, facts[name])
    return row


def _shown(facts: Facts | None) -> tuple[object, object]:
    """Return the draft columns of a row; those of a draft if there is no row (None)."""
    return (facts["draft"], facts["publish_on"]) if facts else (True, None)
