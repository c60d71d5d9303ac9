"""Exports the catalogue: as product files, which any importer reads, as JSON or as a table."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from django.db.models import QuerySet

from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.columns import Display
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import (
    CustomFieldRecord,
    CycleRecord,
    IdentifierRecord,
    ProductRecord,
    ReleaseRecord,
)
from releases.formats.product_files.writer import write_product
from releases.formats.tables import CATALOGUE_COLUMNS, catalogue_facts, csv_text, table_row
from releases.models import Product, ReleaseCycle
from releases.services.imports.values import (
    PRODUCT_FIELDS,
    WHOLE,
    Values,
    cycle_values_here,
    former_names,
    product_values_here,
)


class Format(StrEnum):
    """The format of an export."""

    YAML = "yaml"
    JSON = "json"
    CSV = "csv"


class Result(StrEnum):
    """The result of writing a file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Exported:
    """The outcome of one file. `warnings` say why an import would refuse it."""

    path: Path
    result: Result
    problem: str = ""
    warnings: tuple[FormatProblem, ...] = ()


def export_products(
    folder: Path, *, on: date, only: Iterable[str] = (), form: Format = Format.YAML
) -> Iterator[Exported]:
    """Writes the products, or those that `only` names, into a folder, which is made if need be.

    A product file is called as the one that the product was imported from. A file in the folder
    that is something else is not overwritten but reported. Each file is replaced as a whole.
    A product file has the latest release that its source or an editor tells of; tables and JSON
    have the one of the date `on`. Raises `LookupError` for a product that is not there and a folder
    that cannot be.
    """
    products = whole_products()
    wanted = set(only)
    if unknown := wanted.difference(Product.objects.values_list("name", flat=True)):
        raise LookupError(f"There is no product {', '.join(sorted(unknown))} here.")
    if wanted:
        products = products.filter(name__in=wanted)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LookupError(f"There can be no folder {folder}: {error.strerror}.") from None
    match form:
        case Format.YAML:
            return _product_files(folder, products)
        case Format.JSON:
            return iter([_write(folder / "catalogue.json", as_json(products, on), _is_json)])
        case Format.CSV:
            return iter([_write(folder / "catalogue.csv", as_csv(products, on), _is_csv)])


def whole_products() -> QuerySet[Product]:
    """The products by name, each with all that belongs to it."""
    products = Product.objects.select_related("category").prefetch_related(*WHOLE)
    return products.order_by("name")


def product_texts(products: Iterable[Product]) -> Iterator[tuple[str, str, str]]:
    """The product files of products: the name of each product, that of its file, and the text."""
    names = _file_names()
    for product in products:
        name = product.name
        yield name, f"{names[name]}.md", write_product(product_record(product), product.file_text)


def product_record(product: Product) -> ProductRecord:
    """A product of the tables as a file tells it; all that belongs to it is best prefetched."""
    return ProductRecord(
        name=product.name,
        category=product.category.name if product.category else "",
        tags=tuple(tag.name for tag in product.tags.all()),
        aliases=tuple(alias.name for alias in product.aliases.all()),
        identifiers=tuple(
            IdentifierRecord(each.type, each.value) for each in product.identifiers.all()
        ),
        custom_fields=tuple(
            CustomFieldRecord(
                field.name, Display(field.display), field.label, field.description, field.link
            )
            for field in product.custom_fields.all()
        ),
        columns=product.columns,
        added_on=product.added_on,
        checked_on=product.checked_on,
        featured=product.featured,
        patches_only_fix=product.patches_only_fix,
        extended_terms=ExtendedTerms(product.extended_terms),
        cycles=tuple(_cycle_record(cycle) for cycle in product.cycles.all()),
        **{name: getattr(product, name) for name in PRODUCT_FIELDS},
    )


