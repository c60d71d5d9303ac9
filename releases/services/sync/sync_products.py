"""Syncs from API v1 of endoflife.date or another installation, or from a folder.

`imported` has the values of the last file, `imported["synced"]` those of the last response. Neither
counts as an edit. The bundled catalogue yields to a sync, so that a deployment does not undo one,
but still provides what a response lacks: texts, columns, releases and planned cycles.

A cycle is missing in an API only if an earlier response had it and it is not planned. Products are
flagged as missing only after a response for the whole catalogue in which every product could be
read.
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
from releases.services.imports.store import EMPTY_BASE, FROM_ADDRESS, next_base
from releases.services.imports.values import SourceValues, Values
from releases.services.sync.upstream import (
    DEFAULT_LIMITS,
    Limits,
    UpstreamError,
    check_address,
    fetch,
)


@dataclass(frozen=True, slots=True)
class Sync:
    """A sync that has begun; iterating over `outcomes` does the work, product by product.

    `total` is the number of products in the source, or None if it has not changed since the last
    sync.
    """

    total: int | None
    outcomes: Iterator[Outcome]


def sync_products(
    source: str,
    *,
    on: date,
    only: Iterable[str] = (),
    dry_run: bool = False,
    bounds: Limits = DEFAULT_LIMITS,
) -> Sync:
    """Begin a sync.

    Each product is one transaction, so an interrupted sync leaves the catalogue consistent and the
    next one continues.

    Args:
        source: The base address of an API v1, or a folder of product files.
        on: Today.
        only: Names of the products to sync; empty for all.
        dry_run: Do everything except for writing.
        bounds: The limits of each request.

    Raises:
        UpstreamError: The source as a whole is unusable.
    """
    wanted = tuple(dict.fromkeys(only))
    if os.path.isdir(source):  # also False for a text that is too long for a path
        files = product_files([Path(source)])
        outcomes = import_products(files, on=on, only=wanted, dry_run=dry_run)
        return Sync(len(wanted) or len(files), _with_missing(wanted, outcomes, source))
    address = check_address(source)
    api_sync = _ApiSync(address, on, dry_run, bounds)
    return api_sync.sync_named(wanted) if wanted else api_sync.sync_all()


def _with_missing(
    wanted: tuple[str, ...], outcomes: Iterator[Outcome], source: str
) -> Iterator[Outcome]:
    """Yield the outcomes, and a failure for each product of `wanted` that the source lacks."""
    missing = dict.fromkeys(wanted)
    for outcome in outcomes:
        missing.pop(outcome.product, None)
        yield outcome
    for name in missing:
        problem = FormatProblem(0, "", f"There is no product “{name}”.")
        yield Outcome(source, name, Result.FAILED, problems=[problem])


@dataclass(frozen=True, slots=True)
class _AnswerOrigin:
    """A response of an API as the origin of an import. `digest` is that of the product in it."""

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
        files = EMPTY_BASE | (imported or {})
        return files.get("synced", EMPTY_BASE), files

    def is_gone(self, cycle: ReleaseCycle) -> bool:
        """Return True unless the cycle is planned, as an API may not list planned cycles."""
        return status_on(cycle.lifecycle, self.on) is not Status.PLANNED

    def provenance(self, incoming: SourceValues, here: Product | None = None) -> Values:
        """Return the columns about the source of a product, bases included.

        A product that follows files keeps doing so; the values of this source are stored beside
        theirs.
        """
        imported = (here.imported if here else None) or EMPTY_BASE
        synced = next_base(imported.get("synced", EMPTY_BASE), incoming)
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
    """One run over an API.

    `present` are the local names of the products in the response, `readable` those without
    problems; `last` is the previous response.
    """

    address: str
    on: date
    dry_run: bool
    bounds: Limits
    run: ImportRun = field(init=False)
    last: Upstream | None = None
    present: set[str] = field(default_factory=set)
    readable: set[str] = field(default_factory=set)

    def sync_all(self) -> Sync:
        """Sync the whole catalogue in one request."""
        address = f"{self.address}/products/full"
        self.last = Upstream.objects.filter(address=self.address).first()
        answer = fetch(address, self.last.etag if self.last else "", self.bounds)
        if answer.data is None:
            return Sync(None, self._nothing_new())
        products = _products(answer.data, address)
        return Sync(len(products), self._import_all(products, answer.etag))

    def sync_named(self, names: tuple[str, ...]) -> Sync:
        """Sync some products, with one request each."""
        return Sync(len(names), self._import_some(names))

    def _nothing_new(self) -> Iterator[Outcome]:
        self._set_checked(self._followers())
        yield from ()

    def _import_all(self, products: list[tuple[FieldPath, object]], etag: str) -> Iterator[Outcome]:
        names = {data.get("name") for _, data in products if isinstance(data, dict)}
        self._start_run(names.__contains__)
        if self.last and self.last.etag != etag:
            self._note_etag("")  # until all products are from the same response
        failed = False
        place = f"{self.address}/products/full"
        for path, data in products:
            outcome = self._import(data, path, place)
            failed = failed or outcome.result is Result.FAILED
            yield outcome
        # After a failure the missing products are unknown, and the same response is needed again.
        if not failed:
            yield from self._flag_missing()
            self._note_etag(etag)
        self._set_checked(self._followers().filter(name__in=self.readable))

    def _import_some(self, names: tuple[str, ...]) -> Iterator[Outcome]:
        self._start_run(self._is_in_source)
        for name in names:
            place = self._place(name)
            try:
                path, data = self._fetch_product(place)
                yield self._import(data, path, place)
            except UpstreamError as error:
                reason = str(error).removeprefix(f"{place}: ")
                problem = FormatProblem(0, "", reason)
                yield Outcome(place, name, Result.FAILED, problems=[problem])
        self._set_checked(self._followers().filter(name__in=self.readable))

    def _start_run(self, has: Callable[[str], bool]) -> None:
        self.run = ImportRun("imported__synced__digest", has, dry_run=self.dry_run)

    def _place(self, name: str) -> str:
        return f"{self.address}/products/{quote(name, safe='')}"

    def _fetch_product(self, place: str) -> tuple[FieldPath, object]:
        """Return the product at an address. Raises `UpstreamError`."""
        found = _products(fetch(place, limits=self.bounds).data, place)
        if len(found) != 1:
            raise UpstreamError(f"{place}: Expected one product, found {len(found)}.")
        return found[0]

    def _is_in_source(self, name: str) -> bool:
        """Return True if the source has a product of this name, and not only an alias.

        Also True if the source does not respond, as nothing is known then.
        """
        try:
            _, data = self._fetch_product(self._place(name))
        except UpstreamError as error:
            return not error.not_found
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
            self.readable.add(outcome.product)
        except FormatError as error:
            outcome.result, outcome.problems = Result.FAILED, error.problems
        self.present |= {outcome.product}
        if self.dry_run:
            self.present.add(outcome.former_name)  # a dry run leaves the former name
        return outcome

    def _digest(self, answer: ProductAnswer) -> str:
        """Return a digest of a product in a response, independent of its place in it."""
        content = f"{self.address}\n{replace(answer, path=())}"
        return hashlib.sha256(content.encode()).hexdigest()

    def _followers(self) -> Any:
        """Return the products that a sync from this address created or changed."""
        return Product.objects.filter(imported__synced__address=self.address)

    def _flag_missing(self) -> Iterator[Outcome]:
        """Flag the products that are missing in the source, and no others. Yield what changed."""
        rows = self._followers().values_list("name", "missing_in_source")
        for name, was in list(rows):
            missing = name not in self.present
            if missing != was:
                if not self.dry_run:
                    Product.objects.filter(name=name).update(missing_in_source=missing)
                change = "gone from the source" if missing else "back in the source"
                yield Outcome(self.address, name, Result.UPDATED, [change])

    def _set_checked(self, products: Any) -> None:
        """Set the day of the last check to today, unless a product is flagged as missing."""
        stale = products.filter(missing_in_source=False).exclude(checked_on__gte=self.on)
        if not self.dry_run and stale.exists():
            stale.update(checked_on=self.on)

    def _note_etag(self, etag: str) -> None:
        """Store the ETag of the response that was imported as a whole."""
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
