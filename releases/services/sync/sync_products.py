"""Syncs the catalogue from API v1 of endoflife.date or another installation, or from a folder.

`imported` holds the values of the last file, `imported["synced"]` those of the last answer. Neither
counts as an edit. The bundled catalogue yields to a sync, so that a deployment does not undo one,
but still brings what an answer cannot tell: texts, columns, releases and planned cycles.

A cycle is gone from an API only if an earlier answer had it and it is not planned. Products are
flagged as gone only after an answer for the whole catalogue in which every product could be read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from releases.domain import limits
from releases.domain.lifecycle.status import Status, status_on
from releases.formats.api_v1 import ProductAnswer, products_of, read_product_answer
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.front_matter import Path as FieldPath
from releases.formats.product_files.front_matter import path_text
from releases.models import Product, ReleaseCycle, Source, Upstream
from releases.services.imports.api_v1_merge import values_of_answer
from releases.services.imports.import_products import import_products, product_files
from releases.services.imports.import_run import ImportRun, IncomingProduct, Outcome, Result
from releases.services.imports.store import FROM_ADDRESS, NOTHING, next_base
from releases.services.imports.values import SourceValues, Values
from releases.services.sync.upstream import USUAL, Limits, UpstreamError, check_address, fetch


@dataclass(frozen=True, slots=True)
class Sync:
    """A sync that has begun: `outcomes` does the work, product by product. `total` counts the
    products of the source; None says that it has nothing new since the last sync."""

    total: int | None
    outcomes: Iterator[Outcome]


def sync_products(
    source: str,
    *,
    on: date,
    only: Iterable[str] = (),
    dry_run: bool = False,
    bounds: Limits = USUAL,
) -> Sync:
    """Begins a sync from `source`, the base address of an API v1 or a folder of product files.

    `on` is today, `bounds` how long each question may take; `only` names the products to sync, if
    not all. With `dry_run` everything happens but the writing. Each product is one transaction, so
    that a sync which is interrupted leaves a whole catalogue and the next one goes on from there.
    Raises `UpstreamError` where the source as a whole is of no use.
    """
    wanted = tuple(dict.fromkeys(only))
    if os.path.isdir(source):  # of what is too long for a path, too, it says no
        files = product_files([Path(source)])
        outcomes = import_products(files, on=on, only=wanted, dry_run=dry_run)
        return Sync(len(wanted) or len(files), _all_of(wanted, outcomes, source))
    address = check_address(source)
    api_sync = _ApiSync(address, on, dry_run, bounds)
    return api_sync.some(wanted) if wanted else api_sync.all()


def _all_of(wanted: tuple[str, ...], outcomes: Iterator[Outcome], source: str) -> Iterator[Outcome]:
    """The outcomes, and a failure for each of `wanted` that the source does not have."""
    missing = dict.fromkeys(wanted)
    for outcome in outcomes:
        missing.pop(outcome.product, None)
        yield outcome
    for name in missing:
        problem = FormatProblem(0, "", f"There is no product “{name}”.")
        yield Outcome(source, name, Result.FAILED, problems=[problem])


@dataclass(frozen=True, slots=True)
class _AnswerOrigin:
    """An answer of an API. `digest` stands for what it says of the product."""

    address: str
    digest: str
    on: date

    @property
    def source(self) -> Source:
        return Source.UPSTREAM

    @property
    def reason(self) -> str:
        return f"{FROM_ADDRESS}{self.address}"[: limits.REASON]

    @property
    def yields(self) -> bool:
        return False

    @property
    def drafts(self) -> bool:
        return False

    def bases(self, imported: Values | None) -> tuple[Values, Values]:
        files = NOTHING | (imported or {})
        return files.get("synced", NOTHING), files

    def gone(self, cycle: ReleaseCycle) -> bool:
        """An API does not tell of what is planned: that is not gone."""
        return status_on(cycle.lifecycle, self.on) is not Status.PLANNED

    def provenance(self, incoming: SourceValues, here: Product | None = None) -> Values:
        """A product that follows files goes on to: what this source said stands beside that."""
        imported = (here.imported if here else None) or NOTHING
        synced = next_base(imported.get("synced", NOTHING), incoming)
        synced |= {"address": self.address, "digest": self.digest}
        columns = {
            "checked_on": max(self.on, (here and here.checked_on) or self.on),
            "imported": imported | {"synced": synced},
            "missing_in_source": False,
        }
        if here is None or here.source == Source.UPSTREAM:
            columns |= {"source": Source.UPSTREAM.value, "source_address": self.address}
        return columns


@dataclass(slots=True)
class _ApiSync:
    """One run over an API. `present` are the products that it tells of, by their names here,
    `sound` those of which nothing was wrong; `last` is the answer before."""

    address: str
    on: date
    dry_run: bool
    bounds: Limits
    run: ImportRun = field(init=False)
    last: Upstream | None = None
    present: set[str] = field(default_factory=set)
    sound: set[str] = field(default_factory=set)

    def all(self) -> Sync:
        """Syncs the whole catalogue in one request."""
        address = f"{self.address}/products/full"
        self.last = Upstream.objects.filter(address=self.address).first()
        answer = fetch(address, self.last.etag if self.last else "", self.bounds)
        if answer.data is None:
            return Sync(None, self._nothing_new())
        products = _products(answer.data, address)
        return Sync(len(products), self._import_all(products, answer.etag))

    def some(self, names: tuple[str, ...]) -> Sync:
        """Syncs some products, each by a request."""
        return Sync(len(names), self._import_some(names))

    def _nothing_new(self) -> Iterator[Outcome]:
        self._checked(self._followers())
        yield from ()

    def _import_all(self, products: list[tuple[FieldPath, object]], etag: str) -> Iterator[Outcome]:
        names = {data.get("name") for _, data in products if isinstance(data, dict)}
        self._begin(names.__contains__)
        if self.last and self.last.etag != etag:
            self._note_etag("")  # while some products are of one answer and some of another
        failed = False
        place = f"{self.address}/products/full"
        for path, data in products:
            outcome = self._import(data, path, place)
            failed = failed or outcome.result is Result.FAILED
            yield outcome
        # With a failure nobody knows which product is gone; and the same answer has to come again.
        if not failed:
            yield from self._vanished()
            self._note_etag(etag)
        self._checked(self._followers().filter(name__in=self.sound))

    def _import_some(self, names: tuple[str, ...]) -> Iterator[Outcome]:
        self._begin(self._asked)
        for name in names:
            place = self._place(name)
            try:
                path, data = self._one(place)
                yield self._import(data, path, place)
            except UpstreamError as error:
                reason = str(error).removeprefix(f"{place}: ")
                problem = FormatProblem(0, "", reason)
                yield Outcome(place, name, Result.FAILED, problems=[problem])
        self._checked(self._followers().filter(name__in=self.sound))

    def _begin(self, has: Callable[[str], bool]) -> None:
        self.run = ImportRun("imported__synced__digest", has, dry_run=self.dry_run)

    def _place(self, name: str) -> str:
        return f"{self.address}/products/{quote(name, safe='')}"

    def _one(self, place: str) -> tuple[FieldPath, object]:
        """Return the product at an address. Raises `UpstreamError`."""
        found = _products(fetch(place, limits=self.bounds).data, place)
        if len(found) != 1:
            raise UpstreamError(f"{place}: Expected one product, found {len(found)}.")
        return found[0]

    def _asked(self, name: str) -> bool:
        """Return whether the source has a product of this name. An alias leads it to another one.
        Where it does not answer, nothing is known, and the product counts as there."""
        try:
            _, data = self._one(self._place(name))
        except UpstreamError as error:
            return not error.gone
        return isinstance(data, dict) and data.get("name") == name

    def _import(self, data: object, path: FieldPath, place: str) -> Outcome:
        outcome = Outcome(place)
        try:
            answer = read_product_answer(data, path)
            digest = self._digest(answer)
            name = self.run.name_here(answer.name)
            if self.run.digests.get(name) == digest and name not in self.run.seen:
                outcome.product = name
                self.run.seen[name] = place
            else:
                origin = _AnswerOrigin(self.address, digest, self.on)
                self.run.import_product(_incoming_product(answer, origin, outcome), origin, outcome)
            self.sound.add(outcome.product)
        except FormatError as error:
            outcome.result, outcome.problems = Result.FAILED, error.problems
        self.present |= {outcome.product}
        if self.dry_run:
            self.present.add(outcome.former_name)  # it has that name still
        return outcome

    def _digest(self, answer: ProductAnswer) -> str:
        """Stands for what an answer says, wherever in it the product is."""
        said = f"{self.address}\n{replace(answer, path=())}"
        return hashlib.sha256(said.encode()).hexdigest()

    def _followers(self) -> Any:
        """The products that a sync from this address brought or changed."""
        return Product.objects.filter(imported__synced__address=self.address)

    def _vanished(self) -> Iterator[Outcome]:
        """Flags the products that the source has no longer, and only those."""
        rows = self._followers().values_list("name", "missing_in_source")
        for name, was in list(rows):
            missing = name not in self.present
            if missing != was:
                if not self.dry_run:
                    Product.objects.filter(name=name).update(missing_in_source=missing)
                change = "gone from the source" if missing else "back in the source"
                yield Outcome(self.address, name, Result.UPDATED, [change])

    def _checked(self, products: Any) -> None:
        """Says that products were checked today, where it is not said yet."""
        stale = products.filter(missing_in_source=False).exclude(checked_on__gte=self.on)
        if not self.dry_run and stale.exists():
            stale.update(checked_on=self.on)

    def _note_etag(self, etag: str) -> None:
        """Notes which answer was taken in as a whole."""
        kept = etag if len(etag) <= limits.LABEL else ""
        if self.dry_run or (self.last and self.last.etag == kept):
            return
        self.last = self.last or Upstream(address=self.address)
        self.last.etag = kept
        self.last.save()


def _products(data: Any, address: str) -> list[tuple[FieldPath, object]]:
    try:
        return products_of(data)
    except FormatError as error:
        raise UpstreamError(f"{address}: {error}") from None


def _incoming_product(
    answer: ProductAnswer, origin: _AnswerOrigin, outcome: Outcome
) -> IncomingProduct:
    def values(here: Product | None) -> SourceValues:
        bases = origin.bases(here.imported if here else None)
        incoming, outcome.warnings = values_of_answer(answer, here, *bases)
        return incoming

    path = path_text(answer.path)
    return IncomingProduct(answer.name, answer.aliases, values, f"{path}.name", f"{path}.aliases")
