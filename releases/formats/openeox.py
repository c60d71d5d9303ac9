"""Parser for OpenEoX documents: a Core statement, or statements in the draft Shell form.

A Core statement does not name its product and cycle. The name of its file does:
`<product>/<cycle>.openeox.json` or `<product>@<cycle>.openeox.json`. Errors have the JSON path.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from releases.domain import limits, names
from releases.domain.identifiers import READERS
from releases.domain.openeox import (
    CORE_SCHEMA,
    PRODUCT_SCHEMA,
    SHELL_SCHEMA,
    STAMPS,
    Core,
    FailedTest,
    failed_recommendations,
    failed_tests,
    read_stamp,
    read_time,
    short_cpe,
)
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.fields import Field, ProblemLog, kind_of, storable
from releases.formats.product_files.front_matter import FrontMatter, path_text
from releases.formats.product_files.records import IdentifierRecord

SUFFIX: Final = ".openeox.json"
MAX_STATEMENTS: Final = 5_000
"""Maximum number of statements that are read from a document."""

_CORE_SCHEMAS: Final = re.compile(
    r"https://docs\.oasis-open\.org/openeox/(eox-core/)?(v1\.0|tbd)/schema/core\.json"
)
"""The identifiers of the schema in the specification, its draft and the test data."""
_REQUIRED: Final = ("end_of_life", "end_of_security_support", "last_updated")
_PRODUCT_KEYS: Final = ("vendor_name", "product_name", "product_version")
_ABOUT: Final = re.compile(r"(?:.*/)?(?P<product>[^/@]+)[/@](?P<cycle>[^/]+)", re.DOTALL)

Value = TypeVar("Value")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement about a cycle.

    Attributes:
        cycle: The name of the cycle, or the version that the statement is about.
        core: The statement.
        identifiers: The package URLs and CPE names of the cycle or its product, as stored here.
        path: Its JSON path; empty for the whole document.
    """

    cycle: str
    core: Core
    identifiers: tuple[IdentifierRecord, ...]
    path: str

    def place(self, key: str) -> str:
        """Return the JSON path of something in it."""
        return ".".join(filter(None, (self.path, key)))

    def place_of(self, key: str) -> str:
        """Return the JSON path of a key of its core."""
        return f"{self.path}.core.{key}" if self.path else key


@dataclass(frozen=True, slots=True)
class ProductStatements:
    """The statements of a document about one product.

    Attributes:
        address: The name of the product in addresses; empty if a Shell document names it.
        label: Its name in a Shell document, else empty.
        vendor: The name of its vendor in a Shell document, else empty.
        statements: The statements, in the order of the document.
        warnings: The failed recommended tests of the specification.
    """

    address: str
    label: str
    vendor: str
    statements: tuple[Statement, ...]
    warnings: tuple[FormatProblem, ...]


def read_openeox(text: str, file_name: str) -> list[ProductStatements]:
    """Parse a document.

    Args:
        text: The text of the file.
        file_name: Its name, with the name of its folder.

    Raises:
        FormatError: Lists all problems with their JSON paths.
    """
    data = _parse(text)
    root = Field(data, (), ProblemLog(FrontMatter({}, {(): 0}, "")))
    kind = data.get("$schema")
    if isinstance(kind, str) and _CORE_SCHEMAS.fullmatch(kind):
        found = _core_document(root, file_name)
    elif kind == SHELL_SCHEMA:
        found = _shell_document(root)
    else:
        message = f"Expected {CORE_SCHEMA} or {SHELL_SCHEMA}, found {kind_of(kind)}."
        raise _refused("$schema", message)
    if root.log.problems:
        raise FormatError(root.log.problems)
    return found


