"""Imports of products from outside, each in one transaction.

Products that were created or deleted here are left alone, and names that are taken are rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import DatabaseError, transaction

from releases.formats.errors import FormatError, FormatProblem
from releases.models import Alias, Product, Source
from releases.models.history import set_change_reason
from releases.models.revision import bump_revision
from releases.services.imports.merge import NO_CHOICES, Choices, MergeEffect, Sides
from releases.services.imports.store import (
    FROM_SOURCES,
    Origin,
    References,
    create_product,
    product_to_update,
    update_product,
)
from releases.services.imports.values import SourceValues, present_names
from releases.services.renames import keep_product_name, take_name


class Result(StrEnum):
    """The result of importing a product."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT = "left alone"
    FAILED = "failed"


@dataclass
class Outcome:
    """The outcome of importing one `place`, a file or an address.

    `changes` and `local_edits` name fields (`eol of 5.2`), and `effect` has their values, also for
    a new product. `note` is the reason why a product was left alone; `former_name` is its name here
    until its source renamed it. `proposals` are those of a CycloneDX file, as sentences.
    """

    place: str
    product: str = ""
    result: Result = Result.UNCHANGED
    changes: list[str] = field(default_factory=list)
    local_edits: list[str] = field(default_factory=list)
    problems: list[FormatProblem] = field(default_factory=list)
    warnings: list[FormatProblem] = field(default_factory=list)
    proposals: list[str] = field(default_factory=list)
    note: str = ""
    effect: MergeEffect = field(default_factory=MergeEffect)
    former_name: str = ""


@dataclass(frozen=True, slots=True)
class IncomingProduct:
    """A product of a source.

    Attributes:
        name: Its name in the source.
        aliases: Its aliases in the source.
        values: Returns its values, given the product in the tables or None.
        name_path: The path of the name in the source, for problems.
        aliases_path: The path of the aliases.
        lines: The line numbers of paths.
    """

    name: str
    aliases: tuple[str, ...]
    values: Callable[[Product | None], SourceValues]
    name_path: str
    aliases_path: str
    lines: Mapping[str, int] = field(default_factory=dict)


