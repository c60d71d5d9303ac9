"""Imports product files: each product in one transaction, merged with what was edited here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from releases.domain import limits
from releases.formats.errors import FormatError, Problem
from releases.formats.product_file import decode, read_product
from releases.formats.records import ProductRecord
from releases.models import Product, Source
from releases.services.intake import Intake, Offer, Outcome, Result
from releases.services.store import FileOrigin
from releases.services.values import record_values

BUNDLED = Path(__file__).resolve().parent.parent / "data" / "products"
"""The catalogue that comes with the project."""

READER_VERSION = "2"
"""Part of a file's digest: raise it when files have to be read anew, though they are the same."""


def product_files(paths: Iterable[Path]) -> list[Path]:
    """The files that `paths` name: files as they are, of folders every `*.md` in them.

    Raises `FileNotFoundError` for a path that is not there.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(each for each in path.glob("*.md") if each.is_file())
        elif path.exists():
            found.append(path)
        else:
            raise FileNotFoundError(f"There is no file or folder {path}.")
    return list(dict.fromkeys(found))


def import_products(
    files: Iterable[Path], *, on: date, only: Iterable[str] = (), dry_run: bool = False
) -> Iterator[Outcome]:
    """Imports product files one by one and yields what became of each.

    A file that cannot be read or stored leaves its product as it was and does not stop the
    others. `on` is today, for products whose file does not say when it was checked. `only` names
    the products to import, if not all. With `dry_run` everything happens but the writing.
    """
    intake = Intake("file_digest", dry_run=dry_run)
    known = {digest: name for name, digest in intake.digests.items()}
    wanted = set(only)
    present = set()
    for path in files:
        outcome = _import(path, intake, known, on, wanted)
        if not wanted or outcome.product in wanted or outcome.result is Result.FAILED:
            yield outcome
        present.add(path.resolve())
    if not dry_run and not wanted and present.issuperset(product_files([BUNDLED])):
        _flag_missing({path.stem for path in present})


def _import(
    path: Path, intake: Intake, known: dict[str, str], on: date, wanted: set[str]
) -> Outcome:
    """Imports one file; `known` are the products by the digests of their files."""
    outcome = Outcome(str(path))
    try:
        raw = _read(path)
        # The name counts, too: the product has it, and may be called by it.
        digest = hashlib.sha256(f"{READER_VERSION} {path.name}\n".encode() + raw).hexdigest()
        if digest in known:
            outcome.product = known[digest]
            intake.seen.setdefault(outcome.product, str(path))
            return outcome
        text = decode(raw)
        record = read_product(text, path.stem)
        outcome.product = intake.name_here(record.name)
        if wanted and outcome.product not in wanted:
            return outcome
        outcome.warnings = list(record.warnings)
        source = Source.BUNDLED if path.resolve().parent == BUNDLED else Source.FILE
        origin = FileOrigin(source, path, text, digest, record.checked_on, on)
        intake.take(_offer(record), origin, outcome)
        if outcome.result is not Result.LEFT:
            known[digest] = outcome.product
    except FormatError as error:
        outcome.result, outcome.problems = Result.FAILED, error.problems
    return outcome


def _offer(record: ProductRecord) -> Offer:
    values = record_values(record)
    return Offer(
        name=record.name,
        aliases=record.aliases,
        values=lambda here: values,
        name_path="permalink",
        aliases_path="alternate_urls",
        lines=record.lines,
    )


def _flag_missing(file_names: set[str]) -> None:
    """Marks the bundled products whose files the catalogue has no longer, and only those. Of
    those that a sync keeps current it is the sync that says so."""
    bundled = Product.objects.filter(source=Source.BUNDLED, imported__synced__isnull=True)
    for product in bundled.only("file_name", "missing_in_source"):
        missing = product.file_name not in file_names
        if product.missing_in_source != missing:
            Product.objects.filter(pk=product.pk).update(missing_in_source=missing)


def _read(path: Path) -> bytes:
    """The bytes of a file, but not many more than may be in one."""
    try:
        with path.open("rb") as file:
            return file.read(limits.FILE_BYTES + 1)
    except OSError as error:
        raise FormatError([Problem(0, "", f"It cannot be read: {error.strerror}.")]) from None
