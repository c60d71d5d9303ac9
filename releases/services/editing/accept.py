"""Local edits of a product compared with its sources, and accepting the values of a source.

Local edits are the values that a merge would keep if the source stated the same again. Accepting a
value is that merge with choices, so dates have to be in order and deleted cycles return to their
place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from django.db import DatabaseError, transaction

from releases.formats.errors import FormatError, FormatProblem
from releases.models import Product
from releases.models.revision import bump_revision
from releases.services.editing.proposals import proposals_of, store_proposals
from releases.services.imports.import_run import refuse_unless_accepted
from releases.services.imports.merge import NO_CHOICES, Choices, MergePlan, Sides, merge_product
from releases.services.imports.store import EMPTY_BASE, References, product_to_update, write_plan
from releases.services.imports.values import (
    SourceValues,
    Values,
    base_under_present_names,
    values_here,
)


class Kind(StrEnum):
    """The kinds of sources. A proposal is that of a CycloneDX file."""

    FILE = "file"
    SYNC = "sync"
    PROPOSAL = "proposal"


@dataclass(frozen=True, slots=True)
class LocalEdit:
    """A value that differs from the last one of a source.

    `name` is as in the report of an import: `label`, `eol of 5.2`, `deletion of 4.1`.
    """

    kind: Kind
    name: str
    sides: Sides

    @property
    def key(self) -> str:
        """The identifier of the value in its product."""
        return f"{self.kind}:{self.name}"


class LocalEditsChangedError(Exception):
    """The local edits differ from those that were shown. Nothing was written."""


def local_edits(product: Product) -> list[LocalEdit]:
    """Return the values of a product that differ from the last ones of its sources.

    An import or a sync would keep them if it brought the same values again. A value of one of the
    two sources is not an edit, whatever the other one states. Values that a CycloneDX file proposes
    are among them. Runs no query if everything that
    belongs to the product is prefetched (`values.WHOLE`).
    """
    here = values_here(product)
    plans = {kind: _plan(here, mine, other) for kind, mine, other in _bases(product)}
    kept: list[LocalEdit] = []
    told: set[tuple[str, str]] = set()
    for kind, plan in plans.items():
        for name, sides in plan.local_edits.items():
            whole = sides.field in ("order", "cycle")
            once = name, "" if whole else repr(sides.there)
            agreed = sides.field == "order" and any(
                name not in each.local_edits for each in plans.values()
            )
            if once not in told and not agreed:
                kept.append(LocalEdit(kind, name, sides))
            told.add(once)
    return kept


def digest_of(kept: Collection[LocalEdit]) -> str:
    """Return a digest that is equal for equal lists only."""
    return sha256(repr(list(kept)).encode()).hexdigest()


def accept(
    name: str, keys: Collection[str], *, seen: str, reason: str, drafts: bool = False
) -> int:
    """Replace local edits of a product by the values of its source.

    All are written in one transaction, or none.

    Args:
        name: The name of the product.
        keys: The keys of the local edits to give up.
        seen: The digest of the list that the editor chose from.
        reason: The reason in the history.
        drafts: True if cycles that come back are drafts.

    Returns:
        The number of values that were replaced.

    Raises:
        LocalEditsChangedError: The list is another one by now.
        FormatError: A value cannot be accepted.
    """
    with transaction.atomic(), bump_revision():
        kept = local_edits(product_to_update(name))
        if digest_of(kept) != seen:
            raise LocalEditsChangedError
        chosen = [each for each in kept if each.key in keys]
        _refuse_both(chosen)
        for kind in dict.fromkeys(each.kind for each in chosen):
            choices = {each.name: each in chosen for each in kept if each.kind is kind}
            _take_from(kind, product_to_update(name), choices, reason, drafts=drafts)
        if any(each.kind is Kind.PROPOSAL for each in chosen):
            store_proposals(product_to_update(name), {})
    return len(chosen)


def _take_from(
    kind: Kind, product: Product, choices: Choices, reason: str, *, drafts: bool
) -> None:
    mine, other = next((mine, other) for each, mine, other in _bases(product) if each is kind)
    plan = _plan(values_here(product), mine, other, choices)
    refuse_unless_accepted(plan, choices)
    try:
        with transaction.atomic():
            write_plan(product, plan, References(), reason, drafts=drafts)
    except DatabaseError as error:
        # Another product may have taken an alias meanwhile.
        raise FormatError([FormatProblem(0, "", f"The database refused it: {error}")]) from None


def _refuse_both(chosen: Collection[LocalEdit]) -> None:
    names = [each.name for each in chosen]
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    if twice:
        message = "Two sources say different things; choose one of them."
        raise FormatError([FormatProblem(0, name, message) for name in twice])


def _bases(product: Product) -> Iterator[tuple[Kind, Values, Values]]:
    """Yield the kinds of sources of a product with their bases: its own, and the other kind's."""
    imported = EMPTY_BASE | (product.imported or {})
    of_file = base_under_present_names(imported, product)
    of_sync = base_under_present_names(EMPTY_BASE | imported.get("synced", {}), product)
    if of_file["order"] or of_file["product"]:
        yield Kind.FILE, of_file, of_sync
    if of_sync["order"] or of_sync["product"]:
        yield Kind.SYNC, of_sync, of_file
    if proposed := proposals_of(product):
        yield Kind.PROPOSAL, EMPTY_BASE | {"cycles": proposed, "order": list(proposed)}, EMPTY_BASE


def _plan(
    here: SourceValues, mine: Values, other: Values, choices: Choices = NO_CHOICES
) -> MergePlan:
    """Return the merge of the last values of a source, as if it stated them again."""
    cycles = {name: mine["cycles"][name] for name in mine["order"]}
    incoming_values = SourceValues(mine["product"], cycles)
    return merge_product(here, incoming_values, mine, other, yields=False, choices=choices)