def split_openeox(text: str, name: str, folder: str = "") -> dict[str, str]:
    """Split a document by product; return the texts by file name without folders.

    Args:
        text: The text of the file.
        name: Its name.
        folder: The name of its folder; it names the product of a statement of the Core.

    Raises:
        FormatError: As `read_openeox`.
    """
    products = read_openeox(text, f"{folder}/{name}" if folder else name)
    if products[0].address:
        return {f"{products[0].address}@{products[0].statements[0].cycle}{SUFFIX}": text}
    if len(products) == 1:
        return {name: text}
    data = _parse(text)
    groups: defaultdict[tuple[str, str], list[Json]] = defaultdict(list)
    for each in data["statements"]:
        product = each["product"]
        groups[product["vendor_name"].strip(), product["product_name"].strip()].append(each)
    stem = name.removesuffix(".json").removesuffix(".openeox")
    return {
        f"{stem} {number}{SUFFIX}": json.dumps(data | {"statements": statements})
        for number, statements in enumerate(groups.values(), 1)
    }


def about(file_name: str) -> tuple[str, str] | None:
    """Return the names of the product and the cycle in the name of a file, or None."""
    found = _ABOUT.fullmatch(file_name.replace("\\", "/").removesuffix(SUFFIX))
    if not found or not file_name.endswith(SUFFIX):
        return None
    product, cycle = found["product"], found["cycle"]
    bad = names.bad_product_name(product) or names.bad_cycle_name(cycle)
    return None if bad else (product, cycle)


def _parse(text: str) -> Json:
    try:
        data = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise FormatError(
            [FormatProblem(error.lineno, "", f"It is not JSON: {error.msg}.")]
        ) from None
    except RecursionError:
        raise _refused("", "It is nested too deeply.") from None
    except ValueError:
        raise _refused("", "A number has too many digits.") from None
    if not isinstance(data, dict):
        raise _refused("", "Expected keys and values.")
    return data


def _object(pairs: list[tuple[str, Any]]) -> Json:
    """Return a JSON object. Raises `FormatError` for a key twice, and for control characters."""
    found: Json = {}
    for key, value in pairs:
        if not storable(key) or (isinstance(value, str) and not storable(value)):
            raise _refused("", "A text contains control characters.")
        if key in found:
            raise _refused("", f"The key “{key[:40]}” occurs twice in an object.")
        found[key] = value
    return found


def _refused(path: str, message: str) -> FormatError:
    return FormatError([FormatProblem(0, path, message)])


# ---- documents


def _core_document(root: Field, file_name: str) -> list[ProductStatements]:
    names_found = about(file_name)
    if names_found is None:
        message = (
            "A Core statement does not name its release cycle. Name the file"
            f" <product>/<cycle>{SUFFIX} or <product>@<cycle>{SUFFIX}, such as"
            f" django@5.2{SUFFIX}."
        )
        raise _refused("", message)
    core = _core(root)
    if core is None:
        return []
    product, cycle = names_found
    statement = Statement(cycle, core, (), "")
    return [ProductStatements(product, "", "", (statement,), tuple(_warnings(statement)))]


def _shell_document(root: Field) -> list[ProductStatements]:
    _refuse_keys(root, ("$schema", "statements"))
    statements = root["statements"]
    if not isinstance(statements.value, list) or not statements.value:
        statements.note(f"Expected a list of statements, found {_nothing_or(statements.value)}.")
        return []
    products: defaultdict[tuple[str, str], list[Statement]] = defaultdict(list)
    for item in statements.mappings(MAX_STATEMENTS):
        found, core = _product(item["product"]), _core(item["core"])
        identifiers = tuple(_identifiers(item["product_identification_helper"]))
        if core:
            statement = Statement(found[-1], core, identifiers, path_text(item.path))
            products[found[:2]].append(statement)
    for group in products.values():
        _refuse_twice(group, root.log)
    return [
        ProductStatements(
            "",
            label,
            vendor,
            tuple(group),
            tuple(warning for each in group for warning in _warnings(each)),
        )
        for (vendor, label), group in products.items()
    ]


def _refuse_twice(group: list[Statement], log: ProblemLog) -> None:
    """Note statements that contradict another one about the same cycle with the same time."""
    seen: dict[tuple[str, Any], Core] = {}
    for each in group:
        other = seen.setdefault((each.cycle, each.core.last_updated), each.core)
        if other != each.core:
            message = f"Another statement about {each.cycle} has the same time but other dates."
            log.problems.append(FormatProblem(0, each.place("core"), message))


# ---- parts