class ImportRun:
    """One run over many products. What all of them need is read once, in 5 queries.

    Args:
        digest: The column with the digest of the last import of a product.
        has: Returns True if the source has a product of a name. Called for products that may
            have been renamed to another one.
        dry_run: Do everything except for writing.
    """

    def __init__(self, digest: str, has: Callable[[str], bool], *, dry_run: bool) -> None:
        self.has = has
        self.dry_run = dry_run
        self.digests: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        here: dict[int, str] = {}
        for key, name, source, last in Product.objects.values_list("pk", "name", "source", digest):
            self.digests[name] = last or ""
            self.sources[name] = source
            here[key] = name
        self.aliases = dict(Alias.objects.values_list("name", "product__name"))
        self.deleted: set[str] = set()
        self.renamed: dict[str, str] = {}
        self.named_by_source: set[str] = set()
        past = Product.history.exclude(source=Source.HERE).order_by("history_id")
        before: dict[int, str] = {}
        for key, name, reason in past.values_list("id", "name", "history_change_reason"):
            if key not in here:
                self.deleted.add(name)
            elif here[key] != name:
                self.renamed[name] = here[key]
            elif before.get(key, name) != name and (reason or "").startswith(FROM_SOURCES):
                self.named_by_source.add(name)
            before[key] = name
        self.references = References()
        self.seen: dict[str, str] = {}

    def name_here(self, name: str) -> str:
        """Return the local name of a product of a source."""
        return name if name in self.sources else self.renamed.get(name, name)

    def import_product(
        self,
        incoming: IncomingProduct,
        origin: Origin,
        outcome: Outcome,
        choices: Choices = NO_CHOICES,
    ) -> None:
        """Create or merge a product, and fill in its `outcome`.

        Raises:
            FormatError: The source has problems, or `choices` cannot be accepted; nothing is
                written.
        """
        name, former = self._names(incoming)
        outcome.product = name
        if name != incoming.name:
            outcome.local_edits.append("address")
        source = self.sources.get(former or name)
        if note := self._skip_reason(name, source, origin):
            outcome.result, outcome.note = Result.LEFT, note
            return
        if problems := list(self._taken_names(name, former, incoming, origin)):
            if origin.source == Source.FILE:
                raise FormatError(problems)
            # No one can fix it during a deployment or a sync, so the present owner keeps the name.
            outcome.result, outcome.note = Result.LEFT, " ".join(map(str, problems))
            return
        self.seen[name] = outcome.place
        try:
            self._write(name, former, incoming, origin, outcome, choices)
        except DatabaseError as error:
            # The parser checks all constraints; this is for concurrent changes.
            self.references = References()
            raise FormatError([FormatProblem(0, "", f"The database refused it: {error}")]) from None
        if former:
            self._record_rename(former, name)
        self.sources.setdefault(name, origin.source)
        if source is None or "aliases" in outcome.changes:
            others = {alias: owner for alias, owner in self.aliases.items() if owner != name}
            self.aliases = others | dict.fromkeys(incoming.aliases, name)

    def _write(
        self,
        name: str,
        former: str,
        incoming: IncomingProduct,
        origin: Origin,
        outcome: Outcome,
        choices: Choices,
    ) -> None:
        with transaction.atomic(), bump_revision():
            if name not in self.sources and not former:
                effect = create_product(name, incoming.values(None), origin, self.references)
                outcome.result = Result.CREATED
                if name in self.aliases and (other := take_name(Product.objects.get(name=name))):
                    message = f"The address led to {other} until now."
                    outcome.warnings.append(FormatProblem(0, incoming.name_path, message))
            else:
                product = product_to_update(former or name)
                if former:
                    product.name = name
                    set_change_reason(product, origin.reason).save()
                values = incoming.values(product)
                effect = update_product(product, values, origin, self.references, choices)
                refuse_unless_accepted(effect, choices)
                if former:
                    keep_product_name(product, former)
                    outcome.former_name = former
                    change = {f"renamed from {former}": Sides("name", "", former, name)}
                    effect.changes = change | effect.changes
                outcome.result, outcome.changes = Result.UPDATED, list(effect.changes)
                outcome.local_edits += effect.local_edits
                renamed = present_names(product, values.cycles.keys()).values()
                outcome.local_edits += [f"name of {cycle}" for cycle in renamed]
            outcome.effect = effect
            if self.dry_run:
                transaction.set_rollback(True)
        if self.dry_run:
            self.references = References()  # new ones were rolled back

    def _names(self, incoming: IncomingProduct) -> tuple[str, str]:
        """Return the local name of a product, and its former name if the source has renamed it.

        The former name is the only alias that is the name of an imported product, provided that the
        source has no product of that name any more. A product that was renamed here keeps its name.
        """
        name = self.name_here(incoming.name)
        if name not in self.sources:
            here = {self.name_here(alias): alias for alias in incoming.aliases}
            here = {now: alias for now, alias in here.items() if self._came_from_source(now)}
            if len(here) != 1:
                return name, ""
            now, alias = here.popitem()
            if not (self._is_gone(alias) and self._is_gone(now)):
                return name, ""
            renamed_here = now != alias and now not in self.named_by_source
            return (now, "") if renamed_here else (name, now)
        back = name != incoming.name and name in self.named_by_source
        if back and name in incoming.aliases and self._is_gone(name):
            return incoming.name, name
        return name, ""

    def _came_from_source(self, name: str) -> bool:
        return self.sources.get(name, Source.HERE) != Source.HERE

    def _is_gone(self, name: str) -> bool:
        return name not in self.seen and not self.has(name)

    def _record_rename(self, former: str, name: str) -> None:
        """Update the names in this run after a rename."""
        for by_name in (self.sources, self.digests):
            by_name[name] = by_name.pop(former)
        self.renamed = {old: name if here == former else here for old, here in self.renamed.items()}
        self.renamed[former] = name
        self.named_by_source.add(name)
        owners = ((alias, owner) for alias, owner in self.aliases.items() if alias != name)
        self.aliases = {alias: name if owner == former else owner for alias, owner in owners}
        self.aliases[former] = name

    def _skip_reason(self, name: str, source: str | None, origin: Origin) -> str:
        """Return the reason why a product is left alone, or an empty text."""
        if source is None and name in self.deleted:
            return "it was deleted here"
        if source == Source.HERE:
            return "a product of this name was made here"
        if origin.source == Source.BUNDLED and source not in (None, Source.BUNDLED):
            return "it follows another source than the bundled catalogue"
        return ""

    def _taken_names(
        self, name: str, former: str, incoming: IncomingProduct, origin: Origin
    ) -> Iterator[FormatProblem]:
        """Yield a problem for each name that is taken, in this run or in the catalogue."""

        def problem(path: str, message: str) -> FormatProblem:
            return FormatProblem(incoming.lines.get(path, 0), path, message)

        if name in self.seen:
            message = f"{self.seen[name]} is the product “{name}” already."
            yield problem(incoming.name_path, message)
        owner = self.aliases.get(name, name)
        # Only a person who imports a file may take over an address that leads elsewhere.
        if owner not in (name, former) and (
            origin.source != Source.FILE or _is_source_alias(owner, name)
        ):
            yield problem(incoming.name_path, f"“{name}” is an alias of {self.aliases[name]}.")
        for index, alias in enumerate(incoming.aliases):
            path = f"{incoming.aliases_path}[{index}]"
            if alias in self.sources and alias not in (name, former):
                yield problem(path, f"There is a product “{alias}”.")
            elif self.aliases.get(alias, name) not in (name, former):
                yield problem(path, f"“{alias}” is an alias of {self.aliases[alias]}.")


def _is_source_alias(product: str, alias: str) -> bool:
    """Return True if an alias is from a source of its product.

    Other aliases, which editors added or a local rename kept, give way to a name.
    """
    paths = ("imported__product__aliases", "imported__synced__product__aliases")
    aliases = Product.objects.filter(name=product).values_list(*paths).first() or ()
    return any(alias in (names or ()) for names in aliases)


def refuse_unless_accepted(effect: MergeEffect, choices: Choices) -> None:
    """Raise `FormatError` if a chosen value was kept out, as the dates would be out of order."""
    refused = [name for name, taken in choices.items() if taken and name in effect.local_edits]
    if refused:
        raise FormatError(
            [
                FormatProblem(
                    0, name, f"It cannot be accepted. {effect.local_edits[name].note}".rstrip()
                )
                for name in refused
            ]
        )
