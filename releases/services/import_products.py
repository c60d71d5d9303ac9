"""Imports product files: each product in one transaction, merged with what was edited here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from django.db import DatabaseError, transaction

from releases.domain import limits
from releases.formats.errors import FormatError, Problem
from releases.formats.product_file import decode, read_product
from releases.formats.records import ProductRecord
from releases.models import Alias, Product, Source
from releases.models.revision import moved
from releases.services.store import Origin, References, create_product, update_product

BUNDLED = Path(__file__).resolve().parent.parent / "data" / "products"
"""The catalogue that comes with the project."""

READER_VERSION = "1"
"""Part of a file's digest: raise it when files have to be read anew, though they are the same."""


class Result(StrEnum):
    """What became of a file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT = "left alone"
    FAILED = "failed"


@dataclass
class Outcome:
    """What became of one file. `changes` and `kept` name fields: `eol of 5.2`; `note` says why
    a product was left alone."""

    path: Path
    product: str = ""
    result: Result = Result.UNCHANGED
    changes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    note: str = ""


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


def import_products(files: Iterable[Path], *, on: date, dry_run: bool = False) -> Iterator[Outcome]:
    """Imports product files one by one and yields what became of each.

    A file that cannot be read or stored leaves its product as it was and does not stop the
    others. `on` is today, for products whose file does not say when it was checked. With
    `dry_run` everything happens but the writing.
    """
    importer = _Importer(on, dry_run)
    present = set()
    for path in files:
        yield importer.run(path)
        present.add(path.resolve())
    if not dry_run and present.issuperset(product_files([BUNDLED])):
        _flag_missing({path.stem for path in present})


class _Importer:
    """One run over many files; what all of them need is read once."""

    def __init__(self, on: date, dry_run: bool) -> None:
        self.on = on
        self.dry_run = dry_run
        self.digests: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        here: dict[int, str] = {}
        rows = Product.objects.values_list("pk", "name", "file_digest", "source")
        for key, name, digest, source in rows:
            self.digests[digest] = name
            self.sources[name] = source
            here[key] = name
        self.aliases = dict(Alias.objects.values_list("name", "product__name"))
        self.deleted: set[str] = set()
        self.renamed: dict[str, str] = {}
        past = Product.history.exclude(source=Source.HERE).order_by("history_id")
        for key, name in past.values_list("id", "name"):
            if key not in here:
                self.deleted.add(name)
            elif here[key] != name:
                self.renamed[name] = here[key]
        self.references = References()
        self.seen: dict[str, Path] = {}

    def run(self, path: Path) -> Outcome:
        outcome = Outcome(path)
        try:
            raw = _read(path)
            # The name counts, too: the product has it, and may be called by it.
            digest = hashlib.sha256(f"{READER_VERSION} {path.name}\n".encode() + raw).hexdigest()
            if digest in self.digests:
                outcome.product = self.digests[digest]
                self.seen.setdefault(outcome.product, path)
                return outcome
            text = decode(raw)
            record = read_product(text, path.stem)
            outcome.warnings = list(record.warnings)
            source = Source.BUNDLED if path.resolve().parent == BUNDLED else Source.FILE
            self._store(record, Origin(source, path, text, digest, self.on), outcome)
        except FormatError as error:
            outcome.result, outcome.problems = Result.FAILED, error.problems
        except DatabaseError as error:
            # The reader checks what the tables require; this is for what happens meanwhile.
            outcome.result = Result.FAILED
            outcome.problems = [Problem(0, "", f"The database refused it: {error}")]
            self.references = References()
        return outcome

    def _store(self, record: ProductRecord, origin: Origin, outcome: Outcome) -> None:
        if record.name not in self.sources and record.name in self.renamed:
            outcome.kept.append("address")
            record = replace(record, name=self.renamed[record.name])
        name = outcome.product = record.name
        source = self.sources.get(name)
        if note := self._why_not(name, source, origin):
            outcome.result, outcome.note = Result.LEFT, note
            return
        if problems := list(self._taken_names(record)):
            if origin.source != Source.BUNDLED:
                raise FormatError(problems)
            # Nobody at a deployment can mend the bundled files; what is here has the name.
            outcome.result, outcome.note = Result.LEFT, " ".join(map(str, problems))
            return
        self.seen[name] = origin.path
        with transaction.atomic(), moved():
            if source is None:
                create_product(record, origin, self.references)
                outcome.result = Result.CREATED
            else:
                changes, kept = update_product(record, origin, self.references)
                outcome.result, outcome.changes = Result.UPDATED, changes
                outcome.kept += kept
            if self.dry_run:
                transaction.set_rollback(True)
        if self.dry_run:
            self.references = References()  # those that were new are gone again
        self.sources[name] = origin.source
        self.digests[origin.digest] = name
        if source is None or "aliases" in outcome.changes:
            others = {alias: owner for alias, owner in self.aliases.items() if owner != name}
            self.aliases = others | dict.fromkeys(record.aliases, name)

    def _why_not(self, name: str, source: str | None, origin: Origin) -> str:
        """Why a product is not to be touched from outside, or nothing."""
        if source is None and name in self.deleted:
            return "it was deleted here"
        if source == Source.HERE:
            return "a product of this name was made here"
        if origin.source == Source.BUNDLED and source not in (None, Source.BUNDLED):
            return "it follows another source than the bundled catalogue"
        return ""

    def _taken_names(self, record: ProductRecord) -> Iterator[Problem]:
        """Names of a record that others have, in this run or in the catalogue."""

        def problem(place: str, message: str) -> Problem:
            return Problem(record.lines.get(place, 0), place, message)

        name = record.name
        if name in self.seen:
            yield problem("permalink", f"{self.seen[name]} is the product “{name}” already.")
        if self.aliases.get(name, name) != name:
            yield problem("permalink", f"“{name}” is an alias of {self.aliases[name]}.")
        for index, alias in enumerate(record.aliases):
            place = f"alternate_urls[{index}]"
            if alias in self.sources and alias != name:
                yield problem(place, f"There is a product “{alias}”.")
            elif self.aliases.get(alias, name) != name:
                yield problem(place, f"“{alias}” is an alias of {self.aliases[alias]}.")


def _flag_missing(file_names: set[str]) -> None:
    """Marks the bundled products whose files the catalogue has no longer, and only those."""
    bundled = Product.objects.filter(source=Source.BUNDLED)
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