def _cycle_record(cycle: ReleaseCycle) -> CycleRecord:
    return CycleRecord(
        name=cycle.name,
        lifecycle=cycle.lifecycle,
        codename=cycle.codename,
        label=cycle.label,
        latest=cycle.latest,
        latest_date=cycle.latest_date,
        link=cycle.link,
        no_link=cycle.no_link,
        stale_days=cycle.stale_days,
        custom={name: str(value) for name, value in cycle.custom.items()},
        releases=tuple(
            ReleaseRecord(each.version, ReleaseKind(each.kind), each.day)
            for each in cycle.releases.all()
        ),
        former_names=tuple(former_names(cycle)),
    )


def as_json(products: Iterable[Product], on: date) -> str:
    """The products with all their values, and with their latest releases of a date; milestones as
    texts of their form fields."""
    return "".join(json_parts(products, on))


def json_parts(products: Iterable[Product], on: date) -> Iterator[str]:
    """`as_json` piece by piece, one for each product."""
    before, newline = '{\n "products": [', "\n"
    for product in products:
        data: Values = {"name": product.name} | product_values_here(product)
        data["cycles"] = [
            {"name": each.name} | cycle_values_here(each.as_of(on)) for each in product.cycles.all()
        ]
        text = json.dumps(data, ensure_ascii=False, indent=1)
        # No line ends inside of a text of JSON.
        yield f"{before}\n  {text.replace(newline, newline + '  ')}"
        before = ","
    yield "\n ]\n}\n" if before == "," else f"{before}]\n}}\n"


def as_csv(products: Iterable[Product], on: date) -> str:
    """A row for each cycle as of a date. No cell of it is a formula."""
    rows = (
        table_row(catalogue_facts(product, cycle, on), CATALOGUE_COLUMNS)
        for product in products
        for cycle in product.cycles.all()
    )
    return csv_text([CATALOGUE_COLUMNS, *rows])


def _product_files(folder: Path, products: Iterable[Product]) -> Iterator[Exported]:
    for name, file_name, text in product_texts(products):
        path = folder / file_name

        def is_ours(found: bytes, name: str = name, stem: str = path.stem) -> bool:
            return read_product(decode(found), stem).name == name

        yield _write(path, text, is_ours, _not_read_back(text, path.stem))


def _file_names() -> dict[str, str]:
    """Return the file names of products: those that they came from, unless another product has
    the same."""
    files = dict(Product.objects.order_by("name").values_list("name", "file_name"))
    taken = Counter((file or name).casefold() for name, file in files.items())
    taken.update(name for name, file in files.items() if file and file != name)
    return {
        name: file if file and taken[file.casefold()] == 1 and Path(file).name == file else name
        for name, file in files.items()
    }


def _not_read_back(text: str, stem: str) -> tuple[FormatProblem, ...]:
    """Return the problems that an import would find: an editor can write values that no file may
    have."""
    try:
        read_product(text, stem)
    except FormatError as error:
        return tuple(error.problems)
    return ()


def _write(
    path: Path,
    text: str,
    is_ours: Callable[[bytes], bool],
    warnings: tuple[FormatProblem, ...] = (),
) -> Exported:
    """Writes a file as a whole or not at all; one that is not `is_ours` stays as it is."""
    data = text.encode()
    try:
        found = path.read_bytes() if path.exists() else None
        if found == data:
            return Exported(path, Result.UNCHANGED, warnings=warnings)
        if found is not None and not _agrees(is_ours, found):
            message = "There is another file of this name; it was not overwritten."
            return Exported(path, Result.FAILED, message)
        _replace(path, data)
    except OSError as error:
        return Exported(path, Result.FAILED, f"It cannot be written: {error.strerror}.")
    return Exported(path, Result.WRITTEN, warnings=warnings)


def _agrees(is_ours: Callable[[bytes], bool], found: bytes) -> bool:
    try:
        return is_ours(found)
    except (FormatError, ValueError, RecursionError):
        return False


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file:
            file.write(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _is_json(found: bytes) -> bool:
    data = json.loads(found)
    return isinstance(data, dict) and list(data) == ["products"]


def _is_csv(found: bytes) -> bool:
    """Also of one of an earlier version, whose columns are some of these."""
    first, _, _ = found.decode().partition("\n")
    columns = first.rstrip("\r").split(",")
    return columns[0] == "product" and set(columns) <= set(CATALOGUE_COLUMNS)
