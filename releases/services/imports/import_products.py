"""Imports of product files, each product in one transaction, merged with local edits.

A file with the digest of the last import is not parsed. The bundled catalogue is imported at every
deployment; it leaves alone products that were created here or that follow another source.
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
"""The folder of the bundled catalogue."""

READER_VERSION = "2"
"""A part of the digests of files. Raise it if unchanged files have to be read again."""


def product_files(paths: Iterable[Path], pattern: str = "*.md") -> list[Path]:
    """Return the files in `paths`; a folder stands for the files in it that match a pattern.

    Raises:
        FileNotFoundError: A path does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(each for each in path.glob(pattern) if each.is_file())
        elif path.exists():
            found.append(path)
        else:
            raise FileNotFoundError(f"There is no file or folder {path}.")
    return list(dict.fromkeys(found))


def import_products(
    files: Iterable[Path], *, on: date, only: Iterable[str] = (), dry_run: bool = False
) -> Iterator[Outcome]:
    """Import product files one by one and yield the outcome of each.

    A file that cannot be read or stored leaves its product as it was and does not stop the others.

    Args:
        files: The files.
        on: Today; a later day of a check in a file is ignored.
        only: Names of the products to import; empty for all.
        dry_run: Do everything except for writing.
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
    """Import the texts of product files one by one, as `import_products` does.

    Args:
        texts: The texts by file name.
        on: Today.
        choices: Decisions about local edits, by file name.
        drafts: Create new products and cycles as drafts.
    """
    files = [_File(name, name, Source.FILE, name, text.encode) for name, text in texts.items()]
    run = ImportRun("file_digest", _Names(files).has, dry_run=False)
    files_import = _FileImport(run, on, set(), drafts)
    for file in files:
        yield files_import.import_file(file, (choices or {}).get(file.name, NO_CHOICES))


@dataclass(frozen=True, slots=True)
class _File:
    """A product file. `place` names it in outcomes; `address` is where the next import finds it."""

    place: str
    name: str
    source: Source
    address: str
    read: Callable[[], bytes]


def _file(path: Path) -> _File:
    bundled = path.resolve().parent == BUNDLED
    source, address = (Source.BUNDLED, "") if bundled else (Source.FILE, str(path))
    return _File(str(path), path.name, source, address, lambda: read_file(path))


class _Names:
    """The names of the products in some files and in those beside them.

    The files are read when the first name is requested, as few runs need them.
    """

    def __init__(self, files: Iterable[_File]) -> None:
        self.files = files

    def has(self, name: str) -> bool:
        """Return True if one of the files has the product of this name."""
        return name in self._found

    @cached_property
    def _found(self) -> frozenset[str]:
        return frozenset(map(_name_in, self.files))


def _name_in(file: _File) -> str:
    """Return the name of the product in a file, or that of the file if it cannot be read."""
    stem = PurePath(file.name).stem
    try:
        return read_product(decode(file.read()), stem).name
    except FormatError:
        return stem.lower()


@dataclass(slots=True)
class _FileImport:
    """One run over files.

    `wanted` are the products to import; empty for all. `known` are the names of imported products
    by the digests of their files.
    """

    run: ImportRun
    on: date
    wanted: set[str]
    drafts: bool = False
    known: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.known = {digest: name for name, digest in self.run.digests.items()}

    def import_file(self, file: _File, choices: Choices = NO_CHOICES) -> Outcome:
        """Import one file."""
        outcome = Outcome(file.place)
        try:
            self._import(file, outcome, choices)
        except FormatError as error:
            outcome.result, outcome.problems = Result.FAILED, error.problems
        return outcome

    def _import(self, file: _File, outcome: Outcome, choices: Choices) -> None:
        raw = file.read()
        # The product stores the name of its file, and may be named after it.
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
    """Flag the bundled products whose files are missing, and no others.

    A sync flags the products that it keeps up to date.
    """
    bundled = Product.objects.filter(source=Source.BUNDLED, imported__synced__isnull=True)
    for product in bundled.only("file_name", "missing_in_source"):
        missing = product.file_name not in file_names
        if product.missing_in_source != missing:
            Product.objects.filter(pk=product.pk).update(missing_in_source=missing)


def read_file(path: Path, limit: int = limits.FILE_BYTES) -> bytes:
    """Return the first bytes of a file, at most one more than a limit. Raises `FormatError`."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise FormatError([FormatProblem(0, "", f"It cannot be read: {error.strerror}.")]) from None
