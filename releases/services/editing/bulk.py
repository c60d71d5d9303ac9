"""Changes of many rows at once: a plan that shows the effects, then the write.

The confirmation has the digest of the plan. If the plan differs by then, nothing is written and the
new plan is shown. A row whose dates would be out of order is left as it is, with a problem in the
plan. All other rows are written or none, with their history.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from django.db import transaction
from django.db.models.functions import Lower
from simple_history.utils import bulk_update_with_history

from releases.domain.history.shifts import EditedLifecycle
from releases.domain.lifecycle.milestones import MILESTONES, format_milestone, parse_milestone
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.models import Product, ReleaseCycle, Tag
from releases.models.revision import bump_revision

Row = TypeVar("Row", ReleaseCycle, Product)

MAX_ROWS = 500
"""Maximum number of rows, so that a user can read the plan and one batch can write them."""

Edit = Callable[[Lifecycle], EditedLifecycle]
"""Returns the new lifecycle of a cycle. Raises `ValueError` with a sentence if there is none."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """The change of a milestone, or of the tags, of a row.

    Milestones are texts as in their form fields; tags are names separated by spaces.
    """

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BulkEffect(Generic[Row]):
    """The effect on a row: its changes, or the problem that leaves it as it is.

    `kept` has a sentence for each value that stays although it was to change.
    """

    row: Row
    title: str
    changes: tuple[FieldChange, ...] = ()
    problem: str = ""
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkPlan(Generic[Row]):
    """The effects on all rows, in their order."""

    effects: tuple[BulkEffect[Row], ...]

    @property
    def changing(self) -> list[BulkEffect[Row]]:
        return [effect for effect in self.effects if effect.changes]

    @property
    def digest(self) -> str:
        """A digest that is equal for equal plans only."""
        content = [(each.row.pk, each.changes, each.problem, each.kept) for each in self.effects]
        return sha256(repr(content).encode()).hexdigest()


class PlanChangedError(Exception):
    """The plan differs from the confirmed one; `plan` is the present one. Nothing was written."""

    def __init__(self, plan: BulkPlan[ReleaseCycle] | BulkPlan[Product]) -> None:
        super().__init__(plan)
        self.plan = plan


def change_cycles(
    keys: Collection[int], edit: Edit, *, reason: str = "", seen: str | None = None
) -> BulkPlan[ReleaseCycle]:
    """Edit the milestones of at most `MAX_ROWS` cycles.

    The number of queries does not grow with the number of cycles, except for batches in databases
    that limit the number of values.

    Args:
        keys: The primary keys of the cycles.
        edit: The edit.
        reason: The reason in the history.
        seen: The digest of the confirmed plan; None returns the plan and writes nothing.

    Raises:
        PlanChangedError: The plan has another digest now.
    """
    with _written_at_once(seen):
        cycles = ReleaseCycle.objects.all().with_product().filter(pk__in=keys)
        in_order = cycles.order_by(Lower("product__label"), "product__name", "position", "pk")
        plan = BulkPlan(tuple(_edited(cycle, edit) for cycle in in_order))
        if seen is not None:
            _refuse_unless_seen(plan, seen)
            _write_cycles(plan.changing, reason)
    return plan


def change_tags(
    keys: Collection[int],
    *,
    add: Collection[Tag] = (),
    remove: Collection[Tag] = (),
    reason: str = "",
    seen: str | None = None,
) -> BulkPlan[Product]:
    """Add and remove tags of products. Everything else is as in `change_cycles`."""
    with _written_at_once(seen):
        products = Product.objects.filter(pk__in=keys).prefetch_related("tags")
        in_order = products.order_by(Lower("label"), "name").defer("imported", "file_text")
        more, less = ({tag.name for tag in tags} for tags in (add, remove))
        plan = BulkPlan(tuple(_retagged(product, more, less) for product in in_order))
        if seen is not None:
            _refuse_unless_seen(plan, seen)
            _write_tags(plan.changing, add, remove, reason)
    return plan


@contextmanager
def _written_at_once(seen: str | None) -> Iterator[None]:
    """A transaction that locks out other writers, if there is anything to write."""
    if seen is None:
        yield
        return
    with transaction.atomic(), bump_revision():
        yield


def _edited(cycle: ReleaseCycle, edit: Edit) -> BulkEffect[ReleaseCycle]:
    before, title = cycle.lifecycle, f"{cycle.product} {cycle}"
    try:
        edited = edit(before)
    except ValueError as error:
        return BulkEffect(cycle, title, problem=str(error))
    after, kept = edited.lifecycle, edited.kept
    if errors := order_errors(after):
        return BulkEffect(cycle, title, problem=" ".join(map(str, errors)), kept=kept)
    texts = (
        (name, *(format_milestone(getattr(life, name)) for life in (before, after)))
        for name in MILESTONES
    )
    changes = (FieldChange(name, old, new) for name, old, new in texts if old != new)
    return BulkEffect(cycle, title, tuple(changes), kept=kept)


def _retagged(product: Product, more: set[str], less: set[str]) -> BulkEffect[Product]:
    here = {tag.name for tag in product.tags.all()}
    before, after = (" ".join(sorted(names)) for names in (here, (here | more) - less))
    changes = (FieldChange("tags", before, after),) if before != after else ()
    return BulkEffect(product, str(product), changes)


def _refuse_unless_seen(plan: BulkPlan[Row], seen: str) -> None:
    if plan.digest != seen:
        raise PlanChangedError(plan)


def _write_cycles(effects: Iterable[BulkEffect[ReleaseCycle]], reason: str) -> None:
    changed: list[ReleaseCycle] = []
    columns: set[str] = set()
    for effect in effects:
        for change in effect.changes:
            setattr(effect.row, change.what, parse_milestone(change.after))
            columns |= {f"{change.what}_{part}" for part in ("date", "flag", "precision")}
        changed.append(effect.row)
    if changed:
        bulk_update_with_history(
            changed, ReleaseCycle, sorted(columns), default_change_reason=reason
        )


def _write_tags(
    effects: Collection[BulkEffect[Product]],
    add: Collection[Tag],
    remove: Collection[Tag],
    reason: str,
) -> None:
    products = [effect.row for effect in effects]
    through = Product.tags.through
    through.objects.filter(product__in=products, tag__in=remove).delete()
    through.objects.bulk_create(
        through(product_id=product.pk, tag_id=tag.pk)
        for product in products
        for tag in set(add) - set(product.tags.all())
    )
    _record_tags(products, reason)


def _record_tags(products: Collection[Product], reason: str) -> None:
    """Write the history of products with their tags.

    The own function of simple_history runs queries for each product.
    """
    records = Product.history.bulk_history_create(
        products, update=True, default_change_reason=reason
    )
    of_product = {record.id: record for record in records}
    tags = Product.history.model.tags
    tags.bulk_create(
        tags.model(
            history=of_product[row.product_id],
            id=row.pk,
            product_id=row.product_id,
            tag_id=row.tag_id,
        )
        for row in Product.tags.through.objects.filter(product__in=products)
    )