def _core(field: Field) -> Core | None:
    if not _is_mapping(field):
        return None
    log, before = field.log, len(field.log.problems)
    schema = field["$schema"]
    if not isinstance(schema.value, str) or not _CORE_SCHEMAS.fullmatch(schema.value):
        schema.note(f"Expected {CORE_SCHEMA}, found {kind_of(schema.value)}.")
    _refuse_keys(field, ("$schema", *STAMPS, "last_updated"))
    for key in _REQUIRED:
        if key not in field.value:
            field[key].note("This required key is missing.")
    present = [key for key in STAMPS if key in field.value]
    stamps: dict[str, Any] = {key: _read(field[key], read_stamp) for key in present}
    updated = _read(field["last_updated"], read_time) if "last_updated" in field.value else None
    if len(log.problems) > before or updated is None:
        return None
    core = Core(last_updated=updated, **stamps)
    for failed in failed_tests(core):
        field[failed.key].note(_test_message(failed))
    return core


def _product(field: Field) -> tuple[str, str, str]:
    """Return the names of the vendor and the product, and the version."""
    if not _is_mapping(field):
        return "", "", ""
    schema = field["$schema"]
    if schema.value != PRODUCT_SCHEMA:
        found = kind_of(schema.value)
        schema.note(f"Only software is supported. Expected {PRODUCT_SCHEMA}, found {found}.")
    _refuse_keys(field, ("$schema", *_PRODUCT_KEYS))
    vendor, label, version = (_required_text(field[key]) for key in _PRODUCT_KEYS)
    if version and (problem := names.bad_cycle_name(version)):
        field["product_version"].note(problem)
    return vendor, label, version


def _identifiers(field: Field) -> Iterator[IdentifierRecord]:
    """Yield the package URLs and CPE names of an identification helper of CSAF 2.0 or 2.1."""
    if not _is_mapping(field):
        return
    if not field.value:
        field.note("Expected at least one way to identify the product, such as purls or cpe.")
    purls = [field["purl"]] if field["purl"].value is not None else []
    for item in (*purls, *field["purls"].items()):
        if (value := item.text().strip()) and not value.startswith("pkg:"):
            item.note(f"Expected a package URL (pkg:…), found {kind_of(value)}.")
        elif value:
            yield IdentifierRecord("purl", value)
    cpe = field["cpe"]
    if (value := cpe.text().strip()) and not value.lower().startswith(("cpe:2.3:", "cpe:/")):
        cpe.note(f"Expected a CPE name (cpe:2.3:… or cpe:/…), found {kind_of(value)}.")
    elif value:
        yield IdentifierRecord("cpe", short_cpe(value))


def has_version(identifier: IdentifierRecord) -> bool:
    """Return True if an identifier names a version, not only a product."""
    return bool(READERS[identifier.type](identifier.value).version)


def _warnings(statement: Statement) -> Iterator[FormatProblem]:
    for failed in failed_recommendations(statement.core):
        yield FormatProblem(0, statement.place_of(failed.key), _test_message(failed))


def _test_message(failed: FailedTest) -> str:
    return f"{failed.message.rstrip('.')} (test {failed.number} of OpenEoX Core)."


def _read(field: Field, read: Callable[[str], Value]) -> Value | None:
    if not isinstance(field.value, str):
        field.note(f"Expected a date and time as a text, found {kind_of(field.value)}.")
        return None
    try:
        return read(field.value)
    except ValueError as error:
        field.note(str(error))
        return None


def _required_text(field: Field) -> str:
    if not isinstance(field.value, str) or not field.value.strip():
        field.note(f"Expected a text, found {_nothing_or(field.value)}.")
        return ""
    return field.checked(field.value.strip(), limits.LABEL)


def _is_mapping(field: Field) -> bool:
    """Return True for a mapping; note a problem for anything else."""
    if not isinstance(field.value, dict):
        field.note(f"Expected keys and values, found {kind_of(field.value)}.")
    return isinstance(field.value, dict)


def _refuse_keys(field: Field, known: tuple[str, ...]) -> None:
    if unknown := [key for key in field.value if key not in known]:
        field.note(f"The key “{unknown[0][:40]}” is not in the schema: {', '.join(known)}.")


def _nothing_or(value: object) -> str:
    return "an empty one" if isinstance(value, str | list) and not value else kind_of(value)
