"""Imports product files, each product in one transaction, merged with local edits.

A file whose digest is that of the last import is not parsed. The bundled catalogue is imported at
every deployment; it leaves alone products that were made here or that follow another source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path, PurePath

from releases.domain import limits
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import ProductRecord
from releases.models import Product, Source
from releases.services.imports.import_run import ImportRun, IncomingProduct, Outcome, Result
from releases.services.imports.merge import NO_CHOICES, Choices
from releases.services.imports.store import FileOrigin
from releases.services.imports.values import record_values

BUNDLED = Path(__file__).resolve().parents[2] / "data" / "products"
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
    others. `on` is today: a file cannot tell of a later check. `only` names
    the products to import, if not all. With `dry_run` everything happens but the writing.
    """
    paths = list(files)
    folders = dict.fromkeys(path.parent for path in paths)
    names = _Names(map(_file, product_files([*filter(Path.exists, paths), *folders])))
    files_import = _FileImport(ImportRun("file_digest", names.has, dry_run=dry_run), on, set(only))
    present = set()
    for path in paths:
        outcome = files_import.import_file(_file(path))
        if (
            not files_import.wanted
            or outcome.product in files_import.wanted
            or outcome.result is Result.FAILED
        ):
            yield outcome
        present.add(path.resolve())
    if not dry_run and not files_import.wanted and present.issuperset(product_files([BUNDLED])):
        _flag_missing({path.stem for path in present})


def import_texts(
    texts: Mapping[str, str],
    *,
    on: date,
    choices: Mapping[str, Choices] | None = None,
    drafts: bool = False,
) -> Iterator[Outcome]:
    """Imports product files that are at hand as texts by their names, one by one as
    `import_products` does. `choices` are those of each file; what is new begins as `drafts`."""
    files = [_File(name, name, Source.FILE, name, text.encode) for name, text in texts.items()]
    run = ImportRun("file_digest", _Names(files).has, dry_run=False)
    files_import = _FileImport(run, on, set(), drafts)
    for file in files:
        yield files_import.import_file(file, (choices or {}).get(file.name, NO_CHOICES))


@dataclass(frozen=True, slots=True)
class _File:
    """A product file of a `name`. `place` is what tells of it, `address` where it is to be found
    again."""

    place: str
    name: str
    source: Source
    address: str
    read: Callable[[], bytes]


def _file(path: Path) -> _File:
    bundled = path.resolve().parent == BUNDLED
    source, address = (Source.BUNDLED, "") if bundled else (Source.FILE, str(path))
    return _File(str(path), path.name, source, address, lambda: _read(path))


class _Names:
    """The names of the products of some files, and of those beside them. They are read when they
    are first asked for, as hardly any run has to know."""

    def __init__(self, files: Iterable[_File]) -> None:
        self.files = files

    def has(self, name: str) -> bool:
        """Return whether one of the files is of the product of this name."""
        return name in self._found

    @cached_property
    def _found(self) -> frozenset[str]:
        return frozenset(map(_name_in, self.files))


def _name_in(file: _File) -> str:
    """Return the name of a file's product; that of the file where it cannot be read."""
    stem = PurePath(file.name).stem
    try:
        return read_product(decode(file.read()), stem).name
    except FormatError:
        return stem.lower()


@dataclass(slots=True)
class _FileImport:
    """One run over files. `wanted` are the products to import, if not all, `known` those that are
    here by the digests of their files."""

    run: ImportRun
    on: date
    wanted: set[str]
    drafts: bool = False
    known: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.known = {digest: name for name, digest in self.run.digests.items()}

    def import_file(self, file: _File, choices: Choices = NO_CHOICES) -> Outcome:
        """Imports one file."""
        outcome = Outcome(file.place)
        try:
            self._import(file, outcome, choices)
        except FormatError as error:
            outcome.result, outcome.problems = Result.FAILED, error.problems
        return outcome

    def _import(self, file: _File, outcome: Outcome, choices: Choices) -> None:
        raw = file.read()
        # The name counts, too: the product has it, and may be called by it.
        digest = hashlib.sha256(f"{READER_VERSION} {file.name}\n".encode() + raw).hexdigest()
        if digest in self.known:
            outcome.product = self.known[digest]
            self.run.seen.setdefault(outcome.product, file.place)
            return
        text = decode(raw)
        record = read_product(text, PurePath(file.name).stem)
        outcome.product = self.run.name_here(record.name)
        if self.wanted and outcome.product not in self.wanted:
            return
        outcome.warnings = list(record.warnings)
        origin = FileOrigin(
            source=file.source,
            name=file.name,
            address=file.address,
            text=text,
            digest=digest,
            checked_on=record.checked_on,
            on=self.on,
            drafts=self.drafts,
        )
        self.run.import_product(_incoming_product(record), origin, outcome, choices)
        if outcome.result is not Result.LEFT:
            self.known[digest] = outcome.product


def _incoming_product(record: ProductRecord) -> IncomingProduct:
    values = record_values(record)
    return IncomingProduct(
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
        raise FormatError([FormatProblem(0, "", f"It cannot be read: {error.strerror}.")]) from None
