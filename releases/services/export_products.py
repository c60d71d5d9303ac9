"""Exports of the catalogue: product files, which imports read, JSON, or a table."""

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
from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle
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
    """The outcome of one file. `warnings` are the reasons why an import would reject it."""

    path: Path
    result: Result
    problem: str = ""
    warnings: tuple[FormatProblem, ...] = ()


def export_products(
    folder: Path, *, on: date, only: Iterable[str] = (), form: Format = Format.YAML
) -> Iterator[Exported]:
    """Write products into a folder, which is created if necessary.

    A product file has the name of the file that the product was imported from. A file in the folder
    that is not an export of the same kind is reported and not overwritten. Each file is replaced as
    a whole.

    Product files have the latest releases that sources or editors state; tables and JSON have those
    as of `on`.

    Args:
        folder: The folder.
        on: The day of the latest releases.
        only: Names of the products to export; empty for all.
        form: The format.

    Raises:
        LookupError: A product does not exist, or the folder cannot be created.
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
    """Return the products by name, with everything that belongs to them prefetched."""
    products = Product.objects.select_related("category").prefetch_related(*WHOLE)
    return products.order_by("name")


def product_texts(products: Iterable[Product]) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each product, the name of its file, and the text of the file."""
    names = _file_names()
    for product in products:
        name = product.name
        yield name, f"{names[name]}.md", write_product(product_record(product), product.file_text)


def product_record(product: Product) -> ProductRecord:
    """Return the record of a product for its file. Prefetch everything that belongs to it."""
    return ProductRecord(
        name=product.name,
        category=product.category.name if product.category else "",
        tags=tuple(tag.name for tag in product.tags.all()),
        aliases=tuple(alias.name for alias in product.aliases.all()),
        identifiers=_identifiers(product.identifiers.all()),
        main_identifier=next(
            iter(_identifiers(each for each in product.identifiers.all() if each.main)), None
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
        vendor=product.vendor,
        vendor_link=product.vendor_link,
        patches_only_fix=product.patches_only_fix,
        extended_terms=ExtendedTerms(product.extended_terms),
        rule=product.rule_values,
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
        versions=cycle.versions,
        identifiers=_identifiers(cycle.identifiers.all()),
    )


def _identifiers(rows: Iterable[Identifier | CycleIdentifier]) -> tuple[IdentifierRecord, ...]:
    return tuple(IdentifierRecord(each.type, each.value) for each in rows)


def as_json(products: Iterable[Product], on: date) -> str:
    """Return the products with all their values as JSON.

    Latest releases are those as of `on`; milestones are texts as in their form fields.
    """
    return "".join(json_parts(products, on))


def json_parts(products: Iterable[Product], on: date) -> Iterator[str]:
    """Yield the text of `as_json` in pieces, one for each product."""
    before, newline = '{\n "products": [', "\n"
    for product in products:
        data: Values = {"name": product.name} | product_values_here(product)
        data["cycles"] = [
            {"name": each.name} | cycle_values_here(each.as_of(on)) for each in product.cycles.all()
        ]
        text = json.dumps(data, ensure_ascii=False, indent=1)
        # Strings in JSON contain no line breaks.
        yield f"{before}\n  {text.replace(newline, newline + '  ')}"
        before = ","
    yield "\n ]\n}\n" if before == "," else f"{before}]\n}}\n"


def as_csv(products: Iterable[Product], on: date) -> str:
    """Return a row for each cycle as of a day. No cell is a formula."""
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
    """Return the file names of products.

    A product has the name of the file that it came from, unless another product has the same.
    """
    files = dict(Product.objects.order_by("name").values_list("name", "file_name"))
    taken = Counter((file or name).casefold() for name, file in files.items())
    taken.update(name for name, file in files.items() if file and file != name)
    return {
        name: file if file and taken[file.casefold()] == 1 and Path(file).name == file else name
        for name, file in files.items()
    }


def _not_read_back(text: str, stem: str) -> tuple[FormatProblem, ...]:
    """Return the problems that an import would find.

    An editor can enter values that product files do not allow.
    """
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
    """Write a file as a whole or not at all.

    An existing file for which `is_ours` is false is left as it is.
    """
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
    """Return True for a table of this or an earlier version, which had some of these columns."""
    first, _, _ = found.decode().partition("\n")
    columns = first.rstrip("\r").split(",")
    return columns[0] == "product" and set(columns) <= set(CATALOGUE_COLUMNS)
