"""Application of revert plans: in one transaction, validated, with one reason in the history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from simple_history.utils import bulk_create_with_history

from releases.domain.history.differences import Facts
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.models import (
    Alias,
    CustomField,
    CycleAlias,
    CycleIdentifier,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Source,
    UpgradeNote,
)
from releases.models.history import one_change
from releases.models.product import has_main_identifier
from releases.models.revision import bump_revision
from releases.selectors.history.records import HISTORY_TABLES, OWN_COLUMN, Key, as_row, last_rows
from releases.services.history.plan import RevertEffect, RevertPlan
from releases.services.imports.merge_bases import base_of_product, bases_of_notes
from releases.services.imports.store import BATCH
from releases.services.renames import Place, keep_cycle_name, keep_product_name, take_name

_NAMED_BY: Final[dict[type[Model], str]] = {
    Product: "name",
    CustomField: "name",
    Alias: "name",
    Identifier: "value",
    ReleaseCycle: "name",
    CycleAlias: "name",
    CycleIdentifier: "value",
    Release: "version",
    UpgradeNote: "key",
}
"""The column that is unique in the table, or within a product or cycle."""


@dataclass(frozen=True, slots=True)
class RevertProblem:
    """The reason why a row cannot get its former values.

    `field` is empty if the reason concerns several fields.
    """

    key: Key
    facts: Facts
    field: str
    message: str


class RefusedError(Exception):
    """The plan cannot be applied, for the reasons in `problems`. Nothing was written."""

    def __init__(self, problems: Iterable[RevertProblem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


class OutdatedError(Exception):
    """The plan differs from the one that was shown. Nothing was written."""


def carry_out(plan: Callable[[], RevertPlan], seen: str, reason: str) -> RevertPlan:
    """Apply a plan in one transaction and return it.

    Args:
        plan: Makes the plan; called while no one else can write.
        seen: The digest of the plan that the user confirmed.
        reason: The reason in the history.

    Raises:
        OutdatedError: The plan has another digest now; nothing is written.
        RefusedError: Rows cannot get their former values; nothing is written.
    """
    with transaction.atomic(), one_change(reason), bump_revision():
        made = plan()
        if made.digest != seen:
            raise OutdatedError
        _delete([each for each in made.effects if each.then is None])
        changed = [each for each in made.effects if each.now and each.then]
        restored = [each for each in made.effects if each.now is None]
        _free_names(changed)
        # Rows may move back to a product that is restored.
        _restore([each for each in restored if each.key[0] is Product])
        _change(changed)
        _restore([each for each in restored if each.key[0] is not Product])
        _keep_addresses(made.effects)
        return made


def _delete(effects: list[RevertEffect]) -> None:
    for model in reversed(HISTORY_TABLES):
        if keys := [each.key[1] for each in effects if each.key[0] is model]:
            model._default_manager.filter(pk__in=keys).delete()


def _change(effects: list[RevertEffect]) -> None:
    problems: list[RevertProblem] = []
    for model in HISTORY_TABLES:
        of_model = [each for each in effects if each.key[0] is model]
        rows = model._default_manager.in_bulk([each.key[1] for each in of_model])
        for effect in of_model:
            row = rows[effect.key[1]]
            _set(row, {each.field: each.after for each in effect.differences})
            problems += _problems(effect, row.full_clean)
            if not problems:
                row.save()
                _set_tags(row, effect)
    if problems:
        raise RefusedError(problems)


def _keep_addresses(effects: Collection[RevertEffect]) -> None:
    """Keep the former names of rows as aliases, as any other rename does.

    The names of restored products are no aliases of others any more.
    """
    back = [each.key[1] for each in effects if each.now is None and each.key[0] is Product]
    for product in Product.objects.filter(pk__in=back) if back else ():
        take_name(product)
    for model, pk, old in _given_up(effects):
        if model is Product:
            keep_product_name(Product.objects.get(pk=pk), old.name)
        else:
            keep_cycle_name(ReleaseCycle.objects.get(pk=pk), old)


def kept_addresses(effects: Iterable[RevertEffect]) -> Iterator[Alias | CycleAlias]:
    """Yield the aliases for former names of products and cycles after a plan was applied.

    In 1 query for each renamed row.
    """
    for model, pk, old in _given_up(effects):
        aliases: Any = Alias.objects.filter(product=pk, name=old.name)
        if model is ReleaseCycle:
            of_cycle = CycleAlias.objects.filter(cycle=pk, product=old.product, name=old.name)
            aliases = of_cycle.select_related("cycle__product", "product")
        yield from aliases


def _given_up(effects: Iterable[RevertEffect]) -> Iterator[tuple[type[Model], int, Place]]:
    for effect in effects:
        (model, pk), now, then = effect.key, effect.now, effect.then
        if now is None or then is None or model not in (Product, ReleaseCycle):
            continue
        if any(now.get(name) != then.get(name) for name in ("name", "product")):
            yield model, pk, Place(cast(int, now.get("product", pk)), str(now["name"]))


def _free_names(effects: list[RevertEffect]) -> None:
    """Give temporary names to rows that are renamed, so that two rows can swap names."""
    for effect in effects:
        model, pk = effect.key
        column = _NAMED_BY[model]
        if any(each.field == column for each in effect.differences):
            model._default_manager.filter(pk=pk).update(**{column: f"~{pk}~"})


def _restore(effects: list[RevertEffect]) -> None:
    """Create deleted rows again.

    Columns without facts, such as their source, have the values that they had on deletion.
    """
    past = last_rows(each.key for each in effects)
    notes = bases_of_notes(key[1] for key in past if key[0] is UpgradeNote)
    for model in HISTORY_TABLES:
        rows = []
        of_model = [each for each in effects if each.key[0] is model]
        for effect in of_model:
            row = as_row(past[effect.key])
            if model is ReleaseCycle:
                row.custom = {}
            _set(row, effect.then or {})
            if model is UpgradeNote:
                row.imported = notes.get(row.pk)
            if model is Identifier:
                row.main = row.main and not has_main_identifier(row.product_id)
            rows.append(row)
        _insert(model, rows, of_model)
    _restore_merge_bases(each.key[1] for each in effects if each.key[0] is Product)


def _insert(model: type[Model], rows: list[Any], effects: list[RevertEffect]) -> None:
    """Insert rows of a table.

    The database finds out whether names are taken; each row is validated for that only if so.
    """
    unasked = {field.name for field in model._meta.fields if field.is_relation}
    problems: list[RevertProblem] = []
    for row, effect in zip(rows, effects, strict=True):

        def check(row: Any = row) -> None:
            row.full_clean(exclude=unasked, validate_unique=False, validate_constraints=False)

        problems += _problems(effect, check)
    if problems:
        raise RefusedError(problems)
    try:
        with transaction.atomic():
            bulk_create_with_history(rows, model, batch_size=BATCH)
    except IntegrityError:
        for row, effect in zip(rows, effects, strict=True):
            problems += _problems(effect, row.validate_unique)
            problems += _problems(effect, row.validate_constraints)
        if not problems:
            raise
        raise RefusedError(problems) from None
    for row, effect in zip(rows, effects, strict=True):
        _set_tags(row, effect)


def _restore_merge_bases(products: Iterable[int]) -> None:
    """Restore the last values of the sources of restored products.

    The text of a product file is lost until the next import.
    """
    for product in Product.objects.filter(pk__in=list(products)).exclude(source=Source.HERE):
        Product.objects.filter(pk=product.pk).update(imported=base_of_product(product.pk))


def _set(row: Any, facts: Facts) -> None:
    """Set facts on the columns of a row."""
    for name, value in facts.items():
        if name.startswith(OWN_COLUMN):
            own = name.removeprefix(OWN_COLUMN)
            others = {key: text for key, text in row.custom.items() if key != own}
            row.custom = others if value is None else others | {own: value}
        elif name in MILESTONES:
            setattr(row, name, value)
        elif isinstance(value, PartialDate):  # of a release
            row.date, row.precision = value.date, value.precision.value
        elif name != "tags":
            setattr(row, row._meta.get_field(name).attname, value)


def _set_tags(row: Any, effect: RevertEffect) -> None:
    if any(each.field == "tags" for each in effect.differences):
        row.tags.set(effect.then["tags"] if effect.then else ())


def _problems(effect: RevertEffect, check: Callable[[], None]) -> Iterator[RevertProblem]:
    try:
        check()
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            name = "" if field == "__all__" else field
            for message in messages:
                yield RevertProblem(effect.key, effect.then or {}, name, message)
